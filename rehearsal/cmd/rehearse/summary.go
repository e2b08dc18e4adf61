package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/page"
)

// up creates or updates the stack, and then says what it costs, how long AWS
// would take, which controls it meets and who can reach whom.
func (o *options) up(ctx context.Context) error {
	if err := o.runWithFaults(ctx, "up"); err != nil {
		return err
	}
	state, err := o.state(ctx, "")
	if err != nil {
		return err
	}
	g, err := graph.Read(bytes.NewReader(state))
	if err != nil {
		return err
	}
	summary, err := page.New(ctx, g, cost.Defaults(), nil)
	if err != nil {
		return err
	}
	if err := summary.WriteText(o.Stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "picture   make report STACK=%s\n", o.Stack)
	return err
}
