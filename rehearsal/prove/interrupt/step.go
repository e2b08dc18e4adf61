// Package interrupt makes every operation of an update fail, one at a time and in
// every way, and shows that the next update mends it.
package interrupt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// Updater brings a stack from one state to the next; engine.Stack is one.
type Updater interface {
	Up(ctx context.Context, from engine.State, intercept model.Interceptor) (engine.State, error)
}

// Step is one update of a stack and what it does when nothing disturbs it.
type Step struct {
	Name string
	// Holder tells whether resources of a type hold data, or are depended on by
	// their address, in this step.
	Holder func(typ string) bool
	// Operations are those of the undisturbed update, in their order.
	Operations []model.Operation
	// Before and After are the states around it.
	Before, After engine.State

	updater Updater
	end     *picture
	// settled is the end after one more update. The outputs are stored before the deletions
	// at the end of an update, so what follows one that fails there is the one more.
	settled *picture
}

// NewStep runs the update undisturbed.
func NewStep(ctx context.Context, name string, updater Updater, before engine.State, holder func(string) bool) (*Step, error) {
	r := &recorder{}
	after, err := updater.Up(ctx, before, r.intercept)
	if err != nil {
		return nil, fmt.Errorf("%s, undisturbed: %w", name, err)
	}
	s := &Step{Name: name, Holder: holder, Operations: r.seen, Before: before, After: after, updater: updater}
	if s.end, err = look(ctx, after); err != nil {
		return nil, err
	}
	once, err := updater.Up(ctx, after, nil)
	if err != nil {
		return nil, fmt.Errorf("%s, once more: %w", name, err)
	}
	s.settled, err = look(ctx, once)
	return s, err
}

// Case is one operation that fails in one way.
type Case struct {
	*Step
	Operation model.Operation
	Fault     model.Fault
}

// Cases are all operations of the step, each with every kind of fault that can
// strike it, in an order that is the same every time.
func (s *Step) Cases() (cases []Case) {
	operations := slices.SortedFunc(slices.Values(s.Operations), func(a, b model.Operation) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.URN, b.URN), strings.Compare(a.ID, b.ID))
	})
	for _, op := range operations {
		for _, kind := range model.Faults {
			if kind.Strikes(op) {
				cases = append(cases, Case{s, op, kind})
			}
		}
	}
	return cases
}

// String names the case by its step, the fault in the form that FAULTS takes,
// and the resource's URN.
func (c Case) String() string {
	return fmt.Sprintf("%s, %s:%s:%s, %s", c.Name, c.Fault, c.Operation.Name, resource.URN(c.Operation.URN).Name(), c.Operation.URN)
}

// Run makes the operation fail, updates again without the fault, and says what
// differs from the undisturbed update; nothing if the stack has survived.
func (c Case) Run(ctx context.Context) (differences []string) { return c.RunWith(ctx, c.updater) }

// RunWith does the same with another way to update, and compares with the
// undisturbed update all the same.
func (c Case) RunWith(ctx context.Context, updater Updater) (differences []string) {
	r := &recorder{target: c.Operation, fault: c.Fault}
	broken, err := updater.Up(ctx, c.Before, r.intercept)
	switch {
	case err == nil && !c.mayBeProven():
		return []string{"the fault did not make the update fail"}
	case err != nil && !errors.Is(err, engine.ErrFailed):
		return []string{err.Error()}
	case err != nil && c.Fault.OfServers():
		differences = letGo(c.Before, broken)
	}
	again := c.again(broken)
	mended, err := updater.Up(ctx, broken, r.intercept)
	if err != nil {
		return append(differences, "the next update failed: "+err.Error())
	}
	end, err := look(ctx, mended)
	if err != nil {
		return append(differences, err.Error())
	}
	if len(again) > 1 { // a replacement has names of its own
		if end, err = end.renamed(c.end, c.Operation.URN); err != nil {
			return append(differences, err.Error())
		}
	}
	state := c.end.compare(end)
	if c.Operation.Name == "delete" && len(c.settled.compare(end)) == 0 {
		state = nil
	}
	return slices.Concat(differences, c.compareOperations(r.seen, again), state)
}

// mayBeProven tells whether an update may succeed with the fault: a run that nobody
// has waited for can have been needless, as on servers that have just booted.
func (c Case) mayBeProven() bool {
	return c.Fault == model.FaultEarly || c.Fault == model.FaultEarlyFails
}

// compareOperations wants the operations of the undisturbed update and those that
// mend the failed one. Operations on what holds data are said first.
func (c Case) compareOperations(seen, again []model.Operation) (differences []string) {
	want, got := count(slices.Concat(c.Operations, again)), count(seen)
	for _, k := range union(want, got) {
		if want[k] == got[k] {
			continue
		}
		typ := string(resource.URN(k.urn).Type())
		line := fmt.Sprintf("%s of %s %s: %d instead of %d", k.name, typ, resource.URN(k.urn).Name(), got[k], want[k])
		if c.Holder(typ) {
			line = "HOLDS DATA: " + line
		}
		differences = append(differences, line)
	}
	slices.SortStableFunc(differences, func(a, b string) int {
		return strings.Compare(strings.ToUpper(a[:1]), strings.ToUpper(b[:1]))
	})
	return differences
}

// again is the operations that mend the failed one, beyond those that were left:
// the same once more; or, if it left a resource behind, its update, or its
// replacement where the program wants that of what was not finished. What ended
// well but too early only has to be waited for, unless it failed after that.
func (c Case) again(broken engine.State) []model.Operation {
	op := c.Operation
	switch {
	case c.Fault == model.FaultEarly, c.Fault == model.FaultUnhealthy && op.Name == "update":
		return nil
	case c.Fault == model.FaultBefore, op.Name == "delete":
		return []model.Operation{op}
	case c.Fault == model.FaultEarlyFails || replacedIfUnfinished(broken, op.URN):
		return []model.Operation{{Name: "delete", Type: op.Type, URN: op.URN}, {Name: "create", Type: op.Type, URN: op.URN}}
	}
	op.Name = "update"
	return []model.Operation{op}
}

// replacedIfUnfinished tells whether the program wants a resource made anew if its
// creation or update has not been finished.
func replacedIfUnfinished(s engine.State, urn string) bool {
	return slices.ContainsFunc(s.Deployment.Resources, func(r apitype.ResourceV3) bool {
		return string(r.URN) == urn && slices.Contains(r.ReplaceOnChanges, "#initerror")
	})
}

// kindOf is what operations are counted by.
type kindOf struct{ name, urn string }

func key(op model.Operation) kindOf { return kindOf{op.Name, op.URN} }

func count(ops []model.Operation) map[kindOf]int {
	n := map[kindOf]int{}
	for _, op := range ops {
		n[key(op)]++
	}
	return n
}

// recorder sees all operations; the first that is like the target gets the
// fault.
type recorder struct {
	mu     sync.Mutex
	seen   []model.Operation
	target model.Operation
	fault  model.Fault
}

func (r *recorder) intercept(_ context.Context, op model.Operation) model.Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, op)
	if r.fault == model.NoFault || op != r.target {
		return model.NoFault
	}
	fault := r.fault
	r.fault = model.NoFault
	return fault
}
