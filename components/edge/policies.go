package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// AWS's own policies.
//
// Sources:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const (
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	// everything that the viewer sent, and CloudFront's own headers.
	allViewerAndCloudFront = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
)

const year = 365 * 24 * 60 * 60 // seconds

// knownBy are the cookies by which WordPress knows a visitor: who has logged in, given a
// password or written a comment, has a cart or a session. Each such visitor has cache
// entries of his own, and the servers say that those may not be kept.
var knownBy = []string{"wordpress_logged_in_*", "wordpress_sec_*", "wp-postpass_*", "comment_author_*", "*woocommerce_*", "PHPSESSID"}

// campaigns are the queries that campaigns and social networks add to a link. They mean
// nothing to WordPress: with any of them the page is the same, and none reaches a server.
var campaigns = []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "gclid", "fbclid", "msclkid"}

// fromCloudFront is what the servers want to know of the viewer's side: whether it was
// HTTPS, and which TLS.
var fromCloudFront = []string{"CloudFront-Forwarded-Proto", "CloudFront-Viewer-TLS"}

// policies are the rules of what is kept under which key, and what the servers get.
type policies struct {
	pages, files *cloudfront.CachePolicy
	asked        *cloudfront.OriginRequestPolicy
}

// makePolicies makes them. How long something is kept is for the servers to say
// (server/files/share/nginx): without a word of theirs nothing is.
func (e *Edge) makePolicies(ctx *pulumi.Context) (p policies, err error) {
	if p.pages, err = cloudfront.NewCachePolicy(ctx, e.name+"-pages", &cloudfront.CachePolicyArgs{
		Comment:    pulumi.String("Pages: by visitor, if WordPress knows him"),
		MinTtl:     pulumi.Int(0),
		DefaultTtl: pulumi.Int(0),
		MaxTtl:     pulumi.Int(year),
		ParametersInCacheKeyAndForwardedToOrigin: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
			EnableAcceptEncodingBrotli: pulumi.Bool(true),
			EnableAcceptEncodingGzip:   pulumi.Bool(true),
			CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
				CookieBehavior: pulumi.String("whitelist"),
				Cookies: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigCookiesArgs{
					Items: pulumi.ToStringArray(knownBy),
				},
			},
			HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
				HeaderBehavior: pulumi.String("whitelist"),
				Headers: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigHeadersArgs{
					Items: pulumi.ToStringArray([]string{"Authorization", "Host"}),
				},
			},
			QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
				QueryStringBehavior: pulumi.String("allExcept"),
				QueryStrings: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigQueryStringsArgs{
					Items: pulumi.ToStringArray(campaigns),
				},
			},
		},
	}, pulumi.Parent(e)); err != nil {
		return p, fmt.Errorf("creating the cache policy of pages: %w", err)
	}
	if p.files, err = cloudfront.NewCachePolicy(ctx, e.name+"-files", &cloudfront.CachePolicyArgs{
		Comment:    pulumi.String("Files: by version"),
		MinTtl:     pulumi.Int(0),
		DefaultTtl: pulumi.Int(0),
		MaxTtl:     pulumi.Int(year),
		ParametersInCacheKeyAndForwardedToOrigin: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
			EnableAcceptEncodingBrotli: pulumi.Bool(true),
			EnableAcceptEncodingGzip:   pulumi.Bool(true),
			CookiesConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{
				CookieBehavior: pulumi.String("none"),
			},
			HeadersConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{
				HeaderBehavior: pulumi.String("none"),
			},
			QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{
				QueryStringBehavior: pulumi.String("whitelist"),
				QueryStrings: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigQueryStringsArgs{
					Items: pulumi.ToStringArray([]string{"ver"}),
				},
			},
		},
	}, pulumi.Parent(e)); err != nil {
		return p, fmt.Errorf("creating the cache policy of files: %w", err)
	}
	if p.asked, err = cloudfront.NewOriginRequestPolicy(ctx, e.name+"-pages", &cloudfront.OriginRequestPolicyArgs{
		Comment: pulumi.String("Pages: all but the queries of campaigns"),
		CookiesConfig: cloudfront.OriginRequestPolicyCookiesConfigArgs{
			CookieBehavior: pulumi.String("all"),
		},
		HeadersConfig: cloudfront.OriginRequestPolicyHeadersConfigArgs{
			HeaderBehavior: pulumi.String("allViewerAndWhitelistCloudFront"),
			Headers: cloudfront.OriginRequestPolicyHeadersConfigHeadersArgs{
				Items: pulumi.ToStringArray(fromCloudFront),
			},
		},
		QueryStringsConfig: cloudfront.OriginRequestPolicyQueryStringsConfigArgs{
			QueryStringBehavior: pulumi.String("allExcept"),
			QueryStrings: cloudfront.OriginRequestPolicyQueryStringsConfigQueryStringsArgs{
				Items: pulumi.ToStringArray(campaigns),
			},
		},
	}, pulumi.Parent(e)); err != nil {
		return p, fmt.Errorf("creating the origin request policy of pages: %w", err)
	}
	return p, nil
}
