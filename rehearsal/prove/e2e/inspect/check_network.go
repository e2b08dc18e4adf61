//go:build e2e

package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type ec2Filter = types.Filter

// filters takes pairs of name and value.
func filters(pairs ...string) []ec2Filter {
	var all []ec2Filter
	for pair := range slices.Chunk(pairs, 2) {
		all = append(all, ec2Filter{Name: aws.String(pair[0]), Values: []string{pair[1]}})
	}
	return all
}

// short is the design's name in a Name tag: public-a in webphases-dev-network-public-a.
func (w Want) short(component, name string) string {
	return strings.TrimPrefix(name, w.Project+"-"+w.Stack+"-"+component+"-")
}

func (a *API) checkSubnets(ctx context.Context, w Want, n *survey) ([]string, error) {
	out, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	want, got := map[string][]string{}, map[string][]string{}
	for name, place := range w.subnets() {
		want[name] = []string{place + " no public addresses"}
	}
	for _, s := range out.Subnets {
		public := " no public addresses"
		if aws.ToBool(s.MapPublicIpOnLaunch) {
			public = " public addresses"
		}
		got[n.subnets[aws.ToString(s.SubnetId)]] = []string{aws.ToString(s.CidrBlock) + " " + aws.ToString(s.AvailabilityZone) + public}
	}
	return differing("subnet", want, got), nil
}

func (a *API) checkRules(ctx context.Context, w Want, n *survey) ([]string, error) {
	got := map[string][]string{}
	for id, name := range n.groups {
		got[name] = []string{}
		out, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: filters("group-id", id)})
		if err != nil {
			return nil, err
		}
		for _, r := range out.SecurityGroupRules {
			got[name] = append(got[name], n.rule(r))
		}
	}
	return differing("rules", w.rules(), got), nil
}

// rule writes a security group rule as the design does.
func (s *survey) rule(r types.SecurityGroupRule) string {
	direction, peer := "in", aws.ToString(r.CidrIpv4)+aws.ToString(r.CidrIpv6)+aws.ToString(r.PrefixListId)
	if aws.ToBool(r.IsEgress) {
		direction = "out"
	}
	if g := r.ReferencedGroupInfo; g != nil && aws.ToString(g.GroupId) != "" {
		peer = s.groups[aws.ToString(g.GroupId)]
	}
	return fmt.Sprintf("%s %s %s %s", direction, aws.ToString(r.IpProtocol), ports(aws.ToInt32(r.FromPort), aws.ToInt32(r.ToPort)), peer)
}

func ports(from, to int32) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

func (a *API) checkRoutes(ctx context.Context, w Want, n *survey) ([]string, error) {
	tables, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	endpoints, err := a.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	nats, err := a.natZones(ctx, n)
	if err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, t := range tables.RouteTables {
		var routes []string
		for _, r := range t.Routes {
			if way := wayOf(r, nats); way != "" {
				routes = append(routes, aws.ToString(r.DestinationCidrBlock)+" "+way)
			}
		}
		for _, e := range endpoints.VpcEndpoints {
			if slices.Contains(e.RouteTableIds, aws.ToString(t.RouteTableId)) {
				routes = append(routes, "s3 endpoint")
			}
		}
		for _, s := range t.Associations {
			if s.SubnetId != nil {
				got[n.subnets[*s.SubnetId]] = routes
			}
		}
	}
	return differing("routes", w.routes(), got), nil
}

// wayOf names the target of a route; "" is the endpoint's, which is counted once.
func wayOf(r types.Route, nats map[string]string) string {
	gateway := aws.ToString(r.GatewayId)
	switch {
	case r.NatGatewayId != nil:
		return nats[*r.NatGatewayId]
	case strings.HasPrefix(gateway, "igw-"):
		return "internet"
	case strings.HasPrefix(gateway, "vpce-"):
		return ""
	case gateway != "":
		return gateway
	}
	return fmt.Sprintf("somewhere else: %+v", r)
}

// natZones names the NAT gateways after the zones that they stand in.
func (a *API) natZones(ctx context.Context, n *survey) (map[string]string, error) {
	out, err := a.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: n.inside()})
	if err != nil {
		return nil, err
	}
	zones := map[string]string{}
	for _, g := range out.NatGateways {
		tier, zone, _ := strings.Cut(n.subnets[aws.ToString(g.SubnetId)], "-")
		if tier == "public" { // elsewhere it could not reach the internet
			zones[aws.ToString(g.NatGatewayId)] = "nat-" + zone
		}
	}
	return zones, nil
}

var protocols = map[string]string{"6": "tcp", "17": "udp", "-1": "all"}

func (a *API) checkACLs(ctx context.Context, w Want, n *survey) ([]string, error) {
	out, err := a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	var wrong []string
	got := map[string][]string{}
	for _, acl := range out.NetworkAcls {
		for _, s := range acl.Associations {
			name, ok := n.subnets[aws.ToString(s.SubnetId)]
			if !ok {
				continue // the server goes on listing subnets that were deleted
			}
			tier, _, _ := strings.Cut(name, "-")
			if aws.ToBool(acl.IsDefault) {
				wrong = append(wrong, name+" is under the default network ACL, which allows everything")
				continue
			}
			got[tier] = allowed(acl.Entries)
		}
	}
	return append(wrong, differing("entries", w.entries(), got)...), nil
}

// allowed writes the entries that allow something as the design does.
func allowed(entries []types.NetworkAclEntry) []string {
	var all []string
	for _, e := range entries {
		if e.RuleAction != types.RuleActionAllow {
			continue // AWS's own last entry refuses the rest
		}
		direction, between := "in", ""
		if aws.ToBool(e.Egress) {
			direction = "out"
		}
		if p := e.PortRange; p != nil {
			between = ports(aws.ToInt32(p.From), aws.ToInt32(p.To))
		}
		protocol := protocols[aws.ToString(e.Protocol)]
		if protocol == "" {
			protocol = aws.ToString(e.Protocol)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s", direction, protocol, between, aws.ToString(e.CidrBlock)))
	}
	return all
}
