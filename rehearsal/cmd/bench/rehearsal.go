package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// times is what the steps of one stack took, in seconds.
type times struct {
	up, again, preview, destroy float64
	resources                   int
}

// rehearse takes a new stack through its life.
func rehearse(ctx context.Context, r cli.Runner) (t times, err error) {
	var said bytes.Buffer
	r.Stdout, r.Stderr = &said, &said
	step := func(seconds *float64, command string, args ...string) {
		if err != nil {
			return
		}
		said.Reset()
		start := time.Now()
		err = r.Run(ctx, command, args...)
		*seconds = time.Since(start).Seconds()
		if err != nil {
			err = fmt.Errorf("%s of %s: %w\n%s", command, r.Stack, err, said.String())
		}
	}
	step(&t.up, "up", "--yes")
	if left, readErr := r.Remains(); readErr == nil {
		t.resources = len(left)
	}
	step(&t.again, "up", "--yes")
	step(&t.preview, "preview")
	r.Set = append(r.Set, "protect=false", "database.finalSnapshot=false")
	lift := new(float64)
	if r.Stack != scaled {
		step(lift, "up", "--yes")
	}
	step(&t.destroy, "destroy", "--yes")
	return t, err
}

const head = "| %s | resources | up s | up again s | preview s | destroy s | up ms per resource |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"

func (t times) row(name string) {
	fmt.Printf("| %s | %d | %.1f | %.1f | %.1f | %.1f | %.0f |\n", name, t.resources, t.up, t.again, t.preview, t.destroy, 1000*t.up/float64(max(1, t.resources)))
}

// benchPhases rehearses the project's stacks in a folder of their own.
func benchPhases(ctx context.Context, root, scratch, pulumi string) error {
	if err := cli.CopyProject(root, scratch); err != nil {
		return err
	}
	fmt.Printf("\n"+head, "rehearsal of")
	for i, name := range []string{"dev", "staging", "prod"} {
		t, err := rehearse(ctx, cli.Runner{Dir: scratch, Stack: name, Program: stack.Rehearse, CLI: pulumi})
		if err != nil {
			return err
		}
		t.row(fmt.Sprintf("phase %d (%s)", i+1, name))
	}
	return nil
}

// scaled is the stack of the synthetic programs.
const scaled = "scaled"

// benchScale rehearses stacks of resources that depend on nothing.
func benchScale(ctx context.Context, scratch, pulumi string, sizes []int) error {
	fmt.Printf("\n"+head, "rehearsal of many")
	for _, n := range sizes {
		dir := filepath.Join(scratch, fmt.Sprint(n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		for name, text := range map[string]string{
			"Pulumi.yaml": "name: bench\nruntime: go\n", "Pulumi." + scaled + ".yaml": "config:\n  aws:region: ap-northeast-1\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return err
			}
		}
		t, err := rehearse(ctx, cli.Runner{Dir: dir, Stack: scaled, Program: parameters(n), CLI: pulumi})
		if err != nil {
			return err
		}
		t.row("parameters")
	}
	return nil
}

func parameters(n int) cli.Program {
	return func(ctx *pulumi.Context, _ []string) error {
		for i := range n {
			if _, err := ssm.NewParameter(ctx, fmt.Sprintf("p%04d", i), &ssm.ParameterArgs{
				Type: pulumi.String("String"), InsecureValue: pulumi.String("v"),
			}); err != nil {
				return err
			}
		}
		return nil
	}
}
