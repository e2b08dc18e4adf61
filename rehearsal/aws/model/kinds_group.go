package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const asgArn = "arn:{partition}:autoscaling:{region}:{account}:"

var asgRef = Ref{Path: "autoscalingGroupName", To: catalog.AutoScalingGroup, By: "name"}

var groupKinds = []Kind{
	{
		Token: catalog.AutoScalingGroup, ID: "{.name}",
		Outputs: []string{
			"arn", asgArn + "autoScalingGroup:{uuid}:autoScalingGroupName/{.name}",
			"serviceLinkedRoleArn", "arn:{partition}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
			"healthCheckType", "EC2",
		},
		Name: &Naming{Property: "name", Max: 255, Prefix: "namePrefix"},
		Defaults: map[string]any{
			"forceDelete": false, "forceDeleteWarmPool": false, "healthCheckGracePeriod": 300, "ignoreFailedScalingActivities": false,
			"metricsGranularity": "1Minute", "protectFromScaleIn": false, "waitForCapacityTimeout": "10m",
		},
		Refs: []Ref{
			{Path: catalog.MixedTemplate + ".launchTemplateId", To: catalog.EC2LaunchTemplate},
			{Path: "launchTemplate.id", To: catalog.EC2LaunchTemplate}, {Path: "launchTemplate.name", To: catalog.EC2LaunchTemplate, By: "name"},
			{Path: "vpcZoneIdentifiers[*]", To: catalog.EC2Subnet}, {Path: "targetGroupArns[*]", To: catalog.LBTargetGroup, By: "arn"},
		},
		Sets: []string{
			"vpcZoneIdentifiers", "targetGroupArns", "terminationPolicies", "enabledMetrics", "suspendedProcesses", "tags",
			"instanceRefresh.triggers", "initialLifecycleHooks", "loadBalancers", "availabilityZones",
		},
		Rules: []Rule{
			exactlyOne("launchTemplate", "launchConfiguration", "mixedInstancesPolicy"), oneOf("healthCheckType", "EC2", "ELB"), sizesInOrder,
			oneOf("instanceRefresh.strategy", "Rolling"), between("instanceRefresh.preferences.minHealthyPercentage", 0, 100),
			between("instanceRefresh.preferences.maxHealthyPercentage", 100, 200),
		},
		Apply:  launchGroup,
		After:  launchMembers,
		Live:   behindBalancers,
		Delete: func(c *change) error { return dropMembers(c.cloud, c.id) },
		Fill: func(c *change) {
			c.setIfAbsent("desiredCapacity", num(c.in, "minSize"))
			c.setIfAbsent("defaultCooldown", 300)
			var zones []any
			for _, id := range strs(c.in, "vpcZoneIdentifiers[*]") {
				if s := c.subnet(id); s != nil && !slices.Contains(zones, any(s.Str("availabilityZone"))) {
					zones = append(zones, s.Str("availabilityZone"))
				}
			}
			c.set("availabilityZones", zones)
		},
	},
	{
		Token: catalog.AutoScalingAttachment, ID: "{.autoscalingGroupName}-{hex16}",
		Refs:   []Ref{asgRef, {Path: "lbTargetGroupArn", To: catalog.LBTargetGroup, By: "arn"}},
		Rules:  []Rule{exactlyOne("lbTargetGroupArn", "elb")},
		Unique: []Unique{{Paths: []string{"autoscalingGroupName", "lbTargetGroupArn"}, Code: "ValidationError", What: "the attachment"}},
	},
	{
		Token: catalog.AutoScalingPolicy, ID: "{.name}",
		Outputs:  []string{"arn", asgArn + "scalingPolicy:{uuid}:autoScalingGroupName/{.autoscalingGroupName}:policyName/{.name}"},
		Defaults: map[string]any{"enabled": true, "policyType": "SimpleScaling"},
		Refs:     []Ref{asgRef},
		Rules: []Rule{
			oneOf("policyType", "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"),
			when("policyType", "TargetTrackingScaling", required("targetTrackingConfiguration")),
			oneOf("targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType",
				"ASGAverageCPUUtilization", "ASGAverageNetworkIn", "ASGAverageNetworkOut", "ALBRequestCountPerTarget"),
			matches(tracked+"resourceLabel", `^app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+$`, "the ARN suffixes of a load balancer and of its target group"),
			when(tracked+"predefinedMetricType", "ALBRequestCountPerTarget", required(tracked+"resourceLabel")),
			when("policyType", "PredictiveScaling", required(predicted+"metricSpecification.targetValue"), exactlyOne(
				predicted+"metricSpecification.predefinedMetricPairSpecification", predicted+"metricSpecification.predefinedLoadMetricSpecification",
				predicted+"metricSpecification.customizedLoadMetricSpecification")),
			oneOf(predicted+"mode", "ForecastOnly", "ForecastAndScale"),
			oneOf(predicted+"metricSpecification.predefinedMetricPairSpecification.predefinedMetricType",
				"ASGCPUUtilization", "ASGNetworkIn", "ASGNetworkOut", "ALBRequestCount"),
		},
		Apply: countedRequests,
	},
}

