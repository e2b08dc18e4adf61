//go:build e2e

// Command verify says, item by item, whether AWS holds what a stack promises. It
// changes nothing. `make verify` calls it; see docs/verify.md.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"github.com/webphases/webphases/rehearsal/prove/e2e/inspect"
	"github.com/webphases/webphases/rehearsal/prove/verify"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

var (
	errState       = errors.New("the stack's state cannot be read")
	errCredentials = errors.New("there are no AWS credentials")
	errRegion      = errors.New("the state names no region")
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
	var dir, stack, export string
	c := &cobra.Command{
		Use: "verify", Short: "Say whether AWS holds what a stack promises",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g, err := read(cmd.Context(), dir, stack, export)
			if err != nil {
				return err
			}
			return check(cmd.Context(), g)
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "the project's folder")
	c.Flags().StringVarP(&stack, "stack", "s", "", "the stack whose state the pulumi CLI reads")
	c.Flags().StringVar(&export, "export", "", "read what `pulumi stack export` wrote to this file instead")
	c.MarkFlagsOneRequired("stack", "export")
	c.MarkFlagsMutuallyExclusive("stack", "export")
	return c
}

// read reads the state. Secrets in it may be encrypted: none is needed.
func read(ctx context.Context, dir, stack, export string) (*graph.Graph, error) {
	state, err := os.ReadFile(export)
	if export == "" {
		state, err = ask(ctx, dir, stack)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errState, err)
	}
	g, err := graph.Read(bytes.NewReader(state))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errState, err)
	}
	return g, nil
}

func ask(ctx context.Context, dir, stack string) ([]byte, error) {
	var said bytes.Buffer
	c := exec.CommandContext(ctx, "pulumi", "stack", "export", "--stack", stack)
	c.Dir, c.Stderr = dir, &said
	state, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("pulumi stack export --stack %s: %w: %s (install the CLI and log in, or give a file with EXPORT=)",
			stack, err, strings.TrimSpace(said.String()))
	}
	return state, nil
}

// check asks the region that the state names, with the credentials and the
// endpoint (AWS_ENDPOINT_URL) that AWS's own tools would take.
func check(ctx context.Context, g *graph.Graph) error {
	if g.Region == "" {
		return fmt.Errorf("%w: set aws:region and run `pulumi up`", errRegion)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(g.Region))
	if err != nil {
		return fmt.Errorf("%w: %w", errCredentials, err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("%w: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: %w", errCredentials, err)
	}
	report, err := verify.Check{Graph: g, AWS: inspect.New(cfg), Site: verify.Visitor()}.Run(ctx)
	if err != nil {
		return err
	}
	if err := report.Write(os.Stdout); err != nil {
		return err
	}
	return report.Err()
}
