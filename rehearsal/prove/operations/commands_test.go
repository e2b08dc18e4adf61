//go:build runbook

package operations_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/prove/drift"
	"github.com/webphases/webphases/rehearsal/run/events"
)

func (r *run) block(t *testing.T, b block) {
	t.Helper()
	for i, command := range b.commands {
		switch {
		case b.info == aws:
			assert.NotRegexp(t, `^(pulumi (up|config|destroy|refresh|preview)|make) `, command, "this one can be run: give it a block of its own")
		case b.info == refused && i == len(b.commands)-1:
			before := r.Cloud(t)
			require.Error(t, r.command(t, command), "%s: not refused", command)
			assert.Equal(t, before, r.Cloud(t), "refused before anything has changed")
		default:
			require.NoError(t, r.command(t, command), "%s\n%s", command, r.Said.String())
		}
	}
}

// command runs a line of the page: the CLI's commands as they stand, on the
// rehearsed stack.
func (r *run) command(t *testing.T, line string) error {
	t.Helper()
	words := strings.Fields(strings.ReplaceAll(line, "'", ""))
	if words[0] == "make" {
		return r.make(t, words[1:])
	}
	require.Equal(t, "pulumi", words[0], "a command that the test does not know: %s", line)
	r.Said.Reset()
	switch command := words[1]; command {
	case "up":
		step, err := r.Do(t, events.ReadStep, "up", "--yes")
		if err == nil {
			r.done = append(r.done, step)
		}
		return err
	case "refresh", "destroy":
		return r.Run(t.Context(), command, "--yes")
	case "preview":
		return r.Run(t.Context(), command)
	case "config":
		err := r.Query(t.Context(), words[1:]...)
		r.keepConfig(t)
		return err
	case "cancel":
		return r.Query(t.Context(), "cancel", "--yes")
	case "stack":
		return r.Query(t.Context(), words[1:]...)
	default:
		return assert.AnError
	}
}

// keepConfig takes over what `pulumi config set` wrote, for the next command: the
// rehearsal gives the CLI a copy of the stack's file.
func (r *run) keepConfig(t *testing.T) {
	t.Helper()
	name := "Pulumi." + r.Stack.Stack + ".yaml"
	written, err := os.ReadFile(filepath.Join(r.work(), name))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(r.Dir, name), written, 0o644))
}

// work is the folder that the CLI runs in.
func (r *run) work() string { return filepath.Join(r.Dir, ".rehearsal", r.Stack.Stack, "work") }

// make knows the one target that the page uses.
func (r *run) make(t *testing.T, words []string) error {
	t.Helper()
	require.Len(t, words, 2)
	require.Equal(t, "drift", words[0])
	file, ok := strings.CutPrefix(words[1], "EXPORT=")
	require.True(t, ok)
	state, err := os.ReadFile(filepath.Join(r.work(), file))
	require.NoError(t, err)
	found, err := drift.FindForeign(state)
	assert.Empty(t, found)
	return err
}
