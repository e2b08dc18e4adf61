package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/prove/drift"
)

// errForeign says that a stack's security groups hold rules that nobody owns.
var errForeign = errors.New("there are rules that no resource owns")

func (o *options) tamperCommand() *cobra.Command {
	var help strings.Builder
	help.WriteString("Change the modelled cloud behind Pulumi's back, as somebody could change AWS. CHANGE is one of\n\n")
	for _, c := range drift.Changes {
		fmt.Fprintf(&help, "  %-20s %s\n", c.Name, c.What)
	}
	help.WriteString("\nThen `rehearse refresh` reads the change, `rehearse preview` plans the repair, and `rehearse up` makes it.")
	return &cobra.Command{
		Use: "tamper CHANGE", Short: "Change the modelled cloud behind Pulumi's back", Long: help.String(),
		Args: cobra.ExactArgs(1), ValidArgs: drift.Names(),
		RunE: func(_ *cobra.Command, args []string) error { return o.tamper(args[0]) },
	}
}

func (o *options) tamper(change string) error {
	return o.Edit(func(c *cloud.Cloud) error {
		commands, err := drift.Tamper(c, change)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.Stdout, "Changed the modelled cloud of %s, as on AWS this would:\n", o.Stack)
		for _, command := range commands {
			fmt.Fprintf(o.Stdout, "  %s\n", command)
		}
		return nil
	})
}

func (o *options) driftCommand() *cobra.Command {
	var export string
	cmd := sub("drift", "List the security group rules that no resource owns, after a refresh", func(ctx context.Context) error {
		return o.drift(ctx, export)
	})
	cmd.Flags().StringVar(&export, "export", "", "read a real stack's state, written by `pulumi stack export --file`")
	return cmd
}

// drift fails with errForeign if the stack's groups hold rules that nobody owns,
// so that a nightly check can rely on it.
func (o *options) drift(ctx context.Context, export string) error {
	state, err := o.state(ctx, export)
	if err != nil {
		return err
	}
	found, err := drift.FindForeign(state)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(o.Stdout, "Every rule in the stack's security groups is owned by a resource.")
		return nil
	}
	showForeign(o.Stdout, found)
	return errForeign
}

func (o *options) state(ctx context.Context, export string) ([]byte, error) {
	if export != "" {
		return os.ReadFile(export)
	}
	var state bytes.Buffer
	quiet := o.Runner
	quiet.Stdout = &state
	err := quiet.Query(ctx, "stack", "export")
	return state.Bytes(), err
}

func showForeign(w io.Writer, found []drift.Foreign) {
	for _, f := range found {
		fmt.Fprintf(w, "A rule that no resource owns, so that `up` leaves it: %s. Remove it:\n  %s\n", f, f.Revoke())
	}
}

// refresh brings the state in line with the cloud, and names what Pulumi itself
// does not show.
func (o *options) refresh(ctx context.Context) error {
	if err := o.runWithFaults(ctx, "refresh"); err != nil {
		return err
	}
	state, err := o.state(ctx, "")
	if err != nil {
		return err
	}
	found, err := drift.FindForeign(state)
	showForeign(o.Stdout, found)
	return err
}
