// Command rehearse runs the project's stacks on the real pulumi CLI without an
// AWS account. The Makefile calls it; see docs/rehearsal.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, cli.ErrFailed) && !errors.Is(err, errSaid) { // the CLI, or the report, has said why itself
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(1)
}

type options struct {
	cli.Runner
	diff, yes, json bool
	faults          []string
}

func command() *cobra.Command {
	o := &options{}
	o.Stdin, o.Stdout, o.Stderr = os.Stdin, os.Stdout, os.Stderr
	o.Program = stack.Rehearse
	root := &cobra.Command{
		Use:           "rehearse",
		Short:         "Run the project's stacks on the real Pulumi engine and a modelled AWS",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&o.Dir, "dir", ".", "the project's folder")
	flags.StringVarP(&o.Stack, "stack", "s", "dev", "the stack: dev, staging or prod")
	flags.StringArrayVar(&o.Set, "set", nil, "override configuration for this call, as key=value; may be repeated")
	flags.BoolVar(&o.diff, "diff", false, "show every changed property")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask for confirmation")
	outputs := sub("outputs", "Show the stack's outputs", o.outputs)
	outputs.Flags().BoolVar(&o.json, "json", false, "as JSON")
	root.AddCommand(
		o.withFaults(sub("up", "Create or update the stack", o.up)),
		sub("preview", "Show what up would change", func(ctx context.Context) error { return o.run(ctx, "preview") }),
		o.withFaults(sub("refresh", "Bring the state in line with the modelled cloud", o.refresh)),
		o.tamperCommand(), o.driftCommand(),
		o.withFaults(sub("destroy", "Delete everything in the stack", o.destroy)),
		sub("promote", "Grow a new stack from phase 1 to 3 and show what each step does", o.promote),
		outputs,
		reportCommand(),
		sub("reset", "Forget the stack: its state and its modelled cloud", func(context.Context) error { return o.Reset() }),
		sub("cli", "Make sure that there is a pulumi CLI, building it if need be", func(context.Context) error {
			_, err := o.CLIPath()
			return err
		}),
	)
	return root
}

func sub(name, short string, run func(context.Context) error) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return run(cmd.Context())
	}}
}

// run gives the CLI the command. It plans first, so that a refusal comes before
// anything has changed; without --yes it then asks at a terminal.
func (o *options) run(ctx context.Context, command string, args ...string) error {
	if o.diff {
		args = append(args, "--diff")
	}
	if o.yes && command != "preview" {
		args = append(args, "--yes")
	}
	return o.Run(ctx, command, args...)
}

func (o *options) outputs(ctx context.Context) error {
	args := []string{"stack", "output"}
	if o.json {
		args = append(args, "--json")
	}
	return o.Query(ctx, args...)
}

// destroy deletes the stack, and afterwards says what is left in the cloud or
// how to lift the protection that stood in the way.
func (o *options) destroy(ctx context.Context) error {
	if err := o.runWithFaults(ctx, "destroy", "--remove"); err != nil {
		if errors.Is(err, cli.ErrFailed) {
			fmt.Fprintf(o.Stderr, "If a resource is protected: lift the protection with `make up STACK=%[1]s SET=\"protect=false database.finalSnapshot=false\"`, then `make destroy STACK=%[1]s SET=\"protect=false\"`.\n", o.Stack)
		}
		return err
	}
	left, err := o.Remains()
	if err != nil {
		return err
	}
	return report(o.Stdout, left)
}
