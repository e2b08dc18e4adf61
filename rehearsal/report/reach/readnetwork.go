package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// The types that are read.
const (
	vpcType          = catalog.EC2VPC
	subnetType       = catalog.EC2Subnet
	routeType        = catalog.EC2Route
	associationType  = catalog.EC2RouteTableAssociation
	natType          = catalog.EC2NATGateway
	igwType          = catalog.EC2InternetGateway
	endpointType     = catalog.EC2VPCEndpoint
	vpnGatewayType   = catalog.EC2VPNGateway
	vpnRouteType     = catalog.EC2VPNConnectionRoute
	propagationType  = catalog.EC2VPNGatewayRoutePropagation
	aclType          = catalog.EC2NetworkACL
	aclRuleType      = catalog.EC2NetworkACLRule
	groupType        = catalog.EC2SecurityGroup
	ingressType      = catalog.VPCSecurityGroupIngressRule
	egressType       = catalog.VPCSecurityGroupEgressRule
	defaultGroupType = catalog.EC2DefaultSecurityGroup
)

func unsupported(g *graph.Graph) error {
	if n := len(g.OfType(vpcType)); n != 1 {
		return fmt.Errorf("%w: the stack has %d VPCs, want 1", ErrUnsupported, n)
	}
	for _, r := range g.Resources {
		if _, known := catalog.Get(r.Type); r.Custom && !known && strings.HasPrefix(r.Type, "aws:") {
			return fmt.Errorf("%w: %s is of the type %s, of which it does not know whether it matters; add it to internal/catalog", ErrUnsupported, r.Name, r.Type)
		}
		if r.Type != groupType && r.Type != defaultGroupType && r.Type != aclType && r.Type != catalog.EC2RouteTable {
			continue
		}
		for _, inline := range []string{"ingress", "egress", "routes"} {
			if len(r.Inputs.Objects(inline)) > 0 {
				return fmt.Errorf("%w: %s has %s inline; it reads rules and routes that are resources of their own", ErrUnsupported, r.Name, inline)
			}
		}
	}
	return nil
}

func readNetwork(g *graph.Graph) (*network, error) {
	if err := unsupported(g); err != nil {
		return nil, err
	}
	vpc, err := netip.ParsePrefix(g.OfType(vpcType)[0].Str("cidrBlock"))
	if err != nil {
		return nil, fmt.Errorf("%w: range of the VPC: %w", ErrUnsupported, err)
	}
	n := &network{vpc: []netip.Prefix{vpc}, groups: map[string][]rule{}, ephemeral: ephemeral}
	for _, r := range g.OfType(subnetType) {
		cidr, err := netip.ParsePrefix(r.Str("cidrBlock"))
		if err != nil {
			return nil, fmt.Errorf("%w: range of %s: %w", ErrUnsupported, r.Name, err)
		}
		n.subnets = append(n.subnets, &subnet{name: r.Name, id: r.ID, zone: r.Str("availabilityZone"), cidr: cidr})
	}
	// The engine makes things at the same time, so their order means nothing.
	slices.SortFunc(n.subnets, func(x, y *subnet) int { return x.cidr.Addr().Compare(y.cidr.Addr()) })
	n.readACLs(g)
	n.readGroups(g)
	n.readRoutes(g)
	return n, nil
}

func (n *network) subnet(id string) *subnet {
	for _, s := range n.subnets {
		if s.id == id && id != "" {
			return s
		}
	}
	return nil
}

func (n *network) readACLs(g *graph.Graph) {
	acls := map[string]*acl{}
	for _, r := range g.OfType(aclType) {
		a := &acl{name: r.Name, entries: map[direction][]rule{}}
		acls[r.ID] = a
		for _, id := range r.Texts("subnetIds") {
			if s := n.subnet(id); s != nil {
				s.acl = a
			}
		}
	}
	for _, r := range g.OfType(aclRuleType) {
		a := acls[r.Str("networkAclId")]
		if a == nil {
			continue
		}
		entry := rule{
			name: r.Name, direction: in, number: r.Int("ruleNumber"), deny: r.Str("ruleAction") == "deny",
			protocol: protocol(r.Str("protocol")), ports: ports(r), cidr: prefix(r.Str("cidrBlock")),
		}
		if r.True("egress") {
			entry.direction = out
		}
		a.entries[entry.direction] = append(a.entries[entry.direction], entry)
	}
	for _, a := range acls {
		a.sort()
	}
}

func (n *network) readGroups(g *graph.Graph) {
	for token, d := range map[string]direction{ingressType: in, egressType: out} {
		for _, r := range g.OfType(token) {
			peer := r.Str("referencedSecurityGroupId")
			read := rule{
				name: r.Name, direction: d, protocol: protocol(r.Str("ipProtocol")), ports: ports(r),
				cidr: prefix(r.Str("cidrIpv4")), group: peer, list: r.Str("prefixListId"),
			}
			read.note = read.list
			if group := g.With(groupType, "id", peer); group != nil {
				read.note = "group " + group.Name
			}
			group := r.Str("securityGroupId")
			n.groups[group] = append(n.groups[group], read)
		}
	}
	for _, rules := range n.groups {
		slices.SortFunc(rules, func(x, y rule) int { return strings.Compare(x.name, y.name) })
	}
}

// ports of a rule. A rule for every protocol has none, and means all.
func ports(r *graph.Resource) span {
	from, to := r.Int("fromPort"), r.Int("toPort")
	if protocol(r.Str("ipProtocol")+r.Str("protocol")) == anyProtocol || from < 0 {
		return everyPort
	}
	return span{from, to}
}

// protocol is tcp, udp, -1 for every one, or another that is not looked at.
func protocol(text string) string {
	switch text {
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "all":
		return anyProtocol
	}
	return text
}

// prefix is the range, or the zero one: an IPv6 range matches no IPv4 address.
func prefix(text string) netip.Prefix {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() {
		return netip.Prefix{}
	}
	return p.Masked()
}
