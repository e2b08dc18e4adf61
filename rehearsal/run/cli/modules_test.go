package cli

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var requirement = regexp.MustCompile(`(?m)^\s*(?:require )?([\w./~-]+\.[\w./~-]+) (v\S+)`)

func versions(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	found := map[string]string{}
	for _, m := range requirement.FindAllStringSubmatch(string(raw), -1) {
		found[m[1]] = m[2]
	}
	require.NotEmpty(t, found)
	return found
}
