package catalog

// CloudFront before the load balancer.
const (
	CloudFrontDistribution        = "aws:cloudfront/distribution:Distribution"
	CloudFrontVPCOrigin           = "aws:cloudfront/vpcOrigin:VpcOrigin"
	CloudFrontCachePolicy         = "aws:cloudfront/cachePolicy:CachePolicy"
	CloudFrontOriginRequestPolicy = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
	CloudFrontOriginAccessControl = "aws:cloudfront/originAccessControl:OriginAccessControl"
	S3BucketObjectV2              = "aws:s3/bucketObjectv2:BucketObjectv2"
	LogDelivery                   = "aws:cloudwatch/logDelivery:LogDelivery"
	LogDeliveryDestination        = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	LogDeliverySource             = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
)

const untaggable = "AWS gives it no tags; it holds no data, and one that a distribution uses cannot be deleted"

var edgeTypes = []Type{
	{
		Token:   CloudFrontDistribution,
		Label:   "CloudFront Distribution",
		Holds:   Named,
		Reached: true,
		Times: []Time{
			{Seconds: 240, Source: Logs, Observed: "3m3s, 3m25s, 4m6s, 5m12s", Note: "until every edge location has it"},
		},
		Actions: Actions{
			Read:   "cloudfront: GetDistribution ListTagsForResource",
			Create: "cloudfront: CreateDistribution TagResource",
			Makes:  []string{"arn:aws:cloudfront::*:distribution/*"},
			Write:  "cloudfront: UpdateDistribution DeleteDistribution TagResource UntagResource AllowVendedLogDeliveryForResource",
		},
	},
	{
		Token:   CloudFrontVPCOrigin,
		Label:   "CloudFront VPC Origin",
		Free:    "VPC origins are free",
		Reached: true,
		Times: []Time{
			{Seconds: 360, Source: Estimate, Note: "AWS says up to 15 minutes", Page: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"},
		},
		Actions: Actions{
			Read:   "cloudfront: GetVpcOrigin ListTagsForResource",
			Create: "cloudfront: CreateVpcOrigin TagResource",
			Makes:  []string{"arn:aws:cloudfront::*:vpcorigin/*"},
			Write:  "cloudfront: UpdateVpcOrigin DeleteVpcOrigin TagResource UntagResource",
		},
	},
	{
		Token: CloudFrontCachePolicy,
		Label: "CloudFront Cache Policy",
		Free:  "policies are free",
		Actions: Actions{
			Read: "cloudfront: GetCachePolicy",
			Untagged: []Grant{
				{Actions: "cloudfront: CreateCachePolicy", On: []string{"*"}, Why: untaggable},
				{
					Actions: "cloudfront: UpdateCachePolicy DeleteCachePolicy",
					On:      []string{"arn:aws:cloudfront::*:cache-policy/*"},
					Why:     untaggable,
				},
			},
		},
	},
	{
		Token: CloudFrontOriginRequestPolicy,
		Label: "CloudFront Origin Request Policy",
		Free:  "policies are free",
		Actions: Actions{
			Read: "cloudfront: GetOriginRequestPolicy",
			Untagged: []Grant{
				{Actions: "cloudfront: CreateOriginRequestPolicy", On: []string{"*"}, Why: untaggable},
				{
					Actions: "cloudfront: UpdateOriginRequestPolicy DeleteOriginRequestPolicy",
					On:      []string{"arn:aws:cloudfront::*:origin-request-policy/*"},
					Why:     untaggable,
				},
			},
		},
	},
	{
		Token: CloudFrontOriginAccessControl,
		Label: "CloudFront Origin Access Control",
		Free:  "signing is free",
		Actions: Actions{
			Read: "cloudfront: GetOriginAccessControl",
			Untagged: []Grant{
				{Actions: "cloudfront: CreateOriginAccessControl", On: []string{"*"}, Why: untaggable},
				{
					Actions: "cloudfront: UpdateOriginAccessControl DeleteOriginAccessControl",
					On:      []string{"arn:aws:cloudfront::*:origin-access-control/*"},
					Why:     untaggable,
				},
			},
		},
	},
	{
		Token: S3BucketObjectV2,
		Label: "S3 Object",
		Free:  "less than a cent, and the edge keeps it",
		Actions: Actions{
			Untagged: []Grant{
				{
					Actions: "s3: PutObject GetObject GetObjectTagging PutObjectTagging DeleteObject DeleteObjectVersion",
					On:      []string{FallbackBucket + "/*"},
					Why:     "a bucket is known by its name, which begins with what the program calls it",
				},
			},
		},
	},
	{
		Token: LogDeliverySource,
		Label: "CloudWatch Logs Delivery Source",
		Free:  "the log files are charged to the bucket",
		Actions: Actions{
			Read:   "logs: GetDeliverySource ListTagsForResource",
			Create: "logs: PutDeliverySource TagResource",
			Makes:  []string{"arn:aws:logs:*:*:delivery-source:*"},
			Write:  "logs: PutDeliverySource DeleteDeliverySource",
		},
	},
	{
		Token: LogDeliveryDestination,
		Label: "CloudWatch Logs Delivery Destination",
		Free:  "the log files are charged to the bucket",
		Actions: Actions{
			Read:   "logs: GetDeliveryDestination",
			Create: "logs: PutDeliveryDestination TagResource",
			Makes:  []string{"arn:aws:logs:*:*:delivery-destination:*"},
			Write:  "logs: PutDeliveryDestination DeleteDeliveryDestination",
		},
	},
	{
		Token: LogDelivery,
		Label: "CloudWatch Logs Delivery",
		Free:  "AWS delivers CloudFront's logs to S3 free of charge",
		Actions: Actions{
			Read:   "logs: GetDelivery",
			Create: "logs: CreateDelivery TagResource",
			Makes:  []string{"arn:aws:logs:*:*:delivery:*"},
			Write:  "logs: CreateDelivery UpdateDeliveryConfiguration DeleteDelivery",
		},
	},
}
