package catalog

// FallbackBucket holds the page that visitors get while the site cannot be reached, the
// others access logs.
const (
	FallbackBucket = "arn:aws:s3:::edge-fallback-*"
	edgeLogBucket  = "arn:aws:s3:::edge-logs-*"
	logBucket      = "arn:aws:s3:::entry-logs-*"
)

// Buckets are the stack's own: AWS knows a bucket by its name, which begins with what the
// program calls it.
var Buckets = []string{logBucket, edgeLogBucket, FallbackBucket}

// The load balancer, the name and the log bucket.
const (
	LBLoadBalancer                   = "aws:lb/loadBalancer:LoadBalancer"
	LBTargetGroup                    = "aws:lb/targetGroup:TargetGroup"
	LBListener                       = "aws:lb/listener:Listener"
	ACMCertificate                   = "aws:acm/certificate:Certificate"
	ACMCertificateValidation         = "aws:acm/certificateValidation:CertificateValidation"
	Route53Record                    = "aws:route53/record:Record"
	Route53HealthCheck               = "aws:route53/healthCheck:HealthCheck"
	WAFWebACLAssociation             = "aws:wafv2/webAclAssociation:WebAclAssociation"
	S3BucketV2                       = "aws:s3/bucketV2:BucketV2"
	S3BucketPolicy                   = "aws:s3/bucketPolicy:BucketPolicy"
	S3BucketPublicAccessBlock        = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	S3BucketEncryptionV2             = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	S3BucketLoggingV2                = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	S3BucketLifecycleConfigurationV2 = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
)

var entryTypes = []Type{
	{
		Token:   LBLoadBalancer,
		Label:   "ELBv2 Load Balancer",
		Reached: true,
		Times: []Time{
			{Seconds: 138, Source: Logs, Observed: "2m2s, 2m15s, 2m22s, 2m31s"},
		},
		Actions: Actions{
			Read:   "elasticloadbalancing: Describe*; ec2: GetSecurityGroupsForVpc",
			Create: "elasticloadbalancing: CreateLoadBalancer",
			Makes:  []string{"arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*"},
			Write:  "elasticloadbalancing: DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets AddTags RemoveTags",
		},
	},
	{
		Token: LBTargetGroup,
		Label: "ELBv2 Target Group",
		Free:  "the load balancer is charged",
		Actions: Actions{
			Create: "elasticloadbalancing: CreateTargetGroup",
			Makes:  []string{"arn:aws:elasticloadbalancing:*:*:targetgroup/*"},
			Write:  "elasticloadbalancing: ModifyTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup",
		},
	},
	{
		Token: LBListener,
		Label: "ELBv2 Listener",
		Free:  "the load balancer is charged",
		Actions: Actions{
			Write: "elasticloadbalancing: CreateListener ModifyListener DeleteListener",
		},
	},
	{
		Token: ACMCertificate,
		Label: "ACM Certificate",
		Free:  "public certificates are free for load balancers",
		Times: []Time{
			{Seconds: 8, Source: Estimate},
		},
		Actions: Actions{
			Read:   "acm: DescribeCertificate ListTagsForCertificate",
			Create: "acm: RequestCertificate AddTagsToCertificate",
			Makes:  []string{"*"},
			Write:  "acm: DeleteCertificate AddTagsToCertificate RemoveTagsFromCertificate",
		},
	},
	{
		Token: ACMCertificateValidation,
		Label: "ACM Certificate Validation",
		Free:  "only a wait",
		Times: []Time{
			{Seconds: 100, Source: Logs, Observed: "1m42s", Page: "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"},
		},
	},
	{
		Token: Route53Record,
		Label: "Route 53 Record",
		Times: []Time{
			{Seconds: 35, Source: Estimate, Page: "https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html"},
		},
		Actions: Actions{
			Read: "route53: GetHostedZone ListResourceRecordSets GetChange",
		},
	},
	{
		Token: Route53HealthCheck,
		Label: "Route 53 Health Check",
		Actions: Actions{
			Read: "route53: GetHealthCheck ListTagsForResource",
			Untagged: []Grant{
				{
					Actions: "route53: CreateHealthCheck UpdateHealthCheck DeleteHealthCheck ChangeTagsForResource",
					On:      []string{"*", "arn:aws:route53:::healthcheck/*"},
					Why:     "AWS limits health checks by no tag",
				},
			},
		},
	},
	{
		Token: WAFWebACLAssociation,
		Label: "WAFv2 WebACL Association",
		Free:  "the web ACL is charged where it is made",
		Actions: Actions{
			Read:  "wafv2: GetWebACL GetWebACLForResource",
			Write: "wafv2: AssociateWebACL DisassociateWebACL; elasticloadbalancing: SetWebAcl",
			Untagged: []Grant{
				{
					Actions: "wafv2: AssociateWebACL",
					On:      []string{"arn:aws:wafv2:*:*:*/webacl/*"},
					Why:     "a web ACL may serve many projects; the load balancer that it is put before has to be the stack's",
				},
			},
		},
	},
	{
		Token: S3BucketV2,
		Label: "S3 Bucket",
		Times: []Time{
			{Seconds: 3, Source: Estimate},
		},
		Actions: Actions{
			Read: "s3: GetBucket* GetAccelerateConfiguration GetReplicationConfiguration",
			Untagged: []Grant{
				{
					Actions: "s3: CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion PutBucketPolicy DeleteBucketPolicy " +
						"PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration PutBucketLogging PutBucketTagging",
					On:  []string{logBucket, logBucket + "/*", edgeLogBucket, edgeLogBucket + "/*", FallbackBucket, FallbackBucket + "/*"},
					Why: "a bucket is known by its name, which begins with what the program calls it",
				},
			},
		},
	},
	{
		Token: S3BucketPolicy,
		Label: "S3 Bucket Policy",
		Free:  "policies are free",
	},
	{
		Token: S3BucketPublicAccessBlock,
		Label: "S3 Bucket Public Access Block",
		Free:  "a setting of the bucket",
	},
	{
		Token: S3BucketEncryptionV2,
		Label: "S3 Bucket Encryption Configuration",
		Free:  "encryption with S3's keys is free",
		Actions: Actions{
			Read: "s3: GetEncryptionConfiguration",
		},
	},
	{
		Token: S3BucketLoggingV2,
		Label: "S3 Bucket Logging",
		Free:  "the log files are objects like the others",
	},
	{
		Token: S3BucketLifecycleConfigurationV2,
		Label: "S3 Bucket Lifecycle Configuration",
		Free:  "deleting is free",
		Actions: Actions{
			Read: "s3: GetLifecycleConfiguration",
		},
	},
}
