package tests

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/testutil"
)

const theServer = "i-0123456789abcdef0"

func last(phase int) testutil.Option {
	return testutil.LastUpdate(map[string]any{"phase": phase, "server": theServer, "databaseLogs": phase >= 2})
}

// A step that would lose data is refused with the step to take instead.
func TestStepsThatWouldLoseData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to int
		remedy   string
	}{
		{1, 3, "pulumi config set phase 2 && pulumi up"}, {2, 1, "stay in phase 2"}, {3, 1, "stay in phase 2"},
	} {
		err := refuse(t, with(t, stackFile(t, "dev"), "phase="+string(rune('0'+c.to))), last(c.from))
		require.ErrorIs(t, err, config.ErrConflict)
		assert.Contains(t, err.Error(), "webphases:phase = ")
		assert.Contains(t, err.Error(), c.remedy)
	}
}

// What is encrypted stays so: another key would make all of it anew.
func TestTheKeyStays(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:kms:ap-northeast-1:123456789012:key/1-2"
	dev := stackFile(t, "dev")
	err := refuse(t, with(t, dev, "encryption.kmsKeyArn="+key), last(1))
	require.ErrorIs(t, err, config.ErrConflict)
	assert.Contains(t, err.Error(), "webphases:encryption.kmsKeyArn = ")
	was := testutil.LastUpdate(map[string]any{"phase": 1, "server": theServer, "kmsKeyArn": key})
	require.ErrorIs(t, refuse(t, dev, was), config.ErrConflict)

	run := deploy(t, with(t, stackFile(t, "prod"), "encryption.kmsKeyArn="+key))
	for token, path := range map[string]string{
		catalog.RDSInstance: "kmsKeyId", catalog.EFSFileSystem: "kmsKeyId", catalog.SecretsManagerSecret: "kmsKeyId", catalog.CloudWatchLogGroup: "kmsKeyId",
		catalog.EC2Instance: "rootBlockDevice.kmsKeyId", catalog.EC2LaunchTemplate: "blockDeviceMappings[0].ebs.kmsKeyId",
	} {
		for _, r := range run.All(token) {
			assert.Equal(t, key, r.String(path), r.Key())
		}
	}
	assert.Contains(t, run.Get(t, catalog.IAMRolePolicy, "web-secret").String("policy"), key, "or no server could read the secret")
	assert.Empty(t, run.Get(t, catalog.BackupVault, "backups").String("kmsKeyArn"), "backups outlive a deleted key")
}

// AWS deletes no protected balancer, so what would end in that is refused first.
func TestAProtectedBalancerStays(t *testing.T) {
	t.Parallel()
	was := func(protected bool) testutil.Option {
		return testutil.LastUpdate(map[string]any{"phase": 3, "server": theServer, "balancer": map[string]any{"protected": protected, "internal": false}})
	}
	prod := with(t, stackFile(t, "prod"), "edge.enabled=false")
	for change, key := range map[string]string{
		"phase=2": "webphases:phase", "loadBalancer.internal=true": "webphases:loadBalancer.internal", "edge.enabled=true": "webphases:edge.enabled",
	} {
		err := refuse(t, with(t, prod, change), was(true))
		require.ErrorIs(t, err, config.ErrConflict, change)
		assert.Contains(t, err.Error(), key+" = ")
		assert.Contains(t, err.Error(), "loadBalancer.deletionProtection false")
		deploy(t, with(t, prod, change), was(false))
	}
	protected := func(changes ...string) bool {
		return deploy(t, with(t, prod, changes...), was(true)).Get(t, catalog.LBLoadBalancer, "entry").Input("enableDeletionProtection").BoolValue()
	}
	assert.True(t, protected())
	assert.False(t, protected("loadBalancer.deletionProtection=false"))
	assert.False(t, protected("protect=false"))
}

