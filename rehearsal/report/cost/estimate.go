package cost

import (
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Estimate is the bill of a stack in its own region.
func Estimate(g *graph.Graph, a Assumptions) (Bill, error) { return EstimateIn(g, g.Region, a) }

// EstimateIn is what the same resources cost in another region. It fails only
// if the committed table of prices is damaged.
func EstimateIn(g *graph.Graph, region string, a Assumptions) (Bill, error) {
	prices, err := table()
	if err != nil {
		return Bill{}, err
	}
	c := &counter{g: g, prices: prices, bill: Bill{Stack: g.Stack, Region: region, Assumptions: a}}
	for _, r := range g.Resources {
		if r.Custom {
			c.count(r)
		}
	}
	return c.bill, nil
}

// counter writes a bill.
type counter struct {
	g      *graph.Graph
	prices map[priceName]Price
	bill   Bill
}

func (c *counter) count(r *graph.Resource) {
	before := len(c.bill.Items) + len(c.bill.NotPriced)
	price, priced := pricers[r.Type]
	known, _ := catalog.Get(r.Type)
	switch {
	case priced:
		price(c, r)
	case known.Free == "" && !strings.HasPrefix(r.Type, "random:"):
		c.unpriced(r, "the type "+r.Type+" is unknown", "add it to internal/catalog, and if it costs something to pricers in rehearsal/report/cost")
	}
	if len(c.bill.Items)+len(c.bill.NotPriced) == before {
		c.bill.Free++
	}
}

// fixed adds what is paid without any use; quantity is in the price's unit, but
// for prices per hour in whole pieces that run all month.
func (c *counter) fixed(r *graph.Resource, what, key, item string, quantity float64) {
	c.add(r, what, key, item, quantity, "")
}

// usage adds what an assumption says, times a factor.
func (c *counter) usage(r *graph.Resource, what, key, item, assumption string, factor float64) {
	c.add(r, what, key, item, c.bill.Assumptions.Get(assumption)*factor, assumption)
}

func (c *counter) add(r *graph.Resource, what, key, item string, quantity float64, assumption string) {
	if quantity == 0 {
		return
	}
	price, ok := c.prices[priceName{c.bill.Region, key, item}]
	if !ok {
		c.unpriced(r, fmt.Sprintf("there is no price for %s %s in %s", key, item, c.region()), "add it to rehearsal/report/cost/prices.json")
		return
	}
	if price.Unit == "hour" {
		quantity *= Hours
	}
	c.bill.Items = append(c.bill.Items, Item{
		URN: r.URN, Type: r.Type, Name: r.Name, What: what, Quantity: quantity, Price: price,
		Monthly: price.Amount.times(quantity), Assumption: assumption,
	})
}

func (c *counter) region() string {
	if c.bill.Region == "" {
		return "a region that the stack does not name"
	}
	return c.bill.Region
}

func (c *counter) unpriced(r *graph.Resource, why, remedy string) {
	c.bill.NotPriced = append(c.bill.NotPriced, Unpriced{URN: r.URN, Type: r.Type, Name: r.Name, Why: why, Remedy: remedy})
}
