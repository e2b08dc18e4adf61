package verify

import (
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	ingressType     = catalog.VPCSecurityGroupIngressRule
	egressType      = catalog.VPCSecurityGroupEgressRule
	routeType       = catalog.EC2Route
	associationType = catalog.EC2RouteTableAssociation
	aclType         = catalog.EC2NetworkACL
	aclRuleType     = catalog.EC2NetworkACLRule
	groupType       = catalog.AutoScalingGroup
)

func is(name, want string) fact { return fact{name: name, want: want, form: plain} }

// rules are those of a security group: direction, protocol, ports and peer.
func rules(g *graph.Graph, group *graph.Resource) []fact {
	var all []fact
	for token, direction := range map[string]string{ingressType: "in", egressType: "out"} {
		for _, r := range g.OfType(token) {
			if r.Str("securityGroupId") != group.ID {
				continue
			}
			peer := r.Str("cidrIpv4") + r.Str("cidrIpv6") + r.Str("prefixListId") + r.Str("referencedSecurityGroupId")
			all = append(all, is(fmt.Sprintf("rule %s %s %s %s", direction, r.Str("ipProtocol"), ports(r), peer), there))
		}
	}
	return sorted(all)
}

// ports writes "80" or "1024-65535", and "all" for all protocols, which have none.
func ports(r *graph.Resource) string {
	from, to := r.Str("fromPort"), r.Str("toPort")
	switch {
	case r.Str("ipProtocol") == "-1":
		return "all"
	case from == to:
		return from
	}
	return from + "-" + to
}

// routes are those of a table, that to the VPC itself among them, and the subnets
// that it serves. What an endpoint adds is the endpoint's promise, and what a VPN
// gateway propagates is nobody's.
func routes(g *graph.Graph, table *graph.Resource) []fact {
	var all []fact
	if vpc := g.With(catalog.EC2VPC, "id", table.Str("vpcId")); vpc != nil {
		all = append(all, is("route "+vpc.Str("cidrBlock"), "local"))
	}
	for _, r := range g.OfType(routeType) {
		if r.Str("routeTableId") == table.ID {
			all = append(all, is("route "+r.Str("destinationCidrBlock"), r.Str("gatewayId")+r.Str("natGatewayId")))
		}
	}
	for _, r := range g.OfType(associationType) {
		if r.Str("routeTableId") == table.ID {
			all = append(all, is("subnet "+r.Str("subnetId"), there))
		}
	}
	return sorted(all)
}

func endpointTables(_ *graph.Graph, endpoint *graph.Resource) []fact {
	var all []fact
	for _, id := range endpoint.Texts("routeTableIds") {
		all = append(all, is("table "+id, there))
	}
	return sorted(all)
}

// entries are those of a network ACL, by direction and number, and its subnets.
func entries(g *graph.Graph, acl *graph.Resource) []fact {
	var all []fact
	for _, r := range g.OfType(aclRuleType) {
		if r.Str("networkAclId") != acl.ID {
			continue
		}
		direction := "in"
		if r.True("egress") {
			direction = "out"
		}
		want := fmt.Sprintf("%s %s %s %s", r.Str("ruleAction"), protocolName(r.Str("protocol")), ports(r), r.Str("cidrBlock"))
		all = append(all, is("entry "+direction+" "+r.Str("ruleNumber"), want))
	}
	for _, id := range acl.Texts("subnetIds") {
		all = append(all, is("subnet "+id, there))
	}
	return sorted(all)
}

func protocolName(text string) string {
	if name, ok := map[string]string{"6": "tcp", "17": "udp", "-1": "all"}[text]; ok {
		return name
	}
	return text
}

// policies are those written into a role and those attached to it.
func policies(g *graph.Graph, role *graph.Resource) []fact {
	var all []fact
	for _, r := range g.OfType(catalog.IAMRolePolicy) {
		if r.Str("role") == role.Str("name") {
			all = append(all, fact{name: "policy " + r.Str("name"), want: r.Str("policy"), form: document})
		}
	}
	for _, r := range g.OfType(catalog.IAMRolePolicyAttachment) {
		if r.Str("role") == role.Str("name") {
			all = append(all, is("policy "+r.Str("policyArn"), there))
		}
	}
	return sorted(all)
}

// serverState: a server that the stack keeps stopped is stopped.
func serverState(g *graph.Graph, server *graph.Resource) []fact {
	if r := g.With(catalog.EC2InstanceState, "instanceId", server.ID); r != nil {
		return []fact{is("state", r.Str("state"))}
	}
	return []fact{is("state", "running")}
}

func groupSize(g *graph.Graph, group *graph.Resource) []fact {
	all := []fact{is("servers in service", atLeast+group.Str("minSize"))}
	if attachment := g.With(catalog.AutoScalingAttachment, "autoscalingGroupName", group.ID); attachment != nil {
		all = append(all, is("target groups", attachment.Str("lbTargetGroupArn")))
	}
	return all
}

// healthyTargets: at least as many as the group's least size, and no others.
func healthyTargets(g *graph.Graph, targets *graph.Resource) []fact {
	attachment := g.With(catalog.AutoScalingAttachment, "lbTargetGroupArn", targets.ID)
	if attachment == nil {
		return nil
	}
	group := g.With(groupType, "name", attachment.Str("autoscalingGroupName"))
	return []fact{is("healthy targets", atLeast+group.Str("minSize")), is("unhealthy targets", "none")}
}

func databaseParameters(_ *graph.Graph, group *graph.Resource) []fact {
	var all []fact
	for _, p := range group.Objects("parameters") {
		all = append(all, is("parameter "+p.Str("name"), p.Str("value")))
	}
	return sorted(all)
}

// settings are what a parameter tells the servers. A proof is the servers' own.
func settings(_ *graph.Graph, parameter *graph.Resource) []fact {
	value := parameter.Inputs.Str("insecureValue")
	if value == "" || isProof(parameter) || strings.Contains(value, graph.Secret) {
		return nil
	}
	return []fact{{name: "value", want: value, form: digest}}
}

func sorted(all []fact) []fact {
	byName := map[string]fact{}
	for _, f := range all {
		byName[f.name] = f
	}
	all = all[:0]
	for _, name := range sortedKeys(byName) {
		all = append(all, byName[name])
	}
	return all
}
