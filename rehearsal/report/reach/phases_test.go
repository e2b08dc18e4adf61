package reach_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// want is one line of the list of what may talk to what, with the words that
// the names of its rules must have, in the order of the way.
type want struct {
	flow  string
	rules []string
}

// The parts of the list. Everything else is refused: the tests compare whole lists.
var (
	serverEntry = []want{
		{"internet → server tcp 80", []string{"route network-public", "public-in-http-0-0-0-0-0", "web-in-tcp-80-from-0-0-0-0-0", "public-out-answers"}},
		{"internet → server tcp 443", []string{"route network-public", "public-in-https-0-0-0-0-0", "web-in-tcp-443-from-0-0-0-0-0", "public-out-answers"}},
	}
	serverOut = []want{
		{"server → internet tcp 80", []string{"web-out-tcp-80", "route network-public", "public-out-http", "public-in-answers"}},
		{"server → internet tcp 443", []string{"web-out-tcp-443", "route network-public", "public-out-https", "public-in-answers"}},
	}
	serverData = []want{
		{"server → database tcp 3306", []string{"web-out-tcp-3306-to-database", "route local", "public-out-answers", "database-in-mysql-10-0-0-0-24", "database-in-tcp-3306-from-web", "database-out-answers-10-0-0-0-24", "public-in-answers"}},
		{"server → file system tcp 2049", []string{"web-out-tcp-2049-to-storage", "route local", "public-out-answers", "database-in-nfs-10-0-0-0-24", "storage-in-tcp-2049-from-web", "database-out-answers-10-0-0-0-24", "public-in-answers"}},
	}
	groupData = []want{
		{"servers → database tcp 13306", []string{"web-out-tcp-13306-to-database", "route local", "web-out-mysql-10-0-1-0-24", "database-in-mysql-10-0-128-0-24", "database-in-tcp-13306-from-web", "database-out-answers-10-0-128-0-24", "web-in-answers"}},
		{"servers → file system tcp 2049", []string{"web-out-tcp-2049-to-storage", "route local", "web-out-nfs-10-0-1-0-24", "database-in-nfs-10-0-128-0-24", "storage-in-tcp-2049-from-web", "database-out-answers-10-0-128-0-24", "web-in-answers"}},
	}
	groupEntry = []want{
		{"load balancer → servers tcp 80", []string{"load-balancer-out-tcp-80-to-web", "route local", "public-out-http", "web-in-http-10-0-0-0-24", "web-in-tcp-80-from-load-balancer", "web-out-answers-10-0-0-0-24", "public-in-answers-nat-low", "public-in-answers-0", "public-in-answers-nat-0"}},
	}
	groupOut = []want{
		{"servers → internet tcp 80", []string{"web-out-tcp-80", "route network-web-a", "route network-public", "web-out-http", "public-in-http", "public-out-http", "public-in-answers-nat-low", "public-in-answers-0", "public-in-answers-nat-0", "public-out-answers", "web-in-answers"}},
		{"servers → internet tcp 443", []string{"web-out-tcp-443", "route network-web-a", "route network-public", "web-out-https", "public-in-https", "public-out-https", "public-in-answers-nat-low", "public-in-answers-0", "public-in-answers-nat-0", "public-out-answers", "web-in-answers"}},
	}
	// The balancer is a part of the internet, to which the servers may talk; an
	// internal one lets the whole VPC in.
	groupToBalancer = []want{
		{"servers → load balancer tcp 80", []string{"web-out-tcp-80-to-0-0-0-0-0", "route local", "web-out-http", "public-in-http", "load-balancer-in-tcp-80", "public-out-answers", "web-in-answers"}},
	}
	balancerEntry = []want{
		{"internet → load balancer tcp 80", []string{"route network-public", "public-in-http", "load-balancer-in-tcp-80-from-0-0-0-0-0", "public-out-answers"}},
	}
	// Behind CloudFront the balancer is among the servers, and takes nobody else.
	edgeEntry = []want{
		{"internet → CloudFront tcp 80", []string{"edge"}},
		{"internet → CloudFront tcp 443", []string{"edge"}},
		{"CloudFront → load balancer tcp 80", []string{"load-balancer-in-tcp-80-from-cloudfront"}},
	}
	edgeGroup = []want{
		{"load balancer → servers tcp 80", []string{"load-balancer-out-tcp-80-to-web", "web-in-tcp-80-from-load-balancer"}},
	}
	balancerTLS = []want{
		{"internet → load balancer tcp 443", []string{"route network-public", "public-in-https", "load-balancer-in-tcp-443-from-0-0-0-0-0", "public-out-answers"}},
		{"servers → load balancer tcp 443", []string{"web-out-tcp-443-to-0-0-0-0-0", "route local", "web-out-https", "public-in-https", "load-balancer-in-tcp-443", "public-out-answers", "web-in-answers"}},
	}
	// An internal balancer takes what is in the VPC, whatever it is.
	internalEntry = []want{
		{"other hosts in network-public → load balancer tcp 80", []string{"load-balancer-in-tcp-80-from-10-0-0-0-16"}},
		{"other hosts in network-web → load balancer tcp 80", []string{"route local", "web-out-http", "public-in-http", "load-balancer-in-tcp-80-from-10-0-0-0-16", "public-out-answers", "web-in-answers"}},
	}
	clientEntry = []want{
		{"203.0.113.0/24 → server tcp 80", []string{"route network-public", "public-in-http-203-0-113-0-24", "web-in-tcp-80-from-203-0-113-0-24", "public-out-answers"}},
		{"203.0.113.0/24 → server tcp 443", []string{"route network-public", "public-in-https-203-0-113-0-24", "web-in-tcp-443-from-203-0-113-0-24", "public-out-answers"}},
	}
	// What comes by the VPN reaches the private side of whatever takes everybody.
	officeFlows = []want{
		{"office → load balancer tcp 80", []string{"route network-public-vpn", "public-in-http", "load-balancer-in-tcp-80-from-0-0-0-0-0", "public-out-answers"}},
		{"servers → office tcp 80", []string{"web-out-tcp-80-to-0-0-0-0-0", "route network-web-a-vpn", "web-out-http", "web-in-answers"}},
		{"servers → office tcp 443", []string{"web-out-tcp-443-to-0-0-0-0-0", "route network-web-a-vpn", "web-out-https", "web-in-answers"}},
	}
	mail = []want{
		{"servers → internet tcp 587", []string{"web-out-tcp-587-to-0-0-0-0-0", "route network-web-a", "route network-public", "web-out-mail", "public-in-mail", "public-out-mail", "public-in-answers-nat-low", "public-in-answers-0", "public-in-answers-nat-0", "public-out-answers", "web-in-answers"}},
		{"servers → S3 tcp 587", []string{"web-out-tcp-587-to-0-0-0-0-0", "route network-s3", "web-out-mail", "web-in-answers"}},
	}
	// The controls' endpoints, in each zone.
	apis = []want{
		{"servers → AWS APIs tcp 443", []string{"web-out-tcp-443-to-0-0-0-0-0", "endpoints-in-tcp-443-from-web"}},
	}
	ssh = []want{
		{"192.0.2.7/32 → server tcp 22", []string{"route network-public", "public-in-ssh-192-0-2-7-32", "web-in-tcp-22-from-192-0-2-7-32", "public-out-answers"}},
	}
)

