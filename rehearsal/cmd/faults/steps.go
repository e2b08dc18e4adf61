package main

import (
	"context"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/prove/interrupt"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// way is one update: of which stack, with which overrides, between which phases.
// From phase 0 the stack is new.
type way struct {
	stack    string
	set      []string
	from, to int
}

// named is an update with those that lead to it; the last way is the update itself.
type named struct {
	name string
	ways []way
}

// steps are each phase brought up new, as the stack that is made for it; one stack
// that grows and goes back; and a group that gets another image, and another
// secret.
var steps = []named{
	{"phase 1", []way{{"dev", nil, 0, 1}}},
	{"phase 2", []way{{"staging", nil, 0, 2}}},
	{"phase 3", []way{{"prod", nil, 0, 3}}},
	{"1 to 2", grown[:2]},
	{"2 to 3", grown[:3]},
	{"3 to 2", grown},
	{"edge on", []way{direct, {"prod", nil, 3, 3}}},
	{"edge off", []way{{"prod", []string{unprotected}, 0, 3}, {"prod", []string{"edge.enabled=false"}, 3, 3}}},
	{"image", []way{{"prod", nil, 0, 3}, {"prod", []string{"web.imageGeneration=2"}, 3, 3}}},
	{"secret", []way{{"prod", nil, 0, 3}, {"prod", []string{"credentials.rotation=1"}, 3, 3}}},
}

const unprotected = "loadBalancer.deletionProtection=false"

// direct is prod without CloudFront, with a balancer that may go.
var direct = way{"prod", []string{"edge.enabled=false", unprotected}, 0, 3}

var grown = []way{
	{"dev", []string{"phase=1"}, 0, 1},
	{"dev", []string{"phase=2"}, 1, 2},
	{"dev", []string{"phase=3"}, 2, 3},
	{"dev", []string{"phase=3", unprotected}, 3, 3},
	{"dev", []string{"phase=2"}, 3, 2},
}

func (w way) rehearsal(dir string) cli.Runner {
	return cli.Runner{Dir: dir, Stack: w.stack, Set: w.set, Program: stack.Rehearse}
}

// prepare runs a step, and the updates that lead to it, undisturbed.
func prepare(ctx context.Context, dir string, n int) (step *interrupt.Step, err error) {
	state := engine.State{Cloud: cloud.New()}
	for _, w := range steps[n].ways {
		stack, err := engine.New(ctx, w.rehearsal(dir))
		if err != nil {
			return nil, err
		}
		holder := func(typ string) bool { return growth.Holds(typ, w.from, w.to) }
		if step, err = interrupt.NewStep(ctx, steps[n].name, stack, state, holder); err != nil {
			return nil, err
		}
		state = step.After
	}
	return step, nil
}
