// Package backups is AWS Backup: once a day a recovery point of what holds data, in
// a vault that no role of the stack can empty, and a copy in another region if wanted.
package backups

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Backups"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid backup arguments")

// How long a backup may wait for its start and may take, in minutes.
const (
	StartWindow      = 60
	completionWindow = 12 * 60
)

// Settings of the backups; see docs/config.md, backup.
type Settings struct {
	// Days that AWS Backup keeps a recovery point.
	RetentionDays int `key:"retentionDays" default:"35" least:"1" most:"36500" unit:"days"`
	// Time of day in UTC from which a backup starts, within an hour. The database takes none in its two
	// windows nor in the hour before them.
	Time string `key:"time" default:"20:30" form:"time" example:"21:15"`
	// Another region, which takes a copy of each recovery point. Empty: none.
	CopyRegion string `key:"copyRegion" default:"" form:"region" example:"ap-northeast-3"`
	// A vault outlives the stack, and its recovery points stay for their days. false: it goes with the
	// stack, if it is empty.
	KeepVault bool `key:"keepVault" default:"true"`
}

// Args describes the backups.
type Args struct {
	Settings

	// Resources are the ARNs of what is backed up, by a name.
	Resources map[string]pulumi.StringInput
	// Copies is the provider of CopyRegion.
	Copies pulumi.ProviderResource
}

// Backups is the vault and who fills it.
type Backups struct {
	pulumi.ResourceState

	Vault   pulumi.StringOutput // its name
	RoleARN pulumi.StringOutput // of AWS Backup, for backups and restores

	name string
	args Args
}

// New makes the vault, the plan, and a selection for each resource. It fails with
// ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Backups, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	b := &Backups{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, b, opts...); err != nil {
		return nil, fmt.Errorf("registering backups %s: %w", name, err)
	}
	vault, err := b.makeVault(ctx, name)
	if err != nil {
		return nil, err
	}
	plan, err := b.makePlan(ctx, vault)
	if err != nil {
		return nil, err
	}
	if err := b.selectResources(ctx, plan); err != nil {
		return nil, err
	}
	b.Vault = vault.Name
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"vault": b.Vault, "roleArn": b.RoleARN})
}

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if len(a.Resources) == 0 {
		errs = append(errs, errors.New("Resources: there is nothing to back up"))
	}
	if (a.CopyRegion == "") != (a.Copies == nil) {
		errs = append(errs, errors.New("CopyRegion and Copies: both or neither"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

// makeVault makes a vault, with AWS Backup's own key: who deletes a key deletes what
// is encrypted with it. Nobody may delete or shorten what is in it, until somebody
// who may changes the vault's policy; a deploy role may neither.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
func (b *Backups) makeVault(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (*backup.Vault, error) {
	opts = append(opts, pulumi.Parent(b), pulumi.RetainOnDelete(b.args.KeepVault))
	vault, err := backup.NewVault(ctx, name, nil, opts...)
	if err != nil {
		return nil, fmt.Errorf("creating the vault %s: %w", name, err)
	}
	if _, err := backup.NewVaultPolicy(ctx, name, &backup.VaultPolicyArgs{
		BackupVaultName: vault.Name,
		Policy: policy.Document(policy.Statement{
			"Sid":       "KeepRecoveryPoints",
			"Effect":    "Deny",
			"Principal": map[string]any{"AWS": "*"},
			"Action":    []string{"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"},
			"Resource":  "*",
		}),
	}, opts...); err != nil {
		return nil, fmt.Errorf("setting the policy of the vault %s: %w", name, err)
	}
	return vault, nil
}

// makePlan backs up once a day.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html
func (b *Backups) makePlan(ctx *pulumi.Context, vault *backup.Vault) (*backup.Plan, error) {
	hour, minute, _ := strings.Cut(b.args.Time, ":")
	daily := backup.PlanRuleArgs{
		RuleName:         pulumi.String("daily"),
		TargetVaultName:  vault.Name,
		Schedule:         pulumi.Sprintf("cron(%s %s * * ? *)", strings.TrimPrefix(minute, "0"), strings.TrimPrefix(hour, "0")),
		StartWindow:      pulumi.Int(StartWindow),
		CompletionWindow: pulumi.Int(completionWindow),
		Lifecycle:        backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(b.args.RetentionDays)},
	}
	if b.args.CopyRegion != "" {
		far, err := b.makeVault(ctx, b.name+"-copy", pulumi.Provider(b.args.Copies))
		if err != nil {
			return nil, err
		}
		daily.CopyActions = backup.PlanRuleCopyActionArray{backup.PlanRuleCopyActionArgs{
			DestinationVaultArn: far.Arn,
			Lifecycle:           backup.PlanRuleCopyActionLifecycleArgs{DeleteAfter: pulumi.Int(b.args.RetentionDays)},
		}}
	}
	plan, err := backup.NewPlan(ctx, b.name, &backup.PlanArgs{Rules: backup.PlanRuleArray{daily}}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("creating the plan: %w", err)
	}
	return plan, nil
}

// AWS's own policies for what AWS Backup does.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
var servicePolicies = map[string]string{
	"backup":  "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
	"restore": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
}

// selectResources gives the plan each resource in a selection of its own, which
// comes and goes with it and leaves the others alone.
func (b *Backups) selectResources(ctx *pulumi.Context, plan *backup.Plan) error {
	role, err := iam.NewRole(ctx, b.name, &iam.RoleArgs{AssumeRolePolicy: policy.AssumableBy("backup.amazonaws.com")}, pulumi.Parent(b))
	if err != nil {
		return fmt.Errorf("creating the role: %w", err)
	}
	b.RoleARN = role.Arn
	var allowed []pulumi.Resource
	for _, what := range slices.Sorted(maps.Keys(servicePolicies)) {
		attached, err := iam.NewRolePolicyAttachment(ctx, b.name+"-"+what, &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: pulumi.String(servicePolicies[what]),
		}, pulumi.Parent(b))
		if err != nil {
			return fmt.Errorf("allowing to %s: %w", what, err)
		}
		allowed = append(allowed, attached)
	}
	for _, what := range slices.Sorted(maps.Keys(b.args.Resources)) {
		if _, err := backup.NewSelection(ctx, b.name+"-"+what, &backup.SelectionArgs{
			PlanId:     plan.ID(),
			IamRoleArn: role.Arn,
			Resources:  pulumi.StringArray{b.args.Resources[what]},
		}, pulumi.Parent(b), pulumi.DependsOn(allowed)); err != nil {
			return fmt.Errorf("selecting the %s: %w", what, err)
		}
	}
	return nil
}