// services are what AWS runs beside the VPC. A gateway endpoint is a route to a
// part of the internet.
func services(from, tier string) []want {
	return []want{
		{from + " → S3 tcp 80", []string{"web-out-tcp-80", "route network-s3", tier + "-out-http", tier + "-in-answers"}},
		{from + " → S3 tcp 443", []string{"web-out-tcp-443", "route network-s3", tier + "-out-https", tier + "-in-answers"}},
		{from + " → VPC DNS tcp 53", []string{"web-out-tcp-53", "Route 53 Resolver"}},
		{from + " → VPC DNS udp 53", []string{"web-out-udp-53", "Route 53 Resolver"}},
		{from + " → NTP udp 123", []string{"web-out-udp-123", "Time Sync"}},
	}
}

func TestWhatMayTalkToWhat(t *testing.T) {
	t.Parallel()
	const key = "web.sshPublicKey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Xl4z1oAl3lXUWDDXs0eD7h9a0vHk8mYxn0T3kH3bq me"
	const direct = "edge.enabled=false"
	for name, c := range map[string]struct {
		stack string
		set   []string
		want  [][]want
	}{
		"phase 1":             {"dev", nil, [][]want{serverEntry, serverOut, services("server", "public")}},
		"phase 2":             {"staging", nil, [][]want{serverEntry, serverOut, serverData, services("server", "public")}},
		"phase 3":             {"prod", []string{direct}, [][]want{balancerEntry, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, HTTPS":      {"prod", []string{direct, "domain.name=www.example.com", "domain.hostedZoneId=Z123456789ABC"}, [][]want{balancerEntry, balancerTLS, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, inside":     {"prod", []string{direct, "loadBalancer.internal=true"}, [][]want{internalEntry, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, CloudFront": {"prod", nil, [][]want{edgeEntry, edgeGroup, groupOut, groupData, services("servers", "web")}},
		"phase 3, one NAT":    {"prod", []string{direct, "network.nat=one"}, [][]want{balancerEntry, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 1, clients":    {"dev", []string{"network.clientCidrs=[203.0.113.0/24]"}, [][]want{clientEntry, serverOut, services("server", "public")}},
		"phase 3, VPN":        {"prod", []string{direct, "network.vpnCustomerGatewayIp=203.0.113.9", "network.vpnStaticRoutes=[192.168.0.0/16]"}, [][]want{balancerEntry, officeFlows, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, BGP":        {"prod", []string{direct, "network.vpnCustomerGatewayIp=203.0.113.9"}, [][]want{balancerEntry, officeFlows, groupEntry, groupOut, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, e-mail":     {"prod", []string{direct, "mail.host=mail.example.com", "mail.from=site@example.com"}, [][]want{balancerEntry, groupEntry, groupOut, mail, groupToBalancer, groupData, services("servers", "web")}},
		"phase 3, endpoints":  {"prod", []string{direct, `network.interfaceEndpoints=["ssm","ec2"]`}, [][]want{balancerEntry, groupEntry, groupOut, apis, groupToBalancer, groupData, services("servers", "web")}},
		"phase 1 with SSH":    {"dev", []string{"web.sshCidrs=[192.0.2.7/32]", key}, [][]want{serverEntry, ssh, serverOut, services("server", "public")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := reach.New(graphtest.Stack(t, c.stack, c.set...))
			require.NoError(t, err)
			check(t, m, c.want)
		})
	}
}

// check compares the flows, each by its rules and all for completeness.
func check(t *testing.T, m *reach.Model, lists [][]want) {
	t.Helper()
	var names, got []string
	rules := map[string][]string{}
	for _, list := range lists {
		for _, w := range list {
			names = append(names, w.flow)
			rules[w.flow] = w.rules
		}
	}
	for _, f := range m.Flows() {
		got = append(got, f.Key())
	}
	assert.ElementsMatch(t, names, got)
	seen := map[string]bool{}
	for _, c := range m.Cells() {
		flow := c.From.Name + " → " + c.To.Name + " " + c.Protocol + " " + c.Ports
		if seen[flow] || rules[flow] == nil {
			continue // the first zone stands for the others
		}
		seen[flow] = true
		require.Len(t, c.AllowedBy, len(rules[flow]), "%s: %v", flow, c.AllowedBy)
		for i, word := range rules[flow] {
			text := c.AllowedBy[i].Kind + " " + c.AllowedBy[i].Name
			assert.Contains(t, text, word, "%s: rule %d", flow, i)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	m, err := reach.New(graphtest.Stack(t, "prod", "edge.enabled=false"))
	require.NoError(t, err)
	behind, err := reach.New(graphtest.Stack(t, "prod"))
	require.NoError(t, err)
	for _, c := range []struct {
		from, fromZone, to, toZone string
		port                       int
		why                        string
	}{
		{"internet", "", "servers", "a", 80, "nothing comes in by a NAT gateway"},
		{"internet", "", "load balancer", "a", 443, "no rule of the security group"},
		{"internet", "", "database", "a", 3306, "no route back"},
		{"database", "a", "internet", "", 443, "no rule of the security group"},
		{"load balancer", "a", "database", "c", 13306, "no rule of the security group"},
		{"other hosts in network-public", "a", "database", "a", 13306, "network ACL of network-database-a refuses"},
		{"other hosts in network-web", "a", "database", "a", 13306, "no rule of the security group"},
		{"other hosts in network-database", "a", "database", "a", 13306, "no rule of the security group"},
		{"servers", "a", "servers", "c", 80, "network ACL of network-web-c refuses"},
		{"servers", "a", "database", "c", 13307, "no rule of the security group"},
		{"load balancer", "a", "VPC DNS", "", 53, "only servers"},
		{"internet", "", "behind: load balancer", "a", 80, "nothing comes in by a NAT gateway"},
		{"servers", "a", "behind: load balancer", "c", 80, "no rule of the security group"},
		{"other hosts in network-web", "a", "behind: load balancer", "a", 80, "no rule of the security group"},
		{"CloudFront", "a", "behind: servers", "a", 80, "no rule of the security group"},
		{"internet", "", "behind: CloudFront", "a", 22, "listens for HTTP and HTTPS only"},
	} {
		m := m
		if name, ok := strings.CutPrefix(c.to, "behind: "); ok {
			m, c.to = behind, name
		}
		from, to := m.Find(c.from, zone(c.fromZone)), m.Find(c.to, zone(c.toZone))
		require.NotNil(t, from, c.from)
		require.NotNil(t, to, c.to)
		v := m.Decide(from, to, "tcp", c.port)
		assert.False(t, v.Allowed, "%s → %s %d", from, to, c.port)
		assert.Empty(t, v.By)
		assert.Contains(t, v.Refused, c.why, "%s → %s %d", from, to, c.port)
	}
}

func zone(letter string) string {
	if letter == "" {
		return ""
	}
	return "ap-northeast-1" + letter
}
