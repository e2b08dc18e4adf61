package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const export = `{"version": 3, "deployment": {"manifest": {}, "resources": [
	{"urn": "urn:pulumi:live::shop::pulumi:pulumi:Stack::shop-live", "type": "pulumi:pulumi:Stack"},
	{"urn": "urn:pulumi:live::shop::pulumi:providers:aws::default", "type": "pulumi:providers:aws", "custom": true, "inputs": {"region": "us-east-1"}},
	{"urn": "urn:pulumi:live::shop::aws:ec2/eip:Eip::address", "type": "aws:ec2/eip:Eip", "custom": true, "id": "eipalloc-1", "outputs": {"tags": {"Stack": "live"}}}
]}}`

// run writes the report of the export that is on standard input or in a file.
func run(t *testing.T, dir, stdin string, args ...string) (string, error) {
	t.Helper()
	var said bytes.Buffer
	c, o := command()
	o.stdin, o.stdout = strings.NewReader(stdin), &said
	c.SetArgs(append([]string{"--dir", dir}, args...))
	err := c.ExecuteContext(t.Context())
	return said.String(), err
}

func TestExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said, err := run(t, dir, export, "--export", "-")
	require.NoError(t, err)
	page := filepath.Join(dir, ".rehearsal", "live", "report.html")
	assert.Contains(t, said, "live in us-east-1: 1 resources\ncost      about $4 a month: $4 fixed")
	assert.Contains(t, said, "page      "+page)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(html), "<h1>shop live ")

	file, out := filepath.Join(dir, "export.json"), filepath.Join(dir, "sub", "page.html")
	require.NoError(t, os.WriteFile(file, []byte(export), 0o600))
	_, err = run(t, dir, "", "--export", file, "--out", out)
	require.NoError(t, err)
	assert.FileExists(t, out)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := run(t, dir, "nonsense", "--export", "-")
	require.ErrorIs(t, err, graph.ErrExport)
	_, err = run(t, dir, "", "--export", filepath.Join(dir, "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = run(t, dir, export, "--export", "-", "--assume", "nat.gb=many")
	require.ErrorIs(t, err, cost.ErrAssumption)
	_, err = run(t, dir, export, "--export", "-", "--stack", "prod")
	require.ErrorContains(t, err, "none of the others can be")
	assert.NoDirExists(t, filepath.Join(dir, ".rehearsal"), "a refused report writes nothing")
}
