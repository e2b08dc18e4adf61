// Package timeline is how long a stack takes to create: typical durations
// (internal/catalog) along the dependency graph.
//
// Beside the program's own graph it keeps another, of what AWS itself demands
// (imposed.go). The longest chain of that one is the least time that any program
// could take; the ratio of the two says what the program's own order costs.
package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Task is the creation of one resource.
type Task struct {
	URN, Type, Name string
	Start, Duration time.Duration
	Critical        bool // on the critical path: a delay here delays the end
	Basis           catalog.Time
}

// End is when the resource exists.
func (t Task) End() time.Duration { return t.Start + t.Duration }

// Wait is a resource that waits for another although AWS does not demand it.
type Wait struct {
	Name, Type  string
	For         string // the name of what it waits for last
	ForType     string
	Unnecessary time.Duration
}

// Schedule is when a new stack's resources are created, each as early as what it
// needs allows.
type Schedule struct {
	Tasks    []Task // in the order of their start
	Total    time.Duration
	Critical []Task // the critical path, from its first task to its last
	// Imposed is the longest chain of what AWS itself demands, ImposedPath that
	// chain; its tasks start when that chain alone lets them.
	Imposed     time.Duration
	ImposedPath []Task
	// Bare is that chain if servers needed nothing at boot but the internet: less
	// than any program of this design could take, for a site without its database
	// never becomes healthy.
	Bare time.Duration
	// Waits are the waits that AWS does not demand, the longest first.
	Waits []Wait
}

// Own is the share of the total that only the program's order costs, in percent.
func (s Schedule) Own() float64 { return 100 * (s.Ratio() - 1) }

// Ratio is the total to the longest chain that AWS imposes: 1 if the program
// loses no time.
func (s Schedule) Ratio() float64 {
	if s.Imposed == 0 {
		return 1
	}
	return float64(s.Total) / float64(s.Imposed)
}

// Plan schedules the creation of the whole stack, as much at once as its order
// allows.
func Plan(g *graph.Graph) Schedule {
	all := newChart(g, func(r *graph.Resource) []*graph.Resource { return r.Needs })
	aws := newChart(g, newDemands(g, false).of)
	bare := newChart(g, newDemands(g, true).of)
	s := Schedule{Total: all.total(), Imposed: aws.total(), Bare: bare.total(), Waits: waits(all, aws)}
	s.Critical, s.ImposedPath = all.critical(), aws.critical()
	for _, r := range all.resources {
		t := all.task(r)
		t.Critical = slices.ContainsFunc(s.Critical, func(c Task) bool { return c.URN == t.URN })
		s.Tasks = append(s.Tasks, t)
	}
	slices.SortStableFunc(s.Tasks, func(a, b Task) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.URN, b.URN)) })
	return s
}

// chart is the earliest start of every resource under one rule of who needs whom.
type chart struct {
	resources []*graph.Resource // what is needed stands before what needs it
	needs     func(*graph.Resource) []*graph.Resource
	tasks     map[*graph.Resource]Task
}

func newChart(g *graph.Graph, needs func(*graph.Resource) []*graph.Resource) *chart {
	c := &chart{needs: needs, tasks: map[*graph.Resource]Task{}}
	var add func(r *graph.Resource)
	add = func(r *graph.Resource) {
		if _, done := c.tasks[r]; done || !r.Custom {
			return
		}
		c.tasks[r] = Task{} // a circle, which Pulumi excludes, would end here
		t := Task{URN: r.URN, Type: r.Type, Name: r.Name}
		for _, n := range needs(r) {
			add(n)
			t.Start = max(t.Start, c.tasks[n].End())
		}
		t.Duration, t.Basis = duration(g, r)
		c.tasks[r] = t
		c.resources = append(c.resources, r)
	}
	for _, r := range g.Resources {
		add(r)
	}
	return c
}

func (c *chart) task(r *graph.Resource) Task { return c.tasks[r] }

func (c *chart) total() time.Duration {
	var end time.Duration
	for _, t := range c.tasks {
		end = max(end, t.End())
	}
	return end
}

// critical walks back from what ends last, each time to what it waited for last.
func (c *chart) critical() []Task {
	var path []Task
	last := c.latest(c.resources)
	for last != nil {
		t := c.tasks[last]
		t.Critical = true
		path = append(path, t)
		last = c.latest(c.needs(last))
	}
	slices.Reverse(path)
	return path
}

// latest is the resource that is done last, or nil; of several the first by name.
func (c *chart) latest(of []*graph.Resource) *graph.Resource {
	var last *graph.Resource
	for _, r := range of {
		if last == nil || cmp.Or(cmp.Compare(c.tasks[last].End(), c.tasks[r].End()), cmp.Compare(r.URN, last.URN)) < 0 {
			last = r
		}
	}
	return last
}

// waits lists what waits longer than for what AWS demands, by a second or more.
func waits(all, aws *chart) []Wait {
	var found []Wait
	for _, r := range all.resources {
		var demanded time.Duration
		for _, n := range aws.needs(r) {
			demanded = max(demanded, all.tasks[n].End())
		}
		if last := all.latest(all.needs(r)); last != nil && all.tasks[last].End()-demanded >= time.Second {
			found = append(found, Wait{
				Name: r.Name, Type: r.Type, For: last.Name, ForType: last.Type, Unnecessary: all.tasks[last].End() - demanded,
			})
		}
	}
	slices.SortStableFunc(found, func(a, b Wait) int {
		return cmp.Or(cmp.Compare(b.Unnecessary, a.Unnecessary), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// TotalAtOnce is how long the stack takes if the engine works on at most so many
// resources at once: `pulumi up --parallel`, by default four for each processor.
// What stands first in the graph goes first.
func TotalAtOnce(g *graph.Graph, limit int) time.Duration {
	c := newChart(g, func(r *graph.Resource) []*graph.Resource { return r.Needs })
	ends := map[*graph.Resource]time.Duration{}
	var now time.Duration
	for len(ends) < len(c.resources) {
		running, next := 0, time.Duration(-1)
		for _, end := range ends {
			if end > now {
				running++
				if next < 0 || end < next {
					next = end
				}
			}
		}
		if r := c.ready(ends, now); r != nil && running < limit {
			ends[r] = now + c.tasks[r].Duration
			continue
		}
		now = next
	}
	for _, end := range ends {
		now = max(now, end)
	}
	return now
}

// ready is the first resource that has not started and whose needs have ended.
func (c *chart) ready(ends map[*graph.Resource]time.Duration, now time.Duration) *graph.Resource {
	for _, r := range c.resources {
		if _, started := ends[r]; started {
			continue
		}
		if !slices.ContainsFunc(c.needs(r), func(n *graph.Resource) bool { end, ok := ends[n]; return !ok || end > now }) {
			return r
		}
	}
	return nil
}
