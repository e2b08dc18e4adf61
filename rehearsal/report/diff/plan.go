// Package diff compares a stack of two revisions: it rehearses the base, plans
// the head on top of it, and writes what a reviewer must know as a comment on a
// pull request.
package diff

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// Plan is what a preview would do to the resources of providers; components and
// the stack itself are not counted. The lists are sorted by type and name.
type Plan struct {
	Created, Updated, Replaced, Deleted []Change
	Unchanged                           int
	// Errors are what the engine or the program refused, without colours.
	Errors []string
}

// ErrLog says that an event log ends before the preview has ended.
var ErrLog = errors.New("the event log is incomplete")

// Change is what a plan does to one resource.
type Change struct {
	URN resource.URN
	// Protected tells whether the base protects the resource.
	Protected bool
	// Props are the properties that change, sorted by path. Those of a created
	// resource are its inputs; a deleted one has none.
	Props []Property
}

// Property is one property that changes. Old and New are what graph.Open makes
// of the values: nil where there is none, graph.Secret where nobody may look.
type Property struct {
	Path     string
	Old, New any
	// Replaces says that the change of this property replaces the resource.
	Replaces bool
}

// Empty tells whether the plan changes nothing.
func (p Plan) Empty() bool {
	return len(p.Created)+len(p.Updated)+len(p.Replaced)+len(p.Deleted) == 0
}

// Lost lists the data holders that the plan replaces or deletes while the stack
// goes from one phase to another: what package growth holds for one, and
// whatever the base protects.
func (p Plan) Lost(from, to int) []Change {
	step := events.Step{Replaced: urns(p.Replaced), Deleted: urns(p.Deleted)}
	lost := growth.Lost(step, from, to)
	var found []Change
	for _, c := range slices.Concat(p.Replaced, p.Deleted) {
		if c.Protected || slices.Contains(lost, c.URN) {
			found = append(found, c)
		}
	}
	return found
}

func urns(changes []Change) []events.Change {
	list := make([]events.Change, len(changes))
	for i, c := range changes {
		list[i].URN = c.URN
	}
	return list
}

// ReadPlan reads the event log that `pulumi preview --event-log` writes.
func ReadPlan(log io.Reader) (Plan, error) {
	var p Plan
	ended := false
	for event, err := range events.All(log) {
		if err != nil {
			return p, err
		}
		switch {
		case event.SummaryEvent != nil:
			ended = true
		case event.ResourcePreEvent != nil && event.ResourcePreEvent.Planning:
			p.add(event.ResourcePreEvent.Metadata)
		case event.DiagnosticEvent != nil && event.DiagnosticEvent.Severity == "error":
			p.refuse(event.DiagnosticEvent.Message)
		case event.ErrorEvent != nil:
			p.refuse(event.ErrorEvent.Error)
		}
	}
	if !ended && len(p.Errors) == 0 {
		return p, ErrLog // or a lost log would pass for a plan without changes
	}
	for _, list := range [][]Change{p.Created, p.Updated, p.Replaced, p.Deleted} {
		slices.SortFunc(list, func(a, b Change) int {
			return strings.Compare(string(a.URN.Type())+a.URN.Name(), string(b.URN.Type())+b.URN.Name())
		})
	}
	return p, nil
}

func (p *Plan) refuse(message string) {
	message = strings.TrimSpace(colors.Never.Colorize(message))
	if message == "preview failed" || message == "update failed" {
		return // says only that another message matters
	}
	if message != "" && !slices.Contains(p.Errors, message) {
		p.Errors = append(p.Errors, message)
	}
}

func (p *Plan) add(m apitype.StepEventMetadata) {
	state := m.New
	if state == nil {
		state = m.Old
	}
	if state == nil || !state.Custom || strings.HasPrefix(m.Type, "pulumi:") {
		return
	}
	change := Change{URN: resource.URN(m.URN), Protected: m.Old != nil && m.Old.Protect}
	switch m.Op {
	case apitype.OpSame:
		p.Unchanged++
	case apitype.OpCreate:
		for key, value := range graph.Open(m.New.Inputs) {
			change.Props = append(change.Props, Property{Path: key, New: value})
		}
		p.Created = append(p.Created, change.sorted())
	case apitype.OpUpdate:
		change.Props = changed(m)
		p.Updated = append(p.Updated, change.sorted())
	case apitype.OpCreateReplacement:
		change.Props = changed(m)
		p.Replaced = append(p.Replaced, change.sorted())
	case apitype.OpDelete:
		p.Deleted = append(p.Deleted, change)
	default: // the other halves of a replacement that is counted already
	}
}

func (c Change) sorted() Change {
	slices.SortFunc(c.Props, func(a, b Property) int { return strings.Compare(a.Path, b.Path) })
	return c
}
