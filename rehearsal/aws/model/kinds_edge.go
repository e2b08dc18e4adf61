package model

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

const cloudFrontArn = "arn:{partition}:cloudfront::{account}:"

// cloudFrontZone is the hosted zone of every distribution's name.
//
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
const cloudFrontZone = "Z2FDTNDATAQYW2"

// edgePolicies are those that CloudFront has itself.
//
// Sources:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
var edgePolicies = []string{
	"658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
	"216adef6-5c7f-47e4-b989-5492eafa07d3", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "33f36d7e-f396-46d9-90e0-52428a34d9dc",
}

func ofCloudFront(id string) bool { return slices.Contains(edgePolicies, id) }

var edgeKinds = []Kind{
	{
		Token: catalog.CloudFrontVPCOrigin, ID: "vo_{letters22}",
		Outputs: []string{"arn", cloudFrontArn + "vpcorigin/{id}", "etag", "E{caps13}"},
		Refs:    []Ref{{Path: "vpcOriginEndpointConfig.arn", To: catalog.LBLoadBalancer, By: "arn"}},
		Rules: []Rule{
			required("vpcOriginEndpointConfig"), between("vpcOriginEndpointConfig.httpPort", 1, 65535), between("vpcOriginEndpointConfig.httpsPort", 1, 65535),
			oneOf("vpcOriginEndpointConfig.originProtocolPolicy", "http-only", "https-only", "match-viewer"),
			oneOf("vpcOriginEndpointConfig.originSslProtocols.items[*]", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
		},
		Unique: []Unique{{Paths: []string{"vpcOriginEndpointConfig.name"}, Code: "EntityAlreadyExists", What: "the VPC origin"}},
		Apply:  privateOrigin,
	},
	{
		Token: catalog.CloudFrontCachePolicy, ID: "{uuid}",
		Outputs:  []string{"etag", "E{caps13}"},
		Name:     &Naming{Property: "name", Max: 128},
		Defaults: map[string]any{"defaultTtl": 86400, "maxTtl": 31536000},
		Sets:     policySets("parametersInCacheKeyAndForwardedToOrigin."),
		Rules: append(policyRules("parametersInCacheKeyAndForwardedToOrigin.", "none", "whitelist"), func(in resource.PropertyMap) []failure {
			if num(in, "minTtl") > num(in, "defaultTtl") || num(in, "defaultTtl") > num(in, "maxTtl") {
				return fail("defaultTtl", "InvalidArgument: minTTL, defaultTTL and maxTTL have to be in this order")
			}
			return nil
		}),
		Unique: []Unique{{Paths: []string{"name"}, Code: "CachePolicyAlreadyExists", What: "the cache policy"}},
	},
	{
		Token: catalog.CloudFrontOriginRequestPolicy, ID: "{uuid}",
		Outputs: []string{"etag", "E{caps13}"},
		Name:    &Naming{Property: "name", Max: 128},
		Sets:    policySets(""),
		Rules:   policyRules("", "none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"),
		Unique:  []Unique{{Paths: []string{"name"}, Code: "OriginRequestPolicyAlreadyExists", What: "the origin request policy"}},
	},
	{
		Token: catalog.CloudFrontOriginAccessControl, ID: "E{caps13}",
		Outputs: []string{"etag", "E{caps13}"},
		Name:    &Naming{Property: "name", Max: 64},
		Rules: []Rule{
			oneOf("originAccessControlOriginType", "lambda", "mediapackagev2", "mediastore", "s3"),
			oneOf("signingBehavior", "always", "never", "no-override"), oneOf("signingProtocol", "sigv4"),
		},
		Unique: []Unique{{Paths: []string{"name"}, Code: "OriginAccessControlAlreadyExists", What: "the origin access control"}},
	},
	{
		Token: catalog.CloudFrontDistribution, ID: "E{caps13}",
		Outputs: []string{
			"arn", cloudFrontArn + "distribution/{id}", "domainName", "d{letters13}.cloudfront.net", "hostedZoneId", cloudFrontZone, "etag", "E{caps13}",
			"status", "Deployed", "callerReference", "terraform-{hex16}",
		},
		Defaults: map[string]any{"httpVersion": "http2", "priceClass": "PriceClass_All", "retainOnDelete": false, "staging": false, "waitForDeployment": true},
		Sets:     []string{"aliases", "origins", "customErrorResponses", "defaultCacheBehavior.allowedMethods", "defaultCacheBehavior.cachedMethods"},
		Refs: []Ref{
			{Path: "origins[*].vpcOriginConfig.vpcOriginId", To: catalog.CloudFrontVPCOrigin},
			{Path: "origins[*].originAccessControlId", To: catalog.CloudFrontOriginAccessControl},
			{Path: "defaultCacheBehavior.cachePolicyId", To: catalog.CloudFrontCachePolicy, Outside: ofCloudFront},
			{Path: "orderedCacheBehaviors[*].cachePolicyId", To: catalog.CloudFrontCachePolicy, Outside: ofCloudFront},
			{Path: "defaultCacheBehavior.originRequestPolicyId", To: catalog.CloudFrontOriginRequestPolicy, Outside: ofCloudFront},
			{Path: "orderedCacheBehaviors[*].originRequestPolicyId", To: catalog.CloudFrontOriginRequestPolicy, Outside: ofCloudFront},
			{Path: "viewerCertificate.acmCertificateArn", To: catalog.ACMCertificate, By: "arn"},
		},
		Rules: []Rule{
			oneOf("httpVersion", "http1.1", "http2", "http3", "http2and3"), oneOf("priceClass", "PriceClass_100", "PriceClass_200", "PriceClass_All"),
			oneOf("defaultCacheBehavior.viewerProtocolPolicy", "allow-all", "https-only", "redirect-to-https"),
			oneOf("orderedCacheBehaviors[*].viewerProtocolPolicy", "allow-all", "https-only", "redirect-to-https"),
			oneOf("restrictions.geoRestriction.restrictionType", "none", "whitelist", "blacklist"),
			exactlyOne("viewerCertificate.cloudfrontDefaultCertificate", "viewerCertificate.acmCertificateArn", "viewerCertificate.iamCertificateId"),
			matches("webAclId", `^arn:[a-z-]+:wafv2:us-east-1:\d{12}:global/webacl/`, "the ARN of a global web ACL"), eachOrigin, namedOrigins,
		},
		Unique: []Unique{{Paths: []string{"aliases"}, Code: "CNAMEAlreadyExists", What: "the alias"}},
		Apply:  edgeCertificate,
	},
	{
		Token: catalog.S3BucketObjectV2, ID: "{.bucket}/{.key}",
		Outputs:  []string{"arn", "arn:{partition}:s3:::{.bucket}/{.key}", "etag", "{hex32}", "storageClass", "STANDARD", "serverSideEncryption", "AES256"},
		Defaults: map[string]any{"forceDestroy": false},
		Refs:     []Ref{{Path: "bucket", To: catalog.S3BucketV2, Loose: true}},
	},
	{
		Token: catalog.LogDeliverySource, ID: "{.name}",
		Outputs: []string{"arn", "arn:{partition}:logs:{region}:{account}:delivery-source:{.name}", "service", "cloudfront"},
		Refs:    []Ref{{Path: "resourceArn", To: catalog.CloudFrontDistribution, By: "arn"}},
		Rules:   []Rule{deliveryName},
		Unique:  []Unique{{Paths: []string{"name"}, Code: "ConflictException", What: "the delivery source"}},
		Apply:   inGlobalRegion,
	},
	{
		Token: catalog.LogDeliveryDestination, ID: "{.name}",
		Outputs: []string{"arn", "arn:{partition}:logs:{region}:{account}:delivery-destination:{.name}", "deliveryDestinationType", "S3"},
		Refs:    []Ref{{Path: "deliveryDestinationConfiguration.destinationResourceArn", To: catalog.S3BucketV2, By: "arn", Loose: true}},
		Rules:   []Rule{deliveryName, oneOf("outputFormat", "json", "plain", "w3c", "raw", "parquet")},
		Unique:  []Unique{{Paths: []string{"name"}, Code: "ConflictException", What: "the delivery destination"}},
		Apply:   inGlobalRegion,
	},
	{
		Token: catalog.LogDelivery, ID: "{letters16}",
		Outputs: []string{"arn", "arn:{partition}:logs:{region}:{account}:delivery:{id}"},
		Refs: []Ref{
			{Path: "deliverySourceName", To: catalog.LogDeliverySource, By: "name"},
			{Path: "deliveryDestinationArn", To: catalog.LogDeliveryDestination, By: "arn"},
		},
		Apply: writableBucket,
	},
}

var deliveryName = matches("name", `^[\w-]{1,60}$`, "1 to 60 letters, digits, underscores and hyphens")

func policySets(at string) []string {
	return []string{at + "cookiesConfig.cookies.items", at + "headersConfig.headers.items", at + "queryStringsConfig.queryStrings.items"}
}

func policyRules(at string, headers ...string) []Rule {
	return []Rule{
		oneOf(at+"cookiesConfig.cookieBehavior", "none", "whitelist", "allExcept", "all"),
		oneOf(at+"queryStringsConfig.queryStringBehavior", "none", "whitelist", "allExcept", "all"),
		oneOf(at+"headersConfig.headerBehavior", headers...),
		atMost(at+"cookiesConfig.cookies.items", 10), atMost(at+"headersConfig.headers.items", 10), atMost(at+"queryStringsConfig.queryStrings.items", 10),
	}
}

// atMost is CloudFront's quota for what a policy names.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
func atMost(path string, most int) Rule {
	return func(in resource.PropertyMap) []failure {
		if n := len(strs(in, path+"[*]")); n > most {
			return fail(path, "TooMany: %d names, and CloudFront takes %d", n, most)
		}
		return nil
	}
}

// eachOrigin refuses an origin that is of no kind, or of two.
func eachOrigin(in resource.PropertyMap) (all []failure) {
	for _, origin := range objects(in, "origins") {
		if kinds := count(origin, []string{"vpcOriginConfig", "customOriginConfig", "s3OriginConfig"}); kinds > 1 || kinds == 0 && !given(origin, "originAccessControlId") {
			all = append(all, fail("origins", "InvalidArgument: the origin %s has %d kinds, want one", str(origin, "originId"), kinds)...)
		}
		if seconds := at(origin, "vpcOriginConfig.originReadTimeout"); seconds.IsNumber() && (seconds.NumberValue() < 1 || seconds.NumberValue() > 60) {
			all = append(all, fail("origins", "InvalidArgument: originReadTimeout is %v; without a raised quota it is 1 to 60", seconds.NumberValue())...)
		}
	}
	return all
}

// namedOrigins refuses a behaviour of an origin that there is not, and the same path twice.
func namedOrigins(in resource.PropertyMap) (all []failure) {
	known := strs(in, "origins[*].originId")
	for _, id := range append(strs(in, "orderedCacheBehaviors[*].targetOriginId"), str(in, "defaultCacheBehavior.targetOriginId")) {
		if !slices.Contains(known, id) {
			all = append(all, fail("origins", "NoSuchOrigin: one or more of your origins do not exist: %s", id)...)
		}
	}
	paths := strs(in, "orderedCacheBehaviors[*].pathPattern")
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			all = append(all, fail("orderedCacheBehaviors", "InvalidArgument: the path %s has two behaviours", path)...)
		}
	}
	return all
}

