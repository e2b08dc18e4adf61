package webtier

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// GroupArgs describes the Auto Scaling group of phase 3.
type GroupArgs struct {
	Images         Images // that the last update left
	TargetGroupARN pulumi.StringInput
	// Requests is what CloudWatch knows the requests to a server by: the balancer's and the
	// target group's ARN suffixes.
	Requests  pulumi.StringInput
	Address   pulumi.StringInput // by which visitors come: the balancer's or the distribution's DNS name
	Listening []pulumi.Resource  // what makes the target group's health checks run
}

func (g GroupArgs) check(s Settings) error {
	switch {
	case g.TargetGroupARN == nil || g.Address == nil || g.Requests == nil:
		return errors.New("Group.TargetGroupARN, Group.Address and Group.Requests are required")
	case s.PredictiveScaling != "off" && s.TargetCPUPercent == 0:
		return fmt.Errorf("PredictiveScaling %q forecasts the CPU load, and TargetCPUPercent is 0", s.PredictiveScaling)
	case s.MaxSize < s.MinSize:
		return fmt.Errorf("MaxSize %d is less than MinSize %d", s.MaxSize, s.MinSize)
	case s.DesiredSize != 0 && (s.DesiredSize < s.MinSize || s.DesiredSize > s.MaxSize):
		return fmt.Errorf("DesiredSize %d is outside %d to %d", s.DesiredSize, s.MinSize, s.MaxSize)
	}
	return nil
}

// makeGroup starts the servers, puts them behind the load balancer and wants the proof
// that it sees MinSize of them healthy. A leaving server first finishes its requests:
// the group takes it out of the target group and waits for the drain time.
func (w *WebTier) makeGroup(ctx *pulumi.Context) error {
	g := w.args.Group
	template, err := w.makeTemplate(ctx)
	if err != nil {
		return err
	}
	version := template.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput)
	args := &autoscaling.GroupArgs{
		MinSize:                pulumi.Int(w.args.MinSize),
		MaxSize:                pulumi.Int(w.args.MaxSize),
		VpcZoneIdentifiers:     w.args.SubnetIDs,
		HealthCheckType:        pulumi.String("ELB"),
		HealthCheckGracePeriod: pulumi.Int(w.args.HealthCheckGraceSeconds),
		WaitForCapacityTimeout: pulumi.String("15m"),
		// New servers first, then the old ones go. AWS would not roll back: the provider
		// tells the group of the new version before it starts the refresh, so that is
		// what AWS would return to.
		// Source: https://github.com/hashicorp/terraform-provider-aws/issues/34189
		InstanceRefresh: autoscaling.GroupInstanceRefreshArgs{
			Strategy: pulumi.String("Rolling"),
			Preferences: autoscaling.GroupInstanceRefreshPreferencesArgs{
				MinHealthyPercentage: pulumi.Int(100),
				MaxHealthyPercentage: pulumi.Int(200),
				AutoRollback:         pulumi.Bool(false),
			},
		},
		// What the alarm on a full group reads.
		EnabledMetrics: pulumi.ToStringArray([]string{"GroupInServiceInstances"}),
		Tags:           w.groupTags(),
	}
	if len(w.args.OtherInstanceTypes) == 0 {
		args.LaunchTemplate = autoscaling.GroupLaunchTemplateArgs{Id: template.ID(), Version: version}
	} else {
		args.MixedInstancesPolicy = w.mixed(template, version)
	}
	if w.args.DesiredSize > 0 {
		args.DesiredCapacity = pulumi.Int(w.args.DesiredSize)
	}
	group, err := autoscaling.NewGroup(ctx, w.name, args, pulumi.Parent(w), w.needs(w.backing(g.Listening...)...))
	if err != nil {
		return fmt.Errorf("creating the group: %w", err)
	}
	// Apart from the group: where one balancer takes the place of another, the servers are
	// behind both, until the name has moved and the engine deletes what is no longer wanted.
	// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html
	attached, err := autoscaling.NewAttachment(ctx, w.name, &autoscaling.AttachmentArgs{
		AutoscalingGroupName: group.Name,
		LbTargetGroupArn:     g.TargetGroupARN,
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("putting the group behind the load balancer: %w", err)
	}
	if err := w.settleGroup(ctx, group, attached, version); err != nil {
		return err
	}
	w.Group = group.Name
	w.Shell = pulumi.Sprintf("aws ssm start-session --region %[1]s --target $(aws autoscaling describe-auto-scaling-groups --region %[1]s "+
		"--auto-scaling-group-names %[2]s --query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text)", w.args.Region, group.Name)
	return w.makeScaling(ctx, group, attached)
}

