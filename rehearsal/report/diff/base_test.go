package diff

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aRehearsal is a command that writes down how it was called, in place of a
// revision's own rehearsal.
const aRehearsal = `package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	cli, _ := exec.LookPath("pulumi")
	target, _ := os.Readlink(cli)
	fmt.Println(os.Args[1:], target)
	os.Exit(3)
}
`

func TestTheBaseIsBuiltFromItsOwnSource(t *testing.T) {
	t.Parallel()
	dir := repo(t, map[string]string{"rehearsal/go.mod": "module small\n\ngo 1.26\n", "rehearsal/cmd/rehearse/main.go": aRehearsal})
	write(t, dir, map[string]string{"rehearsal/cmd/rehearse/main.go": "no Go at all"}) // the head's, which must not matter
	cli := filepath.Join(t.TempDir(), "pulumi-of-the-head")
	require.NoError(t, os.WriteFile(cli, nil, 0o755))
	c := Comparison{Dir: dir, Stack: "test", Base: "main", CLI: cli}
	write(t, c.folder("bin"), map[string]string{"rehearse-of-another": ""})
	result, err := c.Run(t.Context())
	require.NoError(t, err)
	assert.Contains(t, result.BaseError, "the base cannot be rehearsed: raising its test: exit status 3")
	assert.Contains(t, result.BaseError, "[up --dir "+c.folder("base")+"/site --stack test --yes] "+cli)
	assert.NoDirExists(t, c.folder("base"), "cleared away although the run failed")

	built, err := filepath.Glob(c.folder("bin/rehearse-*"))
	require.NoError(t, err)
	require.Len(t, built, 1, "older ones are removed: each is large")
	require.NoError(t, os.WriteFile(built[0], []byte("#!/bin/sh\necho kept; exit 4\n"), 0o755))
	result, err = c.Run(t.Context())
	require.NoError(t, err)
	assert.Contains(t, result.BaseError, "kept", "a program that was built is not built again")
}

func TestBasesThatCannotBeRehearsed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no rehearsal": {nil, "that revision has no rehearsal/cmd/rehearse"},
		"no program":   {map[string]string{"rehearsal/go.mod": "module small\n", "rehearsal/cmd/rehearse/main.go": "package main\n"}, "building it: exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repo(t, test.files)
			write(t, dir, map[string]string{"README.md": "an edit\n"})
			c := Comparison{Dir: dir, Stack: "test", Base: "main", CLI: "/opt/pulumi"}
			result, err := c.Run(t.Context())
			require.NoError(t, err)
			assert.False(t, result.OK(), "nobody can tell what the change does")
			assert.Contains(t, result.BaseError, "the base cannot be rehearsed")
			assert.Contains(t, result.BaseError, test.want)
			assert.Contains(t, result.Comment(), "the base cannot be rehearsed")
		})
	}
}

func TestLeftoversOfAnInterruptedRunAreClearedAway(t *testing.T) {
	t.Parallel()
	dir := repo(t, nil)
	write(t, dir, map[string]string{"README.md": "an edit\n"})
	c := Comparison{Dir: dir, Stack: "test", Base: "main", CLI: "/opt/pulumi"}
	git(t, dir, "worktree", "add", "--detach", c.folder("base"), "main")
	ran := false
	c.Raise = func(_ context.Context, folder string) error {
		ran = true
		assert.FileExists(t, filepath.Join(folder, "Pulumi.yaml"))
		return errors.Join(ErrBase, errors.New("enough"))
	}
	_, err := c.Run(t.Context())
	require.NoError(t, err)
	assert.True(t, ran)
	assert.NoDirExists(t, c.folder("base"))
}
