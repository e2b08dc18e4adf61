//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/verify"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// lacks are what this API server cannot know; docs/e2e.md lists them.
var lacks = []verify.Lack{
	{Kind: "site", Why: "no server boots behind the API server"},
	{Kind: "Auto Scaling group", What: "refresh under way", Why: "the API server knows no instance refreshes"},
	{Kind: "target group", What: "healthy targets", Why: "the API server calls every target healthy"},
	{Kind: "target group", What: "unhealthy targets", Why: "the API server calls every target healthy"},
}

// verify compares the API with the stack's state, as make verify does with AWS.
func (r *run) verify(ctx context.Context) error {
	return r.try(ctx, "verified as on AWS", func() (string, []string, error) {
		g, err := r.state(ctx)
		if err != nil {
			return "", nil, err
		}
		report, err := r.compare(ctx, g)
		if err != nil {
			return "", nil, err
		}
		var wrong []string
		for _, i := range report.Different() {
			wrong = append(wrong, fmt.Sprintf("%s: %s is %q, want %q", i.Subject, i.What, i.Seen, i.Want))
		}
		held, compared, unseen := report.Count()
		return fmt.Sprintf("verified %d of %d, %d not to be had here", held, compared, unseen), wrong, nil
	})
}

// state reads the state of the real side.
func (r *run) state(ctx context.Context) (*graph.Graph, error) {
	var state bytes.Buffer
	quiet := r.real.Runner
	quiet.Stdout = &state
	if err := quiet.Query(ctx, "stack", "export"); err != nil {
		return nil, err
	}
	return graph.Read(&state)
}

// compare asks the API for what the state promises.
func (r *run) compare(ctx context.Context, g *graph.Graph) (*verify.Report, error) {
	return verify.Check{Graph: g, AWS: r.api, Lacks: lacks}.Run(ctx)
}

// opened opens a port behind the stack's back: that and what it lets through have
// to be found. The rule is closed again.
func (r *run) opened(ctx context.Context) error {
	return r.try(ctx, "a rule made behind its back is found", func() (string, []string, error) {
		g, err := r.state(ctx)
		if err != nil {
			return "", nil, err
		}
		server := g.OfType(catalog.EC2Instance)
		if len(server) == 0 {
			server = g.OfType(catalog.EC2LaunchTemplate)
		}
		group := server[0].Texts("vpcSecurityGroupIds")[0]
		if err := r.api.Open(ctx, group); err != nil {
			return "", nil, err
		}
		report, err := r.compare(ctx, g)
		if err != nil {
			return "", nil, err
		}
		var found []string
		for _, i := range report.Different() {
			found = append(found, i.Subject+": "+i.What+" "+i.Seen)
		}
		var wrong []string
		if !strings.Contains(strings.Join(found, "\n"), "no other rule in tcp 22 0.0.0.0/0") {
			wrong = append(wrong, fmt.Sprintf("it was not found; found: %q", found))
		}
		return strings.Join(found, "; "), wrong, r.api.Close(ctx, group)
	})
}
