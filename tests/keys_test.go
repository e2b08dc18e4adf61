package tests

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/setting"
)

// change sets one key to another valid value: on the stack, beside what that value needs.
type change struct {
	stack, value string // value "": the key's other value, from its tags
	beside       []string
}

const (
	domainName = "domain.name=www.example.com"
	domainZone = "domain.hostedZoneId=Z0123456789"
	sshKey     = "web.sshPublicKey=ssh-ed25519 AAAA"
	mailHost   = "mail.host=mail.example.com"
	mailFrom   = "mail.from=site@example.com"
	vpn        = "network.vpnCustomerGatewayIp=198.51.100.1"
)

// changes are the keys whose other value needs another one beside it, or matters in
// some phases only. What is not named here is changed alone.
var changes = map[string][]change{
	"phase":                         {{stack: "dev", value: "2"}, {stack: "staging", value: "3"}, {stack: "prod", value: "2"}},
	"network.zoneCount":             {{stack: "prod", beside: []string{"network.zones=[]"}}},
	"network.zones":                 {{stack: "prod"}},
	"network.nat":                   {{stack: "prod"}},
	"network.dnsSupport":            {{stack: "dev", beside: []string{"network.dnsHostnames=false"}}},
	"network.dnsHostnames":          {{stack: "dev"}},
	"network.vpnBgpAsn":             {{stack: "dev", beside: []string{vpn}}},
	"network.vpnStaticRoutes":       {{stack: "dev", beside: []string{vpn}}},
	"web.image":                     {{stack: "prod"}},
	"web.cloudWatchAgent":           {{stack: "dev"}, {stack: "prod", value: "off"}},
	"web.logRetentionDays":          {{stack: "prod"}},
	"web.otherInstanceTypes":        {{stack: "prod"}},
	"web.sshCidrs":                  {{stack: "dev", beside: []string{sshKey}}},
	"web.minSize":                   {{stack: "prod"}},
	"web.maxSize":                   {{stack: "prod"}},
	"web.desiredSize":               {{stack: "prod"}},
	"web.targetCpuPercent":          {{stack: "prod"}},
	"web.goldenImageReboot":         {{stack: "prod"}},
	"web.targetRequestsPerMinute":   {{stack: "prod"}},
	"web.predictiveScaling":         {{stack: "prod"}},
	"storage.throughputMode":        {{stack: "prod", value: "bursting"}},
	"storage.provisionedThroughput": {{stack: "prod", value: "60", beside: []string{"storage.throughputMode=provisioned", "storage.provisionedThroughput=50"}}},
	"web.healthCheckGraceSeconds":   {{stack: "prod"}},
	"database.engineVersion":        {{stack: "prod", value: `"8.0"`}},
	"database.storageType":          {{stack: "prod", beside: []string{"database.instanceClass=db.m7g.large", "database.allocatedStorage=400", "database.maxAllocatedStorage=800", "database.iops=13000"}}},
	"database.iops":                 {{stack: "prod", beside: []string{"database.allocatedStorage=400", "database.maxAllocatedStorage=800"}}},
	"edge.enabled":                  {{stack: "prod", value: "false"}},
	"loadBalancer.sslPolicy":        {{stack: withoutEdge, beside: []string{domainName, domainZone}}},
	"domain.name":                   {{stack: "dev", value: "blog.example.com", beside: []string{domainName, domainZone}}, {stack: "prod", value: "blog.example.com", beside: []string{domainName, domainZone}}},
	"domain.hostedZoneId":           {{stack: "dev", value: "Z9876543210", beside: []string{domainName, domainZone}}},
	"domain.healthCheck":            {{stack: "prod", beside: []string{domainName, domainZone}}},
	"mail.host":                     {{stack: "dev", beside: []string{mailHost, mailFrom}}},
	"mail.port":                     {{stack: "dev", beside: []string{mailHost, mailFrom}}, {stack: "prod", beside: []string{mailHost, mailFrom}}},
	"mail.from":                     {{stack: "dev", beside: []string{mailHost, mailFrom}}},
	"mail.username":                 {{stack: "dev", beside: []string{mailHost, mailFrom, "mail.username=site", "mail.password=x"}}},
	"mail.password":                 {{stack: "dev", beside: []string{mailHost, mailFrom, "mail.username=site", "mail.password=x"}}},
	"domain.failoverAddress":        {{stack: "prod", beside: []string{domainName, domainZone, "domain.healthCheck=true"}}},
}

// only checked are keys that decide whether a stack is refused, and nothing else.
var onlyChecked = map[string]string{
	"network.elasticIpQuota": "TestRefusals…: more addresses than the account has",
}

// Every key reaches a resource: a wiring that is lost shows here.
func TestEveryKeyChangesAnInput(t *testing.T) {
	t.Parallel()
	cfg := config.Defaults("ap-northeast-1")
	for _, f := range setting.Fields(&cfg) {
		if onlyChecked[f.Key] != "" {
			continue
		}
		other, err := f.Another()
		require.NoError(t, err)
		for _, c := range changesOf(f.Key) {
			if c.value == "" {
				c.value = other
			}
			t.Run(f.Key+" of "+c.stack, func(t *testing.T) {
				t.Parallel()
				before := with(t, stackFile(t, c.stack), c.beside...)
				assert.NotEqual(t, inputs(t, before), inputs(t, with(t, before, f.Key+"="+c.value)), "nothing follows from it")
			})
		}
	}
	for key := range changes {
		assert.Contains(t, config.Keys(), key, "there is no such key")
	}
}

// changesOf are the changes of a key: those that are named, or one in each stack that
// has what the key is about.
func changesOf(key string) []change {
	if named, ok := changes[key]; ok {
		return named
	}
	switch group, _, _ := strings.Cut(key, "."); group {
	case "database", "edge":
		return []change{{stack: "prod"}}
	case "loadBalancer":
		return []change{{stack: withoutEdge}}
	default:
		return []change{{stack: "dev"}, {stack: withoutEdge}}
	}
}

// inputs is everything that a stack registers, by token and name.
func inputs(t *testing.T, given map[string]string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range deploy(t, given).All("") {
		text, err := json.Marshal(r.Inputs.Mappable())
		require.NoError(t, err)
		all[r.Key()] = fmt.Sprintf("%s, retained: %t", text, r.RetainedLater)
	}
	return all
}
