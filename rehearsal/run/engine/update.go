package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	pulumiengine "github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/pkg/v3/util/cancel"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/result"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// ErrFailed says that an update failed; the text is what the engine said.
var ErrFailed = errors.New("the update failed")

// parallel is how many operations may be under way at once.
const parallel = 16

// Up updates the stack from a state, which stays as it is, to the next. If the
// update fails with ErrFailed, the next state is what it left behind. What is
// under way at the end takes effect then.
func (s *Stack) Up(ctx context.Context, from State, intercept model.Interceptor) (next State, err error) {
	base, err := thaw(ctx, from.Deployment)
	if err != nil {
		return next, err
	}
	next.Cloud = from.Cloud.Clone()
	servers, err := cli.Serve(ctx, s.program, model.New(next.Cloud, intercept))
	if err != nil {
		return next, err
	}
	defer servers.Stop()
	journal := pulumiengine.NewTestJournal()
	said, failed := s.update(base, servers, journal)
	if err := errors.Join(journal.Close(), next.Cloud.Settle()); err != nil {
		return next, err
	}
	snapshot, err := journal.Entries().Snap(base)
	if err != nil {
		return next, fmt.Errorf("the state is broken: %w\n%s", err, said)
	}
	next.Deployment, err = freeze(ctx, snapshot)
	switch {
	case err != nil || failed == nil:
		return next, err
	case result.IsBail(failed): // it has said why
		return next, fmt.Errorf("%w:\n%s", ErrFailed, said)
	}
	return next, fmt.Errorf("%w: %w\n%s", ErrFailed, failed, said)
}

// update runs the engine and returns the errors and warnings that it showed.
func (s *Stack) update(base *deploy.Snapshot, servers *cli.Servers, journal pulumiengine.SnapshotManager) (said string, err error) {
	events := make(chan pulumiengine.Event)
	heard := make(chan string)
	go func() { heard <- listen(events) }()

	project := *s.project
	project.Runtime = workspace.NewProjectRuntimeInfo("client", map[string]any{"address": servers.Program})
	lifetime, source := cancel.NewContext(context.Background())
	_, _, err = pulumiengine.Update(
		pulumiengine.UpdateInfo{Root: s.folder, Project: &project, Target: &deploy.Target{
			Name: s.name, Organization: organization, Config: s.config, Decrypter: config.Base64Crypter, Snapshot: base,
		}},
		&pulumiengine.Context{Cancel: lifetime, Events: events, SnapshotManager: journal, BackendClient: past{s.name, base}},
		pulumiengine.UpdateOptions{
			Parallel: parallel, SkipPluginPreInstall: true,
			HostFactory: func(_ context.Context, d, status diag.Sink, _ plugin.DebugContext) (plugin.Host, error) {
				return newHost(d, status, servers.Providers), nil
			},
		}, false)
	source.Terminate()
	close(events)
	return <-heard, err
}

// listen collects what the engine says, until the end.
func listen(events <-chan pulumiengine.Event) string {
	var said strings.Builder
	for event := range events {
		if event.Type != pulumiengine.DiagEvent {
			continue
		}
		d, ok := event.Payload().(pulumiengine.DiagEventPayload)
		if ok && !d.Ephemeral && (d.Severity == diag.Error || d.Severity == diag.Warning) {
			said.WriteString(colors.Never.Colorize(d.Prefix + d.Message))
		}
	}
	return said.String()
}
