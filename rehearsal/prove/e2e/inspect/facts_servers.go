//go:build e2e

package inspect

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	lbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (a *API) serverFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
	if err != nil || len(out.Reservations) == 0 || len(out.Reservations[0].Instances) == 0 {
		return nil, err
	}
	i := out.Reservations[0].Instances[0]
	if i.State != nil && i.State.Name == types.InstanceStateNameTerminated {
		return nil, nil
	}
	f := facts{}.tag(tagsOf(i.Tags))
	f.put("type", i.InstanceType)
	f.put("image", i.ImageId)
	f.put("subnet", i.SubnetId)
	var groups []string
	for _, g := range i.SecurityGroups {
		groups = append(groups, aws.ToString(g.GroupId))
	}
	f["security groups"] = join(groups)
	if o := i.MetadataOptions; o != nil {
		f.put("metadata tokens", o.HttpTokens)
		f.put("metadata hops", o.HttpPutResponseHopLimit)
	}
	if i.IamInstanceProfile != nil {
		f["role"] = path.Base(aws.ToString(i.IamInstanceProfile.Arn))
	}
	if i.State != nil {
		f.put("state", i.State.Name)
	}
	protection, err := a.ec2.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: types.InstanceAttributeNameDisableApiTermination})
	if err != nil {
		return nil, err
	}
	if protection.DisableApiTermination != nil {
		f.put("termination protection", protection.DisableApiTermination.Value)
	}
	return f, a.diskFacts(ctx, i, f)
}

func (a *API) diskFacts(ctx context.Context, i types.Instance, f facts) error {
	for _, d := range i.BlockDeviceMappings {
		if d.Ebs == nil || aws.ToString(d.DeviceName) != aws.ToString(i.RootDeviceName) {
			continue
		}
		f.put("disk deleted with it", d.Ebs.DeleteOnTermination)
		out, err := a.ec2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{aws.ToString(d.Ebs.VolumeId)}})
		if err != nil {
			return err
		}
		if v := first(out.Volumes); v != nil {
			f.put("disk encrypted", v.Encrypted)
		}
	}
	return nil
}

func (a *API) imageFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil || len(out.Images) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(out.Images[0].Tags))
	f.put("name", out.Images[0].Name)
	f.put("public", out.Images[0].Public)
	f.put("state", out.Images[0].State)
	return f, nil
}

func (a *API) templateFacts(ctx context.Context, id string) (facts, error) {
	templates, err := a.ec2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{id}})
	if err != nil || len(templates.LaunchTemplates) == 0 {
		return nil, err
	}
	f := facts{}.tag(tagsOf(templates.LaunchTemplates[0].Tags))
	out, err := a.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"$Latest"}})
	if err != nil {
		return nil, err
	}
	for _, v := range out.LaunchTemplateVersions {
		d := v.LaunchTemplateData
		f.put("type", d.InstanceType)
		f.put("image", d.ImageId)
		f.put("user data", d.UserData)
		f["security groups"] = join(d.SecurityGroupIds)
		if d.MetadataOptions != nil {
			f.put("metadata tokens", d.MetadataOptions.HttpTokens)
			f.put("metadata hops", d.MetadataOptions.HttpPutResponseHopLimit)
		}
		encrypted := len(d.BlockDeviceMappings) > 0
		for _, disk := range d.BlockDeviceMappings {
			encrypted = encrypted && disk.Ebs != nil && aws.ToBool(disk.Ebs.Encrypted)
		}
		f.put("disks encrypted", encrypted)
	}
	return f, nil
}

func (a *API) scalingFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.scaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{id}})
	if err != nil || len(out.AutoScalingGroups) == 0 {
		return nil, err
	}
	g := out.AutoScalingGroups[0]
	f := facts{}.tag(scalingTags(g.Tags))
	f.put("least size", g.MinSize)
	f.put("largest size", g.MaxSize)
	f["subnets"] = join(strings.Split(aws.ToString(g.VPCZoneIdentifier), ","))
	f.put("health check", g.HealthCheckType)
	f["target groups"] = join(g.TargetGroupARNs)
	template := g.LaunchTemplate
	if g.MixedInstancesPolicy != nil {
		template = g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification
	}
	if template != nil {
		f.put("template", template.LaunchTemplateId)
		f.put("template version", template.Version)
	}
	var serving []string
	for _, i := range g.Instances {
		if i.LifecycleState == scalingtypes.LifecycleStateInService {
			serving = append(serving, aws.ToString(i.InstanceId))
		}
	}
	f["servers"] = join(serving)
	f.put("servers in service", len(serving))
	f["refresh under way"] = a.refresh(ctx, id)
	return f, nil
}

