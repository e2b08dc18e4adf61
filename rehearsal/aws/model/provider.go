// Package model is a provider for Pulumi's engine that stands in for AWS: it
// checks, plans and carries out operations on a modelled cloud.
//
// What a resource type takes, requires and gives comes from the table of facts
// about the real provider; what AWS does with it — ids, names, defaults,
// references, refusals — from the tables of kinds in this package. A type,
// lookup or setting that is in neither is refused by name.
package model

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// Provider serves one package, "aws" or "random", on a modelled cloud.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	pkg       string
	cloud     *cloud.Cloud
	intercept Interceptor

	// mu makes each operation see the cloud without the others' half-done work.
	mu *sync.Mutex
	*settings
}

// settings is what a provider is configured with.
type settings struct {
	region      string
	defaultTags resource.PropertyMap
}

// Connections gives each connection to a provider settings of its own: the engine
// opens one for each provider that a program has, all to the same address.
type Connections struct{}

type connection struct{}

// TagConn is part of stats.Handler, as are the methods after it.
func (Connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connection{}, &settings{})
}

// TagRPC does nothing.
func (Connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC does nothing.
func (Connections) HandleRPC(context.Context, stats.RPCStats) {}

// HandleConn does nothing.
func (Connections) HandleConn(context.Context, stats.ConnStats) {}

// on is the provider with the settings of the connection that it is asked on.
func (p *Provider) on(ctx context.Context) *Provider {
	if own, ok := ctx.Value(connection{}).(*settings); ok {
		configured := *p
		configured.settings = own
		return &configured
	}
	return p
}

// New returns the providers for the packages "aws" and "random" on one cloud.
// The interceptor may be nil.
func New(c *cloud.Cloud, intercept Interceptor) map[string]*Provider {
	if intercept == nil {
		intercept = func(context.Context, Operation) Fault { return NoFault }
	}
	mu := &sync.Mutex{}
	return map[string]*Provider{
		"aws":    {pkg: "aws", cloud: c, intercept: intercept, mu: mu, settings: &settings{}},
		"random": {pkg: "random", cloud: c, intercept: intercept, mu: mu, settings: &settings{}},
	}
}

// lookup finds a resource type, or says that the model does not have it.
func lookup(token string) (*Kind, *facts.Resource, error) {
	k := kinds[token]
	f, ok := facts.AWS().Resource(token)
	if k == nil || !ok {
		return nil, nil, status.Errorf(codes.Unimplemented,
			"the rehearsal does not model %s: leave it out, or add it to internal/catalog and to rehearsal/aws/model", token)
	}
	return k, f, nil
}

func (p *Provider) change(urn string, in resource.PropertyMap) (*change, error) {
	k, f, err := lookup(string(resource.URN(urn).Type()))
	if err != nil {
		return nil, err
	}
	return &change{
		kind: k, facts: f, cloud: p.cloud, region: p.region, urn: urn,
		born: p.cloud.Made(urn), in: in, out: resource.PropertyMap{},
	}, nil
}

// GetPluginInfo tells the version of the provider that is modelled.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: facts.AWS().Version}, nil
}

// Cancel is accepted: no operation of the model takes long.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Attach is accepted: the engine has dialled already.
func (p *Provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
