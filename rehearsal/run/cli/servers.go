package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/webphases/webphases/rehearsal/aws/model"
)

// Servers are what an engine connects to: the program and the providers, each at
// an address of this machine.
type Servers struct {
	Program   string
	Providers map[string]string // by package
	cancels   []chan bool
}

// Serve starts the servers. Stop ends them.
func Serve(ctx context.Context, program Program, providers map[string]*model.Provider) (*Servers, error) {
	return serveAll(&language{ctx: ctx, program: program}, providers)
}

func serveAll(l *language, providers map[string]*model.Provider) (*Servers, error) {
	s := &Servers{Providers: map[string]string{}}
	var err error
	s.Program, err = s.serve(func(g *grpc.Server) {
		pulumirpc.RegisterLanguageRuntimeServer(g, l)
	})
	if err != nil {
		return nil, err
	}
	for name, p := range providers {
		s.Providers[name], err = s.serve(func(g *grpc.Server) { pulumirpc.RegisterResourceProviderServer(g, p) })
		if err != nil {
			s.Stop()
			return nil, err
		}
	}
	return s, nil
}

func (s *Servers) serve(register func(*grpc.Server)) (string, error) {
	cancel := make(chan bool, 1)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel:  cancel,
		Options: []grpc.ServerOption{grpc.StatsHandler(model.Connections{})},
		Init: func(g *grpc.Server) error {
			register(g)
			return nil
		},
	})
	if err != nil {
		return "", err
	}
	s.cancels = append(s.cancels, cancel)
	return fmt.Sprintf("127.0.0.1:%d", handle.Port), nil
}

// Stop ends the servers.
func (s *Servers) Stop() {
	for _, c := range s.cancels {
		c <- true
	}
}

// attach is what tells the CLI where the providers are.
func (s *Servers) attach() string {
	var list []string
	for name, address := range s.Providers {
		_, port, _ := strings.Cut(address, ":")
		list = append(list, name+":"+port)
	}
	slices.Sort(list)
	return "PULUMI_DEBUG_PROVIDERS=" + strings.Join(list, ",")
}

// language runs the program when the engine asks for it.
type language struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	ctx     context.Context
	program Program
	binary  string // a built program to run instead, as a process of its own
}

// GetRequiredPackages says that nothing has to be installed: the providers are
// attached.
func (*language) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetRequiredPlugins does the same for older engines.
func (*language) GetRequiredPlugins(context.Context, *pulumirpc.GetRequiredPluginsRequest) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// GetPluginInfo is part of the protocol.
func (*language) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// Run runs the program once, for a preview or an update.
func (l *language) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if l.binary != "" {
		return l.runBinary(ctx, req)
	}
	info := pulumi.RunInfo{
		MonitorAddr:      req.GetMonitorAddress(),
		Config:           req.GetConfig(),
		ConfigSecretKeys: req.GetConfigSecretKeys(),
		Project:          req.GetProject(),
		Stack:            req.GetStack(),
		Parallel:         req.GetParallel(),
		DryRun:           req.GetDryRun(),
		Organization:     req.GetOrganization(),
	}
	if args := req.GetArgs(); len(args) > 0 {
		info.EngineAddr = args[0]
	}
	keys := make([]string, 0, len(req.GetConfig()))
	for key := range req.GetConfig() {
		keys = append(keys, key)
	}
	slices.Sort(keys)

	pctx, err := pulumi.NewContext(ctx, info)
	if err != nil {
		return nil, err
	}
	defer pctx.Close()
	if err := run(pctx, l.program, keys); err != nil {
		// Said through the log it is shown once, and as the program wrote it.
		if logErr := pctx.Log.Error(single(err).Error(), nil); logErr != nil {
			return &pulumirpc.RunResponse{Error: err.Error()}, nil
		}
		return &pulumirpc.RunResponse{Bail: true}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

// single unpacks the list that the SDK makes even of one error.
func single(err error) error {
	if list, ok := err.(interface{ WrappedErrors() []error }); ok && len(list.WrappedErrors()) == 1 {
		return list.WrappedErrors()[0]
	}
	return err
}

// run turns a panic of the program into an error with its stack, so that the
// CLI can show it instead of losing the connection.
func run(ctx *pulumi.Context, program Program, keys []string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the program panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return pulumi.RunWithContext(ctx, func(ctx *pulumi.Context) error { return program(ctx, keys) })
}
