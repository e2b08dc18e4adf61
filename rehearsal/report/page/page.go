// Package page is a stack's report: one self-contained HTML page, and a summary
// for a terminal.
package page

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/crowd"
	"github.com/webphases/webphases/rehearsal/report/dashboard"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/report/timeline"
)

// Report is everything that the page shows.
type Report struct {
	Graph    *graph.Graph
	Bill     cost.Bill
	Others   []cost.Bill // the same stack in the table's other regions
	Schedule timeline.Schedule
	AtOnce   []AtOnce
	Reach    *reach.Model
	// Unreachable says why there is no reachability; "" if there is.
	Unreachable string
	Topology    template.HTML // an SVG; "" if none was drawn
	Controls    []controls.Result
	Dashboard   []dashboard.Widget
	Crowd       *crowd.Page
}

// AtOnce is how long the stack takes with so many resources at a time.
type AtOnce struct {
	Limit int
	Total time.Duration
}

// Draw draws the topology of a stack as an SVG.
type Draw func(ctx context.Context, g *graph.Graph, m *reach.Model) ([]byte, error)

// New computes the report. A stack whose reachability cannot be computed gets a
// page without it, which says why; any other failure is returned.
func New(ctx context.Context, g *graph.Graph, assumptions cost.Assumptions, draw Draw) (*Report, error) {
	r := &Report{Graph: g, Controls: controls.Evaluate(g)}
	if err := r.price(assumptions); err != nil {
		return nil, err
	}
	var err error
	if r.Dashboard, err = dashboard.Read(g); err != nil {
		return nil, err
	}
	if r.Crowd, err = crowd.New(g, assumptions); err != nil {
		return nil, err
	}
	r.Schedule = timeline.Plan(g)
	for _, limit := range []int{8, 16} {
		r.AtOnce = append(r.AtOnce, AtOnce{limit, timeline.TotalAtOnce(g, limit)})
	}
	r.Reach, err = reach.New(g)
	if errors.Is(err, reach.ErrUnsupported) {
		r.Reach, r.Unreachable = nil, err.Error()
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if draw == nil {
		return r, nil
	}
	svg, err := draw(ctx, g, r.Reach)
	if err != nil {
		return nil, fmt.Errorf("drawing the topology: %w", err)
	}
	r.Topology = template.HTML(svg) //nolint:gosec // made by the topology package, which escapes names
	return r, nil
}

func (r *Report) price(assumptions cost.Assumptions) (err error) {
	if r.Bill, err = cost.Estimate(r.Graph, assumptions); err != nil {
		return err
	}
	regions, err := cost.Regions()
	if err != nil {
		return err
	}
	for _, region := range regions {
		if region == r.Graph.Region {
			continue
		}
		bill, err := cost.EstimateIn(r.Graph, region, assumptions)
		if err != nil {
			return err
		}
		r.Others = append(r.Others, bill)
	}
	return nil
}

//go:embed page.gohtml
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"minutes": timeline.Minutes,
	"kind":    kind,
	"count":   controls.Count,
	"style":   func(w dashboard.Widget) template.CSS { return template.CSS(w.Place()) }, //nolint:gosec // numbers
	"css":     func() template.CSS { return template.CSS(pageCSS) },                     //nolint:gosec // our own file
	"js":      func() template.JS { return template.JS(pageJS) },                        //nolint:gosec // our own file
}).Parse(pageHTML))

// WriteHTML writes the page. It needs no other file and makes no request.
func (r *Report) WriteHTML(to io.Writer) error { return page.Execute(to, r) }

// Gantt is the chart of the schedule.
func (r *Report) Gantt() template.HTML { return template.HTML(timeline.SVG(r.Schedule)) } //nolint:gosec // it escapes names

// Matrix is who can reach whom.
func (r *Report) Matrix() (template.HTML, error) {
	var b strings.Builder
	err := r.Reach.WriteHTML(&b)
	return template.HTML(b.String()), err //nolint:gosec // made by html/template
}

// Visitors is how many the stack stands.
func (r *Report) Visitors() (template.HTML, error) {
	var b strings.Builder
	err := r.Crowd.WriteHTML(&b)
	return template.HTML(b.String()), err //nolint:gosec // made by html/template
}

// Resources are those of providers by component, with what they cost.
func (r *Report) Resources() []Row {
	costs := map[string]cost.Money{}
	for _, c := range r.Bill.ByResource() {
		costs[c.URN] = c.Total()
	}
	var rows []Row
	for _, one := range r.Graph.Resources {
		if one.Custom {
			rows = append(rows, Row{Kind: kind(one.Type), Name: one.Name, Component: one.Component(), ID: one.ID, Protect: one.Protect, Cost: costs[one.URN]})
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return rows
}

// Row is a line of the list of resources.
type Row struct {
	Kind, Name, Component, ID string
	Protect                   bool
	Cost                      cost.Money
}

// kind is a type as the CLI shows it: aws:ec2:Vpc for aws:ec2/vpc:Vpc.
func kind(token string) string {
	parts := strings.Split(token, ":")
	if len(parts) != 3 {
		return token
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return parts[0] + ":" + module + ":" + parts[2]
}

// ByStatus are the controls with an outcome.
func (r *Report) ByStatus(status controls.Status) []controls.Result {
	var some []controls.Result
	for _, c := range r.Controls {
		if c.Status == status {
			some = append(some, c)
		}
	}
	return some
}

// Outside is who can be reached from the internet, such as "Load balancer 80".
func (r *Report) Outside() []string {
	var open []string
	if r.Reach == nil {
		return nil
	}
	for _, f := range r.Reach.Flows() {
		if f.FromKind == reach.Internet {
			open = append(open, fmt.Sprintf("%s on %s %s", f.To, f.Protocol, f.Ports))
		}
	}
	return open
}
