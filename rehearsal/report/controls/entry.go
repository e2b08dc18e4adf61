package controls

import (
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	balancerType = catalog.LBLoadBalancer
	listenerType = catalog.LBListener
	groupType    = catalog.AutoScalingGroup
	bucketType   = catalog.S3BucketV2
)

var acm = []control{
	{"ACM.2", "RSA certificates managed by ACM should use a key length of at least 2,048 bits", []string{catalog.ACMCertificate},
		mustNot("keyAlgorithm", "RSA_1024", "its key is too short")},
}

var autoscaling = []control{
	{"AutoScaling.1", "Auto Scaling groups associated with a load balancer should use ELB health checks", []string{groupType},
		func(g *graph.Graph, r *graph.Resource) string {
			if g.With(catalog.AutoScalingAttachment, "autoscalingGroupName", r.ID) != nil && r.Str("healthCheckType") != "ELB" {
				return "it does not ask the load balancer"
			}
			return ""
		}},
	{"AutoScaling.2", "Amazon EC2 Auto Scaling group should cover multiple Availability Zones", []string{groupType},
		func(g *graph.Graph, r *graph.Resource) string { return severalZones(g, r.Texts("vpcZoneIdentifiers")) }},
	{"AutoScaling.6", "Auto Scaling groups should use multiple instance types in multiple Availability Zones", []string{groupType},
		func(_ *graph.Graph, r *graph.Resource) string {
			if len(r.Objects("mixedInstancesPolicy.launchTemplate.overrides")) < 2 {
				return "all its servers are of one type"
			}
			return ""
		}},
	{"AutoScaling.9", "Amazon EC2 Auto Scaling groups should use Amazon EC2 launch templates", []string{groupType},
		func(_ *graph.Graph, r *graph.Resource) string {
			if r.Str("launchTemplate.id") == "" && r.Str(catalog.MixedTemplate+".launchTemplateId") == "" {
				return "it has none"
			}
			return ""
		}},
}

func severalZones(g *graph.Graph, subnets []string) string {
	zones := map[string]bool{}
	for _, id := range subnets {
		if subnet := g.With(subnetType, "id", id); subnet != nil {
			zones[subnet.Str("availabilityZone")] = true
		}
	}
	if len(zones) < 2 {
		return "it is in one zone only"
	}
	return ""
}

var elb = []control{
	{"ELB.1", "Application Load Balancer should be configured to redirect all HTTP requests to HTTPS", []string{listenerType},
		func(_ *graph.Graph, r *graph.Resource) string {
			if r.Str("protocol") == "HTTP" && r.Str("defaultActions.0.redirect.protocol") != "HTTPS" {
				return "it serves plain HTTP: there is no domain.name"
			}
			return ""
		}},
	{"ELB.4", "Application Load Balancer should be configured to drop invalid http headers", []string{balancerType},
		must("dropInvalidHeaderFields", "true", "it passes them on")},
	{"ELB.5", "Application and Classic Load Balancers logging should be enabled", []string{balancerType},
		must("accessLogs.enabled", "true", "loadBalancer.accessLogs is off")},
	{"ELB.6", "Application, Gateway, and Network Load Balancers should have deletion protection enabled", []string{balancerType},
		must("enableDeletionProtection", "true", "it can be deleted; it holds no data")},
	{"ELB.12", "Application Load Balancer should be configured with defensive or strictest desync mitigation mode", []string{balancerType},
		mustNot("desyncMitigationMode", "monitor", "it only watches")},
	{"ELB.13", "Application, Network and Gateway Load Balancers should span multiple Availability Zones", []string{balancerType},
		func(g *graph.Graph, r *graph.Resource) string { return severalZones(g, r.Texts("subnets")) }},
	{"ELB.17", "Application and Network Load Balancers with listeners should use recommended security policies", []string{listenerType}, recommendedPolicy},
	{"ELB.18", "Application and Network Load Balancer listeners should use secure protocols to encrypt data in transit", []string{listenerType},
		mustNot("protocol", "HTTP", "it listens for plain HTTP, if only to redirect it")},
}

// recommendedPolicy: the policies that AWS recommends for application load
// balancers.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-17
func recommendedPolicy(_ *graph.Graph, r *graph.Resource) string {
	policy := r.Str("sslPolicy")
	if r.Str("protocol") != "HTTPS" || policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" || strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-2-Res-") ||
		strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-3-") || strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-2-FIPS") {
		return ""
	}
	return policy + " is not one of them"
}

var iam = []control{
	{"IAM.1", "IAM policies should not allow full \"*\" administrative privileges", []string{catalog.IAMPolicy},
		func(_ *graph.Graph, r *graph.Resource) string {
			for _, s := range statements(r.Str("policy")) {
				if s.Effect == "Allow" && holds(s.Action, "*") && holds(s.Resource, "*") {
					return "it allows everything"
				}
			}
			return ""
		}},
	{"IAM.21", "IAM customer managed policies that you create should not allow wildcard actions for services", []string{catalog.IAMPolicy},
		func(_ *graph.Graph, r *graph.Resource) string {
			for _, s := range statements(r.Str("policy")) {
				if s.Effect == "Allow" && wildcard(s.Action) {
					return "it allows every action of a service"
				}
			}
			return ""
		}},
}

