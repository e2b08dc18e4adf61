// Package refusals_test takes stacks through the steps that AWS refuses if they are
// taken in the wrong way. It runs the program on the engine and the modelled AWS,
// which refuses what AWS refuses.
package refusals_test

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// site is one stack that is updated with ever other settings.
type site struct {
	engine.State
	dir, name string
	intercept model.Interceptor
}

// newSite returns a stack, with the settings of the project's stack of that name,
// that does not exist yet.
func newSite(t *testing.T, name string) *site {
	t.Helper()
	s := &site{State: engine.State{Cloud: cloud.New()}, dir: t.TempDir(), name: name}
	require.NoError(t, cli.CopyProject("../../..", s.dir))
	return s
}

// try updates the stack with the overrides; what a failed update leaves behind is the
// next one's beginning, as it is with the CLI.
func (s *site) try(t *testing.T, set ...string) error {
	t.Helper()
	updated, err := engine.New(t.Context(), cli.Runner{Dir: s.dir, Stack: s.name, Set: set, Program: stack.Rehearse})
	require.NoError(t, err)
	next, err := updated.Up(t.Context(), s.State, s.intercept)
	if next.Deployment != nil {
		s.State = next
	}
	return err
}

func (s *site) up(t *testing.T, set ...string) {
	t.Helper()
	require.NoError(t, s.try(t, set...))
}

// record is what a resource of the stack is in the cloud.
func (s *site) record(t *testing.T, typ, name string) *cloud.Record {
	t.Helper()
	found := s.records(typ, name)
	require.Len(t, found, 1, "%s %s", typ, name)
	return found[0]
}

func (s *site) records(typ, name string) []*cloud.Record {
	return slices.DeleteFunc(s.Cloud.OfType(typ), func(r *cloud.Record) bool {
		return r.URN == "" || resource.URN(r.URN).Name() != name
	})
}

// alter changes a record behind Pulumi's back, as AWS and people do.
func (s *site) alter(t *testing.T, r *cloud.Record, inputs, outputs map[string]any) {
	t.Helper()
	changed := &cloud.Record{Type: r.Type, ID: r.ID, URN: r.URN, Inputs: r.Inputs.Copy(), Outputs: r.Outputs.Copy()}
	for name, v := range inputs {
		changed.Inputs[resource.PropertyKey(name)] = resource.NewPropertyValue(v)
	}
	for name, v := range outputs {
		changed.Outputs[resource.PropertyKey(name)] = resource.NewPropertyValue(v)
	}
	require.NoError(t, s.Cloud.Put(changed))
}

// named are the settings of a site with a name, and more.
func named(more ...string) []string {
	return append([]string{"domain.name=www.example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ"}, more...)
}
