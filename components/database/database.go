// Package database is RDS for MySQL: encrypted, backed up, reached over TLS
// only, and protected against deletion.
package database

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/inputs"
	"github.com/webphases/webphases/internal/policy"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Database"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid database arguments")

var (
	engine = regexp.MustCompile(`^(\d+\.\d+)(\.\d+)?$`)
	prefix = regexp.MustCompile(`^[a-z][a-z0-9-]{0,36}$`)
)

// Settings of RDS for MySQL; see docs/config.md, database.
type Settings struct {
	// MySQL version: 8.4 for whichever minor version is installed, or one such as 8.4.6 with
	// database.autoMinorVersionUpgrade false. A later major version upgrades the database; AWS never
	// goes back.
	EngineVersion string `key:"engineVersion" default:"8.4" form:"mysqlVersion" example:"8.0"`
	// Instance class of the database.
	InstanceClass string `key:"instanceClass" default:"db.t4g.micro" form:"instanceClass" example:"db.t4g.small"`
	// Storage type: gp3 or io2.
	StorageType string `key:"storageType" default:"gp3" oneOf:"gp3,io2"`
	// Storage in GiB: from 20 (gp3) or 100 (io2). It can grow, never shrink. A database from a
	// snapshot has the snapshot's.
	AllocatedStorage int `key:"allocatedStorage" default:"20"`
	// How far the storage grows by itself, in GiB. 0: it does not; then database.allocatedStorage must
	// say what it has grown to.
	MaxAllocatedStorage int `key:"maxAllocatedStorage" default:"100"`
	// Provisioned IOPS: required for io2, possible for gp3 from 400 GiB. 0: what the storage gives.
	IOPS int `key:"iops" default:"0" example:"13000"`
	// Days of point-in-time recovery: 1 to 35.
	BackupRetentionDays int `key:"backupRetentionDays" default:"35" least:"1" most:"35" unit:"days"`
	// Daily backup window in UTC.
	BackupWindow string `key:"backupWindow" default:"17:00-18:00" form:"backupWindow" example:"16:00-17:00"`
	// Weekly maintenance window in UTC.
	MaintenanceWindow string `key:"maintenanceWindow" default:"sun:18:30-sun:19:30" form:"maintenanceWindow" example:"mon:18:30-mon:19:30"`
	// Install minor versions in the maintenance window.
	AutoMinorVersionUpgrade bool `key:"autoMinorVersionUpgrade" default:"true"`
	// Take a snapshot when the database is deleted.
	FinalSnapshot bool `key:"finalSnapshot" default:"true"`
	// Create the database from this snapshot. Changing it replaces the database.
	SnapshotIdentifier string `key:"snapshotIdentifier" default:"" form:"snapshot" example:"before"`
	// Name of the database. AWS cannot change it later.
	Name string `key:"name" default:"wordpress" form:"databaseName" example:"blog"`
	// Name of the master user. AWS cannot change it later.
	MasterUsername string `key:"masterUsername" default:"wpadmin" form:"databaseUser" example:"keeper"`
	// Port: 3306, or another one that is nobody's first guess. A change restarts the database, and the site is away until
	// the servers have read it.
	Port int `key:"port" default:"3306" least:"1150" most:"65535"`
	// Logs to publish to CloudWatch: audit (who logs in, and changes of tables and rights), error, general, slowquery.
	// MySQL writes no general log unless somebody switches it on.
	LogExports []string `key:"logExports" default:"[\"audit\",\"error\",\"general\",\"slowquery\"]" oneOf:"audit,error,general,slowquery" example:"[\"error\"]"`
	// How long these logs are kept, in days; a value that CloudWatch Logs takes.
	LogRetentionDays int `key:"logRetentionDays" default:"30" oneOf:"@logRetentionDays"`
	// Enhanced monitoring: 1, 5, 10, 15, 30 or 60 seconds. 0: off.
	MonitoringIntervalSeconds int `key:"monitoringIntervalSeconds" default:"60" oneOf:"0,1,5,10,15,30,60" example:"30"`
	// Apply changes at once. false: in the maintenance window.
	ApplyImmediately bool `key:"applyImmediately" default:"true"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes the database. What AWS cannot change later (encryption, engine,
// port) has no option.
type Args struct {
	Settings

	SubnetIDs        pulumi.StringArrayInput // in two zones or more
	SecurityGroupID  pulumi.StringInput
	IdentifierPrefix string // of the name that AWS shows; a suffix makes it unique
	Password         pulumi.StringInput
	MultiAZ          bool
	Protect          bool // by AWS and by Pulumi
	// KeepName is for a database whose name has a suffix of the provider's: it keeps it, and
	// the log groups that RDS has made.
	KeepName bool
}

// Database is the instance as the servers see it.
type Database struct {
	pulumi.ResourceState

	Host     pulumi.StringOutput
	Port     pulumi.IntOutput
	Endpoint pulumi.StringOutput // host:port
	Name     string
	// Identifier is the name that AWS shows.
	Identifier pulumi.StringOutput
	ARN        pulumi.StringOutput
	// Instance is what must exist before anybody is told how to reach it.
	Instance pulumi.Resource
}

// New makes the database. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Database, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	d := &Database{Name: args.Name}
	if err := ctx.RegisterComponentResource(Type, name, d, opts...); err != nil {
		return nil, fmt.Errorf("registering database %s: %w", name, err)
	}
	subnets, err := rds.NewSubnetGroup(ctx, name, &rds.SubnetGroupArgs{SubnetIds: args.SubnetIDs}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("creating the subnet group: %w", err)
	}
	parameters, err := d.makeParameters(ctx, name, args)
	if err != nil {
		return nil, err
	}
	instance := args.instance()
	instance.DbSubnetGroupName, instance.ParameterGroupName = subnets.Name, parameters.Name
	if instance.OptionGroupName, err = d.makeOptions(ctx, name, args); err != nil {
		return nil, err
	}
	reporting, err := d.addMonitoring(ctx, name, args, instance)
	if err != nil {
		return nil, err
	}
	if err := d.addName(ctx, name, args, instance); err != nil {
		return nil, err
	}
	logs, err := d.makeLogGroups(ctx, name, args, instance)
	if err != nil {
		return nil, err
	}
	made, err := rds.NewInstance(ctx, name, instance, pulumi.Parent(d), pulumi.Protect(args.Protect), pulumi.DependsOn(append(reporting, logs...)))
	if err != nil {
		return nil, fmt.Errorf("creating the database: %w", err)
	}
	d.Host, d.Port, d.Endpoint = made.Address, made.Port, made.Endpoint
	d.Identifier, d.ARN, d.Instance = made.Identifier, made.Arn, made
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"endpoint": d.Endpoint, "identifier": d.Identifier})
}

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if inputs.Fewer(a.SubnetIDs, 2) {
		errs = append(errs, errors.New("SubnetIDs: a subnet group spans two zones or more"))
	}
	if a.SecurityGroupID == nil || a.Password == nil {
		errs = append(errs, errors.New("SecurityGroupID and Password are required"))
	}
	if !prefix.MatchString(a.IdentifierPrefix) || strings.Contains(a.IdentifierPrefix, "--") {
		errs = append(errs, fmt.Errorf("IdentifierPrefix %q: up to 37 lower-case letters, digits and single hyphens, from a letter on", a.IdentifierPrefix))
	}
	if a.StorageType == "io2" && a.IOPS == 0 {
		errs = append(errs, errors.New("IOPS is 0: io2 wants it set"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

// instance is what needs no other resource.
func (a Args) instance() *rds.InstanceArgs {
	args := &rds.InstanceArgs{
		IdentifierPrefix:    pulumi.String(a.IdentifierPrefix),
		Engine:              pulumi.String("mysql"),
		EngineVersion:       pulumi.String(a.EngineVersion),
		InstanceClass:       pulumi.String(a.InstanceClass),
		DbName:              pulumi.String(a.Name),
		Username:            pulumi.String(a.MasterUsername),
		Password:            a.Password,
		Port:                pulumi.Int(a.Port),
		StorageType:         pulumi.String(a.StorageType),
		StorageEncrypted:    pulumi.Bool(true),
		MaxAllocatedStorage: pulumi.Int(a.MaxAllocatedStorage),
		VpcSecurityGroupIds: pulumi.StringArray{a.SecurityGroupID},
		PubliclyAccessible:  pulumi.Bool(false),
		MultiAz:             pulumi.Bool(a.MultiAZ),

		BackupRetentionPeriod:   pulumi.Int(a.BackupRetentionDays),
		BackupWindow:            pulumi.String(a.BackupWindow),
		MaintenanceWindow:       pulumi.String(a.MaintenanceWindow),
		AutoMinorVersionUpgrade: pulumi.Bool(a.AutoMinorVersionUpgrade),
		// It only takes part in an upgrade that EngineVersion asks for.
		AllowMajorVersionUpgrade: pulumi.Bool(true),
		ApplyImmediately:         pulumi.Bool(a.ApplyImmediately),

		// It lets nobody in: that takes a user of the database who logs in so, and the program makes none.
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),

		CopyTagsToSnapshot: pulumi.Bool(true),
		DeletionProtection: pulumi.Bool(a.Protect),
		SkipFinalSnapshot:  pulumi.Bool(!a.FinalSnapshot),
		// Who wants a last snapshot wants the days before it too; AWS keeps them for
		// their time.
		DeleteAutomatedBackups:       pulumi.Bool(!a.Protect && !a.FinalSnapshot),
		EnabledCloudwatchLogsExports: pulumi.ToStringArray(a.LogExports),
	}
	if a.IOPS > 0 {
		args.Iops = pulumi.Int(a.IOPS)
	}
	if a.SnapshotIdentifier != "" {
		args.SnapshotIdentifier = pulumi.String(a.SnapshotIdentifier)
	} else {
		// A snapshot brings its own, which may have grown by itself, and AWS takes no less.
		args.AllocatedStorage = pulumi.Int(a.AllocatedStorage)
	}
	return args
}

// makeParameters refuses connections without TLS and records slow queries.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html
func (d *Database) makeParameters(ctx *pulumi.Context, name string, args Args) (*rds.ParameterGroup, error) {
	set := func(key, value string) rds.ParameterGroupParameterArgs {
		return rds.ParameterGroupParameterArgs{Name: pulumi.String(key), Value: pulumi.String(value)}
	}
	group, err := rds.NewParameterGroup(ctx, name, &rds.ParameterGroupArgs{
		Family:      pulumi.String("mysql" + engine.FindStringSubmatch(args.EngineVersion)[1]),
		Description: pulumi.String("TLS required, slow queries logged"),
		Parameters: rds.ParameterGroupParameterArray{
			set("require_secure_transport", "1"), set("slow_query_log", "1"), set("long_query_time", "2"), set("log_output", "FILE"),
		},
	}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("creating the parameter group: %w", err)
	}
	return group, nil
}

// makeOptions makes the option group that writes the audit log; without that log the
// database has AWS's own. AWS deletes none that a snapshot refers to, so where there
// may be one it stays.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.AuditPlugin.html
func (d *Database) makeOptions(ctx *pulumi.Context, name string, args Args) (pulumi.StringPtrInput, error) {
	version := engine.FindStringSubmatch(args.EngineVersion)[1]
	if !slices.Contains(args.LogExports, "audit") {
		return pulumi.String("default:mysql-" + strings.ReplaceAll(version, ".", "-")), nil
	}
	group, err := rds.NewOptionGroup(ctx, name, &rds.OptionGroupArgs{
		EngineName:             pulumi.String("mysql"),
		MajorEngineVersion:     pulumi.String(version),
		OptionGroupDescription: pulumi.String("Audit log"),
		Options: rds.OptionGroupOptionArray{rds.OptionGroupOptionArgs{
			OptionName: pulumi.String("MARIADB_AUDIT_PLUGIN"),
			OptionSettings: rds.OptionGroupOptionOptionSettingArray{rds.OptionGroupOptionOptionSettingArgs{
				Name:  pulumi.String("SERVER_AUDIT_EVENTS"),
				Value: pulumi.String("CONNECT,QUERY_DDL,QUERY_DCL"),
			}},
		}},
	}, pulumi.Parent(d), pulumi.RetainOnDelete(args.Protect || args.FinalSnapshot))
	if err != nil {
		return nil, fmt.Errorf("creating the option group: %w", err)
	}
	return group.Name, nil
}

// addMonitoring lets RDS report the operating system's figures. AWS refuses a database
// whose role does not have the permission yet; what it returns gives it.
func (d *Database) addMonitoring(ctx *pulumi.Context, name string, args Args, instance *rds.InstanceArgs) ([]pulumi.Resource, error) {
	if args.MonitoringIntervalSeconds == 0 {
		return nil, nil
	}
	role, err := iam.NewRole(ctx, name+"-monitoring", &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumableBy("monitoring.rds.amazonaws.com"),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("creating the monitoring role: %w", err)
	}
	permission, err := iam.NewRolePolicyAttachment(ctx, name+"-monitoring", &iam.RolePolicyAttachmentArgs{
		Role:      role.Name,
		PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, fmt.Errorf("letting RDS report: %w", err)
	}
	instance.MonitoringInterval, instance.MonitoringRoleArn = pulumi.Int(args.MonitoringIntervalSeconds), role.Arn
	return []pulumi.Resource{permission}, nil
}

// addName names the database and its final snapshot after its life, so that a second
// database of the same name cannot collide with the first one. What AWS cannot change
// begins a new life: the old database leaves its snapshot while the new one is there
// already.
func (d *Database) addName(ctx *pulumi.Context, name string, args Args, instance *rds.InstanceArgs) error {
	if args.KeepName && !args.FinalSnapshot {
		return nil
	}
	life, err := random.NewRandomId(ctx, name+"-final", &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
		Keepers: pulumi.StringMap{
			"name":               pulumi.String(args.Name),
			"username":           pulumi.String(args.MasterUsername),
			"snapshotIdentifier": pulumi.String(args.SnapshotIdentifier),
		},
	}, pulumi.Parent(d))
	if err != nil {
		return fmt.Errorf("naming the database: %w", err)
	}
	if args.FinalSnapshot {
		instance.FinalSnapshotIdentifier = pulumi.Sprintf("%sfinal-%s", args.IdentifierPrefix, life.Hex)
	}
	if !args.KeepName {
		instance.IdentifierPrefix, instance.Identifier = nil, pulumi.Sprintf("%s%s", args.IdentifierPrefix, life.Hex)
	}
	return nil
}

// makeLogGroups makes the groups before RDS does, which would keep them for ever.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
func (d *Database) makeLogGroups(ctx *pulumi.Context, name string, args Args, instance *rds.InstanceArgs) ([]pulumi.Resource, error) {
	if args.KeepName {
		return nil, nil
	}
	var groups []pulumi.Resource
	for _, log := range args.LogExports {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-"+log, &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/instance/%s/%s", instance.Identifier, log),
			RetentionInDays: pulumi.Int(args.LogRetentionDays),
		}, pulumi.Parent(d), pulumi.DeleteBeforeReplace(false)) // the old database writes until it goes
		if err != nil {
			return nil, fmt.Errorf("creating the group of the %s log: %w", log, err)
		}
		groups = append(groups, group)
	}
	return groups, nil
}
