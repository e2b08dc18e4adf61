// Command export rehearses stacks of the project and writes each as `pulumi stack
// export` does, for tests of a module that has other versions of Pulumi's packages.
//
// Usage: export FOLDER STACK...
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: export FOLDER STACK...")
		os.Exit(2)
	}
	for _, name := range os.Args[2:] {
		if err := export(os.Args[1], name); err != nil {
			fmt.Fprintf(os.Stderr, "error: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func export(folder, name string) error {
	dir, err := os.MkdirTemp("", "export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, file, _, _ := runtime.Caller(0)
	project := filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
	r := cli.Runner{Dir: dir, Stack: name, Program: stack.Rehearse}
	state, err := engine.Raise(context.Background(), r, project)
	if err != nil {
		return err
	}
	written, err := state.Export()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+".json"), written, 0o644)
}
