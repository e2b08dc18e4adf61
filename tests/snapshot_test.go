package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/testutil"
)

const snapshotLookup = "aws:rds/getSnapshot:getSnapshot"

// What AWS would refuse of a restore, or make of it what the program does not want, is
// refused before the database that is there is replaced.
func TestSnapshotsThatCannotBeRestored(t *testing.T) {
	t.Parallel()
	restore := with(t, stackFile(t, "staging"), "database.snapshotIdentifier=before")
	for key, differs := range map[string]map[string]any{
		"database.snapshotIdentifier":  {"encrypted": false},
		"database.engineVersion":       {"engineVersion": "8.0.42"},
		"database.maxAllocatedStorage": {"allocatedStorage": 100},
	} {
		answer := map[string]any{"id": "before", "engine": "mysql", "engineVersion": "8.4.6", "encrypted": true, "allocatedStorage": 20}
		for name, value := range differs {
			answer[name] = value
		}
		err := refuse(t, restore, testutil.Lookup(snapshotLookup, answer))
		require.ErrorIs(t, err, config.ErrConflict, key)
		assert.Contains(t, err.Error(), "webphases:"+key)
	}
	err := refuse(t, with(t, restore, "database.engineVersion=8.4.5", "database.autoMinorVersionUpgrade=false"))
	assert.Contains(t, err.Error(), "is of MySQL 8.4.6", "an earlier minor version is one that AWS does not go back to")
	err = refuse(t, restore, testutil.Lookup(snapshotLookup, map[string]any{
		"id": "before", "engine": "postgres", "engineVersion": "8.4.6", "encrypted": true, "allocatedStorage": 20,
	}))
	assert.Contains(t, err.Error(), "a snapshot of postgres")
}

// A snapshot that has served may be deleted: the next update does not ask for it.
func TestASnapshotIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	restore := with(t, stackFile(t, "staging"), "database.snapshotIdentifier=before")
	gone := testutil.FailCalls(snapshotLookup, 100)
	assert.Contains(t, refuse(t, restore, gone).Error(), "looking at the snapshot")
	deploy(t, restore, gone, testutil.LastUpdate(map[string]any{"phase": 2, "server": theServer, "snapshot": "before"}))
	assert.Contains(t, deploy(t, restore).Exports(), "snapshot")
}