// mixed starts servers of the first type that AWS has at the moment, all of them on demand.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
func (w *WebTier) mixed(template *ec2.LaunchTemplate, version pulumi.StringInput) autoscaling.GroupMixedInstancesPolicyArgs {
	var types autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArray
	for _, name := range append([]string{w.args.InstanceType}, w.args.OtherInstanceTypes...) {
		types = append(types, autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs{InstanceType: pulumi.String(name)})
	}
	return autoscaling.GroupMixedInstancesPolicyArgs{
		InstancesDistribution: autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs{
			OnDemandAllocationStrategy:          pulumi.String("prioritized"),
			OnDemandPercentageAboveBaseCapacity: pulumi.Int(100),
		},
		LaunchTemplate: autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs{
			LaunchTemplateSpecification: autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs{
				LaunchTemplateId: template.ID(),
				Version:          version,
			},
			Overrides: types,
		},
	}
}

func (w *WebTier) makeTemplate(ctx *pulumi.Context) (*ec2.LaunchTemplate, error) {
	tagged := func(what string) ec2.LaunchTemplateTagSpecificationArgs {
		return ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String(what), Tags: pulumi.ToStringMap(w.args.Tags)}
	}
	template, err := ec2.NewLaunchTemplate(ctx, w.name, &ec2.LaunchTemplateArgs{
		ImageId:             w.ImageID,
		InstanceType:        pulumi.String(w.args.InstanceType),
		KeyName:             w.key,
		VpcSecurityGroupIds: pulumi.StringArray{w.args.SecurityGroupID},
		IamInstanceProfile:  ec2.LaunchTemplateIamInstanceProfileArgs{Arn: w.profile.Arn},
		UserData: w.userData().ApplyT(func(text string) string {
			return base64.StdEncoding.EncodeToString([]byte(text))
		}).(pulumi.StringOutput),
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String(w.args.Image.RootDevice),
			Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType:          pulumi.String("gp3"),
				VolumeSize:          pulumi.Int(w.args.RootVolumeSize),
				Encrypted:           pulumi.String("true"),
				DeleteOnTermination: pulumi.String("true"),
			},
		}},
		// Every minute instead of every five: target tracking reacts in time.
		Monitoring:        ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		TagSpecifications: ec2.LaunchTemplateTagSpecificationArray{tagged("instance"), tagged("volume")},
	}, pulumi.Parent(w))
	if err != nil {
		return nil, fmt.Errorf("creating the launch template: %w", err)
	}
	return template, nil
}

// groupTags tags the group and, through it, its servers: a group does not take
// tags in the form that other resources do.
func (w *WebTier) groupTags() autoscaling.GroupTagArray {
	var tags autoscaling.GroupTagArray
	for _, key := range slices.Sorted(maps.Keys(w.args.Tags)) {
		tags = append(tags, autoscaling.GroupTagArgs{
			Key:               pulumi.String(key),
			Value:             pulumi.String(w.args.Tags[key]),
			PropagateAtLaunch: pulumi.Bool(true),
		})
	}
	return tags
}

// makeScaling keeps the average CPU load, and the requests to a server, near their
// targets: the policy that wants more servers wins.
//
// Sources:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/predictive-scaling-policy-overview.html
func (w *WebTier) makeScaling(ctx *pulumi.Context, group *autoscaling.Group, attached pulumi.Resource) error {
	policies := map[string]*autoscaling.PolicyArgs{}
	if target := w.args.TargetCPUPercent; target > 0 {
		policies["cpu"] = tracking(target, autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ASGAverageCPUUtilization"),
		})
	}
	if target := w.args.TargetRequestsPerMinute; target > 0 {
		policies["requests"] = tracking(target, autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String("ALBRequestCountPerTarget"),
			ResourceLabel:        w.args.Group.Requests,
		})
	}
	if mode := map[string]string{"forecast": "ForecastOnly", "scale": "ForecastAndScale"}[w.args.PredictiveScaling]; mode != "" {
		policies["forecast"] = &autoscaling.PolicyArgs{
			PolicyType: pulumi.String("PredictiveScaling"),
			PredictiveScalingConfiguration: autoscaling.PolicyPredictiveScalingConfigurationArgs{
				Mode: pulumi.String(mode),
				MetricSpecification: autoscaling.PolicyPredictiveScalingConfigurationMetricSpecificationArgs{
					TargetValue: pulumi.Float64(float64(w.args.TargetCPUPercent)),
					PredefinedMetricPairSpecification: autoscaling.PolicyPredictiveScalingConfigurationMetricSpecificationPredefinedMetricPairSpecificationArgs{
						PredefinedMetricType: pulumi.String("ASGCPUUtilization"),
					},
				},
			},
		}
	}
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		args := policies[name]
		args.AutoscalingGroupName = group.Name
		// AWS counts requests only for a target group that the group is behind.
		if _, err := autoscaling.NewPolicy(ctx, w.name+"-"+name, args, pulumi.Parent(w), pulumi.DependsOn([]pulumi.Resource{attached})); err != nil {
			return fmt.Errorf("creating the scaling policy %s: %w", name, err)
		}
	}
	return nil
}

func tracking(target int, metric autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs) *autoscaling.PolicyArgs {
	return &autoscaling.PolicyArgs{
		PolicyType: pulumi.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: autoscaling.PolicyTargetTrackingConfigurationArgs{
			PredefinedMetricSpecification: metric,
			TargetValue:                   pulumi.Float64(float64(target)),
		},
	}
}