const (
	tracked   = "targetTrackingConfiguration.predefinedMetricSpecification."
	predicted = "predictiveScalingConfiguration."
)

// countedRequests wants a listener that sends the label's target group requests, and the
// group behind it.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html
func countedRequests(c *change) error {
	label := str(c.in, tracked+"resourceLabel")
	if label == "" {
		return nil
	}
	balancer, targets, _ := strings.Cut(label, "/targetgroup/")
	inLabel := func(arn string) bool { return strings.HasSuffix(arn, ":targetgroup/"+targets) }
	if !slices.ContainsFunc(c.cloud.OfType(catalog.LBListener), func(l *cloud.Record) bool {
		return strings.HasSuffix(l.Str("loadBalancerArn"), ":loadbalancer/"+balancer) && slices.ContainsFunc(strs(l.Inputs, "defaultActions[*].targetGroupArn"), inLabel)
	}) {
		return refuse("ValidationError", "The load balancer does not route traffic to the target group: %s", label)
	}
	for _, a := range c.cloud.OfType(catalog.AutoScalingAttachment) {
		if a.Str("autoscalingGroupName") == str(c.in, "autoscalingGroupName") && inLabel(a.Str("lbTargetGroupArn")) {
			return nil
		}
	}
	return refuse("ValidationError", "Invalid resource label %s: the group is not behind that target group", label)
}

// behindBalancers adds the target groups that attachments put the group behind.
func behindBalancers(c *cloud.Cloud, id string, out resource.PropertyMap) {
	all := []any{}
	for _, arn := range strs(out, "targetGroupArns[*]") {
		if _, there := resolve(c, Ref{To: catalog.LBTargetGroup, By: "arn"}, arn); there {
			all = append(all, arn)
		}
	}
	for _, a := range c.OfType(catalog.AutoScalingAttachment) {
		if arn := a.Str("lbTargetGroupArn"); a.Str("autoscalingGroupName") == id && !slices.Contains(all, any(arn)) {
			all = append(all, arn)
		}
	}
	out["targetGroupArns"] = resource.NewPropertyValue(all)
}

func sizesInOrder(in resource.PropertyMap) []failure {
	low, high := num(in, "minSize"), num(in, "maxSize")
	if low > high {
		return fail("maxSize", "Max bound, %d, must be greater than or equal to min bound, %d", high, low)
	}
	if want := at(in, "desiredCapacity"); want.IsNumber() && (num(in, "desiredCapacity") < low || num(in, "desiredCapacity") > high) {
		return fail("desiredCapacity", "Desired capacity:%d must be between the specified min size:%d and max size:%d", num(in, "desiredCapacity"), low, high)
	}
	return nil
}

// launchGroup checks that the group could start servers.
func launchGroup(c *change) error {
	lt := templateOf(c.cloud, c.in)
	if lt == nil {
		return nil
	}
	if !given(lt.Outputs, "imageId") || !given(lt.Outputs, "instanceType") {
		return refuse("ValidationError", "You must use a valid fully-formed launch template. The request must contain the parameters ImageId and InstanceType")
	}
	version := versionOf(c.in)
	if n, err := strconv.Atoi(version); err == nil && (n < 1 || n > num(lt.Outputs, "latestVersion")) {
		return refuse("ValidationError", "Could not find the specified version %d for the launch template with ID %s.", n, lt.ID)
	}
	for _, id := range strs(c.in, "vpcZoneIdentifiers[*]") {
		if s := c.subnet(id); s != nil {
			if err := groupsInVpc(c.cloud, s.Str("vpcId"), securityGroupsOf(lt)); err != nil {
				return err
			}
		}
	}
	return nil
}

// versionOf is the version of its template that a group's inputs name.
func versionOf(in resource.PropertyMap) string {
	return cmp.Or(str(in, "launchTemplate.version"), str(in, catalog.MixedTemplate+".version"))
}

// templateOf returns the launch template that a group's inputs name, or nil.
func templateOf(c *cloud.Cloud, in resource.PropertyMap) *cloud.Record {
	if id := cmp.Or(str(in, "launchTemplate.id"), str(in, catalog.MixedTemplate+".launchTemplateId")); id != "" {
		return c.Get(catalog.EC2LaunchTemplate, id)
	}
	if name := str(in, "launchTemplate.name"); name != "" {
		r, _ := resolve(c, Ref{To: catalog.EC2LaunchTemplate, By: "name"}, name)
		return r
	}
	return nil
}

func securityGroupsOf(template *cloud.Record) []string {
	return append(strs(template.Outputs, "vpcSecurityGroupIds[*]"), strs(template.Outputs, "networkInterfaces[*].securityGroups[*]")...)
}

// short returns the part of an ARN after the last of the separator.
func short(arn, separator string) string { return arn[strings.LastIndex(arn, separator)+1:] }
