// Command prove builds a rehearsed stack on this machine's own Linux: its network of
// namespaces, its servers of real Debian. The Makefile calls it; see docs/prove.md.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/prove/site"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // who reads no further must not keep the lab from being taken down
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type options struct {
	dir, stack, cache string
	set               []string
	grow              bool
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
	flags.StringVar(&o.cache, "cache", cmp.Or(os.Getenv("WEBPHASES_TEST_CACHE"), "/var/cache/webphases-test"), "keeps installations for the next time")
	flags.StringVarP(&o.stack, "stack", "s", "dev", "the stack: dev, staging or prod")
	flags.BoolVar(&o.grow, "grow", false, "grow a stack with this one's settings from phase 1 to 3 instead")
	flags.StringArrayVar(&o.set, "set", nil, "override configuration for this call, as key=value; may be repeated")
	return c
}

func (o *options) run(ctx context.Context) error {
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return err
	}
	if missing := site.Missing(ctx, o.cache); missing != "" {
		fmt.Println("SKIPPED: make prove; it needs", missing)
		return nil
	}
	made, err := site.New(os.Stdout, o.dir, o.cache)
	if err != nil {
		return err
	}
	defer made.Close()
	if o.grow {
		return o.growth(ctx, made)
	}
	state, err := engine.Raise(ctx, o.runner(o.set), o.dir)
	if err != nil {
		return err
	}
	made.Step("%s: its network", o.stack)
	if err := made.Network(ctx, state); err != nil {
		return err
	}
	probes, err := made.Lab.Packets(ctx)
	if err != nil {
		return err
	}
	if err := netlab.WritePackets(os.Stdout, made.Plan.Model, probes); err != nil {
		return err
	}
	if err := made.Raise(ctx, state); err != nil {
		return err
	}
	picture, err := made.Serves(ctx, filepath.Join(o.dir, ".rehearsal", o.stack, "site.png"))
	if err != nil {
		return err
	}
	if err := made.Edge(ctx); err != nil {
		return err
	}
	return made.Failures(ctx, picture)
}

func (o *options) runner(set []string) cli.Runner {
	return cli.Runner{Dir: filepath.Join(o.dir, ".rehearsal", "prove"), Stack: o.stack, Set: set, Program: stack.Rehearse}
}

// growth updates one stack three times, and takes a site through all of its states.
func (o *options) growth(ctx context.Context, made *site.Site) error {
	states := []engine.State{{Cloud: cloud.New()}}
	for phase := 1; phase <= 3; phase++ {
		r := o.runner(append(slices.Clone(o.set), fmt.Sprintf("phase=%d", phase)))
		next, err := engine.Next(ctx, r, o.dir, states[phase-1])
		if err != nil {
			return err
		}
		states = append(states, next)
	}
	return made.Grow(ctx, states[1], states[2], states[3])
}
