// Package cost is what a stack costs in a month, from its resource graph and a
// dated table of AWS's list prices (prices.json).
//
// What runs all day is fixed: a price per hour times 730. What depends on use is
// apart, from assumptions that the bill states. What the table has no price for
// is listed and never counted as nothing.
package cost

import (
	"cmp"
	"slices"
)

// Hours is the length of a month in hours, as AWS's calculator has it.
const Hours = 730

// Item is one line of a bill.
type Item struct {
	URN, Type, Name string
	What            string // such as "t3.small, 2 servers"
	Quantity        float64
	Price           Price
	Monthly         Money
	// Assumption is the key that the quantity comes from; "" if it is fixed.
	Assumption string
}

// Usage says whether the item depends on use.
func (i Item) Usage() bool { return i.Assumption != "" }

// Unpriced is what the table has no price for.
type Unpriced struct {
	URN, Type, Name string
	Why, Remedy     string
}

// Bill is what a stack costs in a month.
type Bill struct {
	Stack, Region string
	Items         []Item // in the order of the resources
	NotPriced     []Unpriced
	Free          int // how many resources cost nothing
	Assumptions   Assumptions
}

// Fixed is what is paid if nobody visits the site.
func (b Bill) Fixed() Money { return b.sum(func(i Item) bool { return !i.Usage() }) }

// Usage is what the assumed use adds.
func (b Bill) Usage() Money { return b.sum(Item.Usage) }

// Total is Fixed and Usage.
func (b Bill) Total() Money { return b.Fixed() + b.Usage() }

func (b Bill) sum(which func(Item) bool) Money {
	var sum Money
	for _, i := range b.Items {
		if which(i) {
			sum += i.Monthly
		}
	}
	return sum
}

// Resource is what one resource costs in a month.
type Resource struct {
	URN, Type, Name string
	Fixed, Usage    Money
	Items           []Item
}

// Total is Fixed and Usage.
func (r Resource) Total() Money { return r.Fixed + r.Usage }

// ByResource sums the items by resource, the dearest first.
func (b Bill) ByResource() []Resource {
	var all []Resource
	at := map[string]int{}
	for _, i := range b.Items {
		n, ok := at[i.URN]
		if !ok {
			n = len(all)
			at[i.URN] = n
			all = append(all, Resource{URN: i.URN, Type: i.Type, Name: i.Name})
		}
		if i.Usage() {
			all[n].Usage += i.Monthly
		} else {
			all[n].Fixed += i.Monthly
		}
		all[n].Items = append(all[n].Items, i)
	}
	slices.SortStableFunc(all, func(a, b Resource) int { return cmp.Or(cmp.Compare(b.Total(), a.Total()), cmp.Compare(a.URN, b.URN)) })
	return all
}

// Oldest and Unchecked say how far to trust the bill: the oldest price in it,
// and how many of its items have a price that was not compared with AWS's list.
func (b Bill) Oldest() string {
	oldest := ""
	for _, i := range b.Items {
		if oldest == "" || i.Price.AsOf < oldest {
			oldest = i.Price.AsOf
		}
	}
	return oldest
}

// Unchecked is how many items have a price that was not compared; see Price.
func (b Bill) Unchecked() int {
	n := 0
	for _, i := range b.Items {
		if !i.Price.Checked {
			n++
		}
	}
	return n
}

// Change is how a resource's cost changes between two bills.
type Change struct {
	URN, Type, Name string
	Before, After   Money
}

// By is the difference.
func (c Change) By() Money { return c.After - c.Before }

// Difference is what changes from one bill to another.
type Difference struct {
	Before, After Money
	Changes       []Change // only what changes, the greatest first
	// NotPriced is what the second bill could not price and the first did not hold
	// or could price: the difference leaves it out.
	NotPriced []Unpriced
}

// By is the difference in total.
func (d Difference) By() Money { return d.After - d.Before }

// Delta is what changes from bill a to bill b.
func Delta(a, b Bill) Difference {
	d := Difference{Before: a.Total(), After: b.Total()}
	at := map[string]int{}
	change := func(r Resource) *Change {
		if _, ok := at[r.URN]; !ok {
			at[r.URN] = len(d.Changes)
			d.Changes = append(d.Changes, Change{URN: r.URN, Type: r.Type, Name: r.Name})
		}
		return &d.Changes[at[r.URN]]
	}
	for _, r := range a.ByResource() {
		change(r).Before = r.Total()
	}
	for _, r := range b.ByResource() {
		change(r).After = r.Total()
	}
	d.Changes = slices.DeleteFunc(d.Changes, func(c Change) bool { return c.By() == 0 })
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(max(b.By(), -b.By()), max(a.By(), -a.By())), cmp.Compare(a.URN, b.URN))
	})
	for _, u := range b.NotPriced {
		if !slices.ContainsFunc(a.NotPriced, func(old Unpriced) bool { return old.URN == u.URN && old.Why == u.Why }) {
			d.NotPriced = append(d.NotPriced, u)
		}
	}
	return d
}
