package reference

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/setting"
)

var update = flag.Bool("update", false, "write Pulumi.yaml and docs/config.md")

const root = "../../.."

func TestTheDocumentsAreUpToDate(t *testing.T) {
	t.Parallel()
	keys, err := Keys(root)
	require.NoError(t, err)
	project := root + "/Pulumi.yaml"
	before, err := os.ReadFile(project)
	require.NoError(t, err)
	yaml, err := PulumiYAML(before, keys)
	require.NoError(t, err)
	for path, want := range map[string]string{
		project:                  string(yaml),
		root + "/docs/config.md": Markdown(keys),
	} {
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "%s: run `make docs`", path)
	}
}

// The tags of every key are sound: its form exists, its default and its other value
// can be read and are within its bounds, and no two keys are the same.
func TestTags(t *testing.T) {
	t.Parallel()
	cfg := config.Defaults("ap-northeast-1")
	fields := setting.Fields(&cfg)
	keys := config.Keys()
	slices.Sort(keys)
	assert.Len(t, slices.Compact(keys), len(fields))
	for _, f := range fields {
		require.NoError(t, f.CheckTags(), f.Key)
		assert.Empty(t, f.Problems(), "the default of %s", f.Key)
		other, err := f.Another()
		require.NoError(t, err)
		require.NoError(t, f.Set(other), f.Key)
		assert.Empty(t, f.Problems(), "the other value of %s, %s", f.Key, other)
		assert.NotEqual(t, f.Default(), other, f.Key)
	}
}
