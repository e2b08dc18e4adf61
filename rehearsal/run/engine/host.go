package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/env"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// host finds the providers at their addresses, as the CLI does with
// PULUMI_DEBUG_PROVIDERS; the environment is one for the whole process.
type host struct {
	plugin.Host
	mu          sync.Mutex
	addresses   map[string]string
	connections []*grpc.ClientConn
}

func newHost(d, status diag.Sink, providers map[string]string) plugin.Host {
	return &host{Host: deploytest.NewPluginHost(d, status, nil), addresses: providers}
}

// Provider returns the modelled provider of the package, on a connection of its own.
func (h *host) Provider(ctx *plugin.Context, d workspace.PluginDescriptor, _ env.Env) (plugin.Provider, error) {
	address, ok := h.addresses[d.Name]
	if !ok {
		return nil, fmt.Errorf("the rehearsal has no provider %s", d.Name)
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.connections = append(h.connections, connection)
	h.mu.Unlock()
	return plugin.NewProviderWithClient(ctx, pulumirpc.NewResourceProviderClient(connection), false), nil
}

// Close closes the connections too.
func (h *host) Close() error {
	errs := []error{h.Host.Close()}
	for _, c := range h.connections {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// organization is what the CLI calls the one of a state that is kept in files.
const organization = "organization"

// past answers the program's lookup of the stack's own outputs.
type past struct {
	stack tokens.StackName
	state *deploy.Snapshot
}

// GetStackOutputs returns the outputs of this stack's last update.
func (p past) GetStackOutputs(_ context.Context, name string, _ func(error) error) (property.Map, error) {
	if !strings.HasSuffix(name, "/"+p.stack.String()) {
		return property.Map{}, fmt.Errorf("there is no stack %s", name)
	}
	if p.state == nil {
		return property.Map{}, nil
	}
	for _, r := range p.state.Resources {
		if r.Type == resource.RootStackType && !r.Delete {
			return resource.FromResourcePropertyMap(r.Outputs), nil
		}
	}
	return property.Map{}, nil
}

// GetStackResourceOutputs is not used by this project's programs.
func (past) GetStackResourceOutputs(context.Context, string) (property.Map, error) {
	return property.Map{}, errors.New("the rehearsal does not list a stack's resources")
}
