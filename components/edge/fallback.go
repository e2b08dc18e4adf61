package edge

import (
	_ "embed"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/bucket"
	"github.com/webphases/webphases/internal/policy"
)

// The page that visitors get while the site cannot be reached, and where it lies.
const (
	fallbackFolder = "webphases"
	fallbackPage   = fallbackFolder + "/unavailable.html"
)

//go:embed unavailable.html
var unavailable string

// makeFallbackOrigin is the bucket as CloudFront sees it: it signs what it asks of it.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
func (e *Edge) makeFallbackOrigin(ctx *pulumi.Context) (cloudfront.DistributionOriginArgs, error) {
	var none cloudfront.DistributionOriginArgs
	access, err := cloudfront.NewOriginAccessControl(ctx, e.name, &cloudfront.OriginAccessControlArgs{
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"),
		SigningProtocol:               pulumi.String("sigv4"),
	}, pulumi.Parent(e))
	if err != nil {
		return none, fmt.Errorf("creating the origin access control: %w", err)
	}
	args := bucket.Args{
		AccountID: e.args.AccountID,
		Delete:    true, // what is in it is in this repository
		LogTo:     e.logs,
		Allow: func(arn pulumi.StringOutput) []policy.Statement {
			return []policy.Statement{{
				"Sid":       "Distribution",
				"Effect":    "Allow",
				"Action":    "s3:GetObject",
				"Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
				"Resource":  pulumi.Sprintf("%s/*", arn),
				"Condition": map[string]any{
					"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:cloudfront::" + e.args.AccountID + ":distribution/*"},
					"StringEquals": map[string]any{"aws:SourceAccount": e.args.AccountID},
				},
			}}
		},
	}
	made, err := bucket.New(ctx, e.name+"-fallback", e, args)
	if err != nil {
		return none, err
	}
	if _, err := s3.NewBucketObjectv2(ctx, e.name+"-fallback", &s3.BucketObjectv2Args{
		Bucket:       made.ID(),
		Key:          pulumi.String(fallbackPage),
		Content:      pulumi.String(unavailable),
		ContentType:  pulumi.String("text/html; charset=utf-8"),
		CacheControl: pulumi.String("public, max-age=60"),
	}, pulumi.Parent(e)); err != nil {
		return none, fmt.Errorf("writing the page for while the site is down: %w", err)
	}
	return cloudfront.DistributionOriginArgs{
		OriginId:              pulumi.String(fallbackOrigin),
		DomainName:            made.BucketRegionalDomainName,
		OriginAccessControlId: access.ID(),
	}, nil
}
