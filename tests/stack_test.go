// Package tests checks whole stacks against Pulumi mocks: what exists in each
// phase, who may talk to whom, what is protected, and what is secret.
package tests

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/internal/testutil"
)

// stackFile reads the configuration of Pulumi.<name>.yaml as the CLI hands it to
// the program.
func stackFile(t *testing.T, name string) map[string]string {
	t.Helper()
	if name == withoutEdge {
		return with(t, stackFile(t, "prod"), "edge.enabled=false")
	}
	content, err := os.ReadFile("../Pulumi." + name + ".yaml")
	require.NoError(t, err)
	var file struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal(content, &file))
	given := map[string]string{}
	for key, value := range file.Config {
		if !strings.Contains(key, ":") {
			key = testutil.Project + ":" + key
		}
		if text, ok := value.(string); ok {
			given[key] = text
			continue
		}
		text, err := json.Marshal(value)
		require.NoError(t, err)
		given[key] = string(text)
	}
	return given
}

// with adds settings to a configuration, such as web.minSize=3. Values are JSON,
// or else text.
func with(t *testing.T, base map[string]string, settings ...string) map[string]string {
	t.Helper()
	given := maps.Clone(base)
	for _, setting := range settings {
		key, text, ok := strings.Cut(setting, "=")
		require.True(t, ok, setting)
		group, member, nested := strings.Cut(key, ".")
		full := testutil.Project + ":" + group
		if !nested {
			given[full] = text
			continue
		}
		members := map[string]any{}
		if given[full] != "" {
			require.NoError(t, json.Unmarshal([]byte(given[full]), &members))
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		members[member] = value
		encoded, err := json.Marshal(members)
		require.NoError(t, err)
		given[full] = string(encoded)
	}
	return given
}

// program is the stack with the keys of its configuration made known to it.
func program(given map[string]string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		keys := make([]string, 0, len(given))
		for key := range given {
			keys = append(keys, key)
		}
		return stack.Deploy(config.WithKeys(ctx, keys))
	}
}

// deploy runs a stack that has to succeed, and checks what holds of all stacks.
func deploy(t *testing.T, given map[string]string, opts ...testutil.Option) *testutil.Run {
	t.Helper()
	run := testutil.Must(t, program(given), append(opts, testutil.Config(given))...)
	run.CheckAll(t)
	return run
}

// full switches on every option that adds resources.
func full(t *testing.T, stack string) map[string]string {
	t.Helper()
	settings := []string{
		`network.dnsServers=["10.0.0.53"]`, `network.domainName=corp.example.com`, `network.vpnCustomerGatewayIp=198.51.100.1`,
		`network.vpnStaticRoutes=["192.168.0.0/16"]`, `web.sshPublicKey=ssh-ed25519 AAAA`, `web.sshCidrs=["192.0.2.7/32"]`,
		`domain.name=www.example.com`, `domain.hostedZoneId=Z0123456789`, `domain.healthCheck=true`, `domain.failoverAddress=198.51.100.7`,
		`database.finalSnapshot=true`, `database.snapshotIdentifier=before`, `monitoring.email=operators@example.com`, `monitoring.monthlyBudget=100`,
	}
	switch stack {
	case "prod":
		settings = append(settings, `edge.webAclArn=arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id`)
	case withoutEdge:
		settings = append(settings, `loadBalancer.webAclArn=arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/name/id`)
	}
	return with(t, stackFile(t, stack), settings...)
}

// withoutEdge is prod where visitors reach the load balancer itself.
const withoutEdge = "prod-without-edge"

func TestEveryStackWithEveryOption(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev", "staging", "prod"} {
		deploy(t, stackFile(t, name))
	}
	for _, name := range []string{"dev", "staging", "prod", withoutEdge} {
		deploy(t, full(t, name))
	}
}
