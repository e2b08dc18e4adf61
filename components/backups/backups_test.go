package backups_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/backups"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/setting"
	"github.com/webphases/webphases/internal/testutil"
)

var resources = map[string]pulumi.StringInput{
	"database": pulumi.String("arn:aws:rds:eu-west-1:1:db:site"),
	"files":    pulumi.String("arn:aws:elasticfilesystem:eu-west-1:1:file-system/fs-1"),
}

func program(change func(*backups.Args), names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		args := backups.Args{Settings: setting.Defaults[backups.Settings](), Resources: resources}
		change(&args)
		if args.CopyRegion != "" {
			var err error
			if args.Copies, err = aws.NewProvider(ctx, "far", &aws.ProviderArgs{Region: pulumi.String(args.CopyRegion)}); err != nil {
				return err
			}
		}
		for _, name := range names {
			if _, err := backups.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func asIs(*backups.Args) {}

func TestPlan(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(func(a *backups.Args) { a.Time, a.RetentionDays = "05:00", 14 }, "kept"))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		backups.Type: 1, catalog.BackupVault: 1, catalog.BackupVaultPolicy: 1, catalog.BackupPlan: 1, catalog.BackupSelection: 2,
		catalog.IAMRole: 1, catalog.IAMRolePolicyAttachment: 2,
	}, run.Census())
	plan := run.Get(t, catalog.BackupPlan, "kept")
	assert.Equal(t, "cron(0 5 * * ? *)", plan.String("rules[0].schedule"))
	assert.Equal(t, 14.0, plan.Input("rules[0].lifecycle.deleteAfter").NumberValue())
	assert.False(t, plan.Input("rules[0].copyActions").IsArray())
	assert.Equal(t, "arn:aws:rds:eu-west-1:1:db:site", run.Get(t, catalog.BackupSelection, "kept-database").String("resources[0]"))
	assert.Contains(t, run.Get(t, catalog.IAMRole, "kept").String("assumeRolePolicy"), "backup.amazonaws.com")
}

// What is in the vault outlives the stack, and nobody deletes it on the way.
func TestTheVaultKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(asIs, "kept"))
	assert.True(t, run.Get(t, catalog.BackupVault, "kept").RetainedLater)
	assert.True(t, run.Get(t, catalog.BackupVaultPolicy, "kept").RetainedLater)
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Sid": "KeepRecoveryPoints", "Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*",
		"Action": ["backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
	}]}`, run.Get(t, catalog.BackupVaultPolicy, "kept").String("policy"))

	run = testutil.Must(t, program(func(a *backups.Args) { a.KeepVault = false }, "kept"))
	assert.False(t, run.Get(t, catalog.BackupVault, "kept").RetainedLater)
}

func TestCopies(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(func(a *backups.Args) { a.CopyRegion = "eu-central-1" }, "kept"))
	run.CheckAll(t)
	assert.Contains(t, run.Get(t, catalog.BackupVault, "kept-copy").Provider, "::far::")
	assert.NotContains(t, run.Get(t, catalog.BackupVault, "kept").Provider, "::far::")
	copied := run.Get(t, catalog.BackupPlan, "kept").Input("rules[0].copyActions[0]").ObjectValue()
	assert.Contains(t, copied["destinationVaultArn"].StringValue(), "kept-copy")
	assert.Equal(t, 35.0, copied["lifecycle"].ObjectValue()["deleteAfter"].NumberValue())
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	testutil.Must(t, program(asIs, "one", "two")).CheckAll(t)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*backups.Args){
		"nothing to back up": func(a *backups.Args) { a.Resources = nil },
		"0 days":             func(a *backups.Args) { a.RetentionDays = 0 },
		"no time":            func(a *backups.Args) { a.Time = "25:00" },
	} {
		run, err := testutil.Do(program(change, "kept"))
		require.ErrorIs(t, err, backups.ErrArgs, what)
		assert.Empty(t, run.Census(), what)
	}
}
