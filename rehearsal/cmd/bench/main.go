// Command bench measures what users wait for, in one run: building the program
// with a cold and a warm cache, the rehearsal of each phase, and how the
// rehearsal grows with the number of resources. It prints Markdown tables.
//
// Times differ between machines; the ratios inside one table are what to
// compare between two versions of the project.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/webphases/webphases/rehearsal/run/cli"
)

func main() {
	dir := flag.String("dir", ".", "the project's folder")
	quick := flag.Bool("quick", false, "leave out what takes minutes: the build with an empty cache, and 1,000 resources")
	flag.Parse()
	if err := run(context.Background(), *dir, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, quick bool) error {
	root, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "webphases-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fmt.Printf("%d processors, %s, %s/%s\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err := benchBuild(root, scratch, !quick); err != nil {
		return err
	}
	pulumi, err := (&cli.Runner{Dir: root, Stack: "bench", Stdout: io.Discard, Stderr: os.Stderr}).CLIPath()
	if err != nil {
		return err
	}
	if err := benchPhases(ctx, root, scratch, pulumi); err != nil {
		return err
	}
	sizes := []int{10, 100, 1000}
	if quick {
		sizes = sizes[:2]
	}
	return benchScale(ctx, scratch, pulumi, sizes)
}
