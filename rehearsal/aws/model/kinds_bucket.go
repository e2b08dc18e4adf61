package model

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

var bucketKinds = []Kind{
	{
		Token: catalog.S3BucketV2, ID: "{.bucket}",
		Outputs: []string{
			"arn", "arn:{partition}:s3:::{.bucket}", "bucketDomainName", "{.bucket}.s3.amazonaws.com",
			"bucketRegionalDomainName", "{.bucket}.s3.{region}.amazonaws.com", "region", "{region}", "requestPayer", "BucketOwner",
		},
		Name:     &Naming{Property: "bucket", Max: 63, Lower: true, Prefix: "bucketPrefix"},
		Defaults: map[string]any{"forceDestroy": false},
		Rules:    []Rule{matches("bucket", `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`, "3 to 63 lower-case letters, digits, periods and hyphens")},
		Fill: func(c *change) {
			c.setIfAbsent("objectLockEnabled", false)
			c.setIfAbsent("hostedZoneId", "Z"+c.digits("hostedZoneId", 13))
		},
		// Every bucket of the model takes logs, and log delivery writes at once.
		Delete: func(c *change) error {
			if yes(c.old.Inputs, "forceDestroy") {
				return nil
			}
			return refuse("BucketNotEmpty", "The bucket you tried to delete is not empty: %s", c.id)
		},
	},
	ofBucket(catalog.S3BucketPublicAccessBlock, map[string]any{
		"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false,
	}),
	ofBucket(catalog.S3BucketPolicy, nil, isJSON("policy")),
	bucketLogging(),
	ofBucket(catalog.S3BucketEncryptionV2, nil,
		oneOf("rules[*].applyServerSideEncryptionByDefault.sseAlgorithm", "AES256", "aws:kms", "aws:kms:dsse")),
	ofBucket(catalog.S3BucketLifecycleConfigurationV2, nil,
		oneOf("rules[*].status", "Enabled", "Disabled"), func(in resource.PropertyMap) []failure {
			if !given(in, "rules") {
				return fail("rules", "at least one rule is required")
			}
			return nil
		}),
}

// bucketLogging wants a policy that lets S3 write the log.
func bucketLogging() Kind {
	kind := ofBucket(catalog.S3BucketLoggingV2, nil, required("targetPrefix"))
	kind.Apply = func(c *change) error {
		if target := c.cloud.Get(catalog.S3BucketPolicy, str(c.in, "targetBucket")); target == nil || !strings.Contains(target.Str("policy"), "logging.s3.amazonaws.com") {
			return refuse("InvalidTargetBucketForLogging", "You must either provide the necessary permissions to the logging service using a bucket policy or use ACLs.")
		}
		return nil
	}
	return kind
}

// ofBucket is a setting that a bucket has once.
func ofBucket(token string, defaults map[string]any, rules ...Rule) Kind {
	return Kind{
		Token: token, ID: "{.bucket}", Defaults: defaults, Rules: rules,
		Refs: []Ref{{Path: "bucket", To: catalog.S3BucketV2, Loose: true}},
	}
}
