package e2e

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// Plan is what a preview, or the planning part of an update, means to do. It
// holds every resource that does not stay the same, by URN.
type Plan map[string]Change

// Change is what happens to one resource.
type Change struct {
	Ops   []string // create, update, or the steps of a replacement in order
	Props []string // top-level properties that change, sorted; only of updates and replacements
	Keys  []string // properties that force a replacement, sorted
}

func (c Change) String() string {
	text := strings.Join(c.Ops, " ")
	if len(c.Keys) > 0 {
		text += " for " + strings.Join(c.Keys, ", ")
	}
	if len(c.Props) > 0 {
		text += " (" + strings.Join(c.Props, ", ") + ")"
	}
	return text
}

// ErrNoSteps says that an event log holds no step of the kind asked for: two of
// those would agree without saying anything.
var ErrNoSteps = errors.New("the event log holds no step")

// ReadPlan reads the plan from the event log that the CLI writes for a preview
// with --event-log. That of an update holds what is done, and not its plan.
func ReadPlan(path string) (Plan, error) {
	return readEvents(path, func(e apitype.EngineEvent) *apitype.StepEventMetadata {
		if e.ResourcePreEvent == nil || !e.ResourcePreEvent.Planning {
			return nil
		}
		return &e.ResourcePreEvent.Metadata
	})
}

// ReadDone reads what an update or a refresh has changed.
func ReadDone(path string) (Plan, error) {
	return readEvents(path, func(e apitype.EngineEvent) *apitype.StepEventMetadata {
		if e.ResOutputsEvent == nil || e.ResOutputsEvent.Planning {
			return nil
		}
		return &e.ResOutputsEvent.Metadata
	})
}

func readEvents(path string, pick func(apitype.EngineEvent) *apitype.StepEventMetadata) (Plan, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	plan, picked := Plan{}, 0
	for event, err := range events.All(file) {
		if err != nil {
			return nil, err
		}
		if m := pick(event); m != nil {
			picked++
			plan.add(m)
		}
	}
	if picked == 0 {
		return nil, ErrNoSteps
	}
	return plan, nil
}

// add takes a step into the plan. The providers themselves are left out: only
// the real one is told where the API is.
func (p Plan) add(m *apitype.StepEventMetadata) {
	if m.Op == apitype.OpSame || m.Op == apitype.OpRead || strings.HasPrefix(m.Type, "pulumi:providers:") {
		return
	}
	c := p[m.URN]
	c.Ops = append(c.Ops, string(m.Op))
	if m.Op != apitype.OpCreate && m.Op != apitype.OpDelete {
		paths := m.Diffs
		if len(m.DetailedDiff) > 0 {
			paths = slices.Collect(maps.Keys(m.DetailedDiff))
		}
		var props []string
		for _, path := range paths {
			if given(m.Type, top(path)) {
				props = append(props, top(path))
			}
		}
		c.Props = merge(c.Props, props)
		c.Keys = merge(c.Keys, m.Keys)
	}
	p[m.URN] = c
}

// given tells whether a program can set the property. What follows from those it
// sets is not compared: whether the provider lists tagsAll beside tags depends on
// how it was built and on the kind of change.
func given(token, property string) bool {
	resource, known := facts.AWS().Resource(token)
	if !known {
		return true // a component
	}
	_, ok := resource.Inputs[property]
	return ok
}

// top is the first part of a property's path.
func top(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

func merge(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
