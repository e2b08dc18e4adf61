package refusals_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const (
	database       = catalog.RDSInstance
	snapshot       = catalog.RDSSnapshot
	parameterGroup = catalog.RDSParameterGroup
)

// leave puts a snapshot into the cloud, as another database has left it.
func (s *site) leave(t *testing.T, name string, allocated int, version string) {
	t.Helper()
	require.NoError(t, s.Cloud.Put(&cloud.Record{Type: snapshot, ID: name, Inputs: resource.PropertyMap{}, Outputs: resource.NewPropertyMapFromMap(map[string]any{
		"dbSnapshotIdentifier": name,
		"dbInstanceIdentifier": "another",
		"engine":               "mysql",
		"engineVersion":        version,
		"username":             "wpadmin",
		"dbName":               "wordpress",
		"allocatedStorage":     allocated,
		"encrypted":            true,
	})}))
}

// A snapshot of storage that grew by itself has more than the settings ask for.
func TestARestoreTakesTheSnapshotsStorage(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.leave(t, "before", 60, "8.4.5")
	s.up(t, "database.snapshotIdentifier=before")
	restored := s.record(t, database, "database")
	assert.Equal(t, 60.0, restored.Outputs["allocatedStorage"].NumberValue())

	// The snapshot is not needed any more, nor is the key that names it.
	require.NoError(t, s.Cloud.Delete(snapshot, "before"))
	s.up(t, "database.snapshotIdentifier=before")
	s.up(t)
	assert.Equal(t, restored.ID, s.record(t, database, "database").ID)
	assert.Equal(t, 60.0, s.record(t, database, "database").Outputs["allocatedStorage"].NumberValue())
}

// What the snapshot cannot become is refused before anything changes.
func TestARestoreThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.leave(t, "large", 100, "8.0.42")
	err := s.try(t, "database.snapshotIdentifier=large")
	require.ErrorContains(t, err, `webphases:database.engineVersion = "8.4"`)
	require.ErrorContains(t, err, `webphases:database.maxAllocatedStorage = "100"`)
	require.ErrorContains(t, err, "set 110 or more")
	assert.Empty(t, s.Cloud.OfType(database))
	s.up(t, "database.snapshotIdentifier=large", "database.maxAllocatedStorage=200", "database.engineVersion=8.0")
}

// A major upgrade takes its parameter group with it, and the database stays.
func TestAMajorUpgrade(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.up(t, "database.engineVersion=8.0")
	old := s.record(t, database, "database")
	s.up(t, "database.engineVersion=8.4")
	upgraded := s.record(t, database, "database")
	assert.Equal(t, old.ID, upgraded.ID)
	assert.Equal(t, "8.4.5", upgraded.Str("engineVersionActual"))
	group := s.record(t, parameterGroup, "database")
	assert.Equal(t, "mysql8.4", group.Str("family"))
	assert.Equal(t, group.Str("name"), upgraded.Str("parameterGroupName"))
}

// Storage that has grown by itself stays as it is, whatever else changes.
func TestStorageThatHasGrownStays(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.up(t)
	s.alter(t, s.record(t, database, "database"), nil, map[string]any{"allocatedStorage": 47})
	s.up(t, "database.backupRetentionDays=7")
	assert.Equal(t, 47.0, s.record(t, database, "database").Outputs["allocatedStorage"].NumberValue())
	require.ErrorContains(t, s.try(t, "database.maxAllocatedStorage=0"), "cannot be less than the current storage size (47)")
	s.up(t, "database.maxAllocatedStorage=0", "database.allocatedStorage=47")
}
