package githubidentity

import (
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/policy"
)

// service is what the provider calls for the resource types of one module.
type service struct {
	// read is what a refresh calls, for any resource of the account.
	read []string
	// write is what creates, changes and deletes.
	write []string
	// on limits write to resources; empty means any, for types that get their
	// name or id from AWS.
	on []string
}

// The names that the program's own names begin with; AWS names what is made
// after them.
const (
	secretsOf = "arn:aws:secretsmanager:*:*:secret:credentials-*"
	bucketsOf = "arn:aws:s3:::entry-logs-*"
)

// proofs are the parameters that servers write.
var proofs = []any{"arn:aws:ssm:*:*:parameter/web-serving-*", "arn:aws:ssm:*:*:parameter/web-baked-*"}

// services are the modules of the types in internal/facts/types.txt; a test
// keeps the two in step. Reading the value of a secret is no part of read.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
var services = map[string]service{
	"acm": {
		read:  words("acm: DescribeCertificate ListTagsForCertificate"),
		write: words("acm: RequestCertificate DeleteCertificate UpdateCertificateOptions AddTagsToCertificate RemoveTagsFromCertificate"),
	},
	"autoscaling": {
		read: words("autoscaling: Describe*"),
		write: words("autoscaling: CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags " +
			"PutScalingPolicy DeletePolicy PutLifecycleHook DeleteLifecycleHook StartInstanceRefresh CancelInstanceRefresh " +
			"TerminateInstanceInAutoScalingGroup SetInstanceProtection SuspendProcesses ResumeProcesses EnableMetricsCollection DisableMetricsCollection " +
			"AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups AttachTrafficSources DetachTrafficSources"),
	},
	"budgets": {
		read:  words("budgets: ViewBudget ListTagsForResource"),
		write: words("budgets: ModifyBudget TagResource UntagResource"),
	},
	"cloudwatch": {
		read: slices.Concat(
			words("logs: DescribeLogGroups ListTagsForResource"),
			words("cloudwatch: DescribeAlarms ListTagsForResource"),
			words("events: DescribeRule ListTargetsByRule ListTagsForResource"),
		),
		write: slices.Concat(
			words("logs: CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource "+
				"CreateLogDelivery DeleteLogDelivery"),
			words("cloudwatch: PutMetricAlarm PutCompositeAlarm DeleteAlarms TagResource UntagResource"),
			words("events: PutRule DeleteRule PutTargets RemoveTargets TagResource UntagResource"),
		),
	},
	"ec2": {read: words("ec2: Describe*")}, // written by network.go
	"efs": {
		read: words("elasticfilesystem: Describe* ListTagsForResource"),
		write: words("elasticfilesystem: CreateFileSystem UpdateFileSystem DeleteFileSystem UpdateFileSystemProtection PutLifecycleConfiguration " +
			"PutFileSystemPolicy DeleteFileSystemPolicy PutBackupPolicy CreateMountTarget DeleteMountTarget ModifyMountTargetSecurityGroups " +
			"CreateAccessPoint DeleteAccessPoint TagResource UntagResource"),
	},
	"iam": { // written by roles.go
		read: words("iam: GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies ListRoleTags GetInstanceProfile " +
			"ListInstanceProfileTags ListInstanceProfilesForRole GetPolicy GetPolicyVersion ListPolicyVersions ListPolicyTags GetOpenIDConnectProvider"),
	},
	"kms": {
		read:  words("kms: DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"),
		write: words("kms: CreateKey EnableKeyRotation PutKeyPolicy UpdateKeyDescription ScheduleKeyDeletion TagResource UntagResource"),
	},
	"lb": {
		read: words("elasticloadbalancing: Describe*"),
		write: words("elasticloadbalancing: CreateLoadBalancer DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets SetIpAddressType " +
			"CreateTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup CreateListener ModifyListener ModifyListenerAttributes " +
			"DeleteListener AddTags RemoveTags SetWebAcl"),
	},
	"rds": {
		read: words("rds: Describe* ListTagsForResource"),
		write: words("rds: CreateDBInstance ModifyDBInstance RebootDBInstance DeleteDBInstance CreateDBSnapshot RestoreDBInstanceFromDBSnapshot " +
			"CreateDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup CreateDBSubnetGroup ModifyDBSubnetGroup " +
			"DeleteDBSubnetGroup CreateEventSubscription ModifyEventSubscription DeleteEventSubscription AddTagsToResource RemoveTagsFromResource"),
	},
	"route53": {
		read: words("route53: GetHostedZone ListHostedZones ListResourceRecordSets GetChange GetHealthCheck ListTagsForResource"),
		write: words("route53: ChangeResourceRecordSets CreateHealthCheck UpdateHealthCheck DeleteHealthCheck " +
			"ChangeTagsForResource"),
	},
	"s3": {
		read: words("s3: GetBucket* GetEncryptionConfiguration GetLifecycleConfiguration GetAccelerateConfiguration GetReplicationConfiguration"),
		write: words("s3: CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion PutBucketPolicy DeleteBucketPolicy " +
			"PutBucketPublicAccessBlock PutBucketOwnershipControls PutEncryptionConfiguration PutLifecycleConfiguration PutBucketTagging"),
		on: []string{bucketsOf, bucketsOf + "/*"},
	},
	"secretsmanager": {
		read: words("secretsmanager: DescribeSecret GetResourcePolicy ListSecretVersionIds"),
		write: words("secretsmanager: CreateSecret UpdateSecret DeleteSecret RestoreSecret GetSecretValue PutSecretValue UpdateSecretVersionStage " +
			"TagResource UntagResource"),
		on: []string{secretsOf},
	},
	"sns": {
		read:  words("sns: GetTopicAttributes GetSubscriptionAttributes ListTagsForResource"),
		write: words("sns: CreateTopic DeleteTopic SetTopicAttributes Subscribe Unsubscribe TagResource UntagResource"),
	},
	"ssm": { // a parameter's value is read by its tag; see reads
		read: words("ssm: DescribeParameters ListTagsForResource DescribeDocument DescribeDocumentPermission GetDocument DescribeAssociation"),
		write: words("ssm: PutParameter DeleteParameter CreateDocument UpdateDocument UpdateDocumentDefaultVersion DeleteDocument " +
			"CreateAssociation UpdateAssociation DeleteAssociation AddTagsToResource RemoveTagsFromResource"),
	},
	"wafv2": {
		read:  words("wafv2: GetWebACL GetWebACLForResource"),
		write: words("wafv2: AssociateWebACL DisassociateWebACL"),
	},
}

