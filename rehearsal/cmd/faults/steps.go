package main

import (
	"context"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/cloud"
	"github.com/webphases/webphases/rehearsal/engine"
	"github.com/webphases/webphases/rehearsal/growth"
	"github.com/webphases/webphases/rehearsal/inprocess"
	"github.com/webphases/webphases/rehearsal/interrupt"
)

// stepNames are the steps: each phase brought up new, as the stack that is made
// for it, and one stack that grows and goes back.
var stepNames = []string{"phase 1", "phase 2", "phase 3", "1 to 2", "2 to 3", "3 to 2"}

// way is one update: of which stack, with which overrides, between which phases.
// From phase 0 the stack is new.
type way struct {
	stack    string
	set      []string
	from, to int
}

// ways are the updates that lead to a step; the last is the step itself.
func ways(step int) []way {
	if step < 3 {
		return []way{{[]string{"dev", "staging", "prod"}[step], nil, 0, step + 1}}
	}
	grown := []way{
		{"dev", []string{"phase=1"}, 0, 1}, {"dev", []string{"phase=2"}, 1, 2},
		{"dev", []string{"phase=3"}, 2, 3}, {"dev", []string{"phase=2"}, 3, 2},
	}
	return grown[:step-1]
}

func (w way) rehearsal(dir string) engine.Rehearsal {
	return engine.Rehearsal{Dir: dir, Stack: w.stack, Set: w.set, Program: stack.DeployWithKeys}
}

// prepare runs a step, and the updates that lead to it, undisturbed.
func prepare(ctx context.Context, dir string, n int) (step *interrupt.Step, err error) {
	state := inprocess.State{Cloud: cloud.New()}
	for _, w := range ways(n) {
		stack, err := inprocess.New(ctx, w.rehearsal(dir))
		if err != nil {
			return nil, err
		}
		holder := func(typ string) bool { return growth.Holds(typ, w.from, w.to) }
		if step, err = interrupt.NewStep(ctx, stepNames[n], stack, state, holder); err != nil {
			return nil, err
		}
		state = step.After
	}
	return step, nil
}
