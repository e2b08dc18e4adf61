package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	databaseType     = catalog.RDSInstance
	fileSystemType   = catalog.EFSFileSystem
	accessPointType  = catalog.EFSAccessPoint
	subscriptionType = catalog.RDSEventSubscription
)

var efs = []control{
	{"EFS.1", "Elastic File System should be configured to encrypt file data at-rest using AWS KMS", []string{fileSystemType}, encryptedByKMS},
	{"EFS.2", "Amazon EFS volumes should be in backup plans", []string{fileSystemType}, inPlan},
	{"EFS.3", "EFS access points should enforce a root directory", []string{accessPointType}, rootDirectory},
	{"EFS.4", "EFS access points should enforce a user identity", []string{accessPointType}, func(_ *graph.Graph, r *graph.Resource) string {
		if r.Str("posixUser.uid") == "" || r.Str("posixUser.gid") == "" {
			return "clients choose their user themselves"
		}
		return ""
	}},
	{"EFS.6", "EFS mount targets should not be associated with subnets that assign public IP addresses on launch", []string{catalog.EFSMountTarget},
		func(g *graph.Graph, r *graph.Resource) string {
			if subnet := g.With(subnetType, "id", r.Str("subnetId")); subnet != nil && subnet.True("mapPublicIpOnLaunch") {
				return "its subnet assigns public addresses"
			}
			return ""
		}},
	{"EFS.7", "EFS file systems should have automatic backups enabled", []string{fileSystemType}, backups},
	{"EFS.8", "EFS file systems should be encrypted at rest", []string{fileSystemType}, must("encrypted", "true", "it is not encrypted")},
}

func encryptedByKMS(_ *graph.Graph, r *graph.Resource) string {
	if !r.True("encrypted") || r.Str("kmsKeyId") == "" {
		return "it is not encrypted with a key of KMS"
	}
	return ""
}

// inPlan: a selection of the stack's own plan names it, or it is in AWS' automatic one.
func inPlan(g *graph.Graph, r *graph.Resource) string {
	for _, selection := range g.OfType(catalog.BackupSelection) {
		if slices.Contains(selection.Texts("resources"), r.Str("arn")) {
			return ""
		}
	}
	return backups(g, r)
}

func backups(g *graph.Graph, r *graph.Resource) string {
	policy := g.With(catalog.EFSBackupPolicy, "fileSystemId", r.ID)
	if policy == nil || policy.Str("backupPolicy.status") != "ENABLED" {
		return "nothing backs it up"
	}
	return ""
}

func rootDirectory(_ *graph.Graph, r *graph.Resource) string {
	if path := r.Str("rootDirectory.path"); path == "" || path == "/" {
		return "it shows the whole file system"
	}
	return ""
}

var rds = []control{
	{"RDS.2", "RDS DB Instances should prohibit public access, as determined by the PubliclyAccessible configuration", []string{databaseType},
		mustNot("publiclyAccessible", "true", "it has a public address")},
	{"RDS.3", "RDS DB instances should have encryption at-rest enabled", []string{databaseType}, must("storageEncrypted", "true", "its storage is not encrypted")},
	{"RDS.5", "RDS DB instances should be configured with multiple Availability Zones", []string{databaseType}, must("multiAz", "true", "it has no standby in another zone")},
	{"RDS.6", "Enhanced monitoring should be configured for RDS DB instances", []string{databaseType}, func(_ *graph.Graph, r *graph.Resource) string {
		if r.Int("monitoringInterval") == 0 {
			return "it has none"
		}
		return ""
	}},
	{"RDS.8", "RDS DB instances should have deletion protection enabled", []string{databaseType}, must("deletionProtection", "true", "it can be deleted")},
	{"RDS.9", "RDS DB instances should publish logs to CloudWatch Logs", []string{databaseType}, publishedLogs},
	{"RDS.10", "IAM authentication should be configured for RDS instances", []string{databaseType},
		must("iamDatabaseAuthenticationEnabled", "true", "its users log in by password, over TLS")},
	{"RDS.11", "RDS instances should have automatic backups enabled", []string{databaseType}, func(_ *graph.Graph, r *graph.Resource) string {
		if days := r.Int("backupRetentionPeriod"); days < 7 {
			return fmt.Sprintf("its backups are kept for %d days; AWS wants 7", days)
		}
		return ""
	}},
	{"RDS.13", "RDS automatic minor version upgrades should be enabled", []string{databaseType},
		must("autoMinorVersionUpgrade", "true", "it stays at its minor version")},
	{"RDS.17", "RDS DB instances should be configured to copy tags to snapshots", []string{databaseType}, must("copyTagsToSnapshot", "true", "it does not")},
	{"RDS.20", "Existing RDS event notification subscriptions should be configured for critical database instance events", []string{subscriptionType},
		func(_ *graph.Graph, r *graph.Resource) string {
			if r.Str("sourceType") != "db-instance" {
				return ""
			}
			categories := r.Texts("eventCategories")
			for _, critical := range []string{"maintenance", "configuration change", "failure"} {
				if len(categories) > 0 && !slices.Contains(categories, critical) {
					return "it is not told of " + critical
				}
			}
			return ""
		}},
	{"RDS.23", "RDS instances should not use a database engine default port", []string{databaseType},
		mustNot("port", "3306", "it uses the port that everybody knows")},
	{"RDS.25", "RDS database instances should use a custom administrator username", []string{databaseType},
		mustNot("username", "admin", "its administrator has the name that everybody knows")},
	{"RDS.39", "RDS for MySQL DB instances should be encrypted in transit", []string{databaseType}, func(g *graph.Graph, r *graph.Resource) string {
		group := g.With(catalog.RDSParameterGroup, "name", r.Str("parameterGroupName"))
		if group == nil {
			return "its parameter group is not in the stack"
		}
		for _, p := range group.Objects("parameters") {
			if value := p.Str("value"); p.Str("name") == "require_secure_transport" && (value == "1" || value == "ON") {
				return ""
			}
		}
		return "it takes connections without TLS"
	}},
	{"RDS.46", "RDS DB instances should not be deployed in public subnets with routes to internet gateways", []string{databaseType}, noPublicSubnet},
}

