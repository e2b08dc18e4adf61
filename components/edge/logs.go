package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/bucket"
	"github.com/webphases/webphases/internal/policy"
)

// accessLogDays is how long access logs are kept.
const accessLogDays = 90

// makeLogBucket makes a bucket that only this account's log delivery may write to.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
func (e *Edge) makeLogBucket(ctx *pulumi.Context) (err error) {
	if !e.args.AccessLogs {
		return nil
	}
	account := e.args.AccountID
	e.logs, err = bucket.New(ctx, e.name+"-logs", e, bucket.Args{
		AccountID:  account,
		Delete:     e.args.DeleteLogs,
		ExpireDays: accessLogDays,
		LogFrom:    "arn:aws:s3:::" + e.name + "-fallback-*",
		Allow: func(arn pulumi.StringOutput) []policy.Statement {
			return []policy.Statement{{
				"Sid":       "LogDelivery",
				"Effect":    "Allow",
				"Action":    "s3:PutObject",
				"Principal": map[string]any{"Service": "delivery.logs.amazonaws.com"},
				"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", arn, account),
				"Condition": map[string]any{
					"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:logs:" + Region + ":" + account + ":delivery-source:*"},
					"StringEquals": map[string]any{
						"aws:SourceAccount": account,
						"s3:x-amz-acl":      "bucket-owner-full-control",
					},
				},
			}}
		},
	})
	return err
}

// deliverLogs has CloudWatch Logs write to the bucket who asked for what.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
func (e *Edge) deliverLogs(ctx *pulumi.Context) error {
	if !e.args.AccessLogs {
		return nil
	}
	name := e.name + "-logs"
	source, err := cloudwatch.NewLogDeliverySource(ctx, name, &cloudwatch.LogDeliverySourceArgs{
		Name:        pulumi.String(e.args.Prefix),
		LogType:     pulumi.String("ACCESS_LOGS"),
		ResourceArn: e.distribution.Arn,
	}, e.global())
	if err != nil {
		return fmt.Errorf("taking the distribution's logs: %w", err)
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(ctx, name, &cloudwatch.LogDeliveryDestinationArgs{
		Name:         pulumi.String(e.args.Prefix),
		OutputFormat: pulumi.String("w3c"),
		DeliveryDestinationConfiguration: cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
			DestinationResourceArn: e.logs.Arn,
		},
	}, e.global(pulumi.DependsOn(e.logs.Writable)))
	if err != nil {
		return fmt.Errorf("naming the bucket for logs: %w", err)
	}
	if _, err := cloudwatch.NewLogDelivery(ctx, name, &cloudwatch.LogDeliveryArgs{
		DeliverySourceName:     source.Name,
		DeliveryDestinationArn: destination.Arn,
	}, e.global()); err != nil {
		return fmt.Errorf("delivering the logs: %w", err)
	}
	return nil
}
