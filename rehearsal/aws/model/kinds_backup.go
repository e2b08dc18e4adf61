package model

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const backupArn = "arn:{partition}:backup:{region}:{account}:"

// cron is AWS Backup's and EventBridge's: six fields, one of the two days being ?.
var cron = regexp.MustCompile(`^cron\(\S+ \S+ (\? \S+ \S+|\S+ \S+ \?) \S+\)$`)

var backupKinds = []Kind{
	{
		Token: catalog.BackupVault, ID: "{.name}",
		Outputs:  []string{"arn", backupArn + "backup-vault:{.name}", "kmsKeyArn", "arn:{partition}:kms:{region}:{account}:key/{uuid}"},
		Name:     &Naming{Property: "name", Max: 50},
		Defaults: map[string]any{"forceDestroy": false},
		Rules:    []Rule{matches("name", `^[a-zA-Z0-9_-]{2,50}$`, "2 to 50 letters, digits, hyphens and underscores")},
		Unique:   []Unique{{Paths: []string{"name"}, Code: "AlreadyExistsException", What: "the vault"}},
		Fill:     func(c *change) { c.setIfAbsent("recoveryPoints", 0) },
		Delete: func(c *change) error {
			kept := c.cloud.Get(c.kind.Token, c.id)
			if kept != nil && num(kept.Outputs, "recoveryPoints") > 0 && !yes(kept.Outputs, "forceDestroy") {
				return refuse("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points.")
			}
			return nil
		},
	},
	{
		Token: catalog.BackupVaultPolicy, ID: "{.backupVaultName}",
		Refs:  []Ref{{Path: "backupVaultName", To: catalog.BackupVault, By: "name", Loose: true}},
		Rules: []Rule{isJSON("policy")},
		Fill: func(c *change) {
			c.set("backupVaultArn", c.expand("backupVaultArn", backupArn+"backup-vault:{.backupVaultName}"))
		},
	},
	{
		Token: catalog.BackupPlan, ID: "{uuid}",
		Outputs: []string{"arn", backupArn + "backup-plan:{id}"},
		Name:    &Naming{Property: "name", Max: 50},
		Sets:    []string{"rules"},
		Refs: []Ref{
			{Path: "rules[*].targetVaultName", To: catalog.BackupVault, By: "name", Loose: true},
			{Path: "rules[*].copyActions[*].destinationVaultArn", To: catalog.BackupVault, By: "arn", Loose: true},
		},
		Rules:   []Rule{eachRule(backupRule)},
		Renewed: map[string][]string{"version": {"rules", "advancedBackupSettings"}},
		Fill:    func(c *change) { c.set("version", c.expand("version", "{uuid}")) },
	},
	{
		Token: catalog.BackupSelection, ID: "{uuid}",
		Name: &Naming{Property: "name", Max: 50},
		Sets: []string{"resources", "notResources", "selectionTags", "conditions"},
		Refs: []Ref{
			{Path: "planId", To: catalog.BackupPlan}, {Path: "iamRoleArn", To: catalog.IAMRole, By: "arn", Loose: true},
		},
		Rules: []Rule{required("name")},
	},
}

func eachRule(check func(rule resource.PropertyMap) []failure) Rule {
	return func(in resource.PropertyMap) (all []failure) {
		if list := at(in, "rules"); list.IsArray() {
			for _, r := range list.ArrayValue() {
				if r.IsObject() {
					all = append(all, check(r.ObjectValue())...)
				}
			}
		}
		return all
	}
}

// backupRule refuses what CreateBackupPlan refuses.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html
func backupRule(rule resource.PropertyMap) []failure {
	switch schedule := str(rule, "schedule"); {
	case schedule != "" && !cron.MatchString(schedule):
		return fail("rules", "InvalidParameterValueException: invalid schedule expression %s", schedule)
	case at(rule, "startWindow").IsNumber() && num(rule, "startWindow") < 60:
		return fail("rules", "InvalidParameterValueException: the start window is at least 60 minutes, got %d", num(rule, "startWindow"))
	case at(rule, "completionWindow").IsNumber() && num(rule, "completionWindow") < num(rule, "startWindow")+60:
		return fail("rules", "InvalidParameterValueException: the completion window ends at least 60 minutes after the start window")
	}
	return nil
}

// BackUp is what AWS Backup does in a day: each selection gives a recovery point to
// the plan's vault. It returns what a restore begins with: the snapshot of a database
// and the image of a server by their IDs, and a file system by its own.
func BackUp(c *cloud.Cloud) (made []string, err error) {
	for _, selection := range c.OfType(catalog.BackupSelection) {
		plan := c.Get(catalog.BackupPlan, selection.Str("planId"))
		vault := c.Get(catalog.BackupVault, strs(plan.Outputs, "rules[*].targetVaultName")[0])
		for _, arn := range strs(selection.Outputs, "resources[*]") {
			id, err := recoveryPoint(c, arn)
			if err != nil {
				return nil, err
			}
			made = append(made, id)
			vault.Outputs["recoveryPoints"] = resource.NewProperty(float64(num(vault.Outputs, "recoveryPoints") + 1))
			if err := c.Put(vault); err != nil {
				return nil, err
			}
		}
	}
	return made, nil
}

func recoveryPoint(c *cloud.Cloud, arn string) (string, error) {
	for _, r := range c.All() {
		switch {
		case r.Str("arn") != arn:
		case r.Type == catalog.RDSInstance:
			id := "awsbackup:job-" + r.ID
			out := r.Outputs.Copy()
			out["encrypted"] = out["storageEncrypted"]
			return id, c.Put(&cloud.Record{Type: catalog.RDSSnapshot, ID: id, Inputs: resource.PropertyMap{}, Outputs: out})
		case r.Type == catalog.EC2Instance:
			return "ami-" + strings.TrimPrefix(r.ID, "i-"), nil
		case r.Type == catalog.EFSFileSystem:
			return r.ID, nil
		}
	}
	return "", refuse("InvalidParameterValueException", "there is no resource %s to back up", arn)
}
