package model

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

var (
	managedPolicy = regexp.MustCompile(`^arn:aws[a-z-]*:iam::aws:policy/(.+)$`)
	anyPolicy     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$`)
	// managedPolicies are those of AWS's own policies that a server, a database
	// or a load balancer of this kind may want. Others are refused by name: a
	// misspelt one would otherwise pass.
	managedPolicies = []string{
		"AmazonSSMManagedInstanceCore", "AmazonSSMPatchAssociation", "CloudWatchAgentServerPolicy", "AmazonEC2ReadOnlyAccess",
		"AmazonElasticFileSystemClientReadWriteAccess", "AmazonElasticFileSystemClientFullAccess", "AmazonS3ReadOnlyAccess",
		"service-role/AmazonRDSEnhancedMonitoringRole", "service-role/AmazonSSMMaintenanceWindowRole", "service-role/AmazonEC2RoleforSSM",
		"service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores",
	}
)

var identityKinds = []Kind{
	{
		Token: catalog.IAMRole, ID: "{.name}",
		Refs:     []Ref{{Path: "permissionsBoundary", To: catalog.IAMPolicy, By: "arn", Outside: func(v string) bool { return anyPolicy.MatchString(v) }}},
		Outputs:  []string{"arn", "arn:{partition}:iam::{account}:role{.path}{.name}"},
		Name:     &Naming{Property: "name", Max: 64, Prefix: "namePrefix"},
		Defaults: map[string]any{"forceDetachPolicies": false, "maxSessionDuration": 3600, "path": "/"},
		Sets:     []string{"inlinePolicies", "managedPolicyArns"},
		Rules:    []Rule{isJSON("assumeRolePolicy"), between("maxSessionDuration", 3600, 43200), matches("path", `^/([!-~]+/)?$`, "a path that begins and ends with /")},
		Fill: func(c *change) {
			c.setIfAbsent("uniqueId", "AROA"+strings.ToUpper(c.letters("uniqueId", 17)))
		},
	},
	{
		Token: catalog.IAMRolePolicy, ID: "{.role}:{.name}",
		Name:  &Naming{Property: "name", Max: 128, Prefix: "namePrefix"},
		Refs:  []Ref{{Path: "role", To: catalog.IAMRole, By: "name"}},
		Rules: []Rule{isJSON("policy"), policySize},
	},
	{
		Token: catalog.IAMPolicy, ID: "arn:{partition}:iam::{account}:policy{.path}{.name}",
		Outputs:  []string{"arn", "{id}"},
		Name:     &Naming{Property: "name", Max: 128, Prefix: "namePrefix"},
		Defaults: map[string]any{"path": "/"},
		Rules: []Rule{isJSON("policy"), func(in resource.PropertyMap) []failure {
			if n := len(strings.Join(strings.Fields(str(in, "policy")), "")); n > 6144 {
				return fail("policy", "Cannot exceed quota for PolicySize: 6144, got %d", n)
			}
			return nil
		}},
		Fill: func(c *change) {
			c.setIfAbsent("policyId", "ANPA"+strings.ToUpper(c.letters("policyId", 17)))
		},
	},
	{
		Token:   catalog.IAMOIDCProvider,
		ID:      "arn:{partition}:iam::{account}:oidc-provider/{host}",
		Outputs: []string{"arn", "{id}"},
		Unique:  []Unique{{Paths: []string{"url"}, Code: "EntityAlreadyExists", What: "the provider with this URL"}},
		Rules:   []Rule{matches("url", `^https://[^/?#]+`, "a URL that begins with https://")},
	},
	{
		Token: catalog.IAMRolePolicyAttachment, ID: "{.role}-{digits26}",
		Refs: []Ref{
			{Path: "role", To: catalog.IAMRole, By: "name"},
			{Path: "policyArn", To: catalog.IAMPolicy, By: "arn", Outside: func(v string) bool { return managedPolicy.MatchString(v) }},
		},
		Unique: []Unique{{Paths: []string{"role", "policyArn"}, Code: "AlreadyAttached", What: "the policy attachment"}},
		Rules: []Rule{func(in resource.PropertyMap) []failure {
			arn := str(in, "policyArn")
			m := managedPolicy.FindStringSubmatch(arn)
			if arn == "" || m == nil && anyPolicy.MatchString(arn) || m != nil && slices.Contains(managedPolicies, m[1]) {
				return nil
			}
			return fail("policyArn", "Policy %s does not exist or is not attachable (the rehearsal knows %s)", arn, strings.Join(managedPolicies, ", "))
		}},
	},
	{
		Token: catalog.IAMInstanceProfile, ID: "{.name}",
		Outputs:  []string{"arn", "arn:{partition}:iam::{account}:instance-profile{.path}{.name}"},
		Name:     &Naming{Property: "name", Max: 128, Prefix: "namePrefix"},
		Defaults: map[string]any{"path": "/"},
		Refs:     []Ref{{Path: "role", To: catalog.IAMRole, By: "name"}},
		Fill: func(c *change) {
			c.setIfAbsent("uniqueId", "AIPA"+strings.ToUpper(c.letters("uniqueId", 17)))
		},
	},
	{
		Token: catalog.SecretsManagerSecret, ID: "arn:{partition}:secretsmanager:{region}:{account}:secret:{.name}-{letters6}",
		Outputs:  []string{"arn", "{id}"},
		Name:     &Naming{Property: "name", Max: 512, Prefix: "namePrefix"},
		Defaults: map[string]any{"forceOverwriteReplicaSecret": false, "recoveryWindowInDays": 30},
		Rules: []Rule{isJSON("policy"), func(in resource.PropertyMap) []failure {
			if n := num(in, "recoveryWindowInDays"); n != 0 && (n < 7 || n > 30) {
				return fail("recoveryWindowInDays", "expected 0 or between 7 and 30, got %d", n)
			}
			return nil
		}},
		Unique: []Unique{{Paths: []string{"name"}, Code: "ResourceExistsException", What: "the secret"}},
	},
	{
		Token: catalog.SecretsManagerSecretVersion, ID: "{.secretId}|terraform-{digits26}",
		Outputs: []string{"arn", "{.secretId}", "versionId", "terraform-{digits26}"},
		Refs:    []Ref{{Path: "secretId", To: catalog.SecretsManagerSecret}},
		Rules:   []Rule{exactlyOne("secretString", "secretBinary")},
		Sets:    []string{"versionStages"},
		Fill:    func(c *change) { c.setIfAbsent("versionStages", []any{"AWSCURRENT"}) },
		After:   supersede,
	},
}

func policySize(in resource.PropertyMap) []failure {
	if n := len(strings.Join(strings.Fields(str(in, "policy")), "")); n > 10240 {
		return fail("policy", "Maximum policy size of 10240 bytes exceeded for role: %d", n)
	}
	return nil
}

// supersede takes the label of the current version from the ones before.
//
// Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
func supersede(c *change) error {
	for _, other := range c.cloud.OfType(catalog.SecretsManagerSecretVersion) {
		if c.old != nil || other.ID == c.id || other.Str("secretId") != str(c.out, "secretId") {
			continue
		}
		previous := *other
		previous.Outputs = other.Outputs.Copy()
		previous.Outputs["versionStages"] = resource.NewPropertyValue([]any{"AWSPREVIOUS"})
		if err := c.cloud.Put(&previous); err != nil {
			return err
		}
	}
	return nil
}
