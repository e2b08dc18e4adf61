// Package bucket makes S3 buckets that nobody but AWS's own services reads or writes:
// closed to the public, encrypted, by TLS only.
package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// ownLog begins the names of the files that say who reads a bucket.
const ownLog = "bucket/"

// Args describes a bucket.
type Args struct {
	AccountID string
	// Delete deletes the bucket and what is in it with the stack; else both stay. S3
	// deletes no bucket with objects in it, so one that must not be emptied is left
	// behind, closed as it is.
	Delete bool
	// ExpireDays is how long an object is kept; 0: for ever.
	ExpireDays int
	// LogTo is the bucket that takes the log of who reads this one; nil: itself.
	LogTo *Bucket
	// LogFrom is a pattern of the ARNs of further buckets whose logs it takes.
	LogFrom string
	// Allow is who may do what with the bucket of that ARN, beside its own log.
	Allow func(arn pulumi.StringOutput) []policy.Statement
}

// Bucket is the bucket, and what has to be there before a service writes to it.
type Bucket struct {
	*s3.BucketV2

	Writable []pulumi.Resource
}

// New makes a bucket and its settings, as children of parent.
//
// Sources:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func New(ctx *pulumi.Context, name string, parent pulumi.Resource, args Args) (*Bucket, error) {
	with := pulumi.Composite(pulumi.Parent(parent), pulumi.RetainOnDelete(!args.Delete))
	made, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{ForceDestroy: pulumi.Bool(args.Delete)}, with)
	if err != nil {
		return nil, fmt.Errorf("creating the bucket %s: %w", name, err)
	}
	b := &Bucket{BucketV2: made}
	if _, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                made.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, with); err != nil {
		return nil, fmt.Errorf("closing the bucket %s: %w", name, err)
	}
	if _, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: made.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"), // the only kind that log delivery writes
			},
		}},
	}, with); err != nil {
		return nil, fmt.Errorf("encrypting the bucket %s: %w", name, err)
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: made.ID(),
		Rules:  s3.BucketLifecycleConfigurationV2RuleArray{args.lifecycle()},
	}, with); err != nil {
		return nil, fmt.Errorf("expiring what is in the bucket %s: %w", name, err)
	}
	rights, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{Bucket: made.ID(), Policy: args.policy(made.Arn)}, with)
	if err != nil {
		return nil, fmt.Errorf("saying who may use the bucket %s: %w", name, err)
	}
	b.Writable = []pulumi.Resource{rights}
	log := b
	if args.LogTo != nil {
		log = args.LogTo
	}
	// A file of a bucket's own log is one more line in the next.
	if _, err := s3.NewBucketLoggingV2(ctx, name, &s3.BucketLoggingV2Args{
		Bucket:       made.ID(),
		TargetBucket: log.ID(),
		TargetPrefix: pulumi.String(ownLog),
	}, with, pulumi.DependsOn(log.Writable)); err != nil {
		return nil, fmt.Errorf("logging who reads the bucket %s: %w", name, err)
	}
	return b, nil
}

func (a Args) lifecycle() s3.BucketLifecycleConfigurationV2RuleArgs {
	rule := s3.BucketLifecycleConfigurationV2RuleArgs{
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
	}
	if a.ExpireDays > 0 {
		rule.Id = pulumi.String("expire")
		rule.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(a.ExpireDays)}
	} else {
		rule.Id = pulumi.String("uploads")
		rule.AbortIncompleteMultipartUpload = s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(1)}
	}
	return rule
}

func (a Args) policy(arn pulumi.StringOutput) pulumi.StringOutput {
	statements := a.Allow(arn)
	if a.LogTo == nil {
		from := []any{arn}
		if a.LogFrom != "" {
			from = append(from, a.LogFrom)
		}
		statements = append(statements, policy.Statement{
			"Sid":       "LogOfTheBucket",
			"Effect":    "Allow",
			"Action":    "s3:PutObject",
			"Principal": map[string]any{"Service": "logging.s3.amazonaws.com"},
			"Resource":  pulumi.Sprintf("%s/"+ownLog+"*", arn),
			"Condition": map[string]any{
				"ArnLike":      map[string]any{"aws:SourceArn": from},
				"StringEquals": map[string]any{"aws:SourceAccount": a.AccountID},
			},
		})
	}
	return policy.Document(append(statements, policy.Statement{
		"Sid":       "RefuseWithoutTLS",
		"Effect":    "Deny",
		"Action":    "s3:*",
		"Principal": "*",
		"Resource":  []any{arn, pulumi.Sprintf("%s/*", arn)},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	})...)
}
