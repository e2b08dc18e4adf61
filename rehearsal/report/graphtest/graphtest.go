// Package graphtest rehearses the project's own stacks for tests that need the
// graph of a whole stack.
package graphtest

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/engine"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

var (
	mu   sync.Mutex
	made = map[string][]byte{}
)

// Stack rehearses a stack of the project, such as "prod", with configuration
// overrides ("key=value"), and returns its graph. Each is rehearsed once for all
// tests of a package. Without a pulumi CLI the test is skipped and says so.
func Stack(t *testing.T, name string, set ...string) *graph.Graph {
	t.Helper()
	cli := pulumiCLI(t)
	mu.Lock()
	defer mu.Unlock()
	key := name + " " + strings.Join(set, " ")
	if made[key] == nil {
		made[key] = rehearse(t, cli, name, set)
	}
	g, err := graph.Read(bytes.NewReader(made[key]))
	require.NoError(t, err)
	return g
}

func rehearse(t *testing.T, cli, name string, set []string) []byte {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, engine.CopyProject(root(), dir))
	var said, export bytes.Buffer
	r := engine.Rehearsal{
		Dir: dir, Stack: name, Set: set, CLI: cli, Stdout: &said, Stderr: &said,
		Program: func(ctx *pulumi.Context, keys []string) error { return stack.Deploy(config.WithKeys(ctx, keys)) },
	}
	require.NoError(t, r.Run(t.Context(), "up", "--yes", "--skip-preview"), &said)
	r.Stdout = &export
	require.NoError(t, r.Query(t.Context(), "stack", "export"), &said)
	return export.Bytes()
}

// root is the project's folder.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

func pulumiCLI(t *testing.T) string {
	t.Helper()
	if found, err := exec.LookPath("pulumi"); err == nil {
		return found
	}
	built, err := filepath.Glob(filepath.Join(root(), ".rehearsal", "bin", "pulumi-3*"))
	require.NoError(t, err)
	if len(built) == 0 {
		t.Skip("SKIPPED: no pulumi CLI on PATH, and none built yet (`make up` builds one)")
	}
	return built[0]
}
