// Package graphtest rehearses the project's own stacks for tests that need the
// graph of a whole stack.
package graphtest

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

var (
	mu   sync.Mutex
	made = map[string][]byte{}
)

// Stack rehearses a stack of the project, such as "prod", with configuration
// overrides ("key=value"), and returns its graph, of which the caller may change
// what it likes. Each is rehearsed once for all tests of a package.
func Stack(t *testing.T, name string, set ...string) *graph.Graph {
	t.Helper()
	g, err := graph.Read(bytes.NewReader(Export(t, name, set...)))
	require.NoError(t, err)
	return g
}

// Export is the same stack in the form of `pulumi stack export`.
func Export(t *testing.T, name string, set ...string) []byte {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	key := name + " " + strings.Join(set, " ")
	if made[key] == nil {
		made[key] = rehearse(t, name, set)
	}
	return made[key]
}

func rehearse(t *testing.T, name string, set []string) []byte {
	t.Helper()
	r := cli.Runner{Dir: t.TempDir(), Stack: name, Set: set, Program: stack.Rehearse}
	state, err := engine.Raise(t.Context(), r, root())
	require.NoError(t, err)
	export, err := state.Export()
	require.NoError(t, err)
	return export
}

// root is the project's folder.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}
