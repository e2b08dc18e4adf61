package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/identity"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/testcli"
)

// The roles of the workflows rise on the real engine as the stacks do, a second
// time change nothing, and leave nothing.
func TestTheWorkflowsRolesCanBeRehearsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, cli.CopyProject(filepath.Join("..", "..", "..", "identity"), dir))
	var said bytes.Buffer
	r := cli.Runner{
		Dir: dir, Stack: "main", CLI: testcli.Find(t), Stdout: &said, Stderr: &said,
		Program: func(ctx *pulumi.Context, _ []string) error { return identity.Deploy(ctx) },
		Set:     []string{"aws:region=eu-west-1", "repository=acme/site", "ownerId=12", "repositoryId=345", "stateBucket=acme-state"},
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.main.yaml"), nil, 0o644))
	run := func(args ...string) {
		t.Helper()
		said.Reset()
		require.NoError(t, r.Run(t.Context(), args[0], args[1:]...), &said)
	}
	run("up", "--yes", "--skip-preview")
	assert.Contains(t, said.String(), "aws:iam:OpenIdConnectProvider github created")
	run("preview", "--expect-no-changes")
	said.Reset()
	require.NoError(t, r.Query(t.Context(), "stack", "output", "--json"))
	assert.Contains(t, said.String(), `"prod": "/webphases/prod/"`)
	assert.Regexp(t, `"prod": "arn:aws:iam::\d{12}:role/github-deploy-prod-`, said.String())

	r.Set = append(r.Set, "repository=acme/*")
	said.Reset()
	require.ErrorIs(t, r.Run(t.Context(), "preview"), cli.ErrFailed)
	assert.Contains(t, said.String(), `Repository = "acme/*"`)

	r.Set = r.Set[:5]
	run("destroy", "--yes")
	left, err := r.Remains()
	require.NoError(t, err)
	assert.Empty(t, left)
}
