package database_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const instance = catalog.RDSInstance

func standard() database.Args {
	return database.Args{
		Settings:         database.Defaults(),
		SubnetIDs:        pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		SecurityGroupID:  pulumi.String("sg-1"),
		IdentifierPrefix: "site-",
		Password:         pulumi.ToSecret(pulumi.String(testutil.Marker)).(pulumi.StringOutput),
		MultiAZ:          true,
		Protect:          true,
	}
}

func program(args database.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := database.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func build(t *testing.T, mutate func(*database.Args)) *testutil.Run {
	t.Helper()
	args := standard()
	if mutate != nil {
		mutate(&args)
	}
	run := testutil.Must(t, program(args, "db"))
	run.CheckAll(t)
	return run
}

func TestCensus(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]int{
		database.Type: 1, catalog.RDSSubnetGroup: 1, catalog.RDSParameterGroup: 1, catalog.RDSOptionGroup: 1, instance: 1, catalog.CloudWatchLogGroup: 4,
		catalog.IAMRole: 1, catalog.IAMRolePolicyAttachment: 1, catalog.RandomID: 1,
	}, build(t, nil).Census())
	assert.Equal(t, map[string]int{
		database.Type: 1, catalog.RDSSubnetGroup: 1, catalog.RDSParameterGroup: 1, catalog.RDSOptionGroup: 1, instance: 1, catalog.CloudWatchLogGroup: 4, catalog.RandomID: 1,
	}, build(t, func(a *database.Args) { a.MonitoringIntervalSeconds, a.FinalSnapshot = 0, false }).Census())
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	testutil.Must(t, program(standard(), "one", "two")).CheckAll(t)
}

func TestSecureByDefault(t *testing.T) {
	t.Parallel()
	run := build(t, nil)
	db := run.Get(t, instance, "db")
	assert.True(t, db.Inputs["password"].IsSecret())
	for input, want := range map[string]bool{
		"storageEncrypted": true, "publiclyAccessible": false, "multiAz": true, "deletionProtection": true, "deleteAutomatedBackups": false,
		"skipFinalSnapshot": false, "copyTagsToSnapshot": true, "autoMinorVersionUpgrade": true, "applyImmediately": true,
	} {
		assert.Equal(t, want, db.Input(input).BoolValue(), input)
	}
	assert.True(t, db.Protect)
	assert.Equal(t, 35.0, db.Input("backupRetentionPeriod").NumberValue())
	assert.Equal(t, 3306.0, db.Input("port").NumberValue())
	assert.Equal(t, "sg-1", db.String("vpcSecurityGroupIds[0]"))
	parameters := run.Get(t, catalog.RDSParameterGroup, "db")
	assert.Equal(t, "mysql8.4", parameters.String("family"))
	tls := map[string]string{}
	for _, p := range parameters.Input("parameters").ArrayValue() {
		tls[p.ObjectValue()["name"].StringValue()] = p.ObjectValue()["value"].StringValue()
	}
	assert.Equal(t, "1", tls["require_secure_transport"])
}

func TestOptions(t *testing.T) {
	t.Parallel()
	loose := build(t, func(a *database.Args) {
		a.Protect, a.MultiAZ, a.FinalSnapshot, a.EngineVersion, a.MaxAllocatedStorage = false, false, false, "8.0.42", 0
	})
	db := loose.Get(t, instance, "db")
	assert.False(t, db.Protect)
	assert.False(t, db.Input("deletionProtection").BoolValue())
	assert.True(t, db.Input("skipFinalSnapshot").BoolValue())
	assert.True(t, db.Input("finalSnapshotIdentifier").IsNull())
	assert.True(t, db.Input("deleteAutomatedBackups").BoolValue())
	assert.True(t, db.Input("iops").IsNull() && db.Input("snapshotIdentifier").IsNull())
	assert.Equal(t, "mysql8.0", loose.Get(t, catalog.RDSParameterGroup, "db").String("family"))

	fast := build(t, func(a *database.Args) { a.StorageType, a.IOPS, a.SnapshotIdentifier = "io2", 3000, "before" }).Get(t, instance, "db")
	assert.Equal(t, 3000.0, fast.Input("iops").NumberValue())
	assert.Equal(t, "before", fast.String("snapshotIdentifier"))
	assert.Contains(t, build(t, nil).Get(t, instance, "db").String("finalSnapshotIdentifier"), "site-final-")
}

// A database that replaces another, restored from a snapshot, has a final
// snapshot of its own name, and the days before it are kept with it.
func TestARestoredDatabaseLosesNothingOfItsPredecessor(t *testing.T) {
	t.Parallel()
	const id = catalog.RandomID
	first := build(t, nil).Get(t, id, "db-final").Input("keepers")
	run := build(t, func(a *database.Args) { a.Protect, a.SnapshotIdentifier = false, "before" })
	assert.Equal(t, "before", run.Get(t, id, "db-final").String("keepers.snapshotIdentifier"))
	assert.False(t, run.Get(t, instance, "db").Input("deleteAutomatedBackups").BoolValue())
	for name, mutate := range map[string]func(*database.Args){
		"name": func(a *database.Args) { a.Name = "other" }, "username": func(a *database.Args) { a.MasterUsername = "other" },
	} {
		assert.NotEqual(t, first, build(t, mutate).Get(t, id, "db-final").Input("keepers"), "AWS replaces a database for its %s", name)
	}
}

