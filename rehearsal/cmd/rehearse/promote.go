package main

import (
	"context"
	"path/filepath"

	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// promote grows a stack from phase 1 to 3. It is a new stack with the settings
// of the named one, so that the rehearsed stacks stay as they are.
func (o *options) promote(ctx context.Context) error {
	pulumi, err := o.CLIPath()
	if err != nil {
		return err
	}
	g := growth.Growth{Runner: o.Runner, Out: o.Stdout}
	g.CLI, g.Dir = pulumi, filepath.Join(o.Dir, ".rehearsal", "promote")
	if err := cli.CopyProject(o.Dir, g.Dir); err != nil {
		return err
	}
	if err := g.Reset(); err != nil {
		return err
	}
	return g.Run(ctx)
}
