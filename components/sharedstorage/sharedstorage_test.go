package sharedstorage_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

func program(protect bool, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := sharedstorage.New(ctx, name, sharedstorage.Args{
				Settings:        sharedstorage.Defaults(),
				Subnets:         map[string]pulumi.StringInput{"a": pulumi.String("subnet-1"), "c": pulumi.String("subnet-2")},
				SecurityGroupID: pulumi.String("sg-1"), Protect: protect,
			}); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestCensus(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(true, "files"))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		sharedstorage.Type: 1, catalog.EFSFileSystem: 1, catalog.EFSMountTarget: 2, catalog.EFSAccessPoint: 1,
		catalog.EFSFileSystemPolicy: 1, catalog.EFSBackupPolicy: 1,
	}, run.Census())
	fs := run.Get(t, catalog.EFSFileSystem, "files")
	assert.True(t, fs.Input("encrypted").BoolValue())
	assert.True(t, fs.Protect)
	assert.Equal(t, "ENABLED", run.Get(t, catalog.EFSBackupPolicy, "files").String("backupPolicy.status"))
	assert.Equal(t, "subnet-2", run.Get(t, catalog.EFSMountTarget, "files-c").String("subnetId"))
	assert.Equal(t, "sg-1", run.Get(t, catalog.EFSMountTarget, "files-a").String("securityGroups[0]"))
}

func TestProtectionCanBeLifted(t *testing.T) {
	t.Parallel()
	assert.False(t, testutil.Must(t, program(false, "files")).Get(t, catalog.EFSFileSystem, "files").Protect)
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	testutil.Must(t, program(true, "one", "two")).CheckAll(t)
}

// The web user through the access point, with TLS: nobody else, and not as root.
func TestAccess(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(true, "files"))
	point := run.Get(t, catalog.EFSAccessPoint, "files")
	assert.Equal(t, 33.0, point.Input("posixUser.uid").NumberValue())
	assert.Equal(t, 33.0, point.Input("rootDirectory.creationInfo.ownerUid").NumberValue())

	var document struct {
		Statement []struct {
			Effect    string
			Action    any
			Condition map[string]map[string]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run.Get(t, catalog.EFSFileSystemPolicy, "files").String("policy")), &document))
	require.Len(t, document.Statement, 2)
	allow, deny := document.Statement[0], document.Statement[1]
	assert.Equal(t, "Allow", allow.Effect)
	assert.ElementsMatch(t, []any{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}, allow.Action)
	assert.Equal(t, "true", allow.Condition["Bool"]["elasticfilesystem:AccessedViaMountTarget"])
	assert.NotEmpty(t, allow.Condition["StringEquals"]["elasticfilesystem:AccessPointArn"])
	assert.Equal(t, "Deny", deny.Effect)
	assert.Equal(t, "*", deny.Action)
	assert.Equal(t, "false", deny.Condition["Bool"]["aws:SecureTransport"])
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	run, err := testutil.Do(func(ctx *pulumi.Context) error {
		_, err := sharedstorage.New(ctx, "files", sharedstorage.Args{SecurityGroupID: pulumi.String("sg-1")})
		return err
	})
	require.ErrorIs(t, err, sharedstorage.ErrArgs)
	assert.Empty(t, run.All(""))
}

// Throughput is asked for where it is billed by the month, and nowhere else.
func TestThroughput(t *testing.T) {
	t.Parallel()
	with := func(mode string, provisioned int) (*testutil.Run, error) {
		return testutil.Do(func(ctx *pulumi.Context) error {
			_, err := sharedstorage.New(ctx, "files", sharedstorage.Args{
				Settings:        sharedstorage.Settings{ThroughputMode: mode, ProvisionedThroughput: provisioned},
				Subnets:         map[string]pulumi.StringInput{"a": pulumi.String("subnet-1")},
				SecurityGroupID: pulumi.String("sg-1"),
			})
			return err
		})
	}
	for mode, provisioned := range map[string]int{"elastic": 0, "bursting": 0, "provisioned": 50} {
		run, err := with(mode, provisioned)
		require.NoError(t, err)
		run.CheckAll(t)
		fs := run.Get(t, catalog.EFSFileSystem, "files")
		assert.Equal(t, mode, fs.String("throughputMode"))
		if provisioned > 0 {
			assert.Equal(t, 50.0, fs.Input("provisionedThroughputInMibps").NumberValue())
		} else {
			assert.True(t, fs.Input("provisionedThroughputInMibps").IsNull(), mode)
		}
	}
	for mode, provisioned := range map[string]int{"elastic": 50, "bursting": 50, "provisioned": 0, "maxIO": 0} {
		_, err := with(mode, provisioned)
		assert.ErrorIs(t, err, sharedstorage.ErrArgs, mode)
	}
}
