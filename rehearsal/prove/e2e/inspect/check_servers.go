//go:build e2e

package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// checkServers: every server demands IMDSv2, lies in the right tier under the
// web group alone, and is of the type asked for.
func (a *API) checkServers(ctx context.Context, w Want, n *survey) ([]string, error) {
	live, err := a.instances(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []string
	serving := 0
	for _, i := range live {
		name := "server " + aws.ToString(i.InstanceId)
		if !launched(i) { // else the launch template decides, and is checked
			wrong = append(wrong, metadata(name, i.MetadataOptions)...)
		}
		wrong = append(wrong, value(name+": type", w.InstanceType, string(i.InstanceType))...)
		var groups []string
		for _, g := range i.SecurityGroups {
			groups = append(groups, n.groups[aws.ToString(g.GroupId)])
		}
		wrong = append(wrong, unequal(name+": security groups", []string{"web"}, groups)...)
		tier, _, _ := strings.Cut(n.subnets[aws.ToString(i.SubnetId)], "-")
		builder := strings.Contains(tagsOf(i.Tags)["Name"], "-builder")
		want := "web"
		if w.Phase < 3 {
			want = "public"
		}
		wrong = append(wrong, value(name+": tier", want, tier)...)
		if builder {
			wrong = append(wrong, value(name+" (the builder): state", "stopped", string(i.State.Name))...)
			continue
		}
		serving++
		if w.Phase < 3 && i.PublicIpAddress == nil {
			wrong = append(wrong, name+" has no public address")
		}
		if w.Phase == 3 && i.PublicIpAddress != nil {
			wrong = append(wrong, name+" has the public address "+*i.PublicIpAddress)
		}
	}
	if w.Phase < 3 {
		return append(wrong, value("number of servers", 1, serving)...), nil
	}
	return append(wrong, value("number of servers", w.MinSize, serving)...), nil
}

func metadata(name string, o *types.InstanceMetadataOptionsResponse) []string {
	if o == nil {
		return []string{name + " has no metadata options"}
	}
	wrong := value(name+": metadata tokens", "required", string(o.HttpTokens))
	return append(wrong, value(name+": metadata hops", 1, aws.ToInt32(o.HttpPutResponseHopLimit))...)
}

// checkGroup: the group is attached to the target group, which a listener of the
// balancer uses; its template demands IMDSv2 and encrypted disks.
func (a *API) checkGroup(ctx context.Context, w Want, n *survey) ([]string, error) {
	groups, err := a.scaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return nil, err
	}
	wrong := value("number of groups", 1, len(groups.AutoScalingGroups))
	for _, g := range groups.AutoScalingGroups {
		wrong = append(wrong, value("group: least size", w.MinSize, int(aws.ToInt32(g.MinSize)))...)
		wrong = append(wrong, value("group: largest size", w.MaxSize, int(aws.ToInt32(g.MaxSize)))...)
		wrong = append(wrong, value("group: health check", "ELB", aws.ToString(g.HealthCheckType))...)
		var tiers []string
		for _, id := range strings.Split(aws.ToString(g.VPCZoneIdentifier), ",") {
			tiers = append(tiers, n.subnets[id])
		}
		wrong = append(wrong, unequal("group: subnets", n.tier("web"), tiers)...)
		more, err := a.checkBalancer(ctx, w, n, g.TargetGroupARNs)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, more...)
		if g.LaunchTemplate == nil {
			wrong = append(wrong, "group: no launch template")
			continue
		}
		if more, err = a.checkTemplate(ctx, aws.ToString(g.LaunchTemplate.LaunchTemplateId), aws.ToString(g.LaunchTemplate.Version)); err != nil {
			return nil, err
		}
		wrong = append(wrong, more...)
	}
	return wrong, nil
}

// tier lists the names of the subnets of a tier.
func (s *survey) tier(tier string) []string {
	var names []string
	for _, name := range s.subnets {
		if strings.HasPrefix(name, tier+"-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (a *API) checkTemplate(ctx context.Context, id, version string) ([]string, error) {
	out, err := a.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: aws.String(id), Versions: []string{version},
	})
	if err != nil {
		return nil, err
	}
	wrong := value("launch template: versions "+version, 1, len(out.LaunchTemplateVersions))
	for _, v := range out.LaunchTemplateVersions {
		data := v.LaunchTemplateData
		if data.MetadataOptions == nil {
			wrong = append(wrong, "launch template: no metadata options")
		} else {
			wrong = append(wrong, value("launch template: metadata tokens", "required", string(data.MetadataOptions.HttpTokens))...)
		}
		wrong = append(wrong, tagSpecifications(data.TagSpecifications)...)
		if len(data.BlockDeviceMappings) == 0 {
			wrong = append(wrong, "launch template: no disk, so nothing encrypts it")
		}
		for _, d := range data.BlockDeviceMappings {
			wrong = append(wrong, value("launch template: disk encrypted", true, d.Ebs != nil && aws.ToBool(d.Ebs.Encrypted))...)
		}
	}
	return wrong, nil
}

// tagSpecifications: the template tags what it starts.
func tagSpecifications(list []types.LaunchTemplateTagSpecification) []string {
	var kinds, wrong []string
	for _, s := range list {
		kinds = append(kinds, string(s.ResourceType))
		if tags := tagsOf(s.Tags); tags["Project"] == "" || tags["Component"] == "" {
			wrong = append(wrong, fmt.Sprintf("launch template: the tags of each %s are %v", s.ResourceType, tags))
		}
	}
	return append(wrong, unequal("launch template: tags what it starts", []string{"instance", "volume"}, kinds)...)
}

func (a *API) checkBalancer(ctx context.Context, w Want, n *survey, attached []string) ([]string, error) {
	targets, err := a.lb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	if err != nil {
		return nil, err
	}
	var wrong, arns []string
	for _, t := range targets.TargetGroups {
		arns = append(arns, aws.ToString(t.TargetGroupArn))
		wrong = append(wrong, value("target group: health check path", w.HealthPath, aws.ToString(t.HealthCheckPath))...)
		wrong = append(wrong, value("target group: port", 80, aws.ToInt32(t.Port))...)
	}
	wrong = append(wrong, value("number of target groups", 1, len(arns))...)
	wrong = append(wrong, unequal("group: target groups", arns, attached)...)
	balancers, err := a.lb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, err
	}
	wrong = append(wrong, value("number of load balancers", 1, len(balancers.LoadBalancers))...)
	for _, b := range balancers.LoadBalancers {
		wrong = append(wrong, value("load balancer: scheme", "internet-facing", string(b.Scheme))...)
		var groups, subnets []string
		for _, id := range b.SecurityGroups {
			groups = append(groups, n.groups[id])
		}
		for _, z := range b.AvailabilityZones {
			subnets = append(subnets, n.subnets[aws.ToString(z.SubnetId)])
		}
		wrong = append(wrong, unequal("load balancer: security groups", []string{"load-balancer"}, groups)...)
		wrong = append(wrong, unequal("load balancer: subnets", n.tier("public"), subnets)...)
		listeners, err := a.lb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, value("number of listeners", 1, len(listeners.Listeners))...)
		for _, l := range listeners.Listeners {
			wrong = append(wrong, value("listener: port", 80, aws.ToInt32(l.Port))...)
			for _, action := range l.DefaultActions {
				wrong = append(wrong, unequal("listener: target group", arns, []string{aws.ToString(action.TargetGroupArn)})...)
			}
		}
	}
	return wrong, nil
}
