package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// copied returns the stack's file as the CLI gets it.
func copied(t *testing.T, r *Runner) (map[string]any, error) {
	t.Helper()
	s := &session{Runner: r}
	if _, err := s.copyProject(); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(s.stackCopy())
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, yaml.Unmarshal(raw, &file))
	return file, nil
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	r, _ := project(t, nil)
	stack := filepath.Join(r.Dir, "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(stack, []byte("encryptionsalt: theirs\nconfig:\n  aws:region: eu-west-1\n  web: {image: a, count: 2}\n"), 0o644))
	r.Set = []string{"size=26", "web.count=3", "web.note=7", "aws:region=us-east-1"}
	file, err := copied(t, r)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"config": map[string]any{
			"aws:region": "us-east-1",
			"small:size": 26,
			"small:web":  map[string]any{"image": "a", "count": 3, "note": "7"},
		},
	}, file, "typed as Pulumi.yaml declares, and without the real stack's salt")

	for set, want := range map[string]string{"size": "want key=value", "web.count=[": "want a value of type integer", "aws:region.x=1": "is not an object"} {
		r.Set = []string{set}
		_, err := copied(t, r)
		assert.ErrorContains(t, err, want)
	}
}

func TestStackFilesThatCannotBeRehearsed(t *testing.T) {
	t.Parallel()
	r, _ := project(t, nil)
	r.Stack = "nope"
	_, err := copied(t, r)
	assert.ErrorContains(t, err, `there is no stack "nope": Pulumi.nope.yaml does not exist (there are: test)`)

	r.Stack = "test"
	for content, want := range map[string]string{
		"config:\n  small:key: {secure: v1:abc}\n": "small:key is encrypted",
		"config:\n  small:key: 1\n  key: 2\n":      "small:key is given twice",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(r.Dir, "Pulumi.test.yaml"), []byte(content), 0o644))
		_, err = copied(t, r)
		assert.ErrorContains(t, err, want)
	}
}

func TestTwoRehearsalsOfAStack(t *testing.T) {
	t.Parallel()
	r, _ := project(t, nil)
	unlock, err := Lock(r.stateDir())
	require.NoError(t, err)
	assert.ErrorIs(t, r.Reset(), ErrBusy)
	assert.ErrorIs(t, r.Run(t.Context(), "up"), ErrBusy)
	unlock()
	assert.NoError(t, r.Reset())
}

func TestVersionsOfTheCLI(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"v3.255.0\n": true, "3.300.1": true, "v3.254.9": false, "v4.0.0": false, "v2.1.0": false, "": false} {
		assert.Equal(t, want, recentVersion(version), version)
	}
}

// The two modules must agree on versions, or their common packages would be
// compiled twice, the large AWS SDK among them.
func TestBothModulesUseTheSameVersions(t *testing.T) {
	t.Parallel()
	root, nested := versions(t, "../../../go.mod"), versions(t, "../../go.mod")
	for module, version := range root {
		if other, ok := nested[module]; ok {
			assert.Equal(t, other, version, "%s: run `go get %s@%s` in the module that is behind, then `go mod tidy`", module, module, max(other, version))
		}
	}
}
