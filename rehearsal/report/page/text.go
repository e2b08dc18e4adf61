package page

import (
	"fmt"
	"io"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/timeline"
)

// WriteText writes the verdicts and the reachability matrix for a terminal.
func (r *Report) WriteText(to io.Writer) error {
	var b strings.Builder
	b.WriteString(fmt.Sprintf("%s in %s: %d resources\n", r.Graph.Stack, r.Graph.Region, len(r.Resources())))
	b.WriteString(fmt.Sprintf("cost      about %s a month: %s fixed, %s by assumed use", r.Bill.Total().Whole(), r.Bill.Fixed().Whole(), r.Bill.Usage().Whole()))
	for _, other := range r.Others {
		b.WriteString(fmt.Sprintf("; in %s %s", other.Region, other.Total().Whole()))
		if n := len(other.NotPriced); n > 0 {
			b.WriteString(fmt.Sprintf(" without %d that have no price", n))
		}
	}
	b.WriteString("\n")
	if n := r.Bill.Unchecked(); n > 0 {
		b.WriteString(fmt.Sprintf("          %d of %d prices were not compared with AWS's list\n", n, len(r.Bill.Items)))
	}
	for _, u := range r.Bill.NotPriced {
		b.WriteString(fmt.Sprintf("          not priced: %s %s: %s; %s\n", kind(u.Type), u.Name, u.Why, u.Remedy))
	}
	b.WriteString(fmt.Sprintf("time      about %s to create, of which the program's own order costs %.1f%%\n",
		timeline.Minutes(r.Schedule.Total), r.Schedule.Own()))
	b.WriteString("crowd     " + r.Crowd.Line() + "\n")
	b.WriteString(fmt.Sprintf("controls  %d passed, %d excepted for a reason, %d failed, %d not applicable\n",
		controls.Count(r.Controls, controls.Passed), controls.Count(r.Controls, controls.Excepted),
		controls.Count(r.Controls, controls.Failed), controls.Count(r.Controls, controls.NotApplicable)))
	for _, c := range r.ByStatus(controls.Failed) {
		b.WriteString(fmt.Sprintf("          failed: %s %s (%s: %s)\n", c.ID, c.Title, c.Failures[0].Name, c.Failures[0].Why))
	}
	if r.Reach == nil {
		b.WriteString("access    " + r.Unreachable + "\n")
	} else {
		var matrix strings.Builder
		if err := r.Reach.WriteText(&matrix); err != nil {
			return err
		}
		table, _, _ := strings.Cut(matrix.String(), "\n\n") // what allows each cell is on the page
		b.WriteString("access\n" + strings.TrimRight(table, "\n") + "\n")
	}
	_, err := io.WriteString(to, b.String())
	return err
}
