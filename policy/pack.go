package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const packName = "webphases"

var version = semver.MustParse("1.0.0")

// pack is one policy for each control of the report, in the same order.
func pack(*pulumi.Context) (policyx.PolicyPack, error) {
	run := &evaluation{}
	var policies []policyx.Policy
	// A stack of nothing fails no control, and so names them all.
	for _, c := range controls.Evaluate(&graph.Graph{}) {
		policies = append(policies, policyx.NewStackValidationPolicy(policyName(c.ID), policyx.StackValidationPolicyArgs{
			Description:      fmt.Sprintf("%s: %s (%s)", c.ID, c.Title, c.Page),
			EnforcementLevel: policyx.EnforcementLevelMandatory,
			ValidateStack: func(_ context.Context, args policyx.StackValidationArgs) error {
				report(run.of(args.Resources)[c.ID], args.Manager)
				return nil
			},
		}))
	}
	return policyx.NewPolicyPack(packName, version, policyx.EnforcementLevelMandatory, policies)
}

// policyName is a control's in the form that Pulumi allows: ec2-8 for EC2.8.
func policyName(id string) string { return strings.ReplaceAll(strings.ToLower(id), ".", "-") }

// report tells the engine of a control's failures.
//
// A control with an exception is not reported at all. Pulumi's enforcement level belongs
// to a policy and not to a finding, so the finding would stop the stack that has the
// reason for it. The report of `make report` lists it with that reason.
//
// Nor is what a plan does not know yet: an unknown value may meet the control, and is
// judged at the end of the update, when it is known.
func report(result controls.Result, to policyx.PolicyManager) {
	if result.Status != controls.Failed {
		return
	}
	for _, f := range result.Failures {
		to.ReportViolation(f.Why, f.URN)
	}
}

// evaluation is that of the last stack that was given. The engine's one call gives all
// policies the same resources, and the first of them evaluates all controls.
type evaluation struct {
	mu      sync.Mutex
	given   []policyx.AnalyzerResource
	results map[string]controls.Result
}

func (e *evaluation) of(resources []policyx.AnalyzerResource) map[string]controls.Result {
	if len(resources) == 0 {
		return nil // a stack that is destroyed
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	// What is kept here is not freed, so another call's resources lie elsewhere.
	if len(e.given) != len(resources) || &e.given[0] != &resources[0] {
		e.given, e.results = resources, map[string]controls.Result{}
		for _, r := range controls.Evaluate(planned(resources)) {
			e.results[r.ID] = r
		}
	}
	return e.results
}
