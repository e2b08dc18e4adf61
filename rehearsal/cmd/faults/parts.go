package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/webphases/webphases/rehearsal/aws/model"
)

// partSize is how many cases one process takes. An update that fails leaves
// goroutines behind in Pulumi's engine, which is made to end with its process;
// so the cases are shared out to processes that end.
const partSize = 50

// failure is a case that the stack did not survive.
type failure struct {
	Case        string
	Differences []string
}

// tally counts cases.
type tally struct{ Tried, Survived int }

// tallies count cases by how they fail.
type tallies map[model.Fault]tally

func (t tallies) count(fault model.Fault, more tally) {
	t[fault] = tally{t[fault].Tried + more.Tried, t[fault].Survived + more.Survived}
}

func (t tallies) sum() (all tally) {
	for _, one := range t {
		all = tally{all.Tried + one.Tried, all.Survived + one.Survived}
	}
	return all
}

// String lists the kinds, each with what survived of what was tried.
func (t tallies) String() string {
	var parts []string
	for _, fault := range model.Faults {
		parts = append(parts, fmt.Sprintf("%s %d of %d", fault, t[fault].Survived, t[fault].Tried))
	}
	return strings.Join(parts, ", ")
}

// result is what comes of one part.
type result struct {
	Tallies  tallies
	Failures []failure
}

// runPart runs one part: "step/part/parts", all counted from 0.
func (o *options) runPart(ctx context.Context) error {
	var step, part, parts int
	if _, err := fmt.Sscanf(o.part, "%d/%d/%d", &step, &part, &parts); err != nil || step >= len(steps) || parts < 1 {
		return fmt.Errorf("part = %q: not a part; write step/part/parts", o.part)
	}
	prepared, err := prepare(ctx, o.scratch, step)
	if err != nil {
		return err
	}
	r := result{Tallies: tallies{}}
	for n, c := range o.chosen(prepared) {
		if n%parts != part || ctx.Err() != nil {
			continue
		}
		one := tally{Tried: 1, Survived: 1}
		if differences := c.Run(ctx); len(differences) > 0 {
			one.Survived = 0
			r.Failures = append(r.Failures, failure{c.String(), differences})
		}
		r.Tallies.count(c.Fault, one)
	}
	return errors.Join(ctx.Err(), json.NewEncoder(os.Stdout).Encode(r))
}

// interruptAll runs the cases of a step in processes of their own, as many at a
// time as there are processors, and counts them.
func (o *options) interruptAll(ctx context.Context, step, cases int) (tallies, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	parts := (cases + partSize - 1) / partSize
	results, errs := make([]result, parts), make([]error, parts)
	var wait sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for part := range parts {
		wait.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			child := exec.CommandContext(ctx, self, "-dir", o.root, "-only", o.only, "-part", fmt.Sprintf("%d/%d/%d", step, part, parts))
			child.Stderr = os.Stderr
			child.Env = append(os.Environ(), "GOGC=400") // a case leaves much garbage and little else: a quarter faster
			said, err := child.Output()
			if err == nil {
				err = json.Unmarshal(said, &results[part])
			}
			errs[part] = err
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all := tallies{}
	for _, r := range results {
		for fault, more := range r.Tallies {
			all.count(fault, more)
		}
		for _, f := range r.Failures {
			report(f.Case, f.Differences)
		}
	}
	if tried := all.sum().Tried; tried != cases {
		return nil, fmt.Errorf("%d cases were run instead of %d: the undisturbed update is not the same every time", tried, cases)
	}
	return all, nil
}
