package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The origins. The servers are two of them, for a visitor of a page should not wait as
// long as an administrator who imports a site.
const (
	pagesOrigin    = "pages"
	servicesOrigin = "services"
	fallbackOrigin = "fallback"
)

// How long CloudFront waits for an answer's first and next byte, in seconds: then a
// visitor gets the last good page. 60 is the most that AWS gives without a request.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
const pagesTimeout, servicesTimeout = 20, 60

// errorSeconds is how long CloudFront gives an error to others too before it asks again.
const errorSeconds = 5

var (
	reading = pulumi.ToStringArray([]string{"GET", "HEAD"})
	all     = pulumi.ToStringArray([]string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
)

// makeOrigin lets CloudFront into the VPC, to this balancer. One that a distribution uses
// cannot be changed, so another balancer gets another one, under a name of its own.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
func (e *Edge) makeOrigin(ctx *pulumi.Context) (*cloudfront.VpcOrigin, error) {
	origin, err := cloudfront.NewVpcOrigin(ctx, e.name, &cloudfront.VpcOriginArgs{
		VpcOriginEndpointConfig: cloudfront.VpcOriginVpcOriginEndpointConfigArgs{
			Name: e.args.Balancer.ARN.ToStringOutput().ApplyT(func(arn string) string {
				return e.args.Prefix + "-" + arn[strings.LastIndex(arn, "/")+1:]
			}).(pulumi.StringOutput),
			Arn:       e.args.Balancer.ARN,
			HttpPort:  pulumi.Int(80),
			HttpsPort: pulumi.Int(443),
			// The way is AWS's own network, like that from the balancer to the servers. A
			// balancer without a domain can have no certificate that anybody accepts.
			OriginProtocolPolicy: pulumi.String("http-only"),
			OriginSslProtocols: cloudfront.VpcOriginVpcOriginEndpointConfigOriginSslProtocolsArgs{
				Items:    pulumi.ToStringArray([]string{"TLSv1.2"}),
				Quantity: pulumi.Int(1),
			},
		},
	}, pulumi.Parent(e), pulumi.DependsOn(e.args.Balancer.Listening), pulumi.ReplaceOnChanges([]string{"vpcOriginEndpointConfig"}))
	if err != nil {
		return nil, fmt.Errorf("letting CloudFront into the VPC: %w", err)
	}
	return origin, nil
}

// makeDistribution makes what visitors reach.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-specify.html
func (e *Edge) makeDistribution(ctx *pulumi.Context) error {
	origin, err := e.makeOrigin(ctx)
	if err != nil {
		return err
	}
	rules, err := e.makePolicies(ctx)
	if err != nil {
		return err
	}
	fallback, err := e.makeFallbackOrigin(ctx)
	if err != nil {
		return err
	}
	args := &cloudfront.DistributionArgs{
		Enabled:       pulumi.Bool(true),
		Comment:       pulumi.String(e.args.Prefix),
		HttpVersion:   pulumi.String("http2and3"),
		IsIpv6Enabled: pulumi.Bool(true),
		PriceClass:    pulumi.String(e.args.PriceClass),
		Origins: cloudfront.DistributionOriginArray{
			e.servers(pagesOrigin, origin, pagesTimeout),
			e.servers(servicesOrigin, origin, servicesTimeout),
			fallback,
		},
		DefaultCacheBehavior: cloudfront.DistributionDefaultCacheBehaviorArgs{
			TargetOriginId:        pulumi.String(pagesOrigin),
			ViewerProtocolPolicy:  pulumi.String("redirect-to-https"),
			AllowedMethods:        all,
			CachedMethods:         reading,
			Compress:              pulumi.Bool(true),
			CachePolicyId:         rules.pages.ID(),
			OriginRequestPolicyId: rules.asked.ID(),
		},
		OrderedCacheBehaviors: e.behaviors(rules),
		CustomErrorResponses:  plainErrors(),
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		ViewerCertificate: cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)},
	}
	if e.args.Domain != nil {
		args.Aliases = pulumi.ToStringArray([]string{e.args.Domain.Name})
		args.ViewerCertificate = cloudfront.DistributionViewerCertificateArgs{
			AcmCertificateArn:      e.CertificateARN.ToStringOutput(),
			SslSupportMethod:       pulumi.String("sni-only"),
			MinimumProtocolVersion: pulumi.String("TLSv1.2_2021"),
		}
	}
	if e.args.WebACLARN != "" {
		args.WebAclId = pulumi.String(e.args.WebACLARN)
	}
	if e.distribution, err = cloudfront.NewDistribution(ctx, e.name, args, pulumi.Parent(e)); err != nil {
		return fmt.Errorf("creating the distribution: %w", err)
	}
	e.DomainName, e.ZoneID = e.distribution.DomainName, e.distribution.HostedZoneId
	e.DistributionID = e.distribution.ID().ToStringOutput()
	return nil
}

