package loadbalancer

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/bucket"
	"github.com/webphases/webphases/internal/policy"
)

// accessLogDays is how long access logs are kept.
const accessLogDays = 90

// LogBucketArgs describes the bucket that access logs go to.
type LogBucketArgs struct {
	AccountID string // only this account's balancers may write
	Region    string
	Delete    bool // delete the bucket and its logs with the balancer; else both stay when it goes
}

// makeLogBucket makes a bucket that only the log delivery of this account's load
// balancers may write to.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func (l *LoadBalancer) makeLogBucket(ctx *pulumi.Context) (*bucket.Bucket, error) {
	logs := l.args.LogBucket
	return bucket.New(ctx, l.name+"-logs", l, bucket.Args{
		AccountID:  logs.AccountID,
		Delete:     logs.Delete,
		ExpireDays: accessLogDays,
		Allow: func(arn pulumi.StringOutput) []policy.Statement {
			return []policy.Statement{{
				"Sid":       "LogDelivery",
				"Effect":    "Allow",
				"Action":    "s3:PutObject",
				"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
				"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", arn, logs.AccountID),
				"Condition": map[string]any{"ArnLike": map[string]any{
					"aws:SourceArn": fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/*", logs.Region, logs.AccountID),
				}},
			}}
		},
	})
}
