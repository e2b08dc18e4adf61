// Command prove builds a rehearsed stack on this machine's own Linux: its network of
// namespaces, its servers of real Debian. The Makefile calls it; see docs/prove.md.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type options struct {
	dir, stack string
	set        []string
}

func command() *cobra.Command {
	o := &options{}
	c := &cobra.Command{
		Use: "prove", Short: "Build a stack on this machine and try it",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := c.Flags()
	flags.StringVar(&o.dir, "dir", ".", "the project's folder")
	flags.StringVarP(&o.stack, "stack", "s", "dev", "the stack: dev, staging or prod")
	flags.StringArrayVar(&o.set, "set", nil, "override configuration for this call, as key=value; may be repeated")
	return c
}

func (o *options) run(ctx context.Context) error {
	state, err := engine.Raise(ctx, cli.Runner{Dir: filepath.Join(o.dir, ".rehearsal", "prove"), Stack: o.stack, Set: o.set, Program: stack.Rehearse}, o.dir)
	if err != nil {
		return err
	}
	export, err := state.Export()
	if err != nil {
		return err
	}
	g, err := graph.Read(bytes.NewReader(export))
	if err != nil {
		return err
	}
	model, err := reach.New(g)
	if err != nil {
		return err
	}
	plan, err := netlab.NewPlan(g, model, nil)
	if err != nil {
		return err
	}
	lab := netlab.New()
	defer lab.Close(context.WithoutCancel(ctx))
	if err := lab.Raise(ctx, plan); err != nil {
		return err
	}
	probes, err := lab.Packets(ctx)
	if err != nil {
		return err
	}
	return netlab.WritePackets(os.Stdout, model, probes)
}
