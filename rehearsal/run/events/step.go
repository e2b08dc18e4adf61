package events

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Change is what an update did to one resource.
type Change struct {
	URN   resource.URN
	Props []string // that changed, sorted; only of an update
}

// Step is what one update did to the resources of providers; components and
// the stack itself are not counted.
type Step struct {
	Created, Updated, Replaced, Deleted []Change
	Unchanged                           int
	// Order names what was done, in the order in which it ended: "create NAME".
	Order []string
}

// ReadStep reads the event log that the CLI writes with --event-log. It counts
// what was done, not what was planned.
func ReadStep(log io.Reader) (Step, error) { return read(log, false) }

// ReadPlan reads the same log and counts what was planned.
func ReadPlan(log io.Reader) (Step, error) { return read(log, true) }

func read(log io.Reader, planning bool) (Step, error) {
	var s Step
	for event, err := range All(log) {
		if err != nil {
			return s, err
		}
		if done := event.ResOutputsEvent; done != nil && done.Planning == planning {
			s.add(done.Metadata)
		}
	}
	return s, nil
}

func (s *Step) add(m apitype.StepEventMetadata) {
	if state := newest(m); state == nil || !state.Custom || strings.HasPrefix(m.Type, "pulumi:") {
		return
	}
	change := Change{URN: resource.URN(m.URN)}
	if m.Op != apitype.OpSame {
		s.Order = append(s.Order, fmt.Sprintf("%s %s::%s", m.Op, change.URN.Type(), change.URN.Name()))
	}
	switch m.Op {
	case apitype.OpSame:
		s.Unchanged++
	case apitype.OpCreate:
		s.Created = append(s.Created, change)
	case apitype.OpUpdate:
		change.Props = slices.Sorted(slices.Values(m.Diffs))
		s.Updated = append(s.Updated, change)
	case apitype.OpCreateReplacement:
		s.Replaced = append(s.Replaced, change)
	case apitype.OpDelete:
		s.Deleted = append(s.Deleted, change)
	default: // the halves of a replacement that is counted already
	}
}

func newest(m apitype.StepEventMetadata) *apitype.StepEventStateMetadata {
	if m.New != nil {
		return m.New
	}
	return m.Old
}
