package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
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

// result is what comes of one part.
type result struct {
	Tried    int
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
	var r result
	for n, c := range o.chosen(prepared) {
		if n%parts != part || ctx.Err() != nil {
			continue
		}
		r.Tried++
		if differences := c.Run(ctx); len(differences) > 0 {
			r.Failures = append(r.Failures, failure{c.String(), differences})
		}
	}
	return errors.Join(ctx.Err(), json.NewEncoder(os.Stdout).Encode(r))
}

// interruptAll runs the cases of a step in processes of their own, as many at a
// time as there are processors, and returns how many survived.
func (o *options) interruptAll(ctx context.Context, step, cases int) (survived int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
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
		return 0, err
	}
	tried := 0
	for _, r := range results {
		tried += r.Tried
		survived += r.Tried - len(r.Failures)
		for _, f := range r.Failures {
			report(f.Case, f.Differences)
		}
	}
	if tried != cases {
		return 0, fmt.Errorf("%d cases were run instead of %d: the undisturbed update is not the same every time", tried, cases)
	}
	return survived, nil
}
