// Package testutil runs programs and components against Pulumi mocks. It
// records what they register; tests assert on the record after the run, never
// inside an apply that may not happen.
package testutil

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/server"
)

// The project and stack of every mocked run.
const (
	Project = "webphases"
	Stack   = "test"
)

// Region is where mocked runs take place.
const Region = "ap-northeast-1"

// A Registration is one resource as the program registered it.
type Registration struct {
	Token, Name   string
	Inputs        resource.PropertyMap
	Custom        bool // false: a component
	Parent        string
	Protect       bool
	Provider      string // URN and ID; "": the stack's own
	IgnoreChanges []string
	ReplaceOn     []string // inputs whose change replaces, beyond the provider's own
	Dependencies  []string // URNs
	RetainedLater bool     // left in the cloud when it goes
	DeletedFirst  bool     // when it is replaced
	Order         int
}

// Key is how tests name a registration: token and name.
func (r Registration) Key() string { return r.Token + "::" + r.Name }

// Input is the value at a path such as "healthCheck.path" or
// "defaultActions[0].type", without secret wrapping; null if there is none.
func (r Registration) Input(path string) resource.PropertyValue {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return resource.NewNullProperty()
	}
	value, ok := parsed.Get(resource.NewObjectProperty(r.Inputs))
	if !ok {
		return resource.NewNullProperty()
	}
	if value.IsSecret() {
		return value.SecretValue().Element
	}
	return value
}

// String is the text of a string input.
func (r Registration) String(path string) string {
	if v := r.Input(path); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// Object is the object at a path; empty if there is none.
func (r Registration) Object(path string) resource.PropertyMap {
	if v := r.Input(path); v.IsObject() {
		return v.ObjectValue()
	}
	return nil
}

// Run is the record of one run.
type Run struct {
	mu      sync.Mutex
	all     []Registration
	calls   map[string]int
	outputs int // how many have registered their outputs
	exports map[string]pulumi.Input
	lookups map[string]resource.PropertyMap
	refused map[string]int // calls of a lookup that are still to fail
	config  map[string]string
	preview bool

	failing, silent map[string]bool // scripts of the servers
	oldServers      int
	uncounted       bool
	recorded        map[string]server.Record // by the parameter's name
}

// Option changes a run.
type Option func(*Run)

// Config sets the stack's configuration, with full keys such as webphases:phase.
func Config(config map[string]string) Option { return func(r *Run) { r.config = config } }

// Preview has the program only plan.
func Preview() Option { return func(r *Run) { r.preview = true } }

// Lookup answers the calls of a function, such as aws:ec2/getAmi:getAmi.
func Lookup(token string, answer map[string]any) Option {
	return func(r *Run) { r.lookups[token] = resource.NewPropertyMapFromMap(answer) }
}

// LastUpdate is what the stack exported before this run.
func LastUpdate(outputs map[string]any) Option {
	return Lookup(lastUpdate, map[string]any{"outputs": outputs})
}

// FailCalls makes the first calls of a function fail.
func FailCalls(token string, times int) Option {
	return func(r *Run) { r.refused[token] = times }
}

// Do runs a program and returns the record with the program's error.
func Do(program pulumi.RunFunc, opts ...Option) (*Run, error) {
	r := &Run{
		calls:    map[string]int{},
		lookups:  defaultLookups(),
		refused:  map[string]int{},
		failing:  map[string]bool{},
		silent:   map[string]bool{},
		recorded: map[string]server.Record{},
	}
	for _, opt := range opts {
		opt(r)
	}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		err := program(webtier.WithPatience(ctx, webtier.Patience{Tries: 1}))
		r.exports = ctx.GetCurrentExportMap()
		return err
	}, pulumi.WithMocks(Project, Stack, r), func(info *pulumi.RunInfo) {
		info.Config, info.DryRun = r.config, r.preview
	})
	return r, err
}

// Must runs a program that has to succeed.
func Must(t *testing.T, program pulumi.RunFunc, opts ...Option) *Run {
	t.Helper()
	r, err := Do(program, opts...)
	require.NoError(t, err)
	return r
}

// RegisterResourceOutputs counts who has registered outputs; it is part of
// pulumi.MockResourceMonitor.
func (r *Run) RegisterResourceOutputs() (*emptypb.Empty, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outputs++
	return &emptypb.Empty{}, nil
}

// NewResource records a registration; it is part of pulumi.MockResourceMonitor.
func (r *Run) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == string(resource.RootStackType) {
		return "", args.Inputs, nil
	}
	one := Registration{Token: args.TypeToken, Name: args.Name, Inputs: args.Inputs, Custom: args.Custom}
	if rpc := args.RegisterRPC; rpc != nil {
		one.Parent, one.Protect, one.Provider = rpc.GetParent(), rpc.GetProtect(), rpc.GetProvider()
		one.IgnoreChanges, one.Dependencies = rpc.GetIgnoreChanges(), rpc.GetDependencies()
		one.ReplaceOn = rpc.GetReplaceOnChanges()
		one.RetainedLater, one.DeletedFirst = rpc.GetRetainOnDelete(), rpc.GetDeleteBeforeReplace()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	one.Order = len(r.all)
	r.all = append(r.all, one)
	if !args.Custom {
		return "", args.Inputs, nil
	}
	id, state := outputs(args.TypeToken, args.Name, args.Inputs)
	return id, state, nil
}

// Call answers a lookup; it is part of pulumi.MockResourceMonitor.
func (r *Run) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[args.Token]++
	if r.calls[args.Token] <= r.refused[args.Token] {
		return nil, fmt.Errorf("%s fails, as the test wants", args.Token)
	}
	if err := checkCall(args); err != nil {
		return nil, err
	}
	switch args.Token {
	case parameterLookup:
		return r.record(args.Args["name"].StringValue())
	case serversLookup:
		return r.servers(args.Args), nil
	}
	answer, ok := r.lookups[args.Token]
	if !ok {
		return nil, fmt.Errorf("the test has no answer to %s", args.Token)
	}
	return answer, nil
}

// All lists the registrations with the token, by name; "" lists every one.
func (r *Run) All(token string) []Registration {
	var found []Registration
	for _, one := range r.all {
		if token == "" || one.Token == token {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b Registration) int { return strings.Compare(a.Key(), b.Key()) })
	return found
}

// Get is the one registration with the token and name.
func (r *Run) Get(t *testing.T, token, name string) Registration {
	t.Helper()
	for _, one := range r.all {
		if one.Token == token && one.Name == name {
			return one
		}
	}
	var names []string
	for _, one := range r.All(token) {
		names = append(names, one.Name)
	}
	require.Failf(t, "not registered", "%s named %q; there are %v", token, name, names)
	return Registration{}
}

// Census counts the registrations by token.
func (r *Run) Census() map[string]int {
	count := map[string]int{}
	for _, one := range r.all {
		count[one.Token]++
	}
	return count
}

// Exports is what the program exported.
func (r *Run) Exports() map[string]pulumi.Input { return r.exports }

// Offered adds zones to those that the region offers.
func Offered(zones []string) Option {
	return func(r *Run) {
		offered := r.lookups[zonesLookup].Mappable()
		for _, zone := range zones {
			offered["names"] = append(offered["names"].([]any), zone)
		}
		Lookup(zonesLookup, offered)(r)
	}
}
