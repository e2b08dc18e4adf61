// Package growth rehearses the life of one stack through the phases, and counts
// what each step creates, updates, replaces and deletes.
package growth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
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
	decoder := json.NewDecoder(log)
	for {
		var event apitype.EngineEvent
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return s, fmt.Errorf("reading the event log: %w", err)
		}
		if done := event.ResOutputsEvent; done != nil && done.Planning == planning {
			s.add(done.Metadata)
		}
	}
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

// Holds tells whether resources of the type hold data, or are depended on by
// their address, in the step from one phase to another.
func Holds(typ string, from, to int) bool {
	known, _ := catalog.Get(typ)
	return typ == catalog.RandomPassword || known.Holds == catalog.Always || known.Holds == catalog.WithServer && to < 3 && from < 3
}

// Lost lists the data holders that the step from one phase to another replaced
// or deleted. The server and its address are holders until the load balancer
// has taken over; the subnets and addresses of a tier that the smaller phase
// does not have go with it.
func (s Step) Lost(from, to int) (lost []resource.URN) {
	for _, change := range s.Replaced {
		if Holds(string(change.URN.Type()), from, to) {
			lost = append(lost, change.URN)
		}
	}
	for _, change := range s.Deleted {
		surplus := to < from && change.URN.Type() == catalog.EC2Subnet
		if Holds(string(change.URN.Type()), from, to) && !surplus {
			lost = append(lost, change.URN)
		}
	}
	return lost
}
