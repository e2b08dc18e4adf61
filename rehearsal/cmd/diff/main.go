// Command diff compares a stack of the working tree with the same stack of an
// earlier revision, without an AWS account, and writes what changes as a comment
// on a pull request. `make diff` calls it; see docs/pull-requests.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/report/diff"
)

// errRefused says that the change must not be merged; the comment says why.
var errRefused = errors.New("the change is refused")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errRefused) {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(1)
}

func command() *cobra.Command {
	var c diff.Comparison
	var out string
	var allow []string
	cmd := &cobra.Command{
		Use:           "diff",
		Short:         "Compare a stack with an earlier revision's",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := cmd.Flags()
	flags.StringVar(&c.Dir, "dir", ".", "the project's folder")
	flags.StringVarP(&c.Stack, "stack", "s", "dev", "the stack: dev, staging or prod")
	flags.StringVarP(&c.Base, "base", "b", "", "the revision to compare with: a commit, tag or branch")
	flags.StringVarP(&out, "out", "o", "", "the comment's file (default .rehearsal/diff/STACK.md)")
	flags.StringSliceVar(&allow, "allow", nil, "data-loss: let the change replace or delete what holds data")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if c.Base == "" {
			return errors.New("BASE is missing: make diff BASE=origin/main STACK=prod")
		}
		for _, what := range allow {
			if what != "data-loss" {
				return fmt.Errorf("ALLOW=%s: only data-loss can be allowed", what)
			}
		}
		c.AllowLoss = slices.Contains(allow, "data-loss")
		c.Program = stack.Rehearse
		if out == "" {
			out = filepath.Join(c.Dir, ".rehearsal", "diff", c.Stack+".md")
		}
		return run(cmd.Context(), c, out)
	}
	return cmd
}

func run(ctx context.Context, c diff.Comparison, out string) error {
	result, err := c.Run(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out, []byte(result.Comment()), 0o644); err != nil {
		return err
	}
	p := result.Plan
	fmt.Printf("%s: %s\n", c.Stack, result.Headline())
	if result.BaseError == "" && !p.Empty() {
		fmt.Printf("  %d created, %d updated, %d replaced, %d deleted, %d unchanged\n",
			len(p.Created), len(p.Updated), len(p.Replaced), len(p.Deleted), p.Unchanged)
		full := out[:len(out)-len(filepath.Ext(out))] + ".diff"
		if err := os.WriteFile(full, []byte(result.Full()), 0o644); err != nil {
			return err
		}
		fmt.Printf("  full diff: %s\n", full)
	}
	fmt.Printf("  comment: %s\n", out)
	if !result.OK() {
		for _, why := range []string{result.BaseError, result.Refusal} {
			if why != "" {
				fmt.Fprintln(os.Stderr, why)
			}
		}
		return errRefused
	}
	return nil
}
