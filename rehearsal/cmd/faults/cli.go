package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/pulumi/pulumi/pkg/v3/secrets/b64"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/prove/interrupt"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// throughCLI runs cases of each step through the pulumi command, previews included,
// and compares with the undisturbed update in this process: so the two agree on all
// that is compared. It returns how many were tried and how many survived.
func (o *options) throughCLI(ctx context.Context, prepared []*interrupt.Step) (tried, survived int, err error) {
	start := time.Now()
	pulumi, err := (&cli.Runner{Dir: o.root, Stderr: os.Stderr}).CLIPath()
	if err != nil {
		return 0, 0, err
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	seen := map[model.Fault]bool{}
	for n, step := range prepared {
		for _, c := range sample(n, o.chosen(step), seen) {
			tried++
			wait.Go(func() {
				free <- struct{}{}
				defer func() { <-free }()
				differences := o.caseThroughCLI(ctx, pulumi, steps[n].ways, c)
				mu.Lock()
				defer mu.Unlock()
				if len(differences) == 0 {
					survived++
					return
				}
				report(c.String()+", through the CLI", differences)
			})
		}
	}
	wait.Wait()
	fmt.Printf("through the CLI: %d cases … survived %d of %d in %.0f s\n", tried, survived, tried, time.Since(start).Seconds())
	return tried, survived, ctx.Err()
}

// sample takes cases of a step from different parts of the list: one of an operation, of
// another kind than in the step before, and the first of each fault of servers, which the
// engine does not see.
func sample(step int, cases []interrupt.Case, seen map[model.Fault]bool) (chosen []interrupt.Case) {
	of := map[model.Fault][]interrupt.Case{}
	for _, c := range cases {
		of[c.Fault] = append(of[c.Fault], c)
	}
	var ofOperations []interrupt.Case
	for n, kind := range model.Faults {
		if same := of[kind]; len(same) > 0 && !seen[kind] {
			c := same[(2*n+1)*len(same)/(2*len(model.Faults))]
			if seen[kind] = kind.OfServers(); seen[kind] {
				chosen = append(chosen, c)
			} else {
				ofOperations = append(ofOperations, c)
			}
		}
	}
	if len(ofOperations) > 0 {
		chosen = append(chosen, ofOperations[step%len(ofOperations)])
	}
	return chosen
}

// caseThroughCLI brings a stack to where the case begins, in a folder of its own,
// and runs the case there.
func (o *options) caseThroughCLI(ctx context.Context, pulumi string, ways []way, c interrupt.Case) []string {
	dir, err := os.MkdirTemp(o.scratch, "cli")
	if err != nil {
		return []string{err.Error()}
	}
	defer os.RemoveAll(dir)
	if err := cli.CopyProject(o.root, dir); err != nil {
		return []string{err.Error()}
	}
	for _, w := range ways[:len(ways)-1] {
		if _, err := (command{w.rehearsal(dir), pulumi}).Up(ctx, engine.State{}, nil); err != nil {
			return []string{err.Error()}
		}
	}
	return c.RunWith(ctx, command{ways[len(ways)-1].rehearsal(dir), pulumi})
}

// command updates a stack through the pulumi command. The state lies in the
// rehearsal's folder, so what it is given is not looked at.
type command struct {
	cli.Runner
	pulumi string
}

// Up plans and updates, and reads the state and the cloud that it leaves behind.
func (c command) Up(ctx context.Context, _ engine.State, intercept model.Interceptor) (next engine.State, err error) {
	var said bytes.Buffer
	c.CLI, c.Intercept, c.Stdout, c.Stderr = c.pulumi, intercept, &said, &said
	failed := c.Run(ctx, "up", "--yes")
	if failed != nil && !errors.Is(failed, cli.ErrFailed) {
		return next, failed
	}
	var exported bytes.Buffer
	c.Stdout = &exported
	if err := c.Query(ctx, "stack", "export", "--show-secrets"); err != nil {
		return next, fmt.Errorf("%w\n%s", err, exported.String())
	}
	var file struct{ Deployment *apitype.DeploymentV3 }
	if err := json.Unmarshal(exported.Bytes(), &file); err != nil {
		return next, err
	}
	next.Deployment = file.Deployment
	next.Deployment.SecretsProviders = &apitype.SecretsProvidersV1{Type: b64.Type} // its secrets are plain
	if next.Cloud, err = cloud.Open(filepath.Clean(c.CloudFile())); err != nil {
		return next, err
	}
	if err := next.Cloud.Close(); err != nil {
		return next, err
	}
	if failed != nil {
		return next, fmt.Errorf("%w\n%s", engine.ErrFailed, said.String())
	}
	return next, nil
}
