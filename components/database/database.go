// Package database is RDS for MySQL: encrypted, backed up, reached over TLS
// only, and protected against deletion.
package database

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// Type is the component's type token.
const Type = "webphases:index:Database"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid database arguments")

// port is the standard one of MySQL.
const port = 3306

var (
	engine = regexp.MustCompile(`^(\d+\.\d+)(\.\d+)?$`)
	prefix = regexp.MustCompile(`^[a-z][a-z0-9-]{0,36}$`)
)

// Args describes the database. What AWS cannot change later (encryption, names,
// engine, port) has no option.
type Args struct {
	SubnetIDs       pulumi.StringArray // two zones or more
	SecurityGroupID pulumi.StringInput

	EngineVersion       string // 8.4, or 8.4.6 for one minor version
	InstanceClass       string
	StorageType         string // gp3 or io2
	AllocatedStorage    int    // GiB; without effect on a database that is restored from a snapshot
	MaxAllocatedStorage int    // GiB; 0: the storage does not grow by itself
	IOPS                int    // 0: what the storage type gives

	IdentifierPrefix string // of the name that AWS shows; a suffix makes it unique
	Name             string // of the database on the server
	Username         string
	Password         pulumi.StringInput

	BackupRetentionDays     int    // 1 to 35
	BackupWindow            string // UTC, such as 17:00-18:00
	MaintenanceWindow       string // UTC, such as sun:18:30-sun:19:30
	AutoMinorVersionUpgrade bool
	ApplyImmediately        bool // else changes wait for the maintenance window

	MultiAZ            bool
	Protect            bool   // by AWS and by Pulumi
	FinalSnapshot      bool   // taken when the database is deleted
	SnapshotIdentifier string // restore from it at creation; the storage is then the snapshot's

	LogExports                []string
	MonitoringIntervalSeconds int // 0: no enhanced monitoring
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
	reporting, err := d.addMonitoring(ctx, name, args, instance)
	if err != nil {
		return nil, err
	}
	if err := d.addFinalSnapshot(ctx, name, args, instance); err != nil {
		return nil, err
	}
	made, err := rds.NewInstance(ctx, name, instance, pulumi.Parent(d), pulumi.Protect(args.Protect), pulumi.DependsOn(reporting))
	if err != nil {
		return nil, fmt.Errorf("creating the database: %w", err)
	}
	d.Host, d.Port, d.Endpoint, d.Identifier, d.Instance = made.Address, made.Port, made.Endpoint, made.Identifier, made
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"endpoint": d.Endpoint, "identifier": d.Identifier})
}

func (a Args) check() error {
	var errs []error
	if len(a.SubnetIDs) < 2 {
		errs = append(errs, fmt.Errorf("SubnetIDs has %d entries: a subnet group spans two zones or more", len(a.SubnetIDs)))
	}
	if a.SecurityGroupID == nil || a.Password == nil || a.Name == "" || a.Username == "" || a.InstanceClass == "" {
		errs = append(errs, errors.New("SecurityGroupID, Password, Name, Username and InstanceClass are required"))
	}
	if !prefix.MatchString(a.IdentifierPrefix) || strings.Contains(a.IdentifierPrefix, "--") {
		errs = append(errs, fmt.Errorf("IdentifierPrefix %q: up to 37 lower-case letters, digits and single hyphens, from a letter on", a.IdentifierPrefix))
	}
	if !engine.MatchString(a.EngineVersion) {
		errs = append(errs, fmt.Errorf("EngineVersion %q: write it like 8.4 or 8.4.6", a.EngineVersion))
	}
	if a.BackupRetentionDays < 1 {
		errs = append(errs, fmt.Errorf("BackupRetentionDays is %d: point-in-time recovery needs one day or more", a.BackupRetentionDays))
	}
	if a.StorageType == "io2" && a.IOPS == 0 {
		errs = append(errs, errors.New("IOPS is 0: io2 wants it set"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrArgs, errors.Join(errs...))
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
		Username:            pulumi.String(a.Username),
		Password:            a.Password,
		Port:                pulumi.Int(port),
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

// addFinalSnapshot names the snapshot after the database's life, so that a
// second database of the same name cannot collide with the first one's. What AWS
// cannot change begins a new life: the old database leaves its snapshot while the
// new one is there already.
func (d *Database) addFinalSnapshot(ctx *pulumi.Context, name string, args Args, instance *rds.InstanceArgs) error {
	if !args.FinalSnapshot {
		return nil
	}
	id, err := random.NewRandomId(ctx, name+"-final", &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
		Keepers: pulumi.StringMap{
			"name":               pulumi.String(args.Name),
			"username":           pulumi.String(args.Username),
			"snapshotIdentifier": pulumi.String(args.SnapshotIdentifier),
		},
	}, pulumi.Parent(d))
	if err != nil {
		return fmt.Errorf("naming the final snapshot: %w", err)
	}
	instance.FinalSnapshotIdentifier = pulumi.Sprintf("%sfinal-%s", args.IdentifierPrefix, id.Hex)
	return nil
}