// The zones that have subnets stay in their places, whatever the region offers later.
func TestZonesStayInTheirPlaces(t *testing.T) {
	t.Parallel()
	const a, c, d = "ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"
	was := func(phase int, zones ...any) testutil.Option {
		return testutil.LastUpdate(map[string]any{"phase": phase, "server": theServer, "zones": zones})
	}
	prod := stackFile(t, "prod")
	zones := func(names ...string) string { return `network.zones=["` + strings.Join(names, `","`) + `"]` }
	for _, moved := range []string{zones(c, a), zones(d, c), zones(a, d)} {
		err := refuse(t, with(t, prod, moved), was(3, a, c))
		require.ErrorIs(t, err, config.ErrConflict, moved)
		assert.Contains(t, err.Error(), "keep ["+a+" "+c+"] in this order")
	}
	subnets := func(run *testutil.Run, name string) string {
		return run.Get(t, catalog.EC2Subnet, name).String("availabilityZone")
	}
	grown := deploy(t, with(t, prod, zones(a, c, d)), was(3, a, c))
	assert.Equal(t, d, subnets(grown, "network-web-d"))
	moved := deploy(t, with(t, stackFile(t, "dev"), "phase=2", zones(a, d)), was(1, a))
	assert.Equal(t, d, subnets(moved, "network-database-d"), "phase 1 has a subnet in the first zone only")

	without := maps.Clone(prod)
	maps.DeleteFunc(without, func(key, _ string) bool { return strings.Contains(key, "network") })
	kept := deploy(t, without, was(3, d, "ap-northeast-1z"))
	assert.Equal(t, d, subnets(kept, "network-web-d"), "the stack stays where it is, though a zone is impaired")
	assert.Equal(t, "ap-northeast-1z", subnets(kept, "network-web-z"))
}

func TestStepsThatKeepTheData(t *testing.T) {
	t.Parallel()
	for _, step := range [][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 1}, {1, 2}, {2, 2}, {2, 3}, {3, 3}, {3, 2}} {
		deploy(t, with(t, stackFile(t, "dev"), "phase="+string(rune('0'+step[1]))), last(step[0]))
	}
}

// From phase 1 to 2 the data are moved off the server that holds them, and only
// then is that server's protection lifted: its update depends on the migration.
func TestTheMigrationComesBeforeTheProtectionIsLifted(t *testing.T) {
	t.Parallel()
	const migration = "urn:pulumi:test::webphases::webphases:index:WebTier$aws:ssm/association:Association::web-setup"
	two := with(t, stackFile(t, "dev"), "phase=2")

	growing := deploy(t, two, last(1))
	assert.Equal(t, theServer, growing.Get(t, catalog.SSMAssociation, "web-setup").String("targets[0].values[0]"))
	assert.Contains(t, growing.Get(t, catalog.EC2Instance, "web-server-g1").Dependencies, migration)

	grown := deploy(t, two, last(2))
	assert.NotContains(t, grown.Get(t, catalog.EC2Instance, "web-server-g1").Dependencies, migration)
	assert.Equal(t, growing.Census(), grown.Census(), "the same resources: a second update changes nothing")
}

// A state in files may be caught half written; one that cannot be read at all is
// an error, and then nothing is registered.
func TestReadingThePastIsTriedAgain(t *testing.T) {
	t.Parallel()
	dev := stackFile(t, "dev")
	deploy(t, dev, testutil.FailCalls("pulumi:pulumi:readStackOutputs", 3))
	err := refuse(t, dev, testutil.FailCalls("pulumi:pulumi:readStackOutputs", 100))
	assert.Contains(t, err.Error(), "reading the outputs of organization/webphases/test's last update")
}

// Servers believe the secret, so it must not promise a password that the database
// does not have yet.
func TestTheSecretFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"staging", "prod"} {
		version := deploy(t, stackFile(t, stack)).Get(t, catalog.SecretsManagerSecretVersion, "credentials")
		assert.Contains(t, version.Dependencies, "urn:pulumi:test::webphases::webphases:index:Database$aws:rds/instance:Instance::database", stack)
	}
}

// The name moves to what serves: to the group, and to a server that is configured.
func TestTheNameFollowsTheServers(t *testing.T) {
	t.Parallel()
	for stack, server := range map[string]string{
		"dev": "aws:ec2/eipAssociation:EipAssociation::web-address", "staging": "aws:ssm/association:Association::web-setup",
		"prod": "aws:autoscaling/group:Group::web",
	} {
		named := with(t, stackFile(t, stack), "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789")
		record := deploy(t, named).Get(t, catalog.Route53Record, "domain")
		assert.Contains(t, record.Dependencies, "urn:pulumi:test::webphases::webphases:index:WebTier$"+server)
	}
}
