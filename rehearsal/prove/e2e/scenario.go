//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// lifted allows a stack to be destroyed with nothing left behind.
var lifted = set("protection lifted", "protect=false", "database.finalSnapshot=false")

// Run does all runs side by side and prints the report. It fails with ErrFailed
// if a check failed.
func (s *Suite) Run(ctx context.Context) error {
	s.start, s.allowed, s.used = time.Now(), NewAllowances(), map[string]int64{}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, name := range []string{"prod", "fails", "grow", "staging", "dev"} {
		if len(s.Only) > 0 && !slices.Contains(s.Only, name) {
			continue
		}
		wait.Go(func() {
			if err := s.one(ctx, name); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wait.Wait()
	return s.report(errors.Join(errs...))
}

func (s *Suite) one(ctx context.Context, name string) (err error) {
	live, stack := (*run).stack, name
	switch name {
	case "grow":
		live, stack = (*run).grow, "dev"
	case "fails":
		live, stack = (*run).fails, "dev"
	}
	r, err := s.begin(ctx, name, stack)
	if r != nil {
		defer func() { err = errors.Join(err, r.end()) }()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return live(r, ctx)
}

// stack is the life of one stack at its phase.
func (r *run) stack(ctx context.Context) error {
	asIs := set("as it is")
	previews := func() error { return r.previews(ctx, edits(region)[r.name]) }
	if r.name == "staging" {
		edited := previews
		previews = func() error { return r.withSnapshot(ctx, edited) }
	}
	return r.through(
		func() error { return r.up(ctx, set("new")) },
		func() error { return r.again(ctx, asIs, "second up: unchanged") },
		func() error { return r.refresh(ctx, asIs) },
		func() error { return r.again(ctx, asIs, "up after refresh: unchanged") },
		func() error { return r.verify(ctx) },
		func() error { return r.tagged(ctx) },
		func() error { return r.opened(ctx) },
		previews,
		func() error { return r.refused(ctx, set("destroy of a protected stack"), "protect", "destroy") },
		func() error { return r.up(ctx, lifted) },
		func() error { return r.destroy(ctx, lifted) },
	)
}

// through goes through the steps. A check that finds something wrong does not
// hide what the next ones find; a step that could not be done ends the run.
func (r *run) through(steps ...func() error) error {
	var found error
	for _, step := range steps {
		err := step()
		found = errors.Join(found, err)
		if err != nil && !errors.Is(err, errCheck) {
			return found
		}
	}
	return found
}

// grow is the life of one stack from phase 1 to 3, back to 2, and to its end.
func (r *run) grow(ctx context.Context) error {
	refusal := map[int]int{1: 3, 2: 1, 3: 1}
	var steps []func() error
	from := 0
	unprotected := set("balancer that may be deleted", "phase=3", "loadBalancer.deletionProtection=false")
	internal := set("internal load balancer", append(slices.Clone(unprotected.Set), "loadBalancer.internal=true")...)
	edge := set("CloudFront before it", append(slices.Clone(unprotected.Set), "edge.enabled=true")...)
	for _, phase := range []int{1, 2, 3, 2} {
		jump := refusal[phase]
		if from == 3 {
			steps = append(steps,
				func() error { return r.up(ctx, unprotected) },
				func() error { return r.previews(ctx, []Edit{internal}) },
				func() error { return r.up(ctx, edge) },
				func() error { return r.again(ctx, edge, "CloudFront: unchanged") },
				func() error { return r.verify(ctx) },
				func() error { return r.tagged(ctx) },
				func() error { return r.up(ctx, unprotected) })
		}
		name := fmt.Sprintf("phase %d after %d", jump, phase)
		before := from
		steps = append(steps,
			func() error { return r.promote(ctx, before, phase) },
			func() error { return r.verify(ctx) },
			func() error { return r.tagged(ctx) },
			func() error {
				return r.refused(ctx, set(name, fmt.Sprintf("phase=%d", jump)), "webphases:phase", "up", "--skip-preview")
			})
		from = phase
	}
	lift := Edit{Name: lifted.Name, Set: slices.Concat([]string{"phase=2"}, lifted.Set)}
	return r.through(append(steps,
		func() error { return r.up(ctx, lift) },
		func() error { return r.destroy(ctx, lift) })...)
}

// promote brings the stack from one phase to another in place.
func (r *run) promote(ctx context.Context, from, to int) error {
	name := fmt.Sprintf("phase %d to %d", from, to)
	if from == 0 {
		name = "new in phase 1"
	}
	e := set(name, fmt.Sprintf("phase=%d", to))
	return r.try(ctx, "up: "+name, func() (string, []string, error) {
		model, real := r.both(ctx, e, "up", "--yes")
		if err := errors.Join(failed("the model", model), failed("the real provider", real)); err != nil {
			return "", nil, err
		}
		wrong := r.agree(name, model, real)
		for _, urn := range growth.Lost(step(real.done), from, to) {
			wrong = append(wrong, "a data holder was replaced or deleted: "+string(urn))
		}
		return counts(real.done), wrong, nil
	})
}

// step is what an update did, as package growth judges it.
func step(done Plan) (s events.Step) {
	for urn, c := range done {
		change := events.Change{URN: resource.URN(urn)}
		switch {
		case strings.Contains(strings.Join(c.Ops, " "), "replace"):
			s.Replaced = append(s.Replaced, change)
		case slices.Contains(c.Ops, "delete"):
			s.Deleted = append(s.Deleted, change)
		}
	}
	return s
}
