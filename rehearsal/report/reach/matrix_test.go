package reach_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

func TestMatrix(t *testing.T) {
	t.Parallel()
	m, err := reach.New(graphtest.Stack(t, "prod"))
	require.NoError(t, err)
	var text, markdown, html strings.Builder
	require.NoError(t, m.WriteText(&text))
	require.NoError(t, m.WriteMarkdown(&markdown))
	require.NoError(t, m.WriteHTML(&html))

	assert.Equal(t, `| from \ to | internet | CloudFront | load balancer | servers | database | file system | S3 | VPC DNS | NTP |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| internet | – | 80, 443 | – | – | – | – | – | – | – |
| CloudFront | – | – | 80 | – | – | – | – | – | – |
| load balancer | – | – | – | 80 | – | – | – | – | – |
| servers | 80, 443 | – | – | – | 13306 | 2049 | 80, 443 | 53 tcp+udp | 123 udp |
`, markdown.String())
	assert.Contains(t, text.String(), "\nload balancer → servers tcp 80\n  security group firewall-load-balancer-out-tcp-80-to-web: allow out tcp 80 to group firewall-web\n")
	assert.Contains(t, html.String(), `<td class="reach-none">–</td>`)
	assert.Contains(t, html.String(), `<b>firewall-web-in-tcp-80-from-load-balancer</b>`)
	for d := xml.NewDecoder(strings.NewReader(html.String())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err, "every element is closed")
		}
	}
}

// Zones that differ are told apart: without its route one zone cannot get out.
func TestZonesThatDiffer(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	for i, r := range g.Resources {
		if r.Type == catalog.EC2Route && r.Name == "network-web-c" {
			g.Resources = append(g.Resources[:i:i], g.Resources[i+1:]...)
			break
		}
	}
	m, err := reach.New(g)
	require.NoError(t, err)
	for _, f := range m.Flows() {
		if f.From == "servers" && f.To == "internet" {
			assert.Equal(t, []string{"a → internet"}, f.Zones)
		}
	}
	var markdown strings.Builder
	require.NoError(t, m.WriteMarkdown(&markdown))
	assert.Contains(t, markdown.String(), "| servers | 80 (a → internet), 443 (a → internet) |")
}

func TestWhatIsNotReadIsRefused(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	for _, r := range g.Resources {
		if r.Type == catalog.EC2NetworkACL {
			r.Inputs["ingress"] = []any{map[string]any{"ruleNo": 1.0}}
		}
	}
	_, err := reach.New(g)
	require.ErrorIs(t, err, reach.ErrUnsupported)
	assert.ErrorContains(t, err, "network-public has ingress inline")
}

// The catalog says which types matter to reachability. Without a type that does, the
// answer is another, in some stack; without one that does not, it is the same.
func TestTheCatalogSaysWhatIsRead(t *testing.T) {
	t.Parallel()
	const dns, office, routes = "network.dnsServers=[10.0.0.53]", "network.vpnCustomerGatewayIp=198.51.100.1", "network.vpnStaticRoutes=[192.168.0.0/16]"
	stacks := []func() *graph.Graph{
		func() *graph.Graph { return graphtest.Stack(t, "dev", office, routes) },
		func() *graph.Graph { return graphtest.Stack(t, "staging", office) },
		func() *graph.Graph { return graphtest.Stack(t, "prod", office, dns) },
	}
	matters, seen := map[string]bool{}, map[string]bool{}
	for _, stack := range stacks {
		whole := answer(stack())
		for _, known := range catalog.Types {
			g := stack()
			n := len(g.Resources)
			g.Resources = slices.DeleteFunc(g.Resources, func(r *graph.Resource) bool { return r.Type == known.Token })
			if len(g.Resources) < n {
				seen[known.Token] = true
				matters[known.Token] = matters[known.Token] || answer(g) != whole
			}
		}
	}
	for token := range seen {
		known, _ := catalog.Get(token)
		assert.Equal(t, known.Reached, matters[token] || besides[token] != "", token)
	}
	assert.Greater(t, len(seen), 60)

	g := stacks[0]()
	g.Resources = append(g.Resources, &graph.Resource{Type: "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", Name: "other", Custom: true})
	assert.Contains(t, answer(g), "other is of the type aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "refused, not ignored")
}

// besides are read too, though nothing follows from them in these stacks.
var besides = map[string]string{
	catalog.EC2RouteTable:           "routes inline are refused",
	catalog.EC2DefaultSecurityGroup: "rules inline are refused",
	catalog.EC2EIPAssociation:       "the server has had an address from its first second on",
}

// answer is the whole proof, or why there is none.
func answer(g *graph.Graph) string {
	m, err := reach.New(g)
	if err != nil {
		return err.Error()
	}
	var text strings.Builder
	if err := m.WriteText(&text); err != nil {
		return err.Error()
	}
	return text.String()
}
