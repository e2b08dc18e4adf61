// Command faults interrupts every update of the project's stacks at every
// operation, and shows that the next update mends it. `make faults` calls it;
// see docs/rehearsal.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/webphases/webphases/rehearsal/aws/faults"
	"github.com/webphases/webphases/rehearsal/prove/interrupt"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// errDied says that a stack did not survive.
var errDied = errors.New("not all interrupted updates were mended")

type options struct {
	root, only, part string
	filter           []faults.Fault
	scratch          string
}

func main() {
	o := &options{}
	flag.StringVar(&o.root, "dir", ".", "the project's folder")
	flag.StringVar(&o.only, "only", "", "only the cases of this fault, such as after:create:aws:rds/*")
	flag.StringVar(&o.part, "part", "", "run one part of a step's cases and write what comes of it as JSON; the command calls itself so")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := o.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func (o *options) run(ctx context.Context) (err error) {
	if o.only != "" {
		if o.filter, err = faults.Parse([]string{o.only}); err != nil {
			return err
		}
	}
	if o.scratch, err = os.MkdirTemp("", "faults"); err != nil {
		return err
	}
	defer os.RemoveAll(o.scratch)
	if err := cli.CopyProject(o.root, o.scratch); err != nil {
		return err
	}
	if o.part != "" {
		return o.runPart(ctx)
	}
	return o.runAll(ctx)
}

func (o *options) runAll(ctx context.Context) error {
	all := tallies{}
	var prepared []*interrupt.Step
	for n, named := range steps {
		start := time.Now()
		step, err := prepare(ctx, o.scratch, n)
		if err != nil {
			return err
		}
		prepared = append(prepared, step)
		cases := len(o.chosen(step))
		done, err := o.interruptAll(ctx, n, cases)
		if err != nil {
			return err
		}
		for fault, more := range done {
			all.count(fault, more)
		}
		fmt.Printf("%s: %d operations, %d cases … survived %d of %d in %.0f s\n",
			named.name, len(step.Operations), cases, done.sum().Survived, cases, time.Since(start).Seconds())
	}
	sample, agreed, err := o.throughCLI(ctx, prepared)
	if err != nil {
		return err
	}
	sum := all.sum()
	fmt.Printf("%s\nsurvived %d of %d\n", all, sum.Survived, sum.Tried)
	if sum.Survived < sum.Tried || agreed < sample {
		return errDied
	}
	return nil
}

// chosen are the cases of a step that were asked for.
func (o *options) chosen(step *interrupt.Step) (kept []interrupt.Case) {
	for _, c := range step.Cases() {
		if o.filter == nil || o.filter[0].When == c.Fault && o.filter[0].Matches(c.Operation) {
			kept = append(kept, c)
		}
	}
	return kept
}

// most is how many differences of a case are shown: one may cause many others.
const most = 12

func report(failed string, differences []string) {
	if more := len(differences) - most; more > 0 {
		differences = append(differences[:most:most], fmt.Sprintf("and %d more", more))
	}
	fmt.Printf("FAILED %s\n  %s\n", failed, strings.Join(differences, "\n  "))
}
