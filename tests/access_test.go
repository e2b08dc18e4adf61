package tests

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	ingress = catalog.VPCSecurityGroupIngressRule
	egress  = catalog.VPCSecurityGroupEgressRule
	aclRule = catalog.EC2NetworkACLRule
)

// groupRules lists the security group rules as "GROUP < PROTOCOL PORT < PEER"
// (coming in) and "GROUP > PROTOCOL PORT > PEER" (going out), with the groups by
// their names.
func groupRules(run *testutil.Run) []string {
	names := map[string]string{}
	for _, g := range run.All(catalog.EC2SecurityGroup) {
		names[testutil.ID(g.Token, g.Name)] = strings.TrimPrefix(g.Name, "firewall-")
	}
	var list []string
	for token, arrow := range map[string]string{ingress: "<", egress: ">"} {
		for _, r := range run.All(token) {
			peer := r.String("cidrIpv4")
			if id := r.String("referencedSecurityGroupId"); id != "" {
				peer = names[id]
			}
			if r.String("prefixListId") == testutil.CloudFrontList {
				peer = "cloudfront"
			}
			port := fmt.Sprint(r.Input("fromPort").NumberValue())
			if to := fmt.Sprint(r.Input("toPort").NumberValue()); to != port {
				port += "-" + to
			}
			list = append(list, fmt.Sprintf("%s %s %s %s %s %s", names[r.String("securityGroupId")], arrow, r.String("ipProtocol"), port, arrow, peer))
		}
	}
	sort.Strings(list)
	return list
}

// The whole list of what may talk to what; everything else is refused.
var (
	outward = []string{
		"web > tcp 443 > 0.0.0.0/0", "web > tcp 53 > 10.0.0.2/32", "web > tcp 80 > 0.0.0.0/0",
		"web > udp 123 > 169.254.169.123/32", "web > udp 53 > 10.0.0.2/32",
	}
	toData = []string{
		"database < tcp 3306 < web", "storage < tcp 2049 < web", "web > tcp 2049 > storage", "web > tcp 3306 > database",
	}
	serverEntry   = []string{"web < tcp 443 < 0.0.0.0/0", "web < tcp 80 < 0.0.0.0/0"}
	balancerEntry = []string{"load-balancer < tcp 80 < 0.0.0.0/0", "load-balancer > tcp 80 > web", "web < tcp 80 < load-balancer"}
	edgeEntry     = []string{"load-balancer < tcp 80 < cloudfront", "load-balancer > tcp 80 > web", "web < tcp 80 < load-balancer"}
)

func TestWhoMayTalkToWhom(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string][][]string{
		"dev": {serverEntry, outward}, "staging": {serverEntry, outward, toData}, "prod": {edgeEntry, outward, elsewhere(toData)},
		withoutEdge: {balancerEntry, outward, elsewhere(toData)},
	} {
		var all []string
		for _, part := range want {
			all = append(all, part...)
		}
		assert.ElementsMatch(t, all, groupRules(deploy(t, stackFile(t, stack))), stack)
	}
}

// elsewhere is a list with the port that prod's file gives the database.
func elsewhere(rules []string) (all []string) {
	for _, r := range rules {
		all = append(all, strings.ReplaceAll(r, "3306", "13306"))
	}
	return all
}

func TestClientsAndAdministrators(t *testing.T) {
	t.Parallel()
	prod := stackFile(t, withoutEdge)
	withDomain := groupRules(deploy(t, with(t, prod, "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789")))
	assert.Contains(t, withDomain, "load-balancer < tcp 443 < 0.0.0.0/0")

	internal := groupRules(deploy(t, with(t, prod, "loadBalancer.internal=true")))
	assert.Contains(t, internal, "load-balancer < tcp 80 < 10.0.0.0/16")
	assert.NotContains(t, internal, "load-balancer < tcp 80 < 0.0.0.0/0")

	office := groupRules(deploy(t, with(t, prod, `network.clientCidrs=["192.0.2.0/24"]`)))
	assert.Contains(t, office, "load-balancer < tcp 80 < 192.0.2.0/24")
	assert.NotContains(t, office, "load-balancer < tcp 80 < 0.0.0.0/0")

	ssh := groupRules(deploy(t, with(t, stackFile(t, "dev"), `web.sshCidrs=["192.0.2.7/32"]`, "web.sshPublicKey=ssh-ed25519 AAAA")))
	assert.Contains(t, ssh, "web < tcp 22 < 192.0.2.7/32")
	assert.Len(t, ssh, len(serverEntry)+len(outward)+1)
}

// aclRules lists the rules of a tier's network ACL as "in tcp 3306-3306 10.0.0.0/24".
func aclRules(run *testutil.Run, tier string) []string {
	id := testutil.ID(catalog.EC2NetworkACL, "network-"+tier)
	var list []string
	for _, r := range run.All(aclRule) {
		if r.String("networkAclId") != id {
			continue
		}
		direction := map[bool]string{false: "in", true: "out"}[r.Input("egress").BoolValue()]
		list = append(list, fmt.Sprintf("%s %s %v-%v %s", direction, r.String("protocol"),
			r.Input("fromPort").NumberValue(), r.Input("toPort").NumberValue(), r.String("cidrBlock")))
	}
	return list
}

