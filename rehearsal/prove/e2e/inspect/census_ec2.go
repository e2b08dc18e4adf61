//go:build e2e

package inspect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// things collects one kind: its items' IDs and tags. Tags of kinds that the
// program does not tag are given as nil by the caller.
func things[T any](kind string, items []T, read func(T) (*string, map[string]string)) []Thing {
	var all []Thing
	for _, item := range items {
		id, tags := read(item)
		all = append(all, Thing{Kind: kind, ID: aws.ToString(id), Tags: tags})
	}
	return all
}

func tagsOf(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func (a *API) network(ctx context.Context) (all []Thing, err error) {
	vpcs, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err != nil {
		return nil, err
	}
	all = things("vpc", vpcs.Vpcs, func(v types.Vpc) (*string, map[string]string) { return v.VpcId, tagsOf(v.Tags) })
	subnets, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	if err != nil {
		return nil, err
	}
	all = append(all, things("subnet", subnets.Subnets, func(s types.Subnet) (*string, map[string]string) { return s.SubnetId, tagsOf(s.Tags) })...)
	tables, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})
	if err != nil {
		return nil, err
	}
	all = append(all, things("route table", tables.RouteTables, func(t types.RouteTable) (*string, map[string]string) {
		if isMain(t) {
			return t.RouteTableId, nil // it comes and goes with its VPC
		}
		return t.RouteTableId, tagsOf(t.Tags)
	})...)
	acls, err := a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{})
	if err != nil {
		return nil, err
	}
	acls.NetworkAcls = slices.DeleteFunc(acls.NetworkAcls, func(n types.NetworkAcl) bool { return orphan(n.VpcId, vpcs.Vpcs) })
	return append(all, things("network ACL", acls.NetworkAcls, func(n types.NetworkAcl) (*string, map[string]string) {
		if aws.ToBool(n.IsDefault) {
			return n.NetworkAclId, nil
		}
		return n.NetworkAclId, tagsOf(n.Tags)
	})...), nil
}

// orphan tells whether the VPC no longer exists. AWS deletes what belongs to a
// VPC with it; the server forgets some.
func orphan(vpc *string, all []types.Vpc) bool {
	return !slices.ContainsFunc(all, func(v types.Vpc) bool { return aws.ToString(v.VpcId) == aws.ToString(vpc) })
}

func isMain(t types.RouteTable) bool {
	for _, a := range t.Associations {
		if aws.ToBool(a.Main) {
			return true
		}
	}
	return false
}

func (a *API) gateways(ctx context.Context) (all []Thing, err error) {
	internet, err := a.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{})
	if err != nil {
		return nil, err
	}
	all = things("internet gateway", internet.InternetGateways, func(g types.InternetGateway) (*string, map[string]string) {
		return g.InternetGatewayId, tagsOf(g.Tags)
	})
	nats, err := a.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range nats.NatGateways {
		if g.State != types.NatGatewayStateDeleted {
			all = append(all, Thing{"NAT gateway", aws.ToString(g.NatGatewayId), tagsOf(g.Tags)})
		}
	}
	addresses, err := a.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, err
	}
	all = append(all, things("address", addresses.Addresses, func(e types.Address) (*string, map[string]string) {
		return e.AllocationId, tagsOf(e.Tags)
	})...)
	endpoints, err := a.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{})
	if err != nil {
		return nil, err
	}
	for _, e := range endpoints.VpcEndpoints {
		if !strings.EqualFold(string(e.State), string(types.StateDeleted)) {
			all = append(all, Thing{"VPC endpoint", aws.ToString(e.VpcEndpointId), tagsOf(e.Tags)})
		}
	}
	logs, err := a.ec2.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{})
	if err != nil {
		return nil, err
	}
	return append(all, things("flow log", logs.FlowLogs, func(l types.FlowLog) (*string, map[string]string) { return l.FlowLogId, tagsOf(l.Tags) })...), nil
}

