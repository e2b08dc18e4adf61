package tests

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config/reference"
)

// change sets one key to another valid value: on the stack, beside what that value needs.
type change struct {
	stack, value string
	beside       []string
}

const (
	domainName = "domain.name=www.example.com"
	domainZone = "domain.hostedZoneId=Z0123456789"
	sshKey     = "web.sshPublicKey=ssh-ed25519 AAAA"
	vpn        = "network.vpnCustomerGatewayIp=198.51.100.1"
)

var changes = map[string][]change{
	"phase":                              {{stack: "dev", value: "2"}, {stack: "staging", value: "3"}, {stack: "prod", value: "2"}},
	"protect":                            {{stack: "dev", value: "false"}, {stack: "staging", value: "false"}, {stack: "prod", value: "false"}},
	"roles.path":                         {{stack: "dev", value: "/x/"}, {stack: "prod", value: "/x/"}},
	"roles.permissionsBoundary":          {{stack: "dev", value: boundaryARN}, {stack: "prod", value: boundaryARN}},
	"network.vpcCidr":                    {{stack: "dev", value: "10.1.0.0/16"}, {stack: "prod", value: "10.1.0.0/16"}},
	"network.zoneCount":                  {{stack: "prod", value: "3", beside: []string{"network.zones=[]"}}},
	"network.zones":                      {{stack: "prod", value: `["ap-northeast-1a","ap-northeast-1d"]`}},
	"network.tenancy":                    {{stack: "dev", value: "dedicated"}},
	"network.dnsSupport":                 {{stack: "dev", value: "false", beside: []string{"network.dnsHostnames=false"}}},
	"network.dnsHostnames":               {{stack: "dev", value: "false"}},
	"network.dnsServers":                 {{stack: "dev", value: `["10.0.0.53"]`}, {stack: "prod", value: `["10.0.0.53"]`}},
	"network.domainName":                 {{stack: "dev", value: "corp.example.com"}},
	"network.nat":                        {{stack: "prod", value: "one"}},
	"network.s3Endpoint":                 {{stack: "dev", value: "false"}, {stack: "prod", value: "false"}},
	"network.flowLogs":                   {{stack: "dev", value: "false"}, {stack: "prod", value: "false"}},
	"network.flowLogRetentionDays":       {{stack: "dev", value: "90"}},
	"network.clientCidrs":                {{stack: "dev", value: `["192.0.2.0/24"]`}, {stack: "prod", value: `["192.0.2.0/24"]`}},
	"network.vpnCustomerGatewayIp":       {{stack: "dev", value: "198.51.100.1"}},
	"network.vpnBgpAsn":                  {{stack: "dev", value: "65001", beside: []string{vpn}}},
	"network.vpnStaticRoutes":            {{stack: "dev", value: `["192.168.0.0/16"]`, beside: []string{vpn}}},
	"credentials.rotation":               {{stack: "dev", value: "1"}, {stack: "prod", value: "1"}},
	"web.image":                          {{stack: "prod", value: "ami-0123456789abcdef1"}},
	"web.imageGeneration":                {{stack: "dev", value: "2"}, {stack: "prod", value: "2"}},
	"web.instanceType":                   {{stack: "dev", value: "t3.large"}, {stack: "prod", value: "t3.large"}},
	"web.adminUser":                      {{stack: "dev", value: "keeper"}, {stack: "prod", value: "keeper"}},
	"web.adminEmail":                     {{stack: "dev", value: "keeper@example.org"}, {stack: "prod", value: "keeper@example.org"}},
	"web.sshPublicKey":                   {{stack: "dev", value: "ssh-ed25519 AAAA"}, {stack: "prod", value: "ssh-ed25519 AAAA"}},
	"web.sshCidrs":                       {{stack: "dev", value: `["192.0.2.7/32"]`, beside: []string{sshKey}}},
	"web.rootVolumeSize":                 {{stack: "dev", value: "30"}, {stack: "prod", value: "30"}},
	"web.minSize":                        {{stack: "prod", value: "3"}},
	"web.maxSize":                        {{stack: "prod", value: "6"}},
	"web.desiredSize":                    {{stack: "prod", value: "3"}},
	"web.targetCpuPercent":               {{stack: "prod", value: "70"}},
	"web.goldenImageReboot":              {{stack: "prod", value: "false"}},
	"web.healthCheckGraceSeconds":        {{stack: "prod", value: "400"}},
	"database.engineVersion":             {{stack: "staging", value: `"8.0"`}},
	"database.instanceClass":             {{stack: "staging", value: "db.t4g.small"}},
	"database.storageType":               {{stack: "staging", value: "io2", beside: []string{"database.instanceClass=db.m7g.large", "database.allocatedStorage=400", "database.maxAllocatedStorage=800", "database.iops=13000"}}},
	"database.allocatedStorage":          {{stack: "staging", value: "30"}},
	"database.maxAllocatedStorage":       {{stack: "staging", value: "200"}},
	"database.iops":                      {{stack: "staging", value: "13000", beside: []string{"database.allocatedStorage=400", "database.maxAllocatedStorage=800"}}},
	"database.backupRetentionDays":       {{stack: "staging", value: "7"}},
	"database.backupWindow":              {{stack: "staging", value: "16:00-17:00"}},
	"database.maintenanceWindow":         {{stack: "staging", value: "mon:18:30-mon:19:30"}},
	"database.autoMinorVersionUpgrade":   {{stack: "staging", value: "false"}},
	"database.finalSnapshot":             {{stack: "prod", value: "false"}},
	"database.snapshotIdentifier":        {{stack: "staging", value: "before"}},
	"database.name":                      {{stack: "staging", value: "blog"}},
	"database.masterUsername":            {{stack: "staging", value: "keeper"}},
	"database.logExports":                {{stack: "staging", value: `["error"]`}},
	"database.monitoringIntervalSeconds": {{stack: "staging", value: "30"}},
	"database.applyImmediately":          {{stack: "staging", value: "false"}},
	"loadBalancer.internal":              {{stack: "prod", value: "true"}},
	"loadBalancer.sslPolicy":             {{stack: "prod", value: "ELBSecurityPolicy-TLS13-1-3-2021-06", beside: []string{domainName, domainZone}}},
	"loadBalancer.accessLogs":            {{stack: "prod", value: "true"}},
	"loadBalancer.webAclArn":             {{stack: "prod", value: "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/name/id"}},
	"loadBalancer.healthCheckPath":       {{stack: "prod", value: "/alive"}},
	"loadBalancer.healthyThreshold":      {{stack: "prod", value: "4"}},
	"loadBalancer.unhealthyThreshold":    {{stack: "prod", value: "4"}},
	"loadBalancer.healthCheckInterval":   {{stack: "prod", value: "20"}},
	"loadBalancer.healthCheckTimeout":    {{stack: "prod", value: "6"}},
	"loadBalancer.drainSeconds":          {{stack: "prod", value: "90"}},
	"domain.name":                        {{stack: "dev", value: "blog.example.com", beside: []string{domainName, domainZone}}, {stack: "prod", value: "blog.example.com", beside: []string{domainName, domainZone}}},
	"domain.hostedZoneId":                {{stack: "dev", value: "Z9876543210", beside: []string{domainName, domainZone}}},
	"domain.healthCheck":                 {{stack: "prod", value: "true", beside: []string{domainName, domainZone}}},
	"domain.failoverAddress":             {{stack: "prod", value: "198.51.100.7", beside: []string{domainName, domainZone, "domain.healthCheck=true"}}},
	"monitoring.enabled":                 {{stack: "dev", value: "false"}, {stack: "prod", value: "false"}},
	"monitoring.email":                   {{stack: "dev", value: "operators@example.com"}},
	"monitoring.monthlyBudget":           {{stack: "dev", value: "100"}},
}

