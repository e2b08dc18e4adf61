package engine

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

	"github.com/webphases/webphases/rehearsal/model"
)

// servers are what the CLI connects to: the program and the providers.
type servers struct {
	program   string
	providers string
	cancels   []chan bool
}

func startServers(ctx context.Context, program Program, providers map[string]*model.Provider) (*servers, error) {
	s := &servers{}
	port, err := s.serve(func(g *grpc.Server) {
		pulumirpc.RegisterLanguageRuntimeServer(g, &language{ctx: ctx, program: program})
	})
	if err != nil {
		return nil, err
	}
	s.program = fmt.Sprintf("127.0.0.1:%d", port)
	var list []string
	for name, p := range providers {
		port, err := s.serve(func(g *grpc.Server) { pulumirpc.RegisterResourceProviderServer(g, p) })
		if err != nil {
			s.stop()
			return nil, err
		}
		list = append(list, fmt.Sprintf("%s:%d", name, port))
	}
	slices.Sort(list)
	s.providers = strings.Join(list, ",")
	return s, nil
}

func (s *servers) serve(register func(*grpc.Server)) (int, error) {
	cancel := make(chan bool, 1)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(g *grpc.Server) error {
			register(g)
			return nil
		},
	})
	if err != nil {
		return 0, err
	}
	s.cancels = append(s.cancels, cancel)
	return handle.Port, nil
}

func (s *servers) stop() {
	for _, c := range s.cancels {
		c <- true
	}
}

// language runs the program when the engine asks for it.
type language struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	ctx     context.Context
	program Program
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
