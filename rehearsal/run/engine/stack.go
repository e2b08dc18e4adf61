// Package engine runs updates on Pulumi's engine inside this process, without
// the CLI: no preview, no display, the state in memory. An update takes a
// fraction of the time that it takes through the CLI, which counts when there
// are thousands. Engine, program, providers and the form of the state are the
// same.
package engine

import (
	"context"
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/stack"
	"github.com/pulumi/pulumi/pkg/v3/secrets/b64"
	pkgworkspace "github.com/pulumi/pulumi/pkg/v3/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/esc"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// Stack is a stack with its configuration. It holds no state: updates take it
// and return it.
type Stack struct {
	program cli.Program
	name    tokens.StackName
	folder  string
	project *workspace.Project
	config  config.Map
}

// State is a stack at rest: Pulumi's state, and the cloud apart from it.
type State struct {
	// Deployment is nil before the first update.
	Deployment *apitype.DeploymentV3
	Cloud      *cloud.Cloud
}

// New reads the configuration of a rehearsal's stack as the CLI does: the stack's
// file, the overrides, the defaults of Pulumi.yaml.
func New(ctx context.Context, r cli.Runner) (*Stack, error) {
	folder, err := r.Settings()
	if err != nil {
		return nil, err
	}
	project, err := workspace.LoadProject(filepath.Join(folder, "Pulumi.yaml"))
	if err != nil {
		return nil, err
	}
	file, err := workspace.LoadProjectStack(diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: "never"}),
		project, filepath.Join(folder, "Pulumi."+r.Stack+".yaml"))
	if err != nil {
		return nil, err
	}
	name, err := tokens.ParseStackName(r.Stack)
	if err != nil {
		return nil, err
	}
	err = pkgworkspace.ValidateStackConfigAndApplyProjectConfig(ctx, r.Stack, project, esc.Value{}, file.Config,
		config.Base64Crypter, config.Base64Crypter)
	return &Stack{program: r.Program, name: name, folder: folder, project: project, config: file.Config}, err
}

// Raise makes a rehearsal's stack from nothing, in a copy of the project.
func Raise(ctx context.Context, r cli.Runner, project string) (State, error) {
	return Next(ctx, r, project, State{Cloud: cloud.New()})
}

// Next updates a rehearsal's stack from a state, in a copy of the project.
func Next(ctx context.Context, r cli.Runner, project string, from State) (State, error) {
	if err := cli.CopyProject(project, r.Dir); err != nil {
		return State{}, err
	}
	s, err := New(ctx, r)
	if err != nil {
		return State{}, err
	}
	return s.Up(ctx, from, nil)
}

// thaw makes the engine's form of a state; each update needs its own.
func thaw(ctx context.Context, deployment *apitype.DeploymentV3) (*deploy.Snapshot, error) {
	if deployment == nil {
		return nil, nil
	}
	return stack.DeserializeDeploymentV3(ctx, *deployment, stack.Base64SecretsProvider{})
}

// freeze makes the form in which a state is stored.
func freeze(ctx context.Context, snapshot *deploy.Snapshot) (*apitype.DeploymentV3, error) {
	snapshot.SecretsManager = b64.NewBase64SecretsManager()
	return stack.SerializeDeployment(ctx, snapshot, false)
}

// Plain returns Pulumi's state with its secrets in plain text, in the form of
// `pulumi stack export --show-secrets`. It is nil before the first update.
func (s State) Plain(ctx context.Context) (*apitype.DeploymentV3, error) {
	snapshot, err := thaw(ctx, s.Deployment)
	if snapshot == nil || err != nil {
		return nil, err
	}
	return stack.SerializeDeployment(ctx, snapshot, true)
}

// Export is Pulumi's state in the form of `pulumi stack export`; its secrets are
// encoded.
func (s State) Export() ([]byte, error) {
	deployment, err := json.Marshal(s.Deployment)
	if err != nil {
		return nil, err
	}
	return json.Marshal(apitype.UntypedDeployment{Version: apitype.DeploymentSchemaVersionCurrent, Deployment: deployment})
}