// refresh is the instance refresh that runs, "none", or why it is not known.
func (a *API) refresh(ctx context.Context, id string) string {
	out, err := a.scaling.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &id})
	if err != nil {
		return fmt.Sprintf("not answered: %v", err)
	}
	for _, r := range out.InstanceRefreshes {
		switch r.Status {
		case scalingtypes.InstanceRefreshStatusPending, scalingtypes.InstanceRefreshStatusInProgress, scalingtypes.InstanceRefreshStatusCancelling,
			scalingtypes.InstanceRefreshStatusRollbackInProgress:
			return fmt.Sprintf("%s: %s", r.Status, aws.ToString(r.StatusReason))
		}
	}
	return "none"
}

func (a *API) lbTagsOf(ctx context.Context, arn string) (map[string]string, error) {
	out, err := a.lb.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{arn}})
	if err != nil || len(out.TagDescriptions) == 0 {
		return nil, err
	}
	return lbTags(out.TagDescriptions[0].Tags), nil
}

func (a *API) balancerFacts(ctx context.Context, arn string) (facts, error) {
	out, err := a.lb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil || len(out.LoadBalancers) == 0 {
		return nil, err
	}
	tags, err := a.lbTagsOf(ctx, arn)
	if err != nil {
		return nil, err
	}
	b := out.LoadBalancers[0]
	f := facts{}.tag(tags)
	f.put("internal", b.Scheme == lbtypes.LoadBalancerSchemeEnumInternal)
	f["security groups"] = join(b.SecurityGroups)
	var subnets []string
	for _, z := range b.AvailabilityZones {
		subnets = append(subnets, aws.ToString(z.SubnetId))
	}
	f["subnets"] = join(subnets)
	if b.State != nil {
		f.put("state", b.State.Code)
	}
	attributes, err := a.lb.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	if err != nil {
		return nil, err
	}
	names := map[string]string{
		"deletion_protection.enabled": "deletion protection", "routing.http.drop_invalid_header_fields.enabled": "drops invalid headers",
		"access_logs.s3.enabled": "access logs",
	}
	for _, at := range attributes.Attributes {
		if name := names[aws.ToString(at.Key)]; name != "" {
			f.put(name, at.Value)
		}
	}
	return f, nil
}

func (a *API) listenerFacts(ctx context.Context, arn string) (facts, error) {
	out, err := a.lb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{arn}})
	if err != nil || len(out.Listeners) == 0 {
		return nil, err
	}
	tags, err := a.lbTagsOf(ctx, arn)
	if err != nil {
		return nil, err
	}
	l := out.Listeners[0]
	f := facts{}.tag(tags)
	f.put("port", l.Port)
	f.put("protocol", l.Protocol)
	f.put("TLS policy", l.SslPolicy)
	for _, c := range l.Certificates {
		f.put("certificate", c.CertificateArn)
	}
	for _, action := range l.DefaultActions {
		f.put("action", action.Type)
		f.put("target group", action.TargetGroupArn)
		if action.RedirectConfig != nil {
			f.put("redirects to", action.RedirectConfig.Protocol)
		}
	}
	return f, nil
}

func (a *API) targetFacts(ctx context.Context, arn string) (facts, error) {
	out, err := a.lb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil || len(out.TargetGroups) == 0 {
		return nil, err
	}
	tags, err := a.lbTagsOf(ctx, arn)
	if err != nil {
		return nil, err
	}
	f := facts{}.tag(tags)
	f.put("port", out.TargetGroups[0].Port)
	f.put("protocol", out.TargetGroups[0].Protocol)
	f.put("health check", out.TargetGroups[0].HealthCheckPath)
	attributes, err := a.lb.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
	if err != nil {
		return nil, err
	}
	for _, at := range attributes.Attributes {
		if aws.ToString(at.Key) == "deregistration_delay.timeout_seconds" {
			f.put("deregistration delay", at.Value)
		}
	}
	health, err := a.lb.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
	if err != nil {
		return nil, err
	}
	healthy, others := 0, []string{}
	for _, t := range health.TargetHealthDescriptions {
		if t.TargetHealth != nil && t.TargetHealth.State == lbtypes.TargetHealthStateEnumHealthy {
			healthy++
		} else if t.Target != nil && t.TargetHealth != nil && t.TargetHealth.State != lbtypes.TargetHealthStateEnumDraining {
			others = append(others, fmt.Sprintf("%s (%s)", aws.ToString(t.Target.Id), t.TargetHealth.State))
		}
	}
	f.put("healthy targets", healthy)
	if f["unhealthy targets"] = join(others); len(others) == 0 {
		f["unhealthy targets"] = "none"
	}
	return f, nil
}
