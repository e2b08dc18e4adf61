// Package e2e runs the project's stacks on the real AWS provider against a real
// implementation of the AWS API on loopback, looks at what the API then holds,
// and compares every plan with the model's. docs/e2e.md describes it.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// pair is one stack twice: on the real provider and on the model.
type pair struct {
	real, model side
}

// side is one of the two. Its commands run one after another.
type side struct {
	cli.Runner
	log *bytes.Buffer
	cfg *config.Config // of the last run of the program
}

// result is what one command did.
type result struct {
	plan Plan // what it meant to do
	done Plan // what it did
	said string
	err  error
}

func newSide(r cli.Runner, dir string) (side, error) {
	s := side{Runner: r, log: &bytes.Buffer{}, cfg: &config.Config{}}
	s.Dir, s.Stdout, s.Stderr = dir, s.log, s.log
	if err := os.RemoveAll(dir); err != nil {
		return s, err
	}
	if err := cli.CopyProject(r.Dir, dir); err != nil {
		return s, err
	}
	return s, nil
}

// program is the project's own, and remembers the configuration that it read.
func (s side) program(mutate func(*pulumi.Context) error) cli.Program {
	return func(ctx *pulumi.Context, keys []string) error {
		ctx = config.WithKeys(ctx, keys)
		if cfg, err := config.Load(ctx); err == nil {
			*s.cfg = cfg
		}
		if mutate != nil {
			if err := mutate(ctx); err != nil {
				return err
			}
		}
		return stack.Deploy(webtier.WithPatience(ctx, webtier.Patience{Pause: time.Second, Tries: 5}))
	}
}

// patience is how long a command may take; the provider may wait for hours.
const patience = 10 * time.Minute

// do gives the CLI a command with the edit's settings on top of the stack's. An
// update is planned first, as a person would do it; that plan is the result's.
func (s side) do(ctx context.Context, e Edit, command string, args ...string) result {
	if command != "up" {
		return s.one(ctx, e, command, args...)
	}
	planned := s.one(ctx, e, "preview")
	if planned.err != nil {
		return planned
	}
	out := s.one(ctx, e, "up", append(args, "--skip-preview")...)
	out.plan = planned.plan
	return out
}

// deploy is the role that deploys a stack; the others have their own names.
const deploy = "deploy"

// roleOf is who gives a command: a workflow of the repository.
func roleOf(command string) string {
	switch command {
	case "preview":
		return githubidentity.Preview
	case "refresh":
		return githubidentity.Drift
	}
	return deploy
}

// one gives the CLI one command as it is.
func (s side) one(ctx context.Context, e Edit, command string, args ...string) result {
	var said bytes.Buffer
	r := s.Runner
	r.Stdout, r.Stderr = &said, &said
	r.Set = slices.Concat(r.Set, e.Set)
	r.Program = s.program(e.mutate)
	if r.Real != nil {
		r.Real = &cli.Real{
			Plugins: r.Real.Plugins,
			Env:     append(slices.Clone(r.Real.Env), "AWS_ACCESS_KEY_ID="+roleOf(command)),
		}
	}
	events := filepath.Join(s.Dir, "events.jsonl")
	_ = os.Remove(events) // of the command before
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := r.Run(ctx, command, append(args, "--event-log", events)...)
	fmt.Fprintf(s.log, "\n== %s %s %v\n%s", command, e.Name, e.Set, said.String())
	out := result{said: said.String(), err: err}
	if err != nil && !errors.Is(err, cli.ErrFailed) {
		return out
	}
	read, into := ReadDone, &out.done
	if command == "preview" {
		read, into = ReadPlan, &out.plan
	}
	found, readErr := read(events)
	*into = found
	if out.err == nil {
		out.err = readErr
	}
	return out
}

// both gives the two sides the same command at the same time.
func (p *pair) both(ctx context.Context, e Edit, command string, args ...string) (model, real result) {
	var wait sync.WaitGroup
	wait.Go(func() { model = p.model.do(ctx, e, command, args...) })
	real = p.real.do(ctx, e, command, args...)
	wait.Wait()
	return model, real
}
