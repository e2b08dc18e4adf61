package netlab_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

func TestRules(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	m, err := reach.New(g)
	require.NoError(t, err)
	p, err := netlab.NewPlan(g, m, nil)
	require.NoError(t, err)
	rules := p.Rules()
	web := strings.ReplaceAll(g.OfType(catalog.EC2LaunchTemplate)[0].Texts("vpcSecurityGroupIds")[0], "-", "_")
	assert.Contains(t, rules, "ip saddr @"+web+" tcp dport 13306 return\n\t\tdrop", "the database takes the servers' group only")
	assert.Contains(t, rules, "type filter hook forward priority 0; policy drop;")
	assert.Contains(t, rules, "ct state established,related accept")
	addresses := map[string]bool{}
	for _, h := range p.Hosts {
		assert.False(t, addresses[h.Address.String()], "%s is given twice", h.Address)
		addresses[h.Address.String()] = true
	}
	again, err := netlab.NewPlan(g, m, p)
	require.NoError(t, err)
	assert.Equal(t, rules, again.Rules(), "hosts that were there keep their addresses")
}

// broken is a network that differs from the one that the report has read.
type broken struct {
	what   string
	change func(*graph.Graph)
	wrong  string // a line of the table that says so
	set    []string
}

var direct = []string{"edge.enabled=false"}

var endpoints = []string{`network.interfaceEndpoints=["ssm","ec2"]`}

var breakages = []broken{
	{"nothing", func(*graph.Graph) {}, "", nil},
	{"a rule too few", without(catalog.VPCSecurityGroupIngressRule, "firewall-web-in-tcp-80-from-load-balancer"), "DIFFERS: load balancer (a) to servers (a) port 80", nil},
	{"a rule too wide", widen, "DIFFERS: internet to load balancer (a) port 1", direct},
	{"nothing, without CloudFront", func(*graph.Graph) {}, "", direct},
	{"a balancer that lets CloudFront wait", without(catalog.VPCSecurityGroupIngressRule, "firewall-load-balancer-in-tcp-80-from-cloudfront"), "DIFFERS: CloudFront (a) to load balancer (a) port 80", nil},
	{"no way out of one zone", without(catalog.EC2Route, "network-web-c"), "DIFFERS: servers (c) to internet port 80", nil},
	{"an ACL that refuses answers", denyAnswers, "DIFFERS: servers (a) to database (a) port 13306", nil},
	{"nothing, with interface endpoints", func(*graph.Graph) {}, "", endpoints},
	{"endpoints that let nobody in", without(catalog.VPCSecurityGroupIngressRule, "firewall-endpoints-in-tcp-443-from-web"), "DIFFERS: servers (a) to AWS APIs (a) port 443", endpoints},
}

func without(token, name string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Resources = slices.DeleteFunc(g.Resources, func(r *graph.Resource) bool { return r.Type == token && r.Name == name })
	}
}

func widen(g *graph.Graph) {
	for _, r := range g.OfType(catalog.VPCSecurityGroupIngressRule) {
		if strings.HasPrefix(r.Name, "firewall-load-balancer-in-tcp-80") {
			r.Properties["ipProtocol"] = "-1"
		}
	}
	for _, r := range g.OfType(catalog.EC2NetworkACLRule) {
		if r.Str("ruleAction") == "allow" {
			r.Properties["protocol"], r.Properties["cidrBlock"] = "-1", "0.0.0.0/0"
		}
	}
}

func denyAnswers(g *graph.Graph) {
	for _, r := range g.OfType(catalog.EC2NetworkACLRule) {
		if r.True("egress") && strings.HasPrefix(r.Name, "network-database") {
			r.Properties["ruleAction"] = "deny"
		}
	}
}

// The lab does not believe the report: what is wrong in the network is seen.
func TestPacketsAgainstBrokenNetworks(t *testing.T) { //nolint:paralleltest // namespaces are the machine's
	_, err := exec.LookPath("nft")
	if err != nil || os.Getuid() != 0 || exec.Command("ip", "netns", "add", "wp-try").Run() != nil {
		t.Skip("packets need root, iproute2, nftables and network namespaces")
	}
	require.NoError(t, exec.Command("ip", "netns", "del", "wp-try").Run())
	for _, b := range breakages {
		t.Run(b.what, func(t *testing.T) {
			read, err := reach.New(graphtest.Stack(t, "prod", b.set...))
			require.NoError(t, err)
			g := graphtest.Stack(t, "prod", b.set...)
			b.change(g)
			p, err := netlab.NewPlan(g, read, nil)
			require.NoError(t, err)
			lab := netlab.New()
			defer lab.Close(t.Context())
			require.NoError(t, lab.Raise(t.Context(), p))
			probes, err := lab.Packets(t.Context())
			require.NoError(t, err)
			var table strings.Builder
			err = netlab.WritePackets(&table, read, probes)
			if b.wrong == "" {
				require.NoError(t, err, table.String())
				return
			}
			require.ErrorIs(t, err, netlab.ErrPackets)
			assert.Contains(t, table.String(), b.wrong)
		})
	}
}
