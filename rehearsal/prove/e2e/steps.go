//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/e2e/inspect"
)

// up raises both sides; their plans must agree and the real one must succeed.
func (r *run) up(ctx context.Context, e Edit) error {
	return r.try(ctx, "up: "+e.Name, func() (string, []string, error) {
		model, real := r.both(ctx, e, "up", "--yes")
		if err := errors.Join(failed("the model", model), failed("the real provider", real)); err != nil {
			return "", nil, err
		}
		return counts(real.done), r.agree("up: "+e.Name, model, real), nil
	})
}

// failed is the error of a command with what the CLI said.
func failed(who string, r result) error {
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w\n%s", who, r.err, r.said)
}

// again brings up what stands already: nothing may change.
func (r *run) again(ctx context.Context, e Edit, what string) error {
	return r.try(ctx, what, func() (string, []string, error) {
		model, real := r.both(ctx, e, "up", "--yes")
		if err := errors.Join(failed("the model", model), failed("the real provider", real)); err != nil {
			return "", nil, err
		}
		return "", append(changed(real.done), r.agree(what, model, real)...), nil
	})
}

// refresh reads everything again: nothing may have changed.
func (r *run) refresh(ctx context.Context, e Edit) error {
	return r.try(ctx, "refresh: unchanged", func() (string, []string, error) {
		real := r.real.do(ctx, e, "refresh", "--yes")
		for urn, c := range real.done {
			if typeOf(urn) == catalog.SSMParameter && len(c.Props) == 0 {
				delete(real.done, urn) // what servers have written since, which the program does not set
			}
		}
		return "", changed(real.done), failed("the real provider", real)
	})
}

// changed lists what a command changed that should have changed nothing.
func changed(p Plan) []string {
	var wrong []string
	for _, urn := range slices.Sorted(maps.Keys(p)) {
		wrong = append(wrong, fmt.Sprintf("%s %s: %s", typeOf(urn), urn[strings.LastIndex(urn, "::")+2:], p[urn]))
	}
	return wrong
}

func counts(p Plan) string {
	n := map[string]int{}
	for _, c := range p {
		for _, op := range c.Ops {
			n[op]++
		}
	}
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%d %s", n[op], op))
	}
	return strings.Join(parts, ", ")
}

// tagged looks whether what the API holds since the run began has the stack's tags.
func (r *run) tagged(ctx context.Context) error {
	return r.try(ctx, "everything has the stack's tags", func() (string, []string, error) {
		now, err := r.api.Census(ctx)
		if err != nil {
			return "", nil, err
		}
		things := slices.DeleteFunc(now.Since(r.before), func(t inspect.Thing) bool { return t.Tags == nil })
		wrong := inspect.Untagged(things, map[string]string{
			"Project":   "webphases",
			"Stack":     r.real.Stack,
			"Phase":     strconv.Itoa(r.real.cfg.Phase),
			"Component": "", // any
		})
		if len(things) == 0 {
			wrong = append(wrong, "the API holds nothing of the stack")
		}
		return fmt.Sprintf("%d resources", len(things)), wrong, nil
	})
}

// previews plans each edit on both sides.
func (r *run) previews(ctx context.Context, list []Edit) error {
	return r.try(ctx, fmt.Sprintf("%d edits planned as by the model", len(list)), func() (string, []string, error) {
		var wrong []string
		for _, e := range list {
			if err := ctx.Err(); err != nil {
				return "", wrong, err
			}
			model, real := r.both(ctx, e, "preview")
			if len(real.plan) == 0 {
				wrong = append(wrong, e.Name+": the edit plans nothing, so it compares nothing\n"+real.said)
			}
			wrong = append(wrong, r.agree(e.Name, model, real)...)
		}
		return "", wrong, nil
	})
}

// refused tries a command that must be refused before anything has changed: not
// one call that writes may reach the API.
func (r *run) refused(ctx context.Context, e Edit, because, command string, args ...string) error {
	return r.try(ctx, "refused: "+e.Name, func() (string, []string, error) {
		before := r.server.gateway.Writes()
		real := r.real.one(ctx, e, command, append(args, "--yes")...)
		var wrong []string
		if real.err == nil {
			wrong = append(wrong, "it was not refused")
		} else if !strings.Contains(real.said, because) {
			wrong = append(wrong, fmt.Sprintf("it failed for another reason than %q:\n%s", because, real.said))
		}
		if n := r.server.gateway.Writes() - before; n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d calls that write reached the API", n))
		}
		return "", wrong, nil
	})
}

// destroy deletes everything, after which the API holds what it held before.
func (r *run) destroy(ctx context.Context, e Edit) error {
	err := r.try(ctx, "destroy", func() (string, []string, error) {
		real := r.real.do(ctx, e, "destroy", "--yes")
		return counts(real.done), nil, failed("the real provider", real)
	})
	if err != nil {
		return err
	}
	return r.try(ctx, "nothing of ours is left", func() (string, []string, error) {
		after, err := r.api.Census(ctx)
		if err != nil {
			return "", nil, err
		}
		var wrong []string
		for _, t := range after.Since(r.before) {
			wrong = append(wrong, fmt.Sprintf("the API still holds %s %s %v", t.Kind, t.ID, t.Tags))
		}
		return "", wrong, nil
	})
}
