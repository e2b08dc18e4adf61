package webtier

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// makeWatch makes the log group that the servers' CloudWatch agent writes to, and lets
// it write there and into the stack's own namespace of metrics.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/create-iam-roles-for-cloudwatch-agent.html
func (w *WebTier) makeWatch(ctx *pulumi.Context) (err error) {
	if w.args.MetricsNamespace == "" {
		return nil
	}
	name := w.name + "-logs"
	w.logs, err = cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(w.args.LogRetentionDays),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("creating the servers' log group: %w", err)
	}
	written, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Role: w.role.Name,
		Policy: policy.Document(policy.Statement{
			"Effect":   "Allow",
			"Action":   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			"Resource": pulumi.Sprintf("%s:*", w.logs.Arn),
		}, policy.Statement{
			// AWS knows no resource for it.
			// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
			"Effect":    "Allow",
			"Action":    "cloudwatch:PutMetricData",
			"Resource":  "*",
			"Condition": map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": w.args.MetricsNamespace}},
		}),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("letting the servers write logs: %w", err)
	}
	w.permissions = append(w.permissions, written)
	return nil
}
