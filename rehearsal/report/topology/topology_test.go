package topology_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/report/topology"
)

var fourZones = []string{"aws:region=us-east-1", "network.zones=[]", "network.zoneCount=4"}

func TestPictures(t *testing.T) {
	t.Parallel()
	const key = "web.sshPublicKey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Xl4z1oAl3lXUWDDXs0eD7h9a0vHk8mYxn0T3kH3bq me"
	for name, c := range map[string]struct {
		stack string
		set   []string
		want  map[string]int // texts and how often
	}{
		"phase 1": {"dev", nil, map[string]int{"Server": 1, "80, 443": 5, "Internet": 1, "S3 endpoint": 1, "13306": 0}},
		"phase 1 with SSH": {"dev", []string{"web.sshCidrs=[192.0.2.7/32]", key}, map[string]int{
			"192.0.2.7/32": 1, "22": 1, "80, 443, 22": 1,
		}},
		"phase 2": {"staging", nil, map[string]int{"Server": 1, "RDS MySQL": 1, "3306": 1, "2049": 1, "mount target": 2}},
		"phase 3": {"prod", nil, map[string]int{
			"Load balancer": 2, "NAT gateway": 2, "primary": 1, "RDS standby": 1, "replicates": 1, "13306": 1, "2049": 2, "53 tcp+udp": 1,
			"123 udp": 1, "Auto Scaling group web: 2 to 4 servers": 1, "80": 4, "CloudFront": 1,
		}},
		"4 zones": {"prod", fourZones, map[string]int{"Load balancer": 4, "RDS standby,": 1, "… or here": 2, "mount target": 4}},
		"VPN, inside": {"prod", []string{
			"network.vpnCustomerGatewayIp=203.0.113.9", "network.vpnStaticRoutes=[192.168.0.0/16]", "loadBalancer.internal=true", "edge.enabled=false",
		}, map[string]int{"Office": 1, "VPN gateway": 1, "Other hosts": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.Stack(t, c.stack, c.set...)
			drawn := draw(t, g)
			texts := textsOf(t, drawn)
			for text, count := range c.want {
				assert.Equal(t, count, texts[text], "%q in %v", text, texts)
			}
			m, err := reach.New(g)
			require.NoError(t, err)
			for _, subnet := range m.Subnets() {
				tier := strings.TrimPrefix(subnet.Tier, "network-")
				assert.Equal(t, 1, texts[tier+" "+subnet.CIDR], subnet.Name)
				assert.Equal(t, 1, texts[subnet.Zone])
			}
			assert.Equal(t, 1, texts[g.Region])
			assert.Equal(t, drawn, draw(t, g), "the same stack gives the same bytes")
			for _, url := range regexp.MustCompile(`https?://[^"' )]+`).FindAllString(drawn, -1) {
				assert.Contains(t, []string{"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, url, "a request to elsewhere")
			}
			for _, url := range regexp.MustCompile(`url\(["']?[^)]{1,12}`).FindAllString(drawn, -1) {
				assert.Regexp(t, `^url\(["']?(#|data:)`, url)
			}
		})
	}
}

func draw(t *testing.T, g *graph.Graph) string {
	t.Helper()
	m, err := reach.New(g)
	require.NoError(t, err)
	drawn, err := topology.SVG(t.Context(), g, m)
	require.NoError(t, err)
	return string(drawn)
}

// textsOf reads the lines of text in a picture, and fails if it is no XML.
func textsOf(t *testing.T, drawn string) map[string]int {
	t.Helper()
	texts := map[string]int{}
	reader := xml.NewDecoder(strings.NewReader(drawn))
	var in []string
	for {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			in = append(in, token.Name.Local)
		case xml.EndElement:
			in = in[:len(in)-1]
		case xml.CharData:
			if len(in) > 0 && (in[len(in)-1] == "text" || in[len(in)-1] == "tspan") {
				texts[string(token)]++
			}
		}
	}
}

func TestThoseWhoCannotSeeIt(t *testing.T) {
	t.Parallel()
	drawn := draw(t, graphtest.Stack(t, "dev"))
	assert.Contains(t, drawn, `role="img" aria-labelledby="topology-title topology-desc"`)
	assert.Contains(t, drawn, `<title id="topology-title">Topology of webphases dev</title>`)
	assert.Contains(t, drawn, "internet → server tcp 443.")
}

// What should not be allowed is drawn like anything else.
func TestAHoleShows(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod", "edge.enabled=false")
	for _, r := range g.Resources {
		switch r.Name {
		case "firewall-load-balancer-out-tcp-80-to-web":
			delete(r.Properties, "referencedSecurityGroupId")
			r.Properties["cidrIpv4"], r.Properties["ipProtocol"] = "0.0.0.0/0", "-1"
		case "firewall-web-in-tcp-80-from-load-balancer":
			r.Properties["toPort"] = 81.0
		case "network-web-in-http-10-0-0-0-24":
			r.Properties["toPort"] = 81.0
		case "network-public-out-http-0-0-0-0-0":
			r.Properties["toPort"] = 81.0
		}
	}
	texts := textsOf(t, draw(t, g))
	assert.Equal(t, 1, texts["80-81"], "into zone a, whose ACL has the hole: %v", texts)
	assert.Equal(t, 5, texts["80"])
}

func TestMermaid(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	m, err := reach.New(g)
	require.NoError(t, err)
	//nolint:dupword // a line may end with what the next begins with
	assert.Equal(t, `flowchart LR
  n0(["internet"])
  n1(["CloudFront"])
  n6(["S3"])
  subgraph vpc ["ap-northeast-1, VPC 10.0.0.0/16"]
    n2["load balancer"]
    n3["servers"]
    n4[("database")]
    n5[("file system")]
  end
  n0 -- "80, 443" --> n1
  n1 -- "80" --> n2
  n2 -- "80" --> n3
  n3 -- "80, 443" --> n0
  n3 -- "13306" --> n4
  n3 -- "2049" --> n5
  n3 -- "80, 443" --> n6
`, topology.Mermaid(g, m))
}