func objects(in resource.PropertyMap, path string) (all []resource.PropertyMap) {
	if list := at(in, path); list.IsArray() {
		for _, one := range list.ArrayValue() {
			if one.IsObject() {
				all = append(all, one.ObjectValue())
			}
		}
	}
	return all
}

// privateOrigin wants a balancer without a public address, in a VPC with an internet
// gateway; no traffic passes that.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
func privateOrigin(c *change) error {
	if c.old != nil && len(dependents(c.cloud, c.old)) > 0 {
		return refuse("CannotUpdateEntityWhileInUse", "The VPC origin %s is in use by a distribution", c.id)
	}
	lb, _ := resolve(c.cloud, Ref{To: catalog.LBLoadBalancer, By: "arn"}, str(c.in, "vpcOriginEndpointConfig.arn"))
	if lb == nil {
		return nil
	}
	if !yes(lb.Outputs, "internal") {
		return refuse("InvalidArgument", "The load balancer %s faces the internet: a VPC origin has to be in private subnets", lb.ID)
	}
	return needInternetGateway(c.cloud, lb.Str("vpcId"))
}

// edgeCertificate wants an issued certificate of us-east-1 for every alias, which no
// other distribution has.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
func edgeCertificate(c *change) error {
	aliases, arn := strs(c.in, "aliases[*]"), str(c.in, "viewerCertificate.acmCertificateArn")
	if arn == "" {
		if len(aliases) > 0 {
			return refuse("InvalidViewerCertificate", "To add an alternate domain name (%s) you need a certificate for it", aliases[0])
		}
		return nil
	}
	cert := c.cloud.Get(catalog.ACMCertificate, arn)
	switch {
	case !strings.Contains(arn, ":us-east-1:"):
		return refuse("InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	case cert != nil && !validated(c.cloud, cert):
		return refuse("InvalidViewerCertificate", "The certificate %s is not issued yet", arn)
	}
	for _, alias := range aliases {
		if cert != nil && !slices.Contains(append(strs(cert.Outputs, "subjectAlternativeNames[*]"), cert.Str("domainName")), alias) {
			return refuse("InvalidViewerCertificate", "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) %s", alias)
		}
	}
	return nil
}

func inGlobalRegion(c *change) error {
	if c.region != "us-east-1" {
		return refuse("ValidationException", "CloudFront's logs are delivered from us-east-1 only, not from %s", c.region)
	}
	return nil
}

// writableBucket wants a bucket's policy that lets log delivery write.
func writableBucket(c *change) error {
	to, _ := resolve(c.cloud, Ref{To: catalog.LogDeliveryDestination, By: "arn"}, str(c.in, "deliveryDestinationArn"))
	if to == nil {
		return nil
	}
	bucket, _ := resolve(c.cloud, Ref{To: catalog.S3BucketV2, By: "arn"}, str(to.Outputs, "deliveryDestinationConfiguration.destinationResourceArn"))
	if bucket == nil {
		return nil
	}
	if policy := c.cloud.Get(catalog.S3BucketPolicy, bucket.ID); policy == nil || !strings.Contains(policy.Str("policy"), "delivery.logs.amazonaws.com") {
		return refuse("AccessDeniedException", "Access denied to the bucket %s: its policy does not let delivery.logs.amazonaws.com write", bucket.ID)
	}
	return nil
}