func (a *API) firewalls(ctx context.Context) (all []Thing, err error) {
	groups, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		return nil, err
	}
	all = things("security group", groups.SecurityGroups, func(g types.SecurityGroup) (*string, map[string]string) {
		if aws.ToString(g.GroupName) == "default" {
			return g.GroupId, nil // AWS makes it; the program leaves it without tags
		}
		return g.GroupId, tagsOf(g.Tags)
	})
	rules, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{})
	if err != nil {
		return nil, err
	}
	return append(all, things("security group rule", rules.SecurityGroupRules, func(r types.SecurityGroupRule) (*string, map[string]string) {
		return r.SecurityGroupRuleId, tagsOf(r.Tags)
	})...), nil
}

// instances lists the servers that have not been terminated.
func (a *API) instances(ctx context.Context) (live []types.Instance, err error) {
	out, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
	if err != nil {
		return nil, err
	}
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			if i.State == nil || i.State.Name != types.InstanceStateNameTerminated {
				live = append(live, i)
			}
		}
	}
	return live, nil
}

func (a *API) servers(ctx context.Context) (all []Thing, err error) {
	live, err := a.instances(ctx)
	if err != nil {
		return nil, err
	}
	all = things("instance", live, func(i types.Instance) (*string, map[string]string) { return i.InstanceId, tagsOf(i.Tags) })
	interfaces, err := a.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
	if err != nil {
		return nil, err
	}
	vpcs, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err != nil {
		return nil, err
	}
	interfaces.NetworkInterfaces = slices.DeleteFunc(interfaces.NetworkInterfaces, func(i types.NetworkInterface) bool {
		return orphan(i.VpcId, vpcs.Vpcs)
	})
	all = append(all, things("network interface", interfaces.NetworkInterfaces, func(i types.NetworkInterface) (*string, map[string]string) {
		return i.NetworkInterfaceId, nil // AWS makes them
	})...)
	volumes, err := a.ec2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	if err != nil {
		return nil, err
	}
	return append(all, things("volume", volumes.Volumes, func(v types.Volume) (*string, map[string]string) {
		if ofGroup(v, live) {
			return v.VolumeId, nil // its tags are the launch template's, which is checked itself
		}
		return v.VolumeId, tagsOf(v.Tags)
	})...), nil
}

// launched tells whether an Auto Scaling group started the server.
func launched(i types.Instance) bool { return tagsOf(i.Tags)["aws:autoscaling:groupName"] != "" }

// ofGroup tells whether the volume is a disk of such a server.
func ofGroup(v types.Volume, live []types.Instance) bool {
	for _, i := range live {
		for _, at := range v.Attachments {
			if launched(i) && aws.ToString(at.InstanceId) == aws.ToString(i.InstanceId) {
				return true
			}
		}
	}
	return false
}

func (a *API) images(ctx context.Context) (all []Thing, err error) {
	images, err := a.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"self"}})
	if err != nil {
		return nil, err
	}
	all = things("image", images.Images, func(i types.Image) (*string, map[string]string) { return i.ImageId, tagsOf(i.Tags) })
	snapshots, err := a.ec2.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	if err != nil {
		return nil, err
	}
	all = append(all, things("snapshot", snapshots.Snapshots, func(s types.Snapshot) (*string, map[string]string) {
		return s.SnapshotId, nil // of an image: AWS makes it
	})...)
	templates, err := a.ec2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	if err != nil {
		return nil, err
	}
	all = append(all, things("launch template", templates.LaunchTemplates, func(t types.LaunchTemplate) (*string, map[string]string) {
		return t.LaunchTemplateId, tagsOf(t.Tags)
	})...)
	keys, err := a.ec2.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{})
	if err != nil {
		return nil, err
	}
	return append(all, things("key pair", keys.KeyPairs, func(k types.KeyPairInfo) (*string, map[string]string) { return k.KeyName, tagsOf(k.Tags) })...), nil
}
