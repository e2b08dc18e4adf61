package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runBinary runs a built program as the CLI's Go host does: a process of its own, which
// learns of the stack and the engine from its environment.
func (l *language) runBinary(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, l.binary)
	cmd.Env = append(os.Environ(),
		pulumi.EnvOrganization+"="+req.GetOrganization(),
		pulumi.EnvProject+"="+req.GetProject(),
		pulumi.EnvStack+"="+req.GetStack(),
		pulumi.EnvConfig+"="+string(config),
		pulumi.EnvConfigSecretKeys+"="+string(secrets),
		fmt.Sprintf("%s=%t", pulumi.EnvDryRun, req.GetDryRun()),
		fmt.Sprintf("%s=%d", pulumi.EnvParallel, req.GetParallel()),
		pulumi.EnvMonitor+"="+req.GetMonitorAddress(),
	)
	if args := req.GetArgs(); len(args) > 0 {
		cmd.Env = append(cmd.Env, pulumi.EnvEngine+"="+args[0])
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil // it has told the engine why
	case err != nil:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("%s: %v\n%s", l.binary, err, &said)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}
