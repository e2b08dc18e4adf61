// Package examples runs the programs of examples/ as people do: built, each a process of
// its own, and every component seen from another module.
package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/testcli"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

const sources = teststack.Root + "/examples"

// example is a runner of the built example in a folder of its own.
func example(t *testing.T, name string, set ...string) (*cli.Runner, *bytes.Buffer) {
	t.Helper()
	r := &cli.Runner{Dir: t.TempDir(), Stack: "dev", Set: set, CLI: testcli.Find(t)}
	require.NoError(t, cli.CopyProject(filepath.Join(sources, name), r.Dir))
	r.Binary = filepath.Join(t.TempDir(), name)
	build := exec.CommandContext(t.Context(), "go", "build", "-C", sources, "-o", r.Binary, "./"+name)
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	said := &bytes.Buffer{}
	r.Stdout, r.Stderr = said, said
	return r, said
}

// rise makes the stack, makes sure that nothing is left to do, and returns its outputs.
func rise(t *testing.T, r *cli.Runner, said *bytes.Buffer) map[string]any {
	t.Helper()
	require.NoError(t, r.Run(t.Context(), "up", "--yes", "--skip-preview"), said)
	require.NoError(t, r.Run(t.Context(), "preview", "--expect-no-changes"), said)
	said.Reset()
	require.NoError(t, r.Query(t.Context(), "stack", "output", "--json"), said)
	outputs := map[string]any{}
	require.NoError(t, json.Unmarshal(said.Bytes(), &outputs))
	return outputs
}

func TestTheDataTierAlone(t *testing.T) {
	t.Parallel()
	r, said := example(t, "datatier")
	outputs := rise(t, r, said)
	assert.Regexp(t, `^datatier-.*\.rds\.amazonaws\.com:3306$`, outputs["endpoint"])
	require.NoError(t, r.Run(t.Context(), "destroy", "--yes"), said)
	left, err := r.Remains()
	require.NoError(t, err)
	assert.Len(t, left, 2, "the final snapshot, and the option group that it refers to")
}

func TestTwoSitesInOneVPC(t *testing.T) {
	t.Parallel()
	r, said := example(t, "twosites")
	outputs := rise(t, r, said)
	assert.Regexp(t, `^http://[0-9.]+/$`, outputs["blog"])
	assert.NotEqual(t, outputs["blog"], outputs["shop"])
	require.NoError(t, r.Run(t.Context(), "destroy", "--yes"), said)
	left, err := r.Remains()
	require.NoError(t, err)
	assert.Empty(t, left)
}

// The VPC is another stack's, in the same cloud.
func TestTheThirdPhaseInAnExistingVPC(t *testing.T) {
	t.Parallel()
	owner := &cli.Runner{Dir: t.TempDir(), Stack: "dev", CLI: testcli.Find(t), Program: makeVPC}
	var said bytes.Buffer
	owner.Stdout, owner.Stderr = &said, &said
	require.NoError(t, cli.CopyProject(filepath.Join(sources, "datatier"), owner.Dir))
	net := rise(t, owner, &said)

	r, heard := example(t, "existingvpc")
	vpc := map[string]any{"id": net["id"], "cidr": "10.0.0.0/16", "resolver": net["resolver"]}
	for _, tier := range []string{"public", "web", "database"} {
		vpc[tier] = net[tier]
	}
	text, err := json.Marshal(vpc)
	require.NoError(t, err)
	settings := fmt.Sprintf("config:\n  aws:region: ap-northeast-1\n  existingvpc:vpc: %s\n", text)
	require.NoError(t, os.WriteFile(filepath.Join(r.Dir, "Pulumi.dev.yaml"), []byte(settings), 0o644))
	cloud, err := os.ReadFile(owner.CloudFile())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(r.CloudFile()), 0o755))
	require.NoError(t, os.WriteFile(r.CloudFile(), cloud, 0o600))

	before, err := r.Remains()
	require.NoError(t, err)
	outputs := rise(t, r, heard)
	assert.Regexp(t, `^http://.*\.elb\.amazonaws\.com/$`, outputs["url"])
	require.NoError(t, r.Run(t.Context(), "destroy", "--yes"), heard)
	after, err := r.Remains()
	require.NoError(t, err)
	assert.Len(t, after, len(before)+2, "the final snapshot and its option group; the VPC stays its owner's")
}

func makeVPC(ctx *pulumi.Context, _ []string) error {
	args := network.Args{
		Settings:      network.Defaults(),
		Region:        "ap-northeast-1",
		Zones:         []string{"ap-northeast-1a", "ap-northeast-1c"},
		PublicZones:   2,
		WebZones:      2,
		DatabaseZones: 2,
		NAT:           network.NATOne,
	}
	args.ClientCIDRs = []string{"0.0.0.0/0"}
	net, err := network.New(ctx, "network", args)
	if err != nil {
		return err
	}
	ctx.Export("id", net.VPCID)
	ctx.Export("resolver", pulumi.String(net.Resolver))
	ctx.Export("public", network.IDs(net.Public))
	ctx.Export("web", network.IDs(net.Web))
	ctx.Export("database", network.IDs(net.Database))
	return nil
}
