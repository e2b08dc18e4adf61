//go:build e2e

// Command e2e runs the project's stacks on the real AWS provider against a real
// implementation of the AWS API on loopback. `make e2e` calls it; see docs/e2e.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/rehearsal/prove/e2e"
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

func command() *cobra.Command {
	s := &e2e.Suite{Out: os.Stdout}
	s.Stderr = os.Stderr
	c := &cobra.Command{
		Use:           "e2e",
		Short:         "Run the stacks on the real AWS provider against a real AWS API server on loopback",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if s.Server, err = e2e.FindServer(); err != nil {
				return err
			}
			if s.CLI, err = s.CLIPath(); err != nil {
				return err
			}
			if s.Plugins, err = s.FindPlugins(cmd.Context()); err != nil {
				return err
			}
			return s.Run(cmd.Context())
		},
	}
	c.Flags().StringVar(&s.Dir, "dir", ".", "the project's folder")
	c.Flags().StringSliceVar(&s.Only, "only", nil, "only these runs: dev, staging, prod, grow, fails")
	return c
}