// publishedLogs are the logs of MySQL.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-9
func publishedLogs(_ *graph.Graph, r *graph.Resource) string {
	var missing []string
	for _, log := range []string{"audit", "error", "general", "slowquery"} {
		if !slices.Contains(r.Texts("enabledCloudwatchLogsExports"), log) {
			missing = append(missing, log)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "it does not publish " + strings.Join(missing, ", ")
}

func noPublicSubnet(g *graph.Graph, r *graph.Resource) string {
	group := g.With(catalog.RDSSubnetGroup, "name", r.Str("dbSubnetGroupName"))
	if group == nil {
		return "its subnet group is not in the stack"
	}
	for _, subnet := range group.Texts("subnetIds") {
		association := g.With(catalog.EC2RouteTableAssociation, "subnetId", subnet)
		for _, route := range g.OfType(catalog.EC2Route) {
			if association != nil && route.Str("routeTableId") == association.Str("routeTableId") && strings.HasPrefix(route.Str("gatewayId"), "igw-") {
				return "a subnet of its group has a route to the internet gateway"
			}
		}
	}
	return ""
}

var secretsManager = []control{
	{"SecretsManager.1", "Secrets Manager secrets should have automatic rotation enabled", []string{catalog.SecretsManagerSecret},
		func(g *graph.Graph, r *graph.Resource) string {
			if g.With("aws:secretsmanager/secretRotation:SecretRotation", "secretId", r.ID) != nil {
				return ""
			}
			return "nothing rotates it"
		}},
}

var kms = []control{
	{"KMS.1", "IAM customer managed policies should not allow decryption actions on all KMS keys", []string{catalog.IAMPolicy}, decryptsAll},
	{"KMS.2", "IAM principals should not have IAM inline policies that allow decryption actions on all KMS keys", []string{catalog.IAMRolePolicy}, decryptsAll},
	{"KMS.5", "KMS keys should not be publicly accessible", []string{catalog.KMSKey}, forEverybody},
}

var sns = []control{
	{"SNS.4", "SNS topic access policies should not allow public access", []string{catalog.SNSTopic}, forEverybody},
}

// decryptsAll fails if the policy lets somebody decrypt with every key.
func decryptsAll(_ *graph.Graph, r *graph.Resource) string {
	for _, s := range statements(r.Str("policy")) {
		if s.Effect != "Allow" || !holds(s.Resource, "*") {
			continue
		}
		for _, action := range []string{"*", "kms:*", "kms:Decrypt", "kms:ReEncryptFrom"} {
			if holds(s.Action, action) {
				return "it allows " + action + " on every key"
			}
		}
	}
	return ""
}

// everybody tells whether a principal is the whole world.
func everybody(principal any) bool {
	if by, ok := principal.(map[string]any); ok {
		principal = by["AWS"]
	}
	return holds(principal, "*")
}

// forEverybody fails if the resource's policy lets in the whole world.
func forEverybody(_ *graph.Graph, r *graph.Resource) string {
	for _, s := range statements(r.Str("policy")) {
		if s.Effect == "Allow" && len(s.Condition) == 0 && everybody(s.Principal) {
			return "its policy lets in everybody"
		}
	}
	return ""
}
