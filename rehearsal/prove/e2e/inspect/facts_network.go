//go:build e2e

package inspect

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (a *API) vpcFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{id}})
	if err != nil || len(out.Vpcs) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.Vpcs[0].Tags))
	f.put("range", out.Vpcs[0].CidrBlock)
	names, err := a.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return nil, err
	}
	support, err := a.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return nil, err
	}
	if names.EnableDnsHostnames != nil {
		f.put("DNS names", names.EnableDnsHostnames.Value)
	}
	if support.EnableDnsSupport != nil {
		f.put("DNS resolution", support.EnableDnsSupport.Value)
	}
	return f, nil
}

func (a *API) subnetFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{id}})
	if err != nil || len(out.Subnets) == 0 {
		return nil, err
	}
	s := out.Subnets[0]
	f := facts{}.tag(tagsOf(s.Tags))
	f.put("VPC", s.VpcId)
	f.put("range", s.CidrBlock)
	f.put("zone", s.AvailabilityZone)
	f.put("public addresses", s.MapPublicIpOnLaunch)
	return f, nil
}

func (a *API) internetGatewayFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{id}})
	if err != nil || len(out.InternetGateways) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.InternetGateways[0].Tags))
	for _, at := range out.InternetGateways[0].Attachments {
		f.put("VPC", at.VpcId)
	}
	return f, nil
}

func (a *API) natFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
	if err != nil || len(out.NatGateways) == 0 {
		return nil, err
	}
	g := out.NatGateways[0]
	f := facts{}.tag(tagsOf(g.Tags))
	f.put("subnet", g.SubnetId)
	f.put("state", g.State)
	for _, address := range g.NatGatewayAddresses {
		f.put("address", address.AllocationId)
	}
	return f, nil
}

func (a *API) addressFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{id}})
	if err != nil || len(out.Addresses) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.Addresses[0].Tags))
	f.put("domain", out.Addresses[0].Domain)
	f.put("server", out.Addresses[0].InstanceId)
	return f, nil
}

func (a *API) endpointFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
	if err != nil || len(out.VpcEndpoints) == 0 {
		return nil, err
	}
	e := out.VpcEndpoints[0]
	f := facts{}.tag(tagsOf(e.Tags))
	f.put("service", e.ServiceName)
	f.put("type", e.VpcEndpointType)
	f.put("state", e.State)
	for _, table := range e.RouteTableIds {
		f["table "+table] = there
	}
	return f, nil
}

func (a *API) flowLogFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{FlowLogIds: []string{id}})
	if err != nil || len(out.FlowLogs) == 0 {
		return nil, err
	}
	l := out.FlowLogs[0]
	f := facts{}.tag(tagsOf(l.Tags))
	f.put("traffic", l.TrafficType)
	f.put("VPC", l.ResourceId)
	f.put("destination", l.LogDestination)
	f.put("state", l.FlowLogStatus)
	return f, nil
}

// tableFacts leaves out what an endpoint adds, which is told with the endpoint,
// and what a VPN gateway propagates.
func (a *API) tableFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{id}})
	if err != nil || len(out.RouteTables) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.RouteTables[0].Tags))
	for _, r := range out.RouteTables[0].Routes {
		to := aws.ToString(r.DestinationCidrBlock) + aws.ToString(r.DestinationIpv6CidrBlock)
		if to == "" || r.Origin == types.RouteOriginEnableVgwRoutePropagation {
			continue
		}
		f["route "+to] = aws.ToString(r.GatewayId) + aws.ToString(r.NatGatewayId) + aws.ToString(r.NetworkInterfaceId) +
			aws.ToString(r.TransitGatewayId) + aws.ToString(r.VpcPeeringConnectionId)
	}
	for _, s := range out.RouteTables[0].Associations {
		if s.SubnetId != nil {
			f["subnet "+*s.SubnetId] = there
		}
	}
	return f, nil
}

// lastEntry is AWS's own, which refuses the rest.
const lastEntry = 32767

func (a *API) aclFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{id}})
	if err != nil || len(out.NetworkAcls) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.NetworkAcls[0].Tags))
	for _, e := range out.NetworkAcls[0].Entries {
		if aws.ToInt32(e.RuleNumber) == lastEntry {
			continue
		}
		direction, between := "in", "all"
		if aws.ToBool(e.Egress) {
			direction = "out"
		}
		if p := e.PortRange; p != nil {
			between = ports(aws.ToInt32(p.From), aws.ToInt32(p.To))
		}
		protocol := aws.ToString(e.Protocol)
		if name, ok := protocols[protocol]; ok {
			protocol = name
		}
		f[fmt.Sprintf("entry %s %d", direction, aws.ToInt32(e.RuleNumber))] = fmt.Sprintf("%s %s %s %s", e.RuleAction, protocol, between,
			aws.ToString(e.CidrBlock)+aws.ToString(e.Ipv6CidrBlock))
	}
	for _, s := range out.NetworkAcls[0].Associations {
		f["subnet "+aws.ToString(s.SubnetId)] = there
	}
	return f, nil
}

func (a *API) groupRuleFacts(ctx context.Context, id string) (facts, error) {
	groups, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	if err != nil || len(groups.SecurityGroups) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(groups.SecurityGroups[0].Tags))
	f.put("VPC", groups.SecurityGroups[0].VpcId)
	out, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{id}}}})
	if err != nil {
		return nil, err
	}
	for _, r := range out.SecurityGroupRules {
		direction, between := "in", ports(aws.ToInt32(r.FromPort), aws.ToInt32(r.ToPort))
		if aws.ToBool(r.IsEgress) {
			direction = "out"
		}
		if aws.ToString(r.IpProtocol) == "-1" {
			between = "all"
		}
		peer := aws.ToString(r.CidrIpv4) + aws.ToString(r.CidrIpv6) + aws.ToString(r.PrefixListId)
		if g := r.ReferencedGroupInfo; g != nil {
			peer += aws.ToString(g.GroupId)
		}
		f[fmt.Sprintf("rule %s %s %s %s", direction, aws.ToString(r.IpProtocol), between, peer)] = there
	}
	return f, nil
}

func ports(from, to int32) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

var protocols = map[string]string{"6": "tcp", "17": "udp", "-1": "all"}