// only checked are keys that decide whether a stack is refused, and nothing else.
var onlyChecked = map[string]string{
	"network.elasticIpQuota": "TestRefusals…: more addresses than the account has",
}

// Every key reaches a resource: a wiring that is lost in internal/stack/compose.go shows here.
func TestEveryKeyChangesAnInput(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	_, keys, err := reference.Keys(text)
	require.NoError(t, err)
	for _, key := range keys {
		if onlyChecked[key] != "" {
			continue
		}
		if !assert.NotEmpty(t, changes[key], "%s: say in changes to what it can be set", key) {
			continue
		}
		for _, c := range changes[key] {
			t.Run(key+" of "+c.stack, func(t *testing.T) {
				t.Parallel()
				before := with(t, stackFile(t, c.stack), c.beside...)
				assert.NotEqual(t, inputs(t, before), inputs(t, with(t, before, key+"="+c.value)), "nothing follows from it")
			})
		}
	}
	for key := range changes {
		assert.Contains(t, keys, key, "there is no such key")
	}
}

// inputs is everything that a stack registers, by token and name.
func inputs(t *testing.T, given map[string]string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range deploy(t, given).All("") {
		text, err := json.Marshal(r.Inputs.Mappable())
		require.NoError(t, err)
		all[r.Key()] = string(text)
	}
	return all
}
