//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/webphases/webphases/rehearsal/prove/e2e/calls"
	"github.com/webphases/webphases/rehearsal/prove/e2e/inspect"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// ErrFailed says that a check failed; the report says which and why.
var ErrFailed = errors.New("the end-to-end run failed")

// errCheck is a check that found something wrong; errStep is a step that could
// not be done, so that nothing can be built on it.
var (
	errCheck = errors.New("the check failed")
	errStep  = errors.New("the step failed")
)

// Suite runs all stacks, side by side.
type Suite struct {
	cli.Runner
	// Server is the path of moto_server, Plugins the folders of the plugins.
	Server  string
	Plugins []string
	// Only are the names of the runs to do; empty: all.
	Only []string
	Out  io.Writer

	mu      sync.Mutex
	rows    []*row
	allowed *Allowances
	agreed  int
	plans   int
	used    map[string]int64
	start   time.Time

	recorders []*calls.Recorder
}

// row is one line of the closing table: a run and its checks.
type row struct {
	name   string
	checks []check
}

type check struct {
	name  string
	took  time.Duration
	note  string
	wrong []string
}

// run is one stack with a server of its own.
type run struct {
	*Suite
	*row
	pair
	server *server
	calls  *calls.Recorder
	api    *inspect.API
	before inspect.Census
}

const (
	region = "ap-northeast-1"
	// accessKey and secret are taken by the server like any others; the key tells who asks.
	accessKey, secret = "inspector", "test"
)

// begin starts a server and prepares both sides of a stack.
func (s *Suite) begin(ctx context.Context, name, stack string) (*run, error) {
	dir := filepath.Join(s.Dir, ".rehearsal", "e2e", name)
	srv, err := startServer(ctx, s.Server, dir, region)
	if err != nil {
		return nil, err
	}
	r := &run{Suite: s, row: &row{name: name}, server: srv}
	if r.calls, err = record(stack); err != nil {
		return r, err
	}
	srv.gateway.Watcher = watcher{r.calls}
	s.mu.Lock()
	s.rows = append(s.rows, r.row)
	s.recorders = append(s.recorders, r.calls)
	s.mu.Unlock()
	base := s.Runner
	base.Stack = stack
	base.Set = []string{
		"roles.path=/" + project + "/" + stack + "/", "roles.permissionsBoundary=" + calls.Boundary,
		"edge.accessLogs=false", // a provider that is built from the modules of the Go proxy has no log deliveries
	}
	if r.model, err = newSide(base, filepath.Join(dir, "model")); err != nil {
		return r, err
	}
	base.Real = &cli.Real{Plugins: s.Plugins, Env: []string{
		"AWS_ENDPOINT_URL=" + srv.front.URL, "AWS_SECRET_ACCESS_KEY=" + secret,
		"AWS_EC2_METADATA_DISABLED=true",
	}}
	// What the server does not know it fails with 500, and again at each try.
	base.Set = append(slices.Clone(base.Set),
		"aws:skipCredentialsValidation=true", "aws:skipMetadataApiCheck=true", "aws:s3UsePathStyle=true", "aws:maxRetries=2")
	if r.real, err = newSide(base, filepath.Join(dir, "real")); err != nil {
		return r, err
	}
	r.api = inspect.New(aws.Config{
		Region: region, BaseEndpoint: aws.String(srv.front.URL), Credentials: credentials.NewStaticCredentialsProvider(accessKey, secret, ""),
	})
	r.before, err = r.api.Census(ctx)
	return r, err
}

// end stops the server and keeps what was said.
func (r *run) end() error {
	r.server.stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.server.gateway.Failures() {
		fmt.Fprintf(r.Out, "%s: the API server failed: %s\n", r.name, line)
	}
	for name, n := range r.server.gateway.Uses() {
		r.used[name] += n
	}
	var errs []error
	for file, text := range map[string][]byte{"real.log": r.real.log.Bytes(), "model.log": r.model.log.Bytes(), "server.log": r.server.said.Bytes()} {
		errs = append(errs, os.WriteFile(filepath.Join(r.Dir, ".rehearsal", "e2e", r.name, file), text, 0o644))
	}
	return errors.Join(errs...)
}

// try does one check and takes down what it found. It fails with errCheck if
// something is wrong, and with errStep if the step itself failed.
func (r *run) try(ctx context.Context, name string, do func() (note string, wrong []string, err error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	start, verdictErr := time.Now(), errCheck
	note, wrong, err := do()
	if err != nil {
		wrong, verdictErr = append(wrong, err.Error()), errStep
	}
	c := check{name: name, took: time.Since(start), note: note, wrong: wrong}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, c)
	verdict := "ok"
	if len(wrong) > 0 {
		verdict = "FAILED"
	}
	fmt.Fprintf(r.Out, "%7s  %-8s %-44s %6.1f s  %s %s\n", time.Since(r.start).Round(time.Second), r.name, name, c.took.Seconds(), verdict, note)
	for _, w := range wrong {
		fmt.Fprintln(r.Out, indent(w))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s, %s: %w:\n%s", r.name, name, verdictErr, indent(ending(wrong)))
	}
	return nil
}

// ending is the end of what was found wrong: the last line a reader sees should say why.
func ending(wrong []string) string {
	const most = 12
	lines := strings.Split(strings.TrimSpace(strings.Join(wrong, "\n")), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

func indent(text string) string {
	return "           " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n           ")
}

// agree compares the two plans of a step and counts it.
func (r *run) agree(what string, model, real result) []string {
	all := Compare(model.plan, real.plan)
	faults := r.allowed.Faults(all)
	var wrong []string
	for _, d := range faults {
		wrong = append(wrong, what+": "+d.String())
	}
	if (model.err == nil) != (real.err == nil) {
		wrong = append(wrong, fmt.Sprintf("%s: one side was refused\nmodel: %v\n%s\nreal: %v\n%s", what, model.err, model.said, real.err, real.said))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plans++
	if len(wrong) == 0 {
		r.agreed++
	}
	return wrong
}
