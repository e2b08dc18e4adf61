package githubidentity

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/policy"
)

// attachable are AWS's policies that the stacks attach to their roles.
var attachable = []string{
	"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
	"arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
	"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
	"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
}

// servicesOfRoles are those that may take the roles which a stack makes, and
// linkedServices those whose own roles AWS makes at their first use.
var (
	servicesOfRoles = []string{"ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com", "backup.amazonaws.com"}
	linkedServices  = []string{
		"autoscaling.amazonaws.com", "elasticfilesystem.amazonaws.com", "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com",
		"backup.amazonaws.com", "events.amazonaws.com", // an alarm that repairs a server
		"vpcorigin.cloudfront.amazonaws.com",
	}
)

// within limits a statement by conditions.
func within(s policy.Statement, conditions map[string]any) policy.Statement {
	s["Condition"] = conditions
	return s
}

// writesRoles lets a deploy role make roles under a path and within the boundary,
// and hand them to the services that need one. Without the boundary it could make
// a role that may do anything, and become it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
func writesRoles(account, path string, boundary pulumi.StringInput) []policy.Statement {
	own := "arn:aws:iam::" + account + ":role" + path + "*"
	profiles := "arn:aws:iam::" + account + ":instance-profile" + path + "*"
	bounded := map[string]any{"iam:PermissionsBoundary": boundary}
	return []policy.Statement{
		within(allow(catalog.List("iam: CreateRole PutRolePolicy DeleteRolePolicy"), own), map[string]any{"StringEquals": bounded}),
		within(allow(catalog.List("iam: AttachRolePolicy DetachRolePolicy"), own), map[string]any{
			"StringEquals": bounded,
			"ArnEquals":    map[string]any{"iam:PolicyARN": attachable},
		}),
		allow(catalog.List("iam: DeleteRole TagRole UntagRole"), own),
		allow(catalog.List("iam: CreateInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile "+
			"TagInstanceProfile UntagInstanceProfile"), profiles),
		within(allow(catalog.List("iam: PassRole"), own), map[string]any{
			"StringEquals": map[string]any{"iam:PassedToService": servicesOfRoles},
		}),
		within(allow(catalog.List("iam: CreateServiceLinkedRole"), "arn:aws:iam::"+account+":role/aws-service-role/*"), map[string]any{
			"StringEquals": map[string]any{"iam:AWSServiceName": linkedServices},
		}),
	}
}

// boundaryOf is the most that a role of a stack may do, whatever its own policies
// say: what Session Manager, flow logs and enhanced monitoring need, reading the
// project's secret, proving what they have done, and AWS Backup's work.
func boundaryOf(account, project string) []policy.Statement {
	ofProject := map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/Project": project}}
	return append([]policy.Statement{
		allow([]string{
			"ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:UpdateAssociationStatus",
			"ssm:UpdateInstanceAssociationStatus", "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:GetManifest",
			"ssm:GetDeployablePatchSnapshotForInstance", "ssm:GetParameter", "ssm:GetParameters", "ssm:PutComplianceItems",
			"ssm:PutConfigurePackageResult", "ssm:PutInventory", "ssmmessages:*", "ec2messages:*",
		}, "*"),
		allow(catalog.List("logs: CreateLogGroup CreateLogStream PutLogEvents PutRetentionPolicy DescribeLogGroups DescribeLogStreams GetLogEvents"), "*"),
		allow(catalog.List("elasticloadbalancing: DescribeTargetHealth; cloudwatch: PutMetricData"), "*"),
		within(allow(catalog.List("secretsmanager: GetSecretValue DescribeSecret"), catalog.CredentialSecrets), ofProject),
		// encryption.kmsKeyArn may name a key of the user's own; its policy decides too.
		within(allow(catalog.List("kms: Decrypt"), "*"), map[string]any{
			"StringLike": map[string]any{"kms:ViaService": "secretsmanager.*"},
		}),
		within(allow(catalog.List("ssm: PutParameter"), proofs...), ofProject),
	}, backingUp(account, project)...)
}

// backingUp is what AWS Backup's role does, as AWS's policies for it say: recovery
// points of databases, files and servers, and restores. Roles of another name have
// nothing of it.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
func backingUp(account, project string) []policy.Statement {
	itself := map[string]any{"aws:PrincipalArn": "arn:aws:iam::" + account + ":role/" + project + "/*/backups-*"}
	return []policy.Statement{
		within(allow(catalog.List(
			"backup: DescribeBackupVault CopyFromBackupVault CopyIntoBackupVault TagResource; backup-storage: *; tag: GetResources; "+
				"rds: DescribeDBInstances DescribeDBSnapshots DescribeDBSubnetGroups DescribeDBParameterGroups ListTagsForResource AddTagsToResource "+
				"CreateDBSnapshot CopyDBSnapshot DeleteDBSnapshot ModifyDBSnapshotAttribute RestoreDBInstanceFromDBSnapshot; "+
				"ec2: Describe* CreateTags CreateSnapshot CreateSnapshots CopySnapshot DeleteSnapshot ModifySnapshotAttribute "+
				"CreateImage CopyImage RegisterImage DeregisterImage CreateVolume; "+
				"elasticfilesystem: Describe* ListTagsForResource Backup Restore CreateFileSystem; kms: DescribeKey"), "*"), map[string]any{"ArnLike": itself}),
		within(allow(catalog.List("kms: Decrypt Encrypt GenerateDataKey* ReEncrypt* CreateGrant"), "*"), map[string]any{
			"ArnLike":    itself,
			"StringLike": map[string]any{"kms:ViaService": []string{"backup.*", "ec2.*", "elasticfilesystem.*", "rds.*"}},
		}),
	}
}
