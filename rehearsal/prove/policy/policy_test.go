//go:build engine

// Package policy_test proves that the policy pack stops the real CLI.
package policy_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/testcli"
)

const project = "../../.."

// stage is a rehearsed stack with the policy pack at hand.
type stage struct {
	cli.Runner
	said *bytes.Buffer
	pack string
}

// built is the pack as a program, once for all tests.
var built = sync.OnceValues(func() (string, error) {
	program, err := filepath.Abs(filepath.Join(project, ".rehearsal", "bin", "policy"))
	if err != nil {
		return "", err
	}
	said, err := exec.Command("go", "build", "-C", filepath.Join(project, "policy"), "-o", program, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return program, nil
})

// newStage puts the pack where the CLI looks for what runs packs in Go if it has no Go
// language host: there it runs any program that serves one.
func newStage(t *testing.T, name string, edit func(pulumi.Input)) *stage {
	t.Helper()
	program, err := built()
	require.NoError(t, err)
	pack, err := filepath.Abs(filepath.Join(project, "policy"))
	require.NoError(t, err)
	s := &stage{said: &bytes.Buffer{}, pack: pack}
	s.Runner = cli.Runner{Dir: t.TempDir(), Stack: name, CLI: testcli.Find(t), Stdout: s.said, Stderr: s.said, Program: edited(edit)}
	require.NoError(t, cli.CopyProject(project, s.Dir))
	plugin := filepath.Join(s.Dir, ".rehearsal", "home", "plugins", "analyzer-policy-go-v1.0.0")
	require.NoError(t, os.MkdirAll(plugin, 0o755))
	require.NoError(t, os.Symlink(program, filepath.Join(plugin, "pulumi-analyzer-policy-go")))
	return s
}

// edited is the project's program with a mistake in its resources.
func edited(edit func(pulumi.Input)) cli.Program {
	return func(ctx *pulumi.Context, keys []string) error {
		err := ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			edit(args.Props)
			return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
		})
		if err != nil {
			return err
		}
		return stack.Rehearse(ctx, keys)
	}
}

func (s *stage) run(t *testing.T, command string, args ...string) error {
	t.Helper()
	s.said.Reset()
	return s.Run(t.Context(), command, append(args, "--policy-pack", s.pack)...)
}

func none(pulumi.Input) {}

func sshFromEverywhere(props pulumi.Input) {
	if rule, ok := props.(*vpc.SecurityGroupIngressRuleArgs); ok && rule.PrefixListId != nil {
		rule.PrefixListId, rule.CidrIpv4 = nil, pulumi.String("0.0.0.0/0")
		rule.FromPort, rule.ToPort = pulumi.Int(22), pulumi.Int(22)
	}
}

func unencrypted(props pulumi.Input) {
	if db, ok := props.(*rds.InstanceArgs); ok {
		db.StorageEncrypted = pulumi.Bool(false)
	}
}

func public(props pulumi.Input) {
	if db, ok := props.(*rds.InstanceArgs); ok {
		db.PubliclyAccessible = pulumi.Bool(true)
	}
}

func TestTheStacksPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev", "staging", "prod"} {
		s := newStage(t, name, none)
		require.NoError(t, s.run(t, "preview"), s.said)
		assert.Contains(t, s.said.String(), "webphases@v1.0.0", "%s: the pack ran", name)
		require.NoError(t, s.run(t, "up", "--yes", "--skip-preview"), s.said)
		require.NoError(t, s.run(t, "preview", "--expect-no-changes"), s.said)
	}
}

func TestTheEngineRefusesMistakes(t *testing.T) {
	t.Parallel()
	for name, mistake := range map[string]struct {
		edit func(pulumi.Input)
		says []string
	}{
		"SSH from everywhere": {sshFromEverywhere, []string{
			"[mandatory]  ec2-19  (aws:vpc:SecurityGroupIngressRule: firewall-load-balancer-in-tcp-80-from-cloudfront)", "everybody may reach port 22"}},
		"a database that is not encrypted": {unencrypted, []string{"[mandatory]  rds-3  (aws:rds:Instance: database)", "its storage is not encrypted"}},
		"a database with a public address": {public, []string{"[mandatory]  rds-2  (aws:rds:Instance: database)", "it has a public address"}},
	} {
		s := newStage(t, "prod", mistake.edit)
		require.ErrorIs(t, s.run(t, "preview"), cli.ErrFailed, name)
		_, found, _ := strings.Cut(s.said.String(), "Policies:")
		for _, text := range mistake.says {
			assert.Contains(t, found, text, name)
		}
	}
}

func TestAPolicyCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, "prod", unencrypted)
	settings := filepath.Join(t.TempDir(), "policy.json")
	require.NoError(t, os.WriteFile(settings, []byte(`{"rds-3": "disabled"}`), 0o644))
	require.NoError(t, s.run(t, "preview", "--policy-pack-config", settings), s.said)
}
