// Package cli runs a Pulumi program on the real `pulumi` CLI without an AWS
// account: the program runs in this process, as an inline program of Pulumi's
// Automation API does, and the providers are the models of the package model.
//
// Everything lives under .rehearsal/ in the project: the CLI if it had to be
// built, and for each stack Pulumi's state and the modelled cloud. The project's
// own files are only read.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
)

// Program is what a stack runs. The keys are all configuration keys that the
// stack sets or the project gives a default, so that the program can refuse
// those that it does not know.
type Program func(ctx *pulumi.Context, keys []string) error

// Runner runs one stack of a project.
type Runner struct {
	// Dir is the project's folder, which holds Pulumi.yaml.
	Dir string
	// Stack is the stack's name.
	Stack string
	// Set overrides configuration for this call, each "key=value".
	Set []string
	// Program is run to learn what the stack should hold.
	Program Program
	// Binary is a built program that is run instead, as a process of its own; "": Program.
	Binary string
	// Real runs real provider plugins instead of the models; nil: the models.
	Real *Real
	// Intercept may make operations on the cloud fail; it may be nil. What is
	// under way when the CLI has ended takes effect then.
	Intercept model.Interceptor
	// CLI is the pulumi command to run; empty means: find or build one.
	CLI string
	// Stdout and Stderr take what the CLI says. If they are this process's own,
	// the CLI writes to the terminal itself and shows its progress there.
	Stdout, Stderr io.Writer
	// Stdin lets the CLI ask for confirmation and, at a terminal, show a moving
	// display; nil means that it can do neither.
	Stdin io.Reader
}

// ErrFailed is returned when the CLI has failed and has said why.
var ErrFailed = errors.New("the pulumi command failed")

func (r *Runner) stateDir() string { return filepath.Join(r.Dir, ".rehearsal", r.Stack) }

// CloudFile is where the modelled cloud of the stack is kept.
func (r *Runner) CloudFile() string { return filepath.Join(r.stateDir(), "cloud.jsonl") }

// Run gives the CLI a command, such as "up", with further arguments. Commands
// that need neither program nor providers are given with Query.
func (r *Runner) Run(ctx context.Context, command string, args ...string) error {
	return r.locked(func(s *session) error {
		var providers map[string]*model.Provider
		settle := func() error { return nil }
		if r.Real == nil {
			c, err := cloud.Open(r.CloudFile())
			if err != nil {
				return err
			}
			defer c.Close()
			providers, settle = model.New(c, r.Intercept), c.Settle
		}
		serve, err := serveAll(&language{ctx: ctx, program: r.Program, binary: r.Binary}, providers)
		if err != nil {
			return err
		}
		defer serve.Stop()
		if err := s.ensureStack(ctx); err != nil {
			return err
		}
		if r.Real == nil {
			s.env = append(s.env, serve.attach())
		}
		all := append([]string{command, "--stack", r.Stack, "--client", serve.Program, "--exec-kind", "auto.inline"}, args...)
		err = s.pulumi(ctx, all...)
		return errors.Join(err, settle())
	})
}

// Settings writes the project's and the stack's file, with the overrides, where
// the CLI would work on them, and returns that folder.
func (r *Runner) Settings() (folder string, err error) {
	if r.Dir, err = filepath.Abs(r.Dir); err != nil {
		return "", err
	}
	s := &session{Runner: r}
	_, err = s.copyProject()
	return s.workDir(), err
}

// Query gives the CLI a command that only reads or edits the state.
func (r *Runner) Query(ctx context.Context, args ...string) error {
	return r.locked(func(s *session) error {
		if !s.stackExists() {
			return fmt.Errorf("stack %s has not been rehearsed yet: run `make up STACK=%s`", r.Stack, r.Stack)
		}
		return s.pulumi(ctx, append(args, "--stack", r.Stack)...)
	})
}

// Edit changes the modelled cloud behind Pulumi's back.
func (r *Runner) Edit(do func(*cloud.Cloud) error) error {
	unlock, err := Lock(r.stateDir())
	if err != nil {
		return err
	}
	defer unlock()
	c, err := cloud.Open(r.CloudFile())
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close())
}

// Reset forgets the stack: its state and its cloud.
func (r *Runner) Reset() error {
	unlock, err := Lock(r.stateDir())
	if err != nil {
		return err
	}
	defer unlock()
	// The lock's own file stays: removing it would let a second process in.
	for _, name := range []string{"state", "work", "cloud.jsonl", "salt"} {
		if err := os.RemoveAll(filepath.Join(r.stateDir(), name)); err != nil {
			return err
		}
	}
	return nil
}

// Remains lists what the modelled cloud of the stack holds.
func (r *Runner) Remains() ([]*cloud.Record, error) {
	c, err := cloud.Open(r.CloudFile())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.All(), nil
}

func (r *Runner) locked(do func(*session) error) error {
	dir, err := filepath.Abs(r.Dir)
	if err != nil {
		return err
	}
	r.Dir = dir
	unlock, err := Lock(r.stateDir())
	if err != nil {
		return err
	}
	defer unlock()
	s, err := r.newSession()
	if err != nil {
		return err
	}
	defer s.keepSalt()
	return do(s)
}
