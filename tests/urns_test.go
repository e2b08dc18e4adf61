package tests

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite testdata/urns")

// To Pulumi a resource with another URN is another resource: a renamed one, or one under
// another parent, would be made anew and the old one deleted. What changes here on purpose
// needs an alias (CONTRIBUTING.md) or a line in docs/upgrading.md; then run
// `go test ./tests -run TestResourcesKeepTheirNames -update`.
func TestResourcesKeepTheirNames(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod", withoutEdge} {
		got := strings.Join(deploy(t, full(t, stack)).URNs(), "\n") + "\n"
		file := filepath.Join("testdata", "urns", stack+".txt")
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, stack)
	}
}
