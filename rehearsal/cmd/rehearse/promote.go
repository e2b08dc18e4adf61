package main

import (
	"context"
	"path/filepath"

	"github.com/webphases/webphases/rehearsal/engine"
	"github.com/webphases/webphases/rehearsal/growth"
)

// promote grows a stack from phase 1 to 3. It is a new stack with the settings
// of the named one, so that the rehearsed stacks stay as they are.
func (o *options) promote(ctx context.Context) error {
	cli, err := o.CLIPath()
	if err != nil {
		return err
	}
	g := growth.Growth{Rehearsal: o.Rehearsal, Out: o.Stdout}
	g.CLI, g.Dir = cli, filepath.Join(o.Dir, ".rehearsal", "promote")
	if err := engine.CopyProject(o.Dir, g.Dir); err != nil {
		return err
	}
	if err := g.Reset(); err != nil {
		return err
	}
	return g.Run(ctx)
}
