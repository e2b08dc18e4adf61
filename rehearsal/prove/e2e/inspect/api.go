//go:build e2e

package inspect

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// API is one region of one account.
type API struct {
	ec2     *ec2.Client
	rds     *rds.Client
	efs     *efs.Client
	lb      *elasticloadbalancingv2.Client
	scaling *autoscaling.Client
	iam     *iam.Client
	ssm     *ssm.Client
	secrets *secretsmanager.Client
	logs    *cloudwatchlogs.Client
	watch   *cloudwatch.Client
	sts     *sts.Client
}

// New makes the clients of a region.
func New(cfg aws.Config) *API {
	return &API{
		ec2: ec2.NewFromConfig(cfg), rds: rds.NewFromConfig(cfg), efs: efs.NewFromConfig(cfg),
		lb: elasticloadbalancingv2.NewFromConfig(cfg), scaling: autoscaling.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
		ssm: ssm.NewFromConfig(cfg), secrets: secretsmanager.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
		watch: cloudwatch.NewFromConfig(cfg), sts: sts.NewFromConfig(cfg),
	}
}
