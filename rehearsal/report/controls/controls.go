// Package controls tells which controls of AWS' Foundational Security Best Practices,
// and of its Resource Tagging Standard, a stack meets, from its resource graph.
//
// Only controls that a plan decides are here: not those of a whole account, nor
// those of what happens later, such as a rotation that fails.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
package controls

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Status is the outcome of a control.
type Status string

// The outcomes.
const (
	Passed        Status = "passed"
	Failed        Status = "failed"
	Excepted      Status = "excepted"       // failed on purpose, for a reason
	NotApplicable Status = "not applicable" // the stack holds nothing that it is about
	Undecided     Status = "undecided"      // a plan does not know yet what it asks for
)

// Result is what became of one control.
type Result struct {
	ID, Title string // AWS' own, such as EC2.8
	Page      string // AWS' page
	Status    Status
	Checked   int // how many resources it is about
	Undecided int // how many of them a plan does not know enough of
	Failures  []Failure
	// Reason is why it is excepted, and Lift what meets it all the same.
	Reason, Lift string
}

// Failure is a resource that does not meet the control.
type Failure struct {
	URN, Type, Name, Why string
}

// control checks every resource of its types; check returns why one fails, or "".
type control struct {
	id, title string
	types     []string
	check     func(g *graph.Graph, r *graph.Resource) string
}

// Evaluate runs all controls on the stack, in the order of AWS' list.
func Evaluate(g *graph.Graph) []Result {
	var results []Result
	for _, list := range [][]control{acm, autoscaling, cloudFront, ec2, efs, elb, iam, kms, rds, s3, secretsManager, sns, ssm, tags} {
		for _, c := range list {
			results = append(results, c.evaluate(g))
		}
	}
	return results
}

func (c control) evaluate(g *graph.Graph) Result {
	result := Result{ID: c.id, Title: c.title, Page: page(c.id), Status: NotApplicable}
	for _, token := range c.types {
		for _, r := range g.OfType(token) {
			result.Checked++
			var why string
			decided := g.Decided(func() { why = c.check(g, r) })
			switch {
			case why != "" && !decided: // what is unknown may meet it
				result.Undecided++
			case why != "":
				result.Failures = append(result.Failures, Failure{URN: r.URN, Type: r.Type, Name: r.Name, Why: why})
			}
		}
	}
	switch {
	case len(result.Failures) > 0:
		result.Status = Failed
	case result.Undecided > 0:
		result.Status = Undecided
	case result.Checked > 0:
		result.Status = Passed
	}
	result.except(g)
	return result
}

// page is where AWS describes a control: EC2.8 is at ec2-controls.html#ec2-8.
func page(id string) string {
	service, number, _ := strings.Cut(strings.ToLower(id), ".")
	return fmt.Sprintf("https://docs.aws.amazon.com/securityhub/latest/userguide/%[1]s-controls.html#%[1]s-%[2]s", service, number)
}

// Count is how many results have the status.
func Count(results []Result, status Status) int {
	n := 0
	for _, r := range results {
		if r.Status == status {
			n++
		}
	}
	return n
}

// must is a check that fails with why unless a property has the value.
func must(path, value, why string) func(*graph.Graph, *graph.Resource) string {
	return func(_ *graph.Graph, r *graph.Resource) string {
		if r.Str(path) == value {
			return ""
		}
		return why
	}
}

// mustNot is a check that fails with why if a property has the value.
func mustNot(path, value, why string) func(*graph.Graph, *graph.Resource) string {
	return func(_ *graph.Graph, r *graph.Resource) string {
		if r.Str(path) == value {
			return why
		}
		return ""
	}
}

// statement is one of a policy document.
type statement struct {
	Effect           string
	Action, Resource any
	Principal        any
	Condition        map[string]map[string]any
}

// statements reads a policy; one that cannot be read has none.
func statements(policy string) []statement {
	var document struct{ Statement []statement }
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return nil
	}
	return document.Statement
}

// begins tells whether one of a policy's values, one text or a list, begins so; a
// wildcard may stand for the rest.
func begins(value any, prefix string) bool {
	service, _, _ := strings.Cut(prefix, ":")
	return slices.ContainsFunc(texts(value), func(text string) bool {
		return text == "*" || text == service+":*" || strings.HasPrefix(text, prefix)
	})
}

// holds says whether a policy's value, one text or a list, holds the text.
func holds(value any, text string) bool {
	return slices.Contains(texts(value), text)
}

// texts are a policy's value, which is one text or a list of them.
func texts(value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var all []string
	for _, one := range list {
		if text, ok := one.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
