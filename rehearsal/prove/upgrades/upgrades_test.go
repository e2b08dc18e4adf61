// Package upgrades previews today's program on the states that earlier releases have
// left: what they replace is named in docs/upgrading.md, and nothing that holds data is.
//
// A state is the folder of a rehearsed stack: Pulumi's state, its salt and the modelled
// cloud (testdata/RELEASE/STACK.tar.gz).
package upgrades

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

var phases = map[string]int{"dev": 1, "staging": 2, "prod": 3}

func TestWhatAnUpgradeReplacesIsNamed(t *testing.T) {
	t.Parallel()
	states, err := filepath.Glob("testdata/*/*.tar.gz")
	require.NoError(t, err)
	require.Len(t, states, 3, "the three phases of each release")
	for _, file := range states {
		release, stack := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".tar.gz")
		t.Run(release+" "+stack, func(t *testing.T) {
			t.Parallel()
			named := replaced(t, release, stack)
			s := teststack.New(t, stack)
			folder := filepath.Join(s.Dir, ".rehearsal")
			require.NoError(t, os.MkdirAll(folder, 0o755))
			out, err := exec.CommandContext(t.Context(), "tar", "-xzf", file, "-C", folder).CombinedOutput()
			require.NoError(t, err, string(out))

			plan := s.Preview(t)
			assert.NotZero(t, plan.Unchanged, "it is the same stack")
			for _, change := range plan.Replaced {
				assert.Contains(t, named, catalog.Display(string(change.URN.Type())), "%s is replaced, and docs/upgrading.md does not say so", change.URN.Name())
			}
			for _, urn := range growth.Lost(plan, phases[stack], phases[stack]) {
				assert.Equal(t, catalog.SecretsManagerSecretVersion, string(urn.Type()), "%s holds data", urn.Name())
			}
			s.Up(t)
			assert.Empty(t, growth.Lost(s.Preview(t), phases[stack], phases[stack]))
		})
	}
}

var code = regexp.MustCompile("`(aws:[a-zA-Z0-9:]+)`")

// replaced is what docs/upgrading.md says that an upgrade of the stack replaces.
func replaced(t *testing.T, release, stack string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(teststack.Root, "docs", "upgrading.md"))
	require.NoError(t, err)
	var names []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| "+release+", "+stack+" |") {
			for _, m := range code.FindAllStringSubmatch(line, -1) {
				names = append(names, m[1])
			}
		}
	}
	return names
}
