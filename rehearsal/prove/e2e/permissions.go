//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/rehearsal/prove/e2e/calls"
	"github.com/webphases/webphases/rehearsal/prove/e2e/standin"
	"github.com/webphases/webphases/rehearsal/prove/iam"
)

const (
	project = "webphases"
	account = "123456789012"
)

// record returns a recorder that knows what each role may do with a stack.
func record(stack string) (*calls.Recorder, error) {
	args := githubidentity.Args{
		Project:       project,
		Environments:  []string{stack},
		AccountID:     account,
		HostedZoneIDs: []string{"Z0123456789ABCDEFGHIJ"},
	}
	roles := map[string]iam.Role{}
	for role, name := range map[string]string{deploy: stack, githubidentity.Preview: githubidentity.Preview, githubidentity.Drift: githubidentity.Drift} {
		text, err := json.Marshal(map[string]any{"Statement": githubidentity.Statements(args, name, pulumi.String(calls.Boundary))})
		if err != nil {
			return nil, err
		}
		document, err := iam.Parse(string(text))
		if err != nil {
			return nil, err
		}
		roles[role] = iam.Role{Policies: []iam.Document{document}}
	}
	return calls.New(account, region, roles), nil
}

// watcher tells the recorder of the provider's calls.
type watcher struct{ *calls.Recorder }

func (w watcher) Asked(c *standin.Call) { w.Ask(c.Key, callOf(c)) }

func (w watcher) Answered(c *standin.Call, status int, body []byte) {
	if status < http.StatusMultipleChoices {
		w.Made(callOf(c), body)
	}
}

func callOf(c *standin.Call) calls.Call {
	return calls.Call{Service: c.Service, Action: c.Action, Query: c.Words, Form: c.Form, Body: c.Body}
}

// permissions prints who has called what how often, and fails with what would have been
// denied.
func (s *Suite) permissions() (wrong []string) {
	made, refused := map[string]map[string]int{}, map[string]int{}
	for _, recorder := range s.recorders {
		one, denied := recorder.Calls()
		for role, actions := range one {
			if made[role] == nil {
				made[role] = map[string]int{}
			}
			for action, n := range actions {
				made[role][action] += n
			}
		}
		for what, n := range denied {
			refused[what] += n
		}
	}
	total, denied := 0, 0
	fmt.Fprintf(s.Out, "\n%-8s %8s %8s\n", "role", "actions", "calls")
	for _, role := range slices.Sorted(maps.Keys(made)) {
		n := 0
		for _, times := range made[role] {
			n += times
		}
		total += n
		fmt.Fprintf(s.Out, "%-8s %8d %8d\n", role, len(made[role]), n)
	}
	for _, what := range slices.Sorted(maps.Keys(refused)) {
		denied += refused[what]
		wrong = append(wrong, fmt.Sprintf("%d x %s", refused[what], what))
	}
	fmt.Fprintf(s.Out, "allowed %d of %d calls\n", total-denied, total)
	if len(s.Only) > 0 {
		return wrong
	}
	reasoned := 0
	for role, patterns := range s.recorders[0].Grants() {
		for _, pattern := range patterns {
			switch {
			case calls.Met(pattern, made[role]):
			case calls.Reasons[pattern] != "":
				reasoned++
			default:
				wrong = append(wrong, fmt.Sprintf("%s: %s is granted and no run calls it: take it away, or give a reason in rehearsal/prove/e2e/calls/reasons.go", role, pattern))
			}
		}
	}
	fmt.Fprintf(s.Out, "granted for a reason and not called: %d\n", reasoned)
	return wrong
}
