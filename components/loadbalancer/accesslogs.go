package loadbalancer

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// accessLogDays is how long access logs are kept.
const accessLogDays = 90

// ownLog begins the names of the files that say who reads the logs.
const ownLog = "bucket/"

// LogBucketArgs describes the bucket that access logs go to.
type LogBucketArgs struct {
	AccountID string // only this account's balancers may write
	Region    string
	Delete    bool // delete the bucket and its logs with the balancer; else both stay when it goes
}

// makeLogBucket makes a private, encrypted bucket that only the log delivery of
// this account's load balancers may write to.
//
// Sources:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func (l *LoadBalancer) makeLogBucket(ctx *pulumi.Context) (pulumi.StringOutput, []pulumi.Resource, error) {
	name, logs := l.name+"-logs", l.args.LogBucket
	var none pulumi.StringOutput
	// S3 deletes no bucket with objects in it, and log delivery writes one at once: a
	// bucket that must not be emptied is left behind, closed as it is.
	kept := pulumi.RetainOnDelete(!logs.Delete)
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{ForceDestroy: pulumi.Bool(logs.Delete)}, pulumi.Parent(l), kept)
	if err != nil {
		return none, nil, fmt.Errorf("creating the log bucket: %w", err)
	}
	if _, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(l), kept); err != nil {
		return none, nil, fmt.Errorf("closing the log bucket: %w", err)
	}
	if _, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"), // the only kind that log delivery writes
			},
		}},
	}, pulumi.Parent(l), kept); err != nil {
		return none, nil, fmt.Errorf("encrypting the log bucket: %w", err)
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String("expire"),
			Status:     pulumi.String("Enabled"),
			Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(accessLogDays)},
		}},
	}, pulumi.Parent(l), kept); err != nil {
		return none, nil, fmt.Errorf("expiring old logs: %w", err)
	}
	delivery, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: logPolicy(bucket, logs),
	}, pulumi.Parent(l), kept)
	if err != nil {
		return none, nil, fmt.Errorf("letting the balancer write its logs: %w", err)
	}
	// Who reads the logs is in the bucket too. A file of its own log is one more line in the next.
	if _, err := s3.NewBucketLoggingV2(ctx, name, &s3.BucketLoggingV2Args{
		Bucket:       bucket.ID(),
		TargetBucket: bucket.ID(),
		TargetPrefix: pulumi.String(ownLog),
	}, pulumi.Parent(l), kept, pulumi.DependsOn([]pulumi.Resource{delivery})); err != nil {
		return none, nil, fmt.Errorf("logging who reads the logs: %w", err)
	}
	return bucket.ID().ToStringOutput(), []pulumi.Resource{delivery}, nil
}

func logPolicy(bucket *s3.BucketV2, logs *LogBucketArgs) pulumi.StringOutput {
	return policy.Document(
		policy.Statement{
			"Sid":       "LogDelivery",
			"Effect":    "Allow",
			"Action":    "s3:PutObject",
			"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
			"Resource":  pulumi.Sprintf("%s/AWSLogs/%s/*", bucket.Arn, logs.AccountID),
			"Condition": map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/*", logs.Region, logs.AccountID),
			}},
		},
		policy.Statement{
			"Sid":       "LogOfTheBucket",
			"Effect":    "Allow",
			"Action":    "s3:PutObject",
			"Principal": map[string]any{"Service": "logging.s3.amazonaws.com"},
			"Resource":  pulumi.Sprintf("%s/"+ownLog+"*", bucket.Arn),
			"Condition": map[string]any{
				"ArnLike":      map[string]any{"aws:SourceArn": bucket.Arn},
				"StringEquals": map[string]any{"aws:SourceAccount": logs.AccountID},
			},
		},
		policy.Statement{
			"Sid":       "RefuseWithoutTLS",
			"Effect":    "Deny",
			"Action":    "s3:*",
			"Principal": "*",
			"Resource":  []any{bucket.Arn, pulumi.Sprintf("%s/*", bucket.Arn)},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		},
	)
}