// sameAs are modules whose types belong to another's service.
var sameAs = map[string]string{"ec2transitgateway": "ec2", "vpc": "ec2"}

// words turns "ec2: A B" into ec2:A and ec2:B.
func words(text string) []string {
	prefix, rest, _ := strings.Cut(text, ": ")
	var list []string
	for _, word := range strings.Fields(rest) {
		list = append(list, prefix+":"+word)
	}
	return list
}

// sorted lists the services in a fixed order, so that the policies are the same
// every time.
func sorted() []service {
	names := make([]string, 0, len(services))
	for name := range services {
		names = append(names, name)
	}
	slices.Sort(names)
	list := make([]service, len(names))
	for i, name := range names {
		list[i] = services[name]
	}
	return list
}

// lookups is what a preview asks of AWS: it compares the program with the state,
// and looks up images, zones, the servers of a group and what they have proven.
func lookups(project string) []policy.Statement {
	return []policy.Statement{
		allow(words("ec2: DescribeImages DescribeAvailabilityZones DescribeInstances"), "*"),
		readsParameters(project),
	}
}

func readsParameters(project string) policy.Statement {
	parameters := allow(words("ssm: GetParameter GetParameters"), "*")
	parameters["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/Project": project}}
	return parameters
}

// reads is what a refresh asks of AWS, except for the values of secrets. A
// parameter's value is read if it is the project's.
func reads(project string) []policy.Statement {
	var all []string
	for _, s := range sorted() {
		all = append(all, s.read...)
	}
	return []policy.Statement{allow(all, "*"), readsParameters(project)}
}

// writesServices is what makes and deletes everything but networks and roles.
func writesServices() []policy.Statement {
	var anything []string
	var statements []policy.Statement
	for _, s := range sorted() {
		if len(s.on) == 0 {
			anything = append(anything, s.write...)
			continue
		}
		on := make([]any, len(s.on))
		for i, resource := range s.on {
			on[i] = resource
		}
		statements = append(statements, allow(s.write, on...))
	}
	return append([]policy.Statement{allow(anything, "*")}, statements...)
}

// Knows tells whether the roles may handle the types of a module, such as rds.
func Knows(module string) bool {
	if other, ok := sameAs[module]; ok {
		module = other
	}
	_, ok := services[module]
	return ok
}
