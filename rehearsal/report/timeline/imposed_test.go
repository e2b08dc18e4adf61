package timeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

// find returns the resource whose type ends so and that has the name.
func find(t *testing.T, g *graph.Graph, kind, name string) *graph.Resource {
	t.Helper()
	for _, r := range g.Resources {
		if r.Custom && strings.HasSuffix(r.Type, ":"+kind) && r.Name == name {
			return r
		}
	}
	require.Fail(t, "there is no such resource", "%s %s", kind, name)
	return nil
}

func TestWhatAWSDemands(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	for _, c := range []struct {
		kind, name, onKind, on string
		want                   bool
	}{
		{"Listener", "entry-http", "LoadBalancer", "entry", true}, // a value
		{"Group", "web", "Listener", "entry-http", true},
		{"Group", "web", "Parameter", "web-settings", true},
		{"Group", "web", "MountTarget", "storage-a", true},
		{"Group", "web", "Route", "network-web-c", true},
		{"LaunchTemplate", "web", "Parameter", "web-settings", false}, // only its name
		{"LaunchTemplate", "web", "AmiFromInstance", "web-image-blue", true},
		{"AmiFromInstance", "web-image-blue", "Association", "web-bake-blue", true},
		{"InstanceState", "web-builder-blue", "AmiFromInstance", "web-image-blue", false},
		{"Instance", "web-builder-blue", "Route", "network-web-a", true},
		{"Instance", "web-builder-blue", "RolePolicyAttachment", "web-session-manager", true},
		{"NatGateway", "network-nat-a", "InternetGateway", "network-internet", true},
		{"LoadBalancer", "entry", "BucketPolicy", "entry-logs", true},
		{"FlowLog", "network-flow", "RolePolicy", "network-flow", true},
		{"RolePolicy", "network-flow", "LogGroup", "network-flow", false},
		{"Instance", "database", "RandomId", "database-final", true},
		{"Instance", "database", "SubnetGroup", "database", true},
	} {
		r, on := find(t, g, c.kind, c.name), find(t, g, c.onKind, c.on)
		assert.Contains(t, r.Needs, on, "the program orders %s after %s", c.name, c.on)
		assert.Equal(t, c.want, slices.Contains(newDemands(g, false).of(r), on), "%s %s after %s %s", c.kind, c.name, c.onKind, c.on)
	}
	bare := newDemands(g, true)
	assert.NotContains(t, bare.of(find(t, g, "Group", "web")), find(t, g, "Parameter", "web-settings"))
}

// A server needs what a builder does not, and its own way out, not another zone's.
func TestServersAndBuilders(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "staging")
	d, server := newDemands(g, false), find(t, g, "Instance", "web-server-g1")
	for _, kind := range []string{"Parameter web-settings", "RolePolicy web-secret", "MountTarget storage-a", "Route network-public"} {
		what, name, _ := strings.Cut(kind, " ")
		assert.Contains(t, d.of(server), find(t, g, what, name), kind)
	}
	assert.NotContains(t, d.of(server), find(t, g, "SecurityGroupIngressRule", "firewall-database-in-tcp-3306-from-web"))
	assert.Contains(t, d.of(find(t, g, "EipAssociation", "web-address")), find(t, g, "Association", "web-setup"))

	g = graphtest.Stack(t, "prod")
	d, server = newDemands(g, false), find(t, g, "Instance", "web-builder-blue")
	server.Needs = append(server.Needs, find(t, g, "RolePolicy", "web-secret"), find(t, g, "Route", "network-web-c"), find(t, g, "Route", "network-public"))
	assert.NotContains(t, d.of(server), find(t, g, "RolePolicy", "web-secret"))
	assert.NotContains(t, d.of(server), find(t, g, "Route", "network-web-c"))
	assert.Contains(t, d.of(server), find(t, g, "Route", "network-public"), "the NAT gateway's own way out")
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, known := range catalog.Types {
		for _, d := range known.Times {
			assert.Positive(t, d.Seconds, known.Token)
			assert.NotEmpty(t, d.Source, known.Token)
			assert.True(t, d.Page == "" || strings.HasPrefix(d.Page, "https://docs.aws.amazon.com/"), d.Page)
			assert.Equal(t, d.Source == catalog.Logs, d.Observed != "", known.Token)
		}
	}
	for _, d := range demandedOrder {
		assert.NotEmpty(t, d.why)
	}
}
