package cloud

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func record(typ, id string) *Record {
	return &Record{
		Type: typ, ID: id, URN: "urn:" + id,
		Inputs:  resource.PropertyMap{"n": resource.NewNumberProperty(1)},
		Outputs: resource.PropertyMap{"id": resource.NewStringProperty(id)},
	}
}

func TestCloudSurvivesReopening(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dev", "cloud.jsonl")
	c, err := Open(file)
	require.NoError(t, err)
	require.NoError(t, c.Create(record("t", "a")))
	require.NoError(t, c.Create(record("t", "b")))
	require.NoError(t, c.Create(record("u", "c")))
	require.NoError(t, c.Delete("t", "a"))
	require.NoError(t, c.Create(record("t", "a")))
	require.NoError(t, c.Delete("t", "b"))
	require.NoError(t, c.Close())

	c, err = Open(file)
	require.NoError(t, err)
	assert.Len(t, c.All(), 2)
	assert.Equal(t, record("t", "a"), c.Get("t", "a"))
	assert.Equal(t, 2, c.Made("urn:a"), "creations are counted across deletions")
	assert.Equal(t, 1, c.Made("urn:b"))
	assert.Nil(t, c.Get("t", "b"))
	require.NoError(t, c.Close())

	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestTornLastLineIsDropped(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cloud.jsonl")
	c, err := Open(file)
	require.NoError(t, err)
	require.NoError(t, c.Create(record("t", "a")))
	require.NoError(t, c.Close())
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(whole, `{"op":"delete","type":"t",`...), 0o600))

	c, err = Open(file)
	require.NoError(t, err)
	assert.NotNil(t, c.Get("t", "a"))
	require.NoError(t, c.Close())
}

func TestDamageElsewhereIsReported(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cloud.jsonl")
	require.NoError(t, os.WriteFile(file, []byte("{\"op\":\"made\",\"urn\":\"u\"}\nbroken\n"), 0o600))
	_, err := Open(file)
	assert.ErrorContains(t, err, "damaged at line 2")
}
