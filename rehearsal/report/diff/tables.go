package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// counts is a table of how many resources the plan touches, and which come and go.
func (r Result) counts() string {
	var b strings.Builder
	p := r.Plan
	fmt.Fprintf(&b, "| created | updated | replaced | deleted | unchanged |\n|--:|--:|--:|--:|--:|\n| %d | %d | %d | %d | %d |\n\n",
		len(p.Created), len(p.Updated), len(p.Replaced), len(p.Deleted), p.Unchanged)
	for _, list := range []struct {
		what    string
		changes []Change
	}{{"Deleted", p.Deleted}, {"Replaced", p.Replaced}, {"Created", p.Created}} {
		if len(list.changes) > 0 {
			fmt.Fprintf(&b, "**%s**: %s\n\n", list.what, byType(list.changes))
		}
	}
	return b.String()
}

// Names and types that are listed before the rest is only counted.
const (
	typesListed = 12
	namesListed = 3
)

func byType(changes []Change) string {
	names := map[string][]string{}
	var types []string
	for _, c := range changes {
		t := short(c)
		if names[t] == nil {
			types = append(types, t)
		}
		names[t] = append(names[t], c.URN.Name())
	}
	var parts []string
	rest := 0
	for i, t := range types {
		if i >= typesListed {
			rest += len(names[t])
			continue
		}
		part := code(t, 60)
		for j, name := range names[t] {
			if j == namesListed {
				part += fmt.Sprintf(" and %d more", len(names[t])-j)
				break
			}
			part += " " + code(name, 60)
		}
		parts = append(parts, part)
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d of other types", rest))
	}
	return strings.Join(parts, " · ")
}

// row is one line of the table of properties: the same change of one or more
// resources.
type row struct {
	path, before, after string
	replaces            bool
	of                  []string
	replaced            bool
}

// valueWidth is how many characters of a value the table shows.
const valueWidth = 60

// sharedBy is from how many resources on the same change of all of them takes
// one line.
const sharedBy = 4

// properties is the table of what changes from what to what, replacements first.
func (r Result) properties() string {
	rows := append(rowsOf(r.Plan.Replaced, true), rowsOf(r.Plan.Updated, false)...)
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("### Changed properties\n\n| resource | property | old | new |\n|---|---|---|---|\n")
	for i, row := range rows {
		line := row.markdown()
		if b.Len()+len(line) > tableSize {
			fmt.Fprintf(&b, "\nand %s, in the full diff.\n", count(len(rows)-i, "more line"))
			break
		}
		b.WriteString(line)
	}
	return b.String() + "\n"
}

func (r row) markdown() string {
	who := r.of[0]
	if n := len(r.of); n > 1 {
		who = fmt.Sprintf("%d resources: %s, %s, …", n, r.of[0], r.of[1])
	}
	if r.replaced {
		who = "**replaced** " + who
	}
	path := code(r.path, 80)
	if r.replaces {
		path = "**" + path + "**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", who, path, code(r.before, valueWidth), code(r.after, valueWidth))
}

func rowsOf(changes []Change, replaced bool) []row {
	var rows []row
	for _, c := range changes {
		who := code(short(c), 60) + " " + code(c.URN.Name(), 60)
		for _, p := range c.Props {
			before, after := brief(p)
			rows = append(rows, row{p.Path, before, after, p.Replaces, []string{who}, replaced})
		}
		if len(c.Props) == 0 {
			rows = append(rows, row{path: "because of what it needs", of: []string{who}, replaced: replaced})
		}
	}
	return merge(rows)
}

// longText is from how many characters on a value is only named.
const longText = 400

// brief is both values of a property, fit for the table.
func brief(p Property) (before, after string) {
	before, after = text(p.Old), text(p.New)
	if max(len(before), len(after)) < longText {
		return excerpts(before, after, valueWidth)
	}
	name := func(s string) string {
		if len(s) < valueWidth {
			return s
		}
		return fmt.Sprintf("(%d characters)", utf8.RuneCountInString(s))
	}
	return name(before), name(after)
}

// merge joins lines that say the same of many resources: a new tag of all of
// them, for one. They come last.
func merge(rows []row) []row {
	type key struct{ path, before, after string }
	of := map[key][]string{}
	for _, r := range rows {
		k := key{r.path, r.before, r.after}
		of[k] = append(of[k], r.of...)
	}
	var single, shared []row
	for _, r := range rows {
		k := key{r.path, r.before, r.after}
		if len(of[k]) < sharedBy {
			single = append(single, r)
			continue
		}
		if r.of[0] == of[k][0] {
			r.of = of[k]
			shared = append(shared, r)
		}
	}
	slices.SortStableFunc(single, func(a, b row) int { return cmp.Compare(rank(a), rank(b)) })
	return append(single, shared...)
}

func rank(r row) int {
	if r.replaces {
		return 0
	}
	return 1
}