func wildcard(action any) bool {
	return slices.ContainsFunc(texts(action), func(text string) bool { return text == "*" || strings.HasSuffix(text, ":*") })
}

var s3 = []control{
	{"S3.2", "S3 general purpose buckets should block public read access", []string{bucketType}, lets("s3:Get")},
	{"S3.3", "S3 general purpose buckets should block public write access", []string{bucketType}, lets("s3:Put")},
	{"S3.5", "S3 general purpose buckets should require requests to use SSL", []string{bucketType}, bucketTLS},
	{"S3.6", "S3 general purpose bucket policies should restrict access to other AWS accounts", []string{bucketType}, foreignRights},
	{"S3.8", "S3 general purpose buckets should block public access", []string{bucketType}, blockedBucket},
	{"S3.9", "S3 general purpose buckets should have server access logging enabled", []string{bucketType},
		func(g *graph.Graph, r *graph.Resource) string {
			if g.With("aws:s3/bucketLoggingV2:BucketLoggingV2", "bucket", r.ID) == nil {
				return "nobody logs who reads the logs"
			}
			return ""
		}},
	{"S3.12", "ACLs should not be used to manage user access to S3 general purpose buckets", []string{bucketType},
		func(g *graph.Graph, r *graph.Resource) string {
			if g.With("aws:s3/bucketAclV2:BucketAclV2", "bucket", r.ID) != nil {
				return "it has an ACL"
			}
			return ""
		}},
	{"S3.13", "S3 general purpose buckets should have Lifecycle configurations", []string{bucketType},
		func(g *graph.Graph, r *graph.Resource) string {
			if g.With(catalog.S3BucketLifecycleConfigurationV2, "bucket", r.ID) == nil {
				return "it keeps everything for ever"
			}
			return ""
		}},
}

func bucketTLS(g *graph.Graph, r *graph.Resource) string {
	if policy := g.With(catalog.S3BucketPolicy, "bucket", r.ID); policy != nil {
		for _, s := range statements(policy.Str("policy")) {
			if s.Effect == "Deny" && holds(s.Action, "s3:*") && holds(s.Condition["Bool"]["aws:SecureTransport"], "false") {
				return ""
			}
		}
	}
	return "its policy does not refuse requests without TLS"
}

// lets fails if the bucket's policy lets everybody do what begins so, and nothing blocks
// public policies.
func lets(action string) func(*graph.Graph, *graph.Resource) string {
	return func(g *graph.Graph, r *graph.Resource) string {
		policy := g.With(catalog.S3BucketPolicy, "bucket", r.ID)
		if policy == nil || blockedBucket(g, r) == "" {
			return ""
		}
		for _, s := range statements(policy.Str("policy")) {
			if s.Effect == "Allow" && len(s.Condition) == 0 && everybody(s.Principal) && begins(s.Action, action) {
				return "its policy lets everybody use " + action + "…"
			}
		}
		return ""
	}
}

// foreignRights fails if the bucket's policy lets an account change who may do what.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6
func foreignRights(g *graph.Graph, r *graph.Resource) string {
	policy := g.With(catalog.S3BucketPolicy, "bucket", r.ID)
	if policy == nil {
		return ""
	}
	for _, s := range statements(policy.Str("policy")) {
		by, _ := s.Principal.(map[string]any)
		for _, action := range []string{
			"s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutObjectAcl",
		} {
			if s.Effect == "Allow" && by["AWS"] != nil && (holds(s.Action, action) || holds(s.Action, "s3:*")) {
				return "its policy lets another account use " + action
			}
		}
	}
	return ""
}

func blockedBucket(g *graph.Graph, r *graph.Resource) string {
	block := g.With(catalog.S3BucketPublicAccessBlock, "bucket", r.ID)
	for _, setting := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		if block == nil || !block.True(setting) {
			return setting + " is off"
		}
	}
	return ""
}

var ssm = []control{
	{"SSM.1", "Amazon EC2 instances should be managed by AWS Systems Manager", []string{instanceType}, managed},
	{"SSM.4", "SSM documents should not be public", []string{catalog.SSMDocument},
		mustNot("permissions.accountIds", "All", "everybody may run it")},
}

// managed: the role of the instance lets the agent report to Systems Manager.
func managed(g *graph.Graph, instance *graph.Resource) string {
	if profile := g.With(catalog.IAMInstanceProfile, "name", instance.Str("iamInstanceProfile")); profile != nil {
		for _, a := range g.OfType(catalog.IAMRolePolicyAttachment) {
			if a.Str("role") == profile.Str("role") && strings.HasSuffix(a.Str("policyArn"), ":policy/AmazonSSMManagedInstanceCore") {
				return ""
			}
		}
	}
	return "its role does not let the agent report"
}
