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

	"github.com/webphases/webphases/rehearsal/growth"
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
	for _, name := range []string{"prod", "grow", "staging", "dev"} {
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
	if name == "grow" {
		live, stack = (*run).grow, "dev"
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
	if err := r.up(ctx, set("new")); err != nil {
		return err
	}
	// One that fails does not hide what the others find: none changes the stack.
	found := errors.Join(
		r.again(ctx, asIs, "second up: unchanged"),
		r.refresh(ctx, asIs),
		r.again(ctx, asIs, "up after refresh: unchanged"),
		r.inspect(ctx, "the API holds what was asked for"),
		r.previews(ctx, edits(region)[r.name]),
	)
	return errors.Join(found, r.leave(ctx))
}

// leave destroys the stack, which is refused until its protection is lifted.
func (r *run) leave(ctx context.Context) error {
	for _, step := range []func() error{
		func() error { return r.refused(ctx, set("destroy of a protected stack"), "protect", "destroy") },
		func() error { return r.up(ctx, lifted) },
		func() error { return r.destroy(ctx, lifted) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// grow is the life of one stack from phase 1 to 3, back to 2, and to its end.
func (r *run) grow(ctx context.Context) error {
	path := []int{1, 2, 3, 2}
	refusal := map[int]int{1: 3, 2: 1, 3: 1}
	for i, phase := range path {
		from := 0
		if i > 0 {
			from = path[i-1]
		}
		if err := r.promote(ctx, from, phase); err != nil {
			return err
		}
		if err := r.inspect(ctx, fmt.Sprintf("the API holds phase %d", phase)); err != nil {
			return err
		}
		jump := refusal[phase]
		name := fmt.Sprintf("phase %d after %d", jump, phase)
		if err := r.refused(ctx, set(name, fmt.Sprintf("phase=%d", jump)), "webphases:phase", "up", "--skip-preview"); err != nil {
			return err
		}
	}
	last := []string{"phase=2"}
	lift := Edit{Name: lifted.Name, Set: slices.Concat(last, lifted.Set)}
	if err := r.up(ctx, lift); err != nil {
		return err
	}
	return r.destroy(ctx, lift)
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
		for _, urn := range step(real.done).Lost(from, to) {
			wrong = append(wrong, "a data holder was replaced or deleted: "+string(urn))
		}
		return counts(real.done), wrong, nil
	})
}

// step is what an update did, as package growth judges it.
func step(done Plan) (s growth.Step) {
	for urn, c := range done {
		change := growth.Change{URN: resource.URN(urn)}
		switch {
		case strings.Contains(strings.Join(c.Ops, " "), "replace"):
			s.Replaced = append(s.Replaced, change)
		case slices.Contains(c.Ops, "delete"):
			s.Deleted = append(s.Deleted, change)
		}
	}
	return s
}
