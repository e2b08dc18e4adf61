package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/webphases/webphases/internal/catalog"
)

// serving makes this test's own program the policy pack.
const serving = "WEBPHASES_POLICY_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serving) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// serve starts the pack as the engine does: a process that says its port first, and is
// then told of the stack.
func serve(t *testing.T) plugin.Analyzer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serving+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it serves until then
		_ = cmd.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, connection.Close()) })
	client := pulumirpc.NewAnalyzerClient(connection)
	_, err = client.Handshake(t.Context(), &pulumirpc.AnalyzerHandshakeRequest{})
	require.NoError(t, err)
	_, err = client.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{Stack: "prod", Project: "webphases", DryRun: true})
	require.NoError(t, err)
	return plugin.NewAnalyzerWithClient(packName, client)
}

// asked is a stack as the engine holds it.
func asked(all resources) []plugin.AnalyzerStackResource {
	var list []plugin.AnalyzerStackResource
	for _, r := range all {
		a := plugin.AnalyzerStackResource{Parent: resource.URN(r.Parent), AnalyzerResource: plugin.AnalyzerResource{
			URN: resource.URN(r.URN), Type: tokens.Type(r.Type), Name: r.Name, Properties: resource.ToResourcePropertyMap(r.Properties),
		}}
		if r.Provider.URN != "" {
			a.Provider = &plugin.AnalyzerProviderResource{URN: resource.URN(r.Provider.URN)}
		}
		list = append(list, a)
	}
	return list
}

// Two stacks in turn: each is judged by itself.
func TestTheEngineIsAnswered(t *testing.T) {
	t.Parallel()
	analyzer := serve(t)
	info, err := analyzer.GetAnalyzerInfo(t.Context())
	require.NoError(t, err)
	assert.Equal(t, packName, info.Name)
	assert.Greater(t, len(info.Policies), 90)

	answer, err := analyzer.AnalyzeStack(t.Context(), asked(given(t, "prod")))
	require.NoError(t, err)
	assert.Empty(t, answer.Diagnostics)

	all := given(t, "prod")
	broken["a database with a public address"].change(t, all)
	set(t, all, catalog.RDSInstance, "", "storageEncrypted", property.New(property.Computed))
	answer, err = analyzer.AnalyzeStack(t.Context(), asked(all))
	require.NoError(t, err)
	require.Len(t, answer.Diagnostics, 1, "an unknown value passes the wire as one")
	d := answer.Diagnostics[0]
	assert.Equal(t, "rds-2", d.PolicyName)
	assert.Equal(t, apitype.Mandatory, d.EnforcementLevel)
	assert.Equal(t, "database", d.URN.Name())
	assert.Contains(t, d.Message, "it has a public address")
	assert.Contains(t, d.Message, "rds-controls.html#rds-2")
}

// A policy that is switched off says nothing, and an advisory one does not stop.
func TestAPolicyCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	analyzer := serve(t)
	all := given(t, "prod")
	broken["a database that is not encrypted"].change(t, all)
	broken["a database with a public address"].change(t, all)
	require.NoError(t, analyzer.Configure(t.Context(), map[string]plugin.AnalyzerPolicyConfig{
		"rds-2": {EnforcementLevel: apitype.Disabled}, "rds-3": {EnforcementLevel: apitype.Advisory},
	}))
	answer, err := analyzer.AnalyzeStack(t.Context(), asked(all))
	require.NoError(t, err)
	require.Len(t, answer.Diagnostics, 1)
	assert.Equal(t, "rds-3", answer.Diagnostics[0].PolicyName)
	assert.Equal(t, apitype.Advisory, answer.Diagnostics[0].EnforcementLevel)
}
