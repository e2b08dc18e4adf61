package operations_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/run/teststack"
)

// A project that `pulumi new` makes from this one has another name, and its stacks rise
// with the same files.
func TestTheProjectIsATemplate(t *testing.T) {
	t.Parallel()
	prod := teststack.New(t, "prod")
	template := t.TempDir()
	files, err := exec.Command("git", "-C", teststack.Root, "ls-files", "--cached", "--others", "--exclude-standard").Output()
	require.NoError(t, err)
	for _, name := range strings.Fields(string(files)) {
		content, err := os.ReadFile(filepath.Join(teststack.Root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(template, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(template, name), content, 0o600))
	}
	made := t.TempDir()
	command := exec.Command(prod.CLI, "new", template, "--generate-only", "--yes", "--force", "--dir", made, "--name", "our-blog", "--description", "Our blog")
	command.Env = append(os.Environ(), "PULUMI_HOME="+t.TempDir(), "PULUMI_BACKEND_URL=file://"+t.TempDir(), "PULUMI_SKIP_UPDATE_CHECK=true")
	said, err := command.CombinedOutput()
	assert.Contains(t, string(said), "Created project 'our-blog'")
	if err != nil { // the files are there, only fetching their modules is the language host's
		require.Contains(t, string(said), "no language plugin 'pulumi-language-go'")
	}

	for _, stack := range []string{"dev", "staging", "prod"} {
		s := teststack.New(t, stack)
		s.Dir = made
		assert.NotEmpty(t, s.Up(t).Created, stack)
		assert.Contains(t, string(s.Export(t)), "urn:pulumi:"+stack+"::our-blog::", stack)
		assert.Empty(t, s.Preview(t).Order, stack)
	}
}
