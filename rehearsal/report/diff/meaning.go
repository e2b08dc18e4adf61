package diff

import (
	"fmt"
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/report/timeline"
	"github.com/webphases/webphases/rehearsal/report/topology"
)

// meaning is what a change means beyond its resources. The base is nil for a new
// stack. A part that cannot be computed says so: the comparison itself stands.
func meaning(before, after *graph.Graph, p Plan) []Section {
	var sections []Section
	for _, part := range []struct {
		title string
		text  func() (string, error)
	}{
		{"Reachability", func() (string, error) { return reachability(before, after) }},
		{"Cost", func() (string, error) { return costs(before, after) }},
		{"Time", func() (string, error) { return times(before, after, p), nil }},
		{"Sketch", func() (string, error) { return sketch(after) }},
	} {
		text, err := part.text()
		if err != nil {
			text = "It cannot be computed: " + code(err.Error(), 300) + ".\n"
		}
		sections = append(sections, Section{part.title, text})
	}
	return sections
}

// reachability lists who can newly reach whom, and who no longer can.
func reachability(before, after *graph.Graph) (string, error) {
	old, err := flows(before)
	if err != nil {
		return "", err
	}
	now, err := flows(after)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	list := func(what string, in, lacking []reach.Flow) {
		known := map[string]bool{}
		for _, f := range lacking {
			known[f.Key()] = true
		}
		var found []string
		for _, f := range in {
			if known[f.Key()] {
				continue
			}
			var rules []string
			for _, rule := range f.AllowedBy {
				rules = append(rules, rule.String())
			}
			found = append(found, fmt.Sprintf("- **%s** %s by %s\n", what, code(f.Key(), 120), code(strings.Join(rules, ", "), 500)))
		}
		b.WriteString(within(found, extraSize/2))
	}
	list("new", now, old)
	list("gone", old, now)
	if b.Len() == 0 {
		return fmt.Sprintf("Unchanged: %s.\n", count(len(now), "allowed flow")), nil
	}
	return b.String(), nil
}

func flows(g *graph.Graph) ([]reach.Flow, error) {
	if g == nil {
		return nil, nil
	}
	m, err := reach.New(g)
	if err != nil {
		return nil, err
	}
	return m.Flows(), nil
}

// costs is the difference a month makes, at the assumed use.
func costs(before, after *graph.Graph) (string, error) {
	var old cost.Bill
	if before != nil {
		var err error
		if old, err = cost.Estimate(before, cost.Defaults()); err != nil {
			return "", err
		}
	}
	now, err := cost.Estimate(after, cost.Defaults())
	if err != nil {
		return "", err
	}
	d := cost.Delta(old, now)
	var b strings.Builder
	fmt.Fprintf(&b, "%s a month: %s, was %s (list prices, and the use of a small site).\n", d.By().Signed(), d.After, d.Before)
	var rows []string
	for _, c := range d.Changes {
		rows = append(rows, fmt.Sprintf("| %s %s | %s | %s | %s |\n", code(catalog.Display(c.Type), 60), code(c.Name, 60), c.Before, c.After, c.By().Signed()))
	}
	if len(rows) > 0 {
		b.WriteString("\n| resource | old | new | a month |\n|---|--:|--:|--:|\n" + within(rows, extraSize-1000))
	}
	if n := len(d.NotPriced); n > 0 {
		fmt.Fprintf(&b, "\n%s without a known price not counted.\n", count(n, "resource"))
	}
	return b.String(), nil
}

// times is how long creating what is new takes, and a whole new stack.
func times(before, after *graph.Graph, p Plan) string {
	now := timeline.Plan(after)
	text := fmt.Sprintf("Creating what is new or replaced takes about %s; updates and deletions come on top. A whole new stack takes %s",
		timeline.Minutes(creating(after, now, p)), timeline.Minutes(now.Total))
	if before == nil {
		return text + ".\n"
	}
	return text + fmt.Sprintf(", was %s.\n", timeline.Minutes(timeline.Plan(before).Total))
}

// creating is the longest chain among the resources that the plan creates; what
// exists already takes no time.
func creating(g *graph.Graph, s timeline.Schedule, p Plan) time.Duration {
	lasts := map[string]time.Duration{}
	for _, t := range s.Tasks {
		lasts[t.URN] = t.Duration
	}
	made := map[string]bool{}
	for _, list := range [][]Change{p.Created, p.Replaced} {
		for _, c := range list {
			made[string(c.URN)] = true
		}
	}
	ends := map[*graph.Resource]time.Duration{}
	var longest time.Duration
	for _, r := range g.Resources { // what a resource needs stands before it
		for _, need := range r.Needs {
			ends[r] = max(ends[r], ends[need])
		}
		if made[r.URN] {
			ends[r] += lasts[r.URN]
		}
		longest = max(longest, ends[r])
	}
	return longest
}

// sketch draws what is allowed after the change.
func sketch(after *graph.Graph) (string, error) {
	m, err := reach.New(after)
	if err != nil {
		return "", err
	}
	text := topology.Mermaid(after, m)
	if len(text) > sketchSize {
		return "Too large to draw here.\n", nil
	}
	return block("mermaid", strings.Split(strings.TrimSpace(text), "\n")), nil
}

// within joins lines up to a number of bytes, and counts what is left out.
func within(lines []string, most int) string {
	var b strings.Builder
	for i, line := range lines {
		if b.Len()+len(line) > most {
			fmt.Fprintf(&b, "\n… and %d more.\n", len(lines)-i)
			break
		}
		b.WriteString(line)
	}
	return b.String()
}
