package growth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// ErrLost says that a step would have lost data, or was not refused.
var ErrLost = errors.New("the stack did not grow safely")

// Growth takes one stack through phases 1, 2 and 3, puts CloudFront before it and takes it
// away, goes back to 2, and to 3 with CloudFront.
type Growth struct {
	cli.Runner
	Out io.Writer
}

// row is a line of the closing table.
type row struct {
	name string
	step events.Step
	lost int
}

// place is a phase, behind CloudFront or not.
type place struct {
	phase int
	edge  bool
}

func (p place) String() string {
	switch {
	case p.phase == 0:
		return "new"
	case p.edge:
		return fmt.Sprintf("%d behind CloudFront", p.phase)
	}
	return strconv.Itoa(p.phase)
}

// path is where the stack goes.
var path = []place{{phase: 1}, {phase: 2}, {phase: 3}, {phase: 3, edge: true}, {phase: 3}, {phase: 2}, {phase: 3, edge: true}}

// unprotected lets AWS delete the load balancer, before it does.
const unprotected = "loadBalancer.deletionProtection=false"

// refusals is which phase must be refused after which.
var refusals = map[int]int{1: 3, 2: 1, 3: 1}

// Run grows the stack, which must be new, and tries after each step the one that
// would lose data. It fails with ErrLost if a data holder was replaced or
// deleted, or a refusal did not come or came too late.
func (g *Growth) Run(ctx context.Context) error {
	var table []row
	lost, from := 0, place{}
	for _, to := range path {
		if from.phase == 3 { // the load balancer may go then
			if _, err := g.update(ctx, from, unprotected); err != nil {
				return err
			}
		}
		step, err := g.update(ctx, to)
		if err != nil {
			return err
		}
		gone := Lost(step, from.phase, to.phase)
		g.show(from, to, step)
		for _, urn := range gone {
			fmt.Fprintf(g.Out, "  LOST %s\n", urn)
		}
		lost += len(gone)
		table = append(table, row{fmt.Sprintf("%s to %s", from, to), step, len(gone)})
		if err := g.refused(ctx, to, refusals[to.phase]); err != nil {
			return err
		}
		from = to
	}
	g.table(table)
	if lost > 0 {
		return fmt.Errorf("%w: %d data holders replaced or deleted", ErrLost, lost)
	}
	return nil
}

// at is the rehearsal of the stack in a place; what the CLI says goes to said.
func (g *Growth) at(p place, said *bytes.Buffer, set ...string) cli.Runner {
	r := g.Runner
	r.Set = slices.Concat(g.Set, []string{fmt.Sprintf("phase=%d", p.phase), fmt.Sprintf("edge.enabled=%t", p.edge)}, set)
	r.Stdout, r.Stderr = said, said
	return r
}

// update brings the stack into the place.
func (g *Growth) update(ctx context.Context, to place, set ...string) (events.Step, error) {
	var said bytes.Buffer
	r := g.at(to, &said, set...)
	log := filepath.Join(g.Dir, ".rehearsal", g.Stack, "events.jsonl")
	if err := os.MkdirAll(filepath.Dir(log), 0o755); err != nil {
		return events.Step{}, err
	}
	defer os.Remove(log)
	if err := r.Run(ctx, "up", "--yes", "--event-log", log); err != nil {
		return events.Step{}, fmt.Errorf("growing to %s: %v\n%s", to, err, said.String()) //nolint:errorlint // what the CLI said is in the text
	}
	file, err := os.Open(log)
	if err != nil {
		return events.Step{}, err
	}
	defer file.Close()
	return events.ReadStep(file)
}

// refused tries a phase that must be refused with nothing changed.
func (g *Growth) refused(ctx context.Context, now place, phase int) error {
	before, err := g.cloud()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	r := g.at(place{phase, now.edge}, &said)
	if err := r.Run(ctx, "up", "--yes"); err == nil {
		return fmt.Errorf("%w: phase %d after %s was not refused", ErrLost, phase, now)
	}
	after, err := g.cloud()
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("%w: phase %d after %s was refused, but the cloud has changed", ErrLost, phase, now)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, ":phase = ") {
			fmt.Fprintf(g.Out, "  refused, with nothing changed: %s\n", strings.TrimPrefix(strings.TrimSpace(line), "- "))
			return nil
		}
	}
	return fmt.Errorf("%w: phase %d after %s failed for another reason:\n%s", ErrLost, phase, now, said.String())
}

// cloud is the modelled cloud as text.
func (g *Growth) cloud() (string, error) {
	records, err := g.Remains()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, r := range records {
		fmt.Fprintf(&text, "%s %s %s %v\n", r.Type, r.ID, r.URN, r.Outputs)
	}
	return text.String(), nil
}
