// Command report writes a stack's report: its topology, who can reach whom, what
// it costs, how long it takes, and which controls it meets. The Makefile calls
// it; see docs/report.md.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/crowd"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/page"
	"github.com/webphases/webphases/rehearsal/report/topology"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	c, _ := command()
	err := c.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type options struct {
	dir, stack, export, out string
	set, assume             []string
	capacity                bool
	stdin                   io.Reader
	stdout                  io.Writer
}

// command is the command and the options that its flags set.
func command() (*cobra.Command, *options) {
	o := &options{stdin: os.Stdin, stdout: os.Stdout}
	c := &cobra.Command{
		Use: "report", Short: "Write a stack's report as an HTML page, and a summary here",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := c.Flags()
	flags.StringVar(&o.dir, "dir", ".", "the project's folder")
	flags.StringVarP(&o.stack, "stack", "s", "dev", "the stack to rehearse and report: dev, staging or prod")
	flags.StringArrayVar(&o.set, "set", nil, "override configuration for this call, as key=value; may be repeated")
	flags.StringVar(&o.export, "export", "", "report what `pulumi stack export` wrote to this file instead; - is standard input")
	flags.StringArrayVar(&o.assume, "assume", nil, "assume another use, as key=value; may be repeated")
	flags.BoolVar(&o.capacity, "capacity", false, "say how many visitors the stack stands, and write no page")
	flags.StringVarP(&o.out, "out", "o", "", "the page's file (default .rehearsal/STACK/report.html)")
	c.MarkFlagsMutuallyExclusive("export", "stack")
	c.MarkFlagsMutuallyExclusive("export", "set")
	return c, o
}

func (o *options) run(ctx context.Context) error {
	assumptions, err := cost.Defaults().With(o.assume...)
	if err != nil {
		return err
	}
	g, err := o.graph(ctx)
	if err != nil {
		return err
	}
	if o.capacity {
		stands, err := crowd.New(g, assumptions)
		if err != nil {
			return err
		}
		return stands.WriteText(o.stdout)
	}
	r, err := page.New(ctx, g, assumptions, topology.SVG)
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := r.WriteHTML(&html); err != nil {
		return err
	}
	if o.out == "" {
		o.out = filepath.Join(o.dir, ".rehearsal", filepath.Base(g.Stack), "report.html")
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(o.out, html.Bytes(), 0o644); err != nil {
		return err
	}
	if err := r.WriteText(o.stdout); err != nil {
		return err
	}
	if _, err = fmt.Fprintf(o.stdout, "page      %s\n", o.out); err != nil {
		return err
	}
	if failed := r.ByStatus(controls.Failed); len(failed) > 0 {
		return fmt.Errorf("%w: %d, the first is %s; mend it, or give a reason in rehearsal/report/controls/exceptions.go", errUnexplained, len(failed), failed[0].ID)
	}
	return nil
}

var errUnexplained = errors.New("controls fail for no reason that is known")

func (o *options) graph(ctx context.Context) (*graph.Graph, error) {
	switch o.export {
	case "":
		return o.rehearse(ctx)
	case "-":
		return graph.Read(o.stdin)
	}
	file, err := os.Open(o.export)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	g, err := graph.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.export, err)
	}
	return g, nil
}

var errRehearsal = errors.New("the stack could not be rehearsed")

// rehearse raises the stack anew, in memory: the report shows what the
// configuration says, and the stacks that were rehearsed stay as they are.
func (o *options) rehearse(ctx context.Context) (*graph.Graph, error) {
	state, err := engine.Raise(ctx, cli.Runner{Dir: filepath.Join(o.dir, ".rehearsal", "report"), Stack: o.stack, Set: o.set, Program: stack.Rehearse}, o.dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRehearsal, err)
	}
	export, err := state.Export()
	if err != nil {
		return nil, err
	}
	return graph.Read(bytes.NewReader(export))
}
