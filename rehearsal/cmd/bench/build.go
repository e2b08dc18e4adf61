package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// usage is what one command took, with the commands that it started.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // MiB, of the largest process
}

// measure runs a command and fails with its output.
func measure(cmd *exec.Cmd) (usage, error) {
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		return usage{}, fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	u := usage{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peak = r.Maxrss / 1024
	}
	return u, nil
}

// benchBuild builds the program as the Makefile does.
func benchBuild(root, scratch string, cold bool) error {
	build := func(extra ...string) (usage, error) {
		cmd := exec.Command("go", "build", "-toolexec", filepath.Join(root, "rehearsal", "toolexec.sh"), "-o", filepath.Join(scratch, "program"), ".")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), extra...)
		return measure(cmd)
	}
	if _, err := build(); err != nil { // fill the cache
		return err
	}
	warm, err := build()
	if err != nil {
		return err
	}
	fmt.Printf("\n| build of the program | wall s | processor s | peak MiB | to warm |\n| --- | ---: | ---: | ---: | ---: |\n")
	row := func(name string, u usage) {
		fmt.Printf("| %s | %.1f | %.1f | %d | %.1f |\n", name, u.wall.Seconds(), u.cpu.Seconds(), u.peak, u.wall.Seconds()/warm.wall.Seconds())
	}
	if cold {
		defer os.RemoveAll(filepath.Join(scratch, "cache"))
		u, err := build("GOCACHE=" + filepath.Join(scratch, "cache"))
		if err != nil {
			return err
		}
		row("empty cache", u)
	}
	row("full cache", warm)
	return nil
}
