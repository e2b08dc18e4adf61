package server

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// embedded returns every file under files/ by its path below it.
func embedded(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	require.NoError(t, fs.WalkDir(files, "files", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		all[strings.TrimPrefix(name, "files/")] = content
		return err
	}))
	require.NotEmpty(t, all)
	return all
}

// The generated text itself unpacks, by each shell that may get it, into the files of
// the repository without their comments.
func TestTheGeneratedTextUnpacks(t *testing.T) {
	t.Parallel()
	text := rendered(t, Document, Configure)
	revision, err := Revision()
	require.NoError(t, err)
	for _, shell := range []string{"bash", "sh"} {
		root := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(root, "opt"), 0o755))
		// The same text in a folder instead of /; the script it starts at the end only says so.
		here := strings.NewReplacer("/opt/", root+"/opt/", "/run/webphases", root+"/run").Replace(text)
		here = strings.Replace(here, "exec "+root+"/opt/webphases/bin/run", "echo started", 1)
		command := exec.Command(shell)
		command.Stdin = strings.NewReader(here)
		out, err := command.CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Equal(t, "started configure /webphases/prod/settings /webphases/prod/proof 0123456789abcdef\n", string(out))
		name, err := os.ReadFile(filepath.Join(root, "opt/webphases/revision"))
		require.NoError(t, err)
		assert.Equal(t, revision+"\n", string(name))
		require.NoError(t, os.Remove(filepath.Join(root, "opt/webphases/revision")))
		compare(t, filepath.Join(root, "opt/webphases"))
		left, err := filepath.Glob(filepath.Join(root, "opt/.*"))
		require.NoError(t, err)
		assert.Empty(t, left, "nothing else is left")
	}
}

func compare(t *testing.T, root string) {
	t.Helper()
	want := embedded(t)
	found := 0
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		found++
		short, err := filepath.Rel(root, name)
		require.NoError(t, err)
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, string(withoutComments(want[short])), string(content), short)
		info, err := entry.Info()
		require.NoError(t, err)
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(short, "bin/") {
			mode = 0o755
		}
		assert.Equal(t, mode, info.Mode(), short)
		return nil
	}))
	assert.Len(t, want, found)
}

func TestWithoutComments(t *testing.T) {
	t.Parallel()
	in := "#!/bin/bash\n# why\n\t# indented\necho '#' # kept\n\nlast"
	assert.Equal(t, "#!/bin/bash\necho '#' # kept\n\nlast", string(withoutComments([]byte(in))))
}

// A here-document with a line that starts with # would lose it on the server.
func TestScriptsHaveNoHereDocuments(t *testing.T) {
	t.Parallel()
	for name, content := range embedded(t) {
		assert.False(t, bytes.Contains(bytes.ReplaceAll(content, []byte("<<<"), nil), []byte("<<")), name)
		assert.True(t, bytes.HasSuffix(content, []byte("\n")), "%s must end with a newline", name)
	}
}

func TestScriptsAreBash(t *testing.T) {
	t.Parallel()
	for name, content := range embedded(t) {
		if !strings.HasPrefix(name, "bin/") && !strings.HasSuffix(name, ".sh") {
			continue
		}
		// Both what people read and what a server gets.
		for _, text := range [][]byte{content, withoutComments(content)} {
			command := exec.Command("bash", "-n")
			command.Stdin = bytes.NewReader(text)
			out, err := command.CombinedOutput()
			assert.NoError(t, err, "%s: %s", name, out)
		}
	}
}

func TestShellcheck(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not installed: scripts are only parsed, not checked")
	}
	scripts, err := filepath.Glob("files/bin/*")
	require.NoError(t, err)
	command := exec.Command(tool, append([]string{"-s", "bash"}, scripts...)...)
	out, err := command.CombinedOutput()
	assert.NoError(t, err, string(out))
}
