// Package testcli finds the pulumi command for tests. It knows nothing of the program,
// so that a test which uses it need not compile the SDK of AWS.
package testcli

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Find is the pulumi command on PATH, or the newest that a rehearsal of the project has
// built. Without one the test is skipped.
func Find(t *testing.T) string {
	t.Helper()
	if found, err := exec.LookPath("pulumi"); err == nil {
		return found
	}
	_, file, _, _ := runtime.Caller(0)
	built, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "..", "..", ".rehearsal", "bin", "pulumi-3*"))
	require.NoError(t, err)
	if len(built) == 0 {
		t.Skip("SKIPPED: no pulumi CLI on PATH, and none built yet (`make up` builds one)")
	}
	return built[len(built)-1]
}
