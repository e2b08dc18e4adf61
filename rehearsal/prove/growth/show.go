package growth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// show lists what a step did. Resources that only got a new tag are counted.
func (g *Growth) show(from, to place, s events.Step) {
	switch {
	case from.phase == 0:
		fmt.Fprintf(g.Out, "\nA new stack in phase %s\n", to)
	case to.phase < from.phase:
		fmt.Fprintf(g.Out, "\nFrom phase %s back to phase %s\n", from, to)
	default:
		fmt.Fprintf(g.Out, "\nFrom phase %s to phase %s\n", from, to)
	}
	g.list("created", s.Created, from.phase == 0)
	var changed []events.Change
	for _, c := range s.Updated {
		if !slices.Equal(c.Props, []string{"tags"}) {
			changed = append(changed, c)
		}
	}
	g.list("updated", changed, false)
	if retagged := len(s.Updated) - len(changed); retagged > 0 {
		fmt.Fprintf(g.Out, "  updated  %d only in their tag Phase\n", retagged)
	}
	g.list("replaced", s.Replaced, false)
	g.list("deleted", s.Deleted, false)
}

func (g *Growth) list(what string, changes []events.Change, countOnly bool) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(g.Out, "  %-8s %d", what, len(changes))
	if countOnly {
		fmt.Fprintln(g.Out)
		return
	}
	byType := map[string][]string{}
	var types []string
	for _, c := range changes {
		short := catalog.Display(string(c.URN.Type()))
		if byType[short] == nil {
			types = append(types, short)
		}
		name := c.URN.Name()
		if len(c.Props) > 0 {
			name += " (" + strings.Join(c.Props, ", ") + ")"
		}
		byType[short] = append(byType[short], name)
	}
	fmt.Fprintln(g.Out)
	slices.Sort(types)
	for _, t := range types {
		slices.Sort(byType[t])
		names := strings.Join(byType[t], ", ")
		if n := len(byType[t]); n > 4 {
			names = fmt.Sprintf("%d: %s, …", n, strings.Join(byType[t][:2], ", "))
		}
		fmt.Fprintf(g.Out, "           %-34s %s\n", t, names)
	}
}

func (g *Growth) table(rows []row) {
	fmt.Fprintf(g.Out, "\n%-27s %8s %8s %9s %8s %10s   %s\n", "step", "created", "updated", "replaced", "deleted", "unchanged", "data holders replaced or deleted")
	for _, r := range rows {
		fmt.Fprintf(g.Out, "%-27s %8d %8d %9d %8d %10d   %d\n", r.name,
			len(r.step.Created), len(r.step.Updated), len(r.step.Replaced), len(r.step.Deleted), r.step.Unchanged, r.lost)
	}
}