// By ACL, only the subnets that hold servers reach the database, and the answers
// come back: an ACL knows no connections.
func TestTheDatabaseTierTakesTheServersSubnetsOnly(t *testing.T) {
	t.Parallel()
	assert.Empty(t, aclRules(deploy(t, stackFile(t, "dev")), "database"))
	assert.ElementsMatch(t, []string{"in tcp 3306-3306 10.0.0.0/24", "in tcp 2049-2049 10.0.0.0/24", "out tcp 1024-65535 10.0.0.0/24"},
		aclRules(deploy(t, stackFile(t, "staging")), "database"))
	assert.ElementsMatch(t, []string{
		"in tcp 13306-13306 10.0.128.0/24", "in tcp 2049-2049 10.0.128.0/24", "out tcp 1024-65535 10.0.128.0/24",
		"in tcp 13306-13306 10.0.129.0/24", "in tcp 2049-2049 10.0.129.0/24", "out tcp 1024-65535 10.0.129.0/24",
	}, aclRules(deploy(t, stackFile(t, "prod")), "database"))
}

func TestTheACLsOfTheOtherTiers(t *testing.T) {
	t.Parallel()
	public := []string{
		"in tcp 80-80 0.0.0.0/0", "in tcp 443-443 0.0.0.0/0", "in tcp 32768-65535 0.0.0.0/0",
		"out tcp 80-80 0.0.0.0/0", "out tcp 443-443 0.0.0.0/0", "out tcp 1024-65535 0.0.0.0/0",
	}
	for _, stack := range []string{"dev", "staging"} {
		assert.ElementsMatch(t, public, aclRules(deploy(t, stackFile(t, stack)), "public"), stack)
	}
	nat := slices.Concat(public, []string{"in tcp 1024-3388 0.0.0.0/0", "in tcp 3390-32767 0.0.0.0/0"})
	assert.ElementsMatch(t, nat, aclRules(deploy(t, stackFile(t, withoutEdge)), "public"))
	web := []string{
		"in tcp 32768-65535 0.0.0.0/0", "out tcp 80-80 0.0.0.0/0", "out tcp 443-443 0.0.0.0/0",
		"out tcp 13306-13306 10.0.1.0/24", "out tcp 2049-2049 10.0.1.0/24", "out tcp 13306-13306 10.0.3.0/24", "out tcp 2049-2049 10.0.3.0/24",
	}
	assert.ElementsMatch(t, slices.Concat(web, []string{
		"in tcp 80-80 10.0.0.0/24", "in tcp 80-80 10.0.2.0/24", "out tcp 1024-65535 10.0.0.0/24", "out tcp 1024-65535 10.0.2.0/24",
	}), aclRules(deploy(t, stackFile(t, withoutEdge)), "web"))

	// Behind CloudFront nobody comes in from the internet, and the balancer is among the servers.
	edge := deploy(t, stackFile(t, "prod"))
	for i, rule := range nat {
		nat[i] = strings.ReplaceAll(strings.ReplaceAll(rule, "in tcp 80-80 0.0.0.0/0", "in tcp 80-80 10.0.0.0/16"), "in tcp 443-443 0.0.0.0/0", "in tcp 443-443 10.0.0.0/16")
	}
	assert.ElementsMatch(t, nat, aclRules(edge, "public"))
	assert.ElementsMatch(t, slices.Concat(web, []string{
		"in tcp 80-80 10.0.128.0/24", "in tcp 1024-65535 10.0.128.0/24", "out tcp 1024-65535 10.0.128.0/24",
		"in tcp 80-80 10.0.129.0/24", "in tcp 1024-65535 10.0.129.0/24", "out tcp 1024-65535 10.0.129.0/24",
	}), aclRules(edge, "web"))
}

// With clients named, the servers of phase 3 still get out through NAT.
func TestNamedClientsDoNotCutTheServersOff(t *testing.T) {
	t.Parallel()
	rules := aclRules(deploy(t, with(t, stackFile(t, withoutEdge), `network.clientCidrs=["192.0.2.0/24"]`)), "public")
	assert.Contains(t, rules, "in tcp 443-443 192.0.2.0/24")
	assert.Contains(t, rules, "in tcp 443-443 10.0.0.0/16")
	assert.NotContains(t, rules, "in tcp 443-443 0.0.0.0/0")
}

// Every rule of every group and ACL is a resource of its own, so that a diff
// shows it alone.
func TestNoInlineRules(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		run := deploy(t, stackFile(t, stack))
		for _, token := range []string{
			catalog.EC2SecurityGroup, catalog.EC2NetworkACL, catalog.EC2DefaultSecurityGroup,
		} {
			for _, r := range run.All(token) {
				for _, list := range []string{"ingress", "egress"} {
					rules := r.Input(list)
					assert.True(t, rules.IsNull() || rules.IsArray() && len(rules.ArrayValue()) == 0, "%s: %s", r.Key(), list)
				}
			}
		}
	}
}