func (e *Edge) servers(id string, origin *cloudfront.VpcOrigin, timeout int) cloudfront.DistributionOriginArgs {
	return cloudfront.DistributionOriginArgs{
		OriginId:           pulumi.String(id),
		DomainName:         e.args.Balancer.DNSName,
		ConnectionAttempts: pulumi.Int(2),
		ConnectionTimeout:  pulumi.Int(3),
		VpcOriginConfig: cloudfront.DistributionOriginVpcOriginConfigArgs{
			VpcOriginId:            origin.ID(),
			OriginReadTimeout:      pulumi.Int(timeout),
			OriginKeepaliveTimeout: pulumi.Int(5),
		},
	}
}

// behaviors are the paths that are no pages, in the order in which CloudFront looks.
func (e *Edge) behaviors(rules policies) cloudfront.DistributionOrderedCacheBehaviorArray {
	never := func(pattern string) cloudfront.DistributionOrderedCacheBehaviorArgs {
		return cloudfront.DistributionOrderedCacheBehaviorArgs{
			PathPattern:           pulumi.String(pattern),
			TargetOriginId:        pulumi.String(servicesOrigin),
			ViewerProtocolPolicy:  pulumi.String("redirect-to-https"),
			AllowedMethods:        all,
			CachedMethods:         reading,
			Compress:              pulumi.Bool(true),
			CachePolicyId:         pulumi.String(cachingDisabled),
			OriginRequestPolicyId: pulumi.String(allViewerAndCloudFront),
		}
	}
	kept := func(pattern, origin string, policy pulumi.StringInput) cloudfront.DistributionOrderedCacheBehaviorArgs {
		return cloudfront.DistributionOrderedCacheBehaviorArgs{
			PathPattern:          pulumi.String(pattern),
			TargetOriginId:       pulumi.String(origin),
			ViewerProtocolPolicy: pulumi.String("redirect-to-https"),
			AllowedMethods:       reading,
			CachedMethods:        reading,
			Compress:             pulumi.Bool(true),
			CachePolicyId:        policy,
		}
	}
	files := rules.files.ID().ToStringOutput()
	return cloudfront.DistributionOrderedCacheBehaviorArray{
		kept("/"+fallbackFolder+"/*", fallbackOrigin, pulumi.String(cachingOptimized)),
		never("*.php"), // the log-in, the tasks, comments, and what plugins have of their own
		never("/wp-admin/*"),
		never("/wp-json/*"),
		kept("/wp-content/*", pagesOrigin, files),
		kept("/wp-includes/*", pagesOrigin, files),
	}
}

// plainErrors is what visitors get where there is no good page either.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html
func plainErrors() (list cloudfront.DistributionCustomErrorResponseArray) {
	for _, code := range []int{502, 503, 504} {
		list = append(list, cloudfront.DistributionCustomErrorResponseArgs{
			ErrorCode:          pulumi.Int(code),
			ResponseCode:       pulumi.Int(503),
			ResponsePagePath:   pulumi.String("/" + fallbackPage),
			ErrorCachingMinTtl: pulumi.Int(errorSeconds),
		})
	}
	return list
}
