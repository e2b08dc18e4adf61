package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// makeFlowLogs records accepted and refused traffic in CloudWatch Logs.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func (n *Network) makeFlowLogs(ctx *pulumi.Context) error {
	if !n.args.FlowLogs {
		return nil
	}
	name := n.name + "-flow"
	group, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(n.args.FlowLogRetentionDays),
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the flow logs' group: %w", err)
	}
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumableBy("vpc-flow-logs.amazonaws.com"),
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the flow logs' role: %w", err)
	}
	permission, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: policy.Document(policy.Statement{
			"Effect":   "Allow",
			"Action":   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
			"Resource": []any{group.Arn, pulumi.Sprintf("%s:*", group.Arn)},
		}),
	}, n.child())
	if err != nil {
		return fmt.Errorf("letting the flow logs write: %w", err)
	}
	// AWS refuses a second one of the same VPC to the same group, so the old one goes
	// first when the role is replaced.
	_, err = ec2.NewFlowLog(ctx, name, &ec2.FlowLogArgs{
		VpcId:                  n.VPCID,
		TrafficType:            pulumi.String("ALL"),
		LogDestinationType:     pulumi.String("cloud-watch-logs"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(600),
	}, n.child(pulumi.DependsOn([]pulumi.Resource{permission})), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return fmt.Errorf("creating the flow log: %w", err)
	}
	return nil
}
