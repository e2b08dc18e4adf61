package main

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// violations are what the pack says of a stack, by policy.
type violations map[string][]string

type manager struct {
	policy string
	said   violations
}

func (m manager) ReportViolation(message, urn string) {
	m.said[m.policy] = append(m.said[m.policy], urn+" "+message)
}

func judge(t *testing.T, all resources) violations {
	t.Helper()
	p, err := pack(nil)
	require.NoError(t, err)
	said := violations{}
	for _, policy := range p.Policies() {
		stack, ok := policy.(policyx.StackValidationPolicy)
		require.True(t, ok, policy.Name())
		require.NoError(t, stack.Validate(t.Context(), policyx.StackValidationArgs{Manager: manager{policy.Name(), said}, Resources: all}))
	}
	return said
}

func TestEveryControlIsAPolicy(t *testing.T) {
	t.Parallel()
	p, err := pack(nil)
	require.NoError(t, err)
	all := controls.Evaluate(&graph.Graph{})
	require.Len(t, p.Policies(), len(all))
	seen := map[string]bool{}
	for i, policy := range p.Policies() {
		assert.Regexp(t, `^[a-z0-9]+-\d+$`, policy.Name())
		assert.False(t, seen[policy.Name()], policy.Name())
		seen[policy.Name()] = true
		assert.Equal(t, policyx.EnforcementLevelMandatory, policy.EnforcementLevel())
		assert.Contains(t, policy.Description(), all[i].Title)
		assert.Contains(t, policy.Description(), "securityhub/latest/userguide/"+strings.SplitN(policy.Name(), "-", 2)[0])
	}
	assert.True(t, seen["ec2-8"] && seen["secretsmanager-1"])
}

func TestTheProjectsStacksPass(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		all := given(t, stack)
		assert.Empty(t, judge(t, all), stack)
		written, err := exports()
		require.NoError(t, err)
		g, err := graph.Read(bytes.NewReader(written[stack]))
		require.NoError(t, err)
		assert.Equal(t, outcomes(g), outcomes(planned(all)), "%s: the report finds something else", stack)
	}
}

func outcomes(g *graph.Graph) map[string]controls.Status {
	all := map[string]controls.Status{}
	for _, r := range controls.Evaluate(g) {
		all[r.ID] = r.Status
	}
	return all
}

func TestAStackThatIsDestroyedPasses(t *testing.T) {
	t.Parallel()
	assert.Empty(t, judge(t, nil))
}

// broken are mistakes in prod: what changes, and the policies that must refuse it.
var broken = map[string]struct {
	change   func(*testing.T, resources)
	policies []string
	says     string
}{
	"SSH from everywhere": {func(t *testing.T, all resources) {
		for key, value := range map[string]property.Value{"fromPort": property.New(22.0), "toPort": property.New(22.0), "cidrIpv4": property.New("0.0.0.0/0")} {
			set(t, all, catalog.VPCSecurityGroupIngressRule, "load-balancer-in-tcp-80-from-cloudfront", key, value)
		}
	}, []string{"ec2-18", "ec2-19"}, "::firewall-load-balancer-in-tcp-80-from-cloudfront everybody may reach port"},
	"a database that is not encrypted": {func(t *testing.T, all resources) {
		set(t, all, catalog.RDSInstance, "", "storageEncrypted", property.New(false))
	}, []string{"rds-3"}, "::database its storage is not encrypted"},
	"a database with a public address": {func(t *testing.T, all resources) {
		set(t, all, catalog.RDSInstance, "", "publiclyAccessible", property.New(true))
	}, []string{"rds-2"}, "::database it has a public address"},
	"a bucket that may be public": {func(t *testing.T, all resources) {
		set(t, all, catalog.S3BucketPublicAccessBlock, "entry-logs", "blockPublicAcls", property.New(false))
	}, []string{"s3-8"}, "::entry-logs blockPublicAcls is off"},
	"a mistake in secret": {func(t *testing.T, all resources) {
		set(t, all, catalog.RDSInstance, "", "storageEncrypted", property.New(false).WithSecret(true))
	}, []string{"rds-3"}, "::database "},
}

func TestMistakesAreRefused(t *testing.T) {
	t.Parallel()
	for name, mistake := range broken {
		all := given(t, "prod")
		mistake.change(t, all)
		said := judge(t, all)
		assert.Equal(t, mistake.policies, slices.Sorted(maps.Keys(said)), name)
		for policy, texts := range said {
			require.Len(t, texts, 1, "%s: %s", name, policy)
			assert.Contains(t, texts[0], mistake.says, "%s: %s", name, policy)
		}
	}
}

// What is not known yet is no violation, whichever property it is.
func TestUnknownValuesAreNoViolations(t *testing.T) {
	t.Parallel()
	unknown := property.New(property.Computed)
	everything := given(t, "prod")
	for i, r := range everything {
		for key := range r.Properties.All {
			assert.Empty(t, judge(t, with(everything, i, r.Properties.Set(key, unknown))), "%s %s", r.Name, key)
		}
	}
	for i := range everything {
		for key := range everything[i].Properties.All {
			everything[i].Properties = everything[i].Properties.Set(key, unknown)
		}
	}
	assert.Empty(t, judge(t, everything))
	undecided := controls.Count(controls.Evaluate(planned(everything)), controls.Undecided)
	assert.Greater(t, undecided, 30, "they are left open, not met")
}

// with is the stack with other properties of one resource.
func with(all resources, i int, p property.Map) resources {
	changed := slices.Clone(all)
	changed[i].Properties = p
	return changed
}

// What is known is judged although all ids are not: so it is in the first plan of a stack.
func TestMistakesAreRefusedBeforeAnythingExists(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"SSH from everywhere", "a database that is not encrypted", "a database with a public address"} {
		all := given(t, "prod")
		broken[name].change(t, all)
		for i := range all {
			for _, key := range []string{"id", "arn", "vpcId", "subnetIds", "securityGroupId"} {
				if _, ok := all[i].Properties.GetOk(key); ok {
					all[i].Properties = all[i].Properties.Set(key, property.New(property.Computed))
				}
			}
		}
		assert.Equal(t, broken[name].policies, slices.Sorted(maps.Keys(judge(t, all))), name)
	}
}
