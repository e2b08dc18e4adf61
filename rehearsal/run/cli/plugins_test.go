package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// script writes an executable shell script.
func script(t *testing.T, path, body string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700))
}

func TestFindPlugin(t *testing.T) {
	bin, home := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	t.Setenv("PULUMI_HOME", home)
	cli := filepath.Join(t.TempDir(), "pulumi")
	find := func() (string, error) { return findPlugin(t.Context(), cli, "aws", "v6.83.2") }
	folder := filepath.Join(home, "plugins", "resource-aws-v6.83.2")

	script(t, cli, "echo no network >&2; exit 1")
	_, err := find()
	require.ErrorIs(t, err, ErrNoPlugin)
	assert.ErrorContains(t, err, "no network")
	assert.ErrorContains(t, err, "pulumi plugin install resource aws v6.83.2")
	assert.NotContains(t, err.Error(), "\n", "one line")

	script(t, cli, `test "$*" = "plugin install resource aws v6.83.2" && mkdir -p `+folder+` && touch `+folder+`/pulumi-resource-aws`)
	got, err := find()
	require.NoError(t, err)
	assert.Equal(t, folder, got, "downloaded")

	script(t, cli, "exit 1")
	got, err = find()
	require.NoError(t, err)
	assert.Equal(t, folder, got, "in PULUMI_HOME, so nothing is downloaded")

	script(t, filepath.Join(bin, "pulumi-resource-aws"), "")
	got, err = find()
	require.NoError(t, err)
	assert.Equal(t, bin, got, "PATH comes first")
}

func TestRealEnv(t *testing.T) {
	t.Setenv("PATH", "/bin")
	r := Real{Plugins: []string{"/a", "/b"}, Env: []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1"}}
	assert.Equal(t, []string{"PATH=/a:/b:/bin", "AWS_ENDPOINT_URL=http://127.0.0.1:1"}, r.env())
}
