package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/rehearsal/aws/faults"
)

// withFaults gives a command the flag --fault.
func (o *options) withFaults(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringArrayVar(&o.faults, "fault", nil,
		"make one operation fail, as <before|after|timeout>:<create|update|delete|read>:<type or name>, * for any characters; may be repeated")
	return cmd
}

// runWithFaults gives the CLI the command and makes operations fail as asked.
// Faults that matched nothing are named at the end.
func (o *options) runWithFaults(ctx context.Context, command string, args ...string) error {
	asked, err := faults.Parse(o.faults)
	if err != nil {
		return err
	}
	injector := faults.New(asked)
	o.Intercept = injector.Intercept
	err = o.run(ctx, command, args...)
	for _, text := range injector.Unused() {
		fmt.Fprintf(o.Stderr, "The fault %s matched no operation: nothing failed because of it. Operations are listed by `make preview`.\n", text)
	}
	return err
}
