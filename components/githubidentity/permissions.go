package githubidentity

import (
	"maps"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/policy"
)

// service is what the provider calls for the resource types of one module.
type service struct {
	// read is what a refresh calls, for any resource of the account.
	read []string
	// create makes, or tags, what makes names, in a request that carries the stack's
	// tags. What it is made in, such as a subnet's VPC, has to be write's.
	create []string
	makes  []string
	// write changes and deletes what has the stack's tags.
	write []string
	// tagging gives tags to what is being made; nil if create's own actions do.
	tagging *tagging
	// other is what AWS limits by no tag, each on its resources.
	other []grant
}

// tagging is an action that AWS can limit to the birth of a thing: to what the creating
// actions named make.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
type tagging struct {
	action string
	on     []string
	by     []string // without the service's prefix
}

// grant is a permission that no tag limits; why says what does, or why nothing can.
type grant struct {
	actions []string
	on      []string
	why     string
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
		read:   words("acm: DescribeCertificate ListTagsForCertificate"),
		create: words("acm: RequestCertificate AddTagsToCertificate"),
		makes:  []string{"*"},
		write:  words("acm: DeleteCertificate AddTagsToCertificate RemoveTagsFromCertificate"),
	},
	"autoscaling": {
		read:   words("autoscaling: Describe*"),
		create: words("autoscaling: CreateAutoScalingGroup CreateOrUpdateTags"),
		makes:  []string{"arn:aws:autoscaling:*:*:autoScalingGroup:*"},
		write: words("autoscaling: UpdateAutoScalingGroup DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags PutScalingPolicy DeletePolicy " +
			"StartInstanceRefresh CancelInstanceRefresh " +
			"EnableMetricsCollection AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups"),
	},
	"budgets": {
		read: words("budgets: ViewBudget ListTagsForResource"),
		other: []grant{{
			actions: words("budgets: ModifyBudget TagResource UntagResource"),
			on:      []string{"arn:aws:budgets::*:budget/" + prefixOf + "*"},
			why:     "a budget is known by its name, which begins with project and stack",
		}},
	},
	"cloudwatch": {
		read: slices.Concat(
			words("logs: DescribeLogGroups ListTagsForResource"),
			words("cloudwatch: DescribeAlarms ListTagsForResource"),
			words("events: DescribeRule ListTargetsByRule ListTagsForResource"),
		),
		create: slices.Concat(
			words("logs: CreateLogGroup TagResource"),
			words("cloudwatch: PutMetricAlarm PutCompositeAlarm TagResource"),
			words("events: PutRule TagResource"),
		),
		makes: []string{"arn:aws:logs:*:*:log-group:*", "arn:aws:cloudwatch:*:*:alarm:*", "arn:aws:events:*:*:rule/*"},
		write: slices.Concat(
			words("logs: DeleteLogGroup PutRetentionPolicy TagResource UntagResource"),
			words("cloudwatch: PutMetricAlarm PutCompositeAlarm DeleteAlarms TagResource UntagResource"),
			words("events: PutRule DeleteRule PutTargets RemoveTargets TagResource UntagResource"),
		),
		other: []grant{{
			actions: words("logs: CreateLogDelivery DeleteLogDelivery"),
			on:      []string{"*"},
			why:     "AWS knows no resource for a delivery; a flow log needs one",
		}},
	},
	"ec2": network,
	"efs": {
		read:   words("elasticfilesystem: Describe* ListTagsForResource"),
		create: words("elasticfilesystem: CreateFileSystem"),
		makes:  []string{"*"},
		write: words("elasticfilesystem: DeleteFileSystem PutLifecycleConfiguration " +
			"PutFileSystemPolicy DeleteFileSystemPolicy PutBackupPolicy CreateMountTarget DeleteMountTarget ModifyMountTargetSecurityGroups " +
			"CreateAccessPoint DeleteAccessPoint TagResource UntagResource"),
		tagging: &tagging{
			action: "elasticfilesystem:TagResource",
			on:     []string{"arn:aws:elasticfilesystem:*:*:file-system/*", "arn:aws:elasticfilesystem:*:*:access-point/*"},
			by:     []string{"CreateFileSystem", "CreateAccessPoint"},
		},
	},
	"iam": { // written by roles.go
		read: words("iam: GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies GetInstanceProfile " +
			"ListInstanceProfilesForRole"),
	},
	"kms": {
		read:   words("kms: DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"),
		create: words("kms: CreateKey TagResource"),
		makes:  []string{"*"},
		write:  words("kms: EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource"),
	},
	"lb": {
		read:   words("elasticloadbalancing: Describe*"),
		create: words("elasticloadbalancing: CreateLoadBalancer CreateTargetGroup"),
		makes:  []string{"arn:aws:elasticloadbalancing:*:*:loadbalancer/app/*", "arn:aws:elasticloadbalancing:*:*:targetgroup/*"},
		write: words("elasticloadbalancing: DeleteLoadBalancer ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets " +
			"ModifyTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup CreateListener ModifyListener " +
			"DeleteListener AddTags RemoveTags SetWebAcl"),
		tagging: &tagging{
			action: "elasticloadbalancing:AddTags",
			on:     []string{"arn:aws:elasticloadbalancing:*:*:*"},
			by:     []string{"CreateLoadBalancer", "CreateTargetGroup", "CreateListener"},
		},
	},
	"rds": {
		read: words("rds: Describe* ListTagsForResource"),
		create: words("rds: CreateDBInstance RestoreDBInstanceFromDBSnapshot CreateDBParameterGroup CreateDBSubnetGroup CreateEventSubscription " +
			"CreateDBSnapshot AddTagsToResource"),
		makes: []string{"arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:pg:*", "arn:aws:rds:*:*:subgrp:*", "arn:aws:rds:*:*:es:*", "arn:aws:rds:*:*:snapshot:*"},
		write: words("rds: CreateDBInstance RestoreDBInstanceFromDBSnapshot ModifyDBInstance DeleteDBInstance CreateDBSnapshot " +
			"ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup ModifyDBSubnetGroup DeleteDBSubnetGroup " +
			"ModifyEventSubscription DeleteEventSubscription AddTagsToResource RemoveTagsFromResource"),
		other: []grant{
			{
				actions: words("rds: CreateDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot"),
				on:      []string{"arn:aws:rds:*:*:og:default*", "arn:aws:rds:*:*:pg:default*"},
				why:     "AWS' own groups of options and parameters",
			},
		},
	},
	"route53": {
		read: words("route53: GetHostedZone ListResourceRecordSets GetChange GetHealthCheck ListTagsForResource"),
		other: []grant{{
			actions: words("route53: CreateHealthCheck UpdateHealthCheck DeleteHealthCheck ChangeTagsForResource"),
			on:      []string{"*", "arn:aws:route53:::healthcheck/*"},
			why:     "AWS limits health checks by no tag; a zone's records are zoneRecords'",
		}},
	},
	"s3": {
		read: words("s3: GetBucket* GetEncryptionConfiguration GetLifecycleConfiguration GetAccelerateConfiguration GetReplicationConfiguration"),
		other: []grant{{
			actions: words("s3: CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion PutBucketPolicy DeleteBucketPolicy " +
				"PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration PutBucketTagging"),
			on:  []string{bucketsOf, bucketsOf + "/*"},
			why: "a bucket is known by its name, which begins with what the program calls it",
		}},
	},
	"secretsmanager": {
		read:   words("secretsmanager: DescribeSecret GetResourcePolicy"),
		create: words("secretsmanager: CreateSecret TagResource"),
		makes:  []string{secretsOf},
		write: words("secretsmanager: UpdateSecret DeleteSecret GetSecretValue PutSecretValue UpdateSecretVersionStage " +
			"TagResource UntagResource"),
	},
	"sns": {
		read:   words("sns: GetTopicAttributes GetSubscriptionAttributes ListTagsForResource"),
		create: words("sns: CreateTopic TagResource"),
		makes:  []string{"arn:aws:sns:*:*:*"},
		write:  words("sns: DeleteTopic SetTopicAttributes Subscribe Unsubscribe TagResource UntagResource"),
	},
	"ssm": { // a parameter's value is read by its tag; see reads
		read:   words("ssm: DescribeParameters ListTagsForResource DescribeDocument DescribeDocumentPermission GetDocument DescribeAssociation"),
		create: words("ssm: PutParameter CreateDocument CreateAssociation AddTagsToResource"),
		makes:  []string{"arn:aws:ssm:*:*:parameter/*", "arn:aws:ssm:*:*:document/*", "arn:aws:ssm:*:*:association/*"},
		write: words("ssm: PutParameter DeleteParameter DeleteDocument " +
			"CreateAssociation DeleteAssociation AddTagsToResource RemoveTagsFromResource"),
	},
	"wafv2": {
		read:  words("wafv2: GetWebACL GetWebACLForResource"),
		write: words("wafv2: AssociateWebACL DisassociateWebACL"),
		other: []grant{{
			actions: words("wafv2: AssociateWebACL"),
			on:      []string{"arn:aws:wafv2:*:*:*/webacl/*"},
			why:     "a web ACL may serve many projects; the load balancer that it is put before has to be the stack's",
		}},
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

// lookups is what a preview asks of AWS: it compares the program with the state,
// and looks up images, zones, instance types, snapshots, the servers of a group and
// what they have proven.
func lookups(project string) []policy.Statement {
	return []policy.Statement{
		allow(words("ec2: DescribeImages DescribeAvailabilityZones DescribeInstances DescribeInstanceTypes"), "*"),
		allow(words("rds: DescribeDBSnapshots"), "*"),
		readsParameters(project),
	}
}

func readsParameters(project string) policy.Statement {
	parameters := allow(words("ssm: GetParameter"), "*")
	parameters["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/Project": project}}
	return parameters
}

// reads is what a refresh asks of AWS, except for the values of secrets. A
// parameter's value is read if it is the project's.
func reads(project string) []policy.Statement {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		all = append(all, services[name].read...)
	}
	return []policy.Statement{allow(all, "*"), readsParameters(project)}
}

// Knows tells whether the roles may handle the types of a module, such as rds.
func Knows(module string) bool {
	if other, ok := sameAs[module]; ok {
		module = other
	}
	_, ok := services[module]
	return ok
}