// A snapshot may hold more than the settings say: its storage grew by itself.
func TestARestoredDatabaseHasItsSnapshotsStorage(t *testing.T) {
	t.Parallel()
	restored := build(t, func(a *database.Args) { a.SnapshotIdentifier = "before" }).Get(t, instance, "db")
	assert.True(t, restored.Input("allocatedStorage").IsNull())
	assert.Equal(t, 100.0, restored.Input("maxAllocatedStorage").NumberValue())
	assert.Equal(t, 20.0, build(t, nil).Get(t, instance, "db").Input("allocatedStorage").NumberValue())
}

func TestAMajorUpgradeIsAllowedWhenAskedFor(t *testing.T) {
	t.Parallel()
	db := build(t, nil).Get(t, instance, "db")
	assert.True(t, db.Input("allowMajorVersionUpgrade").BoolValue())
	assert.Equal(t, "8.4", db.String("engineVersion"))
}

// AWS refuses a database whose monitoring role may not report yet.
func TestTheDatabaseWaitsForItsMonitoring(t *testing.T) {
	t.Parallel()
	const attachment = "urn:pulumi:test::webphases::webphases:index:Database$aws:iam/rolePolicyAttachment:RolePolicyAttachment::db-monitoring"
	assert.Contains(t, build(t, nil).Get(t, instance, "db").Dependencies, attachment)
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, mutate := range map[string]func(*database.Args){
		"SubnetIDs":           func(a *database.Args) { a.SubnetIDs = pulumi.ToStringArray([]string{"subnet-1"}) },
		"IdentifierPrefix":    func(a *database.Args) { a.IdentifierPrefix = "My_Site--" },
		"Password":            func(a *database.Args) { a.Password = nil },
		"EngineVersion":       func(a *database.Args) { a.EngineVersion = "latest" },
		"BackupRetentionDays": func(a *database.Args) { a.BackupRetentionDays = 0 },
		"IOPS is 0":           func(a *database.Args) { a.StorageType = "io2" },
	} {
		args := standard()
		mutate(&args)
		run, err := testutil.Do(program(args, "db"))
		require.ErrorIs(t, err, database.ErrArgs, name)
		assert.ErrorContains(t, err, name, "it says which field it is about")
		assert.Empty(t, run.All(""), name)
	}
}

// The audit log has its option group, which stays where a snapshot may refer to it;
// without the log the database has AWS's own.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	run := build(t, func(a *database.Args) { a.EngineVersion = "8.0" })
	group := run.Get(t, catalog.RDSOptionGroup, "db")
	assert.Equal(t, "8.0", group.String("majorEngineVersion"))
	assert.Equal(t, "MARIADB_AUDIT_PLUGIN", group.String("options[0].optionName"))
	assert.Equal(t, "CONNECT,QUERY_DDL,QUERY_DCL", group.String("options[0].optionSettings[0].value"))
	assert.True(t, group.RetainedLater)
	assert.False(t, build(t, func(a *database.Args) { a.Protect, a.FinalSnapshot = false, false }).Get(t, catalog.RDSOptionGroup, "db").RetainedLater)

	run = build(t, func(a *database.Args) { a.LogExports = []string{"general"} })
	assert.Empty(t, run.All(catalog.RDSOptionGroup))
	assert.Equal(t, "general", run.Get(t, instance, "db").String("enabledCloudwatchLogsExports[0]"))
	assert.Equal(t, "default:mysql-8-4", run.Get(t, instance, "db").String("optionGroupName"))
}

// The groups are there, under the database's name, before RDS makes them for ever; a
// database that has its name from the provider keeps it.
func TestLogGroups(t *testing.T) {
	t.Parallel()
	run := build(t, func(a *database.Args) { a.LogRetentionDays = 7 })
	made := run.Get(t, instance, "db")
	group := run.Get(t, catalog.CloudWatchLogGroup, "db-slowquery")
	assert.Equal(t, "/aws/rds/instance/"+made.String("identifier")+"/slowquery", group.String("name"))
	assert.Equal(t, 7.0, group.Input("retentionInDays").NumberValue())
	assert.Less(t, group.Order, made.Order)

	run = build(t, func(a *database.Args) { a.KeepName = true })
	assert.Empty(t, run.All(catalog.CloudWatchLogGroup))
	assert.NotEmpty(t, run.Get(t, instance, "db").String("identifierPrefix"))
	assert.Empty(t, run.Get(t, instance, "db").String("identifier"))
}
