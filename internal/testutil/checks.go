package testutil

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/facts"
)

// CheckAll asserts what must hold of every run: inputs that the provider knows,
// names that do not clash, parents, and no secret in plain sight.
func (r *Run) CheckAll(t *testing.T) {
	t.Helper()
	r.CheckInputs(t)
	r.CheckNames(t)
	r.CheckParents(t)
	r.CheckOutputs(t)
	r.CheckSecrets(t)
}

// CheckOutputs asserts that every component has registered its outputs: until then the
// engine takes it for unfinished.
//
// Source: https://www.pulumi.com/docs/iac/concepts/components/#registering-component-outputs
func (r *Run) CheckOutputs(t *testing.T) {
	t.Helper()
	components := 0
	for _, one := range r.all {
		if !one.Custom {
			components++
		}
	}
	assert.Equal(t, components+1, r.outputs, "components, and the stack, that register outputs")
}

// CheckInputs asserts that every input exists, is of the right type, and that no
// required one is missing, by the provider's own facts.
func (r *Run) CheckInputs(t *testing.T) {
	t.Helper()
	for _, one := range r.all {
		if !one.Custom || isProvider(one.Token) {
			continue
		}
		known, ok := facts.AWS().Resource(one.Token)
		if !assert.Truef(t, ok, "%s: the provider has no such type, or internal/catalog lacks it", one.Token) {
			continue
		}
		for _, problem := range known.CheckInputs(one.Inputs) {
			assert.Failf(t, "the provider would refuse it", "%s: %s", one.Key(), problem)
		}
	}
}

// CheckNames asserts that no two resources share a URN: the engine refuses that,
// mocks do not.
func (r *Run) CheckNames(t *testing.T) {
	t.Helper()
	urns := r.URNs()
	for i := 1; i < len(urns); i++ {
		assert.NotEqualf(t, urns[i-1], urns[i], "%s is registered twice", urns[i])
	}
}

// URNs lists what tells the resources apart, in order: the types of a resource and of its
// parents, and its own name. The parents' names are no part of it.
//
// Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
func (r *Run) URNs() []string {
	urns := make([]string, 0, len(r.all))
	for _, one := range r.all {
		urn := one.Key()
		if parts := strings.Split(one.Parent, "::"); len(parts) == 4 && parts[2] != "pulumi:pulumi:Stack" {
			urn = parts[2] + "$" + urn
		}
		urns = append(urns, urn)
	}
	slices.Sort(urns)
	return urns
}

// isProvider tells whether a type is a provider, such as one of another region, which
// the components share.
func isProvider(token string) bool { return strings.HasPrefix(token, "pulumi:providers:") }

// CheckParents asserts that every resource descends from a component, and that
// only components stand at the top.
func (r *Run) CheckParents(t *testing.T) {
	t.Helper()
	for _, one := range r.all {
		if one.Custom && !isProvider(one.Token) {
			assert.Containsf(t, one.Parent, "::webphases:index:", "%s has no component as its parent", one.Key())
		}
	}
}

// CheckSecrets asserts that no secret value lies outside a secret, neither in an
// input nor in an output of the stack.
func (r *Run) CheckSecrets(t *testing.T) {
	t.Helper()
	for _, one := range r.all {
		for _, path := range leaks("", resource.NewObjectProperty(one.Inputs)) {
			assert.Failf(t, "a secret in plain sight", "%s%s", one.Key(), path)
		}
	}
	for name, value := range r.exports {
		output, ok := value.(pulumi.Output)
		assert.Falsef(t, ok && pulumi.IsSecret(output), "output %s would hold a secret", name)
	}
}

func leaks(path string, v resource.PropertyValue) (found []string) {
	switch {
	case v.IsString() && strings.Contains(v.StringValue(), Marker):
		return []string{path}
	case v.IsArray():
		for i, each := range v.ArrayValue() {
			found = append(found, leaks(fmt.Sprintf("%s[%d]", path, i), each)...)
		}
	case v.IsObject():
		for key, each := range v.ObjectValue() {
			found = append(found, leaks(path+"."+string(key), each)...)
		}
	}
	return found
}
