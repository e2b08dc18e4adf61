package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

// cli returns a pulumi CLI: from PATH, or the one that a rehearsal of the
// project has built.
func cli(t *testing.T) string {
	t.Helper()
	if found, err := exec.LookPath("pulumi"); err == nil {
		return found
	}
	built := filepath.Join("..", "..", "..", ".rehearsal", "bin", "pulumi-"+cliVersion)
	if _, err := os.Stat(built); err != nil {
		t.Skip("SKIPPED: no pulumi CLI on PATH, and none built yet (`make up` builds one)")
	}
	return built
}

// project writes a small project and returns a rehearsal of it and what it says.
func project(t *testing.T, program Program) (*Runner, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("Pulumi.yaml", "name: small\nruntime: go\nconfig:\n  size: {type: integer, default: 24}\n  web.count: {type: integer, default: 1}\n")
	write("Pulumi.test.yaml", "config:\n  aws:region: eu-west-1\n")
	var said bytes.Buffer
	return &Runner{Dir: dir, Stack: "test", Program: program, Stdout: &said, Stderr: &said}, &said
}

// network is a VPC with a subnet; raw registrations keep the test free of the
// AWS SDK, which takes minutes to compile.
func network(ctx *pulumi.Context, _ []string) error {
	type custom struct{ pulumi.CustomResourceState }
	var vpc, subnet custom
	keep, _ := ctx.GetConfig("small:keep")
	size, _ := ctx.GetConfig("small:size")
	if err := ctx.RegisterResource(catalog.EC2VPC, "vpc", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")}, &vpc, pulumi.Protect(keep == "true")); err != nil {
		return err
	}
	err := ctx.RegisterResource(catalog.EC2Subnet, "subnet", pulumi.Map{
		"vpcId": vpc.ID(), "cidrBlock": pulumi.String("10.0.0.0/" + size),
	}, &subnet)
	ctx.Export("subnet", subnet.ID())
	return err
}

func TestStackOnTheRealEngine(t *testing.T) {
	t.Parallel()
	r, said := project(t, network)
	r.CLI = cli(t)
	ctx := t.Context()
	step := func(command string, args ...string) string {
		t.Helper()
		said.Reset()
		require.NoError(t, r.Run(ctx, command, args...), said)
		return said.String()
	}
	assert.Contains(t, step("up", "--yes", "--skip-preview"), "+ 3 created")
	assert.Contains(t, step("up", "--yes", "--skip-preview"), "3 unchanged")
	step("preview", "--expect-no-changes")

	r.Set = []string{"size=26"}
	assert.Contains(t, step("preview"), "aws:ec2:Subnet subnet replace [diff: ~cidrBlock]")
	r.Set = nil
	left, err := r.Remains()
	require.NoError(t, err)
	assert.Len(t, left, 2)
	said.Reset()
	require.NoError(t, r.Query(ctx, "stack", "output", "subnet"))
	assert.Regexp(t, `^subnet-[0-9a-f]{17}\n$`, said.String())
	step("refresh", "--yes", "--skip-preview", "--expect-no-changes")

	r.Set = []string{"keep=true"}
	step("up", "--yes", "--skip-preview")
	said.Reset()
	assert.ErrorIs(t, r.Run(ctx, "destroy", "--yes"), ErrFailed)
	assert.Contains(t, said.String(), "cannot be deleted")
	left, err = r.Remains()
	require.NoError(t, err)
	assert.Len(t, left, 2, "protection refuses before anything has changed")

	r.Set = nil
	step("up", "--yes", "--skip-preview")
	step("destroy", "--yes", "--remove")
	left, err = r.Remains()
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Contains(t, step("up", "--yes", "--skip-preview"), "+ 3 created", "a destroyed stack can be made again")

	file, err := os.ReadFile(filepath.Join(r.Dir, "Pulumi.test.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "config:\n  aws:region: eu-west-1\n", string(file), "the project's own files are only read")
}

func TestFailingProgramSaysWhyOnce(t *testing.T) {
	t.Parallel()
	r, said := project(t, func(*pulumi.Context, []string) error { return errors.New("no such thing") })
	r.CLI = cli(t)
	assert.ErrorIs(t, r.Run(t.Context(), "up", "--yes", "--skip-preview"), ErrFailed)
	_, diagnostics, _ := strings.Cut(said.String(), "Diagnostics:")
	assert.Equal(t, 1, strings.Count(diagnostics, "no such thing"), said)
}

func TestProgramLearnsTheKeys(t *testing.T) {
	t.Parallel()
	var got []string
	r, said := project(t, func(_ *pulumi.Context, keys []string) error {
		got = keys
		return nil
	})
	r.CLI = cli(t)
	r.Set = []string{"web.color=red", "other:key=1"}
	require.NoError(t, r.Run(t.Context(), "preview"), said)
	assert.Equal(t, []string{"aws:region", "other:key", "small:size", "small:web"}, got)
}
