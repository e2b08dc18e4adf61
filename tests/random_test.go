package tests

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/internal/setting"
	"github.com/webphases/webphases/internal/testutil"
)

var (
	configurations = flag.Int("configurations", 100, "how many configurations TestAnyConfiguration draws; `make properties` draws 10,000")
	seed           = flag.Uint64("seed", 1, "of the configurations")
)

// further are values of keys beside those that the tags give.
var further = map[string][]string{
	"network.vpcCidr":              {"10.0.0.0/20", "172.16.0.0/16", "192.168.0.0/18", "100.64.0.0/17"},
	"network.zoneCount":            {"1", "2", "3"},
	"network.zones":                {"[]", `["ap-northeast-1a"]`, `["ap-northeast-1a","ap-northeast-1c","ap-northeast-1d"]`},
	"network.dnsServers":           {`["10.0.0.53","10.0.1.53","1.1.1.1","8.8.8.8"]`},
	"network.clientCidrs":          {`["0.0.0.0/0"]`, `["192.0.2.0/24","198.51.100.0/24","203.0.113.7/32"]`, `["0.0.0.0/1","128.0.0.0/1"]`},
	"network.elasticIpQuota":       {"1", "3", "20"},
	"network.vpnStaticRoutes":      {`["192.168.0.0/16","172.20.0.0/16"]`},
	"web.image":                    {"marketplace"},
	"web.instanceType":             {"t4g.micro", "m7g.large", "c7i.2xlarge", "t2.micro"},
	"web.sshCidrs":                 {`["192.0.2.7/32","198.51.100.0/28"]`},
	"database.engineVersion":       {"8.4.6", "8.0.42"},
	"database.instanceClass":       {"db.m7g.large", "db.r7g.2xlarge", "db.t3.medium"},
	"database.allocatedStorage":    {"100", "400", "1000", "65536"},
	"database.maxAllocatedStorage": {"0", "500", "65536"},
	"database.iops":                {"12000", "64000"},
	"loadBalancer.healthCheckPath": {"/wp-login.php"},
	"domain.name":                  {"a.very.long.name.of.a.site.example.com"},
}

// draw is a valid configuration: each key is left out, or has one of its values; what
// the checks refuse is left out then. It is the same for the same numbers.
func draw(t *testing.T, n int) config.Config {
	t.Helper()
	r := rand.New(rand.NewPCG(*seed, uint64(n)))
	cfg := config.Defaults("ap-northeast-1")
	fields := setting.Fields(&cfg)
	for _, f := range fields {
		if r.IntN(3) > 0 { // a third of the keys is set
			continue
		}
		values := candidates(t, r, f)
		require.NoError(t, f.Set(values[r.IntN(len(values))]), f.Key)
	}
	cfg.Phase = 1 + n%3
	for range fields {
		var refused config.Errors
		if !errors.As(cfg.Check(testutil.Project), &refused) {
			return cfg
		}
		for _, f := range fields {
			at := slices.IndexFunc(refused, func(e *config.FieldError) bool { return e.Key == testutil.Project+":"+f.Key })
			if at < 0 || f.Key == "phase" {
				continue
			}
			require.NoError(t, f.Set(f.Default()))
			group, _, _ := strings.Cut(f.Key, ".")
			for _, beside := range fields { // what it was refused for may be its neighbour
				if r.IntN(4) == 0 && strings.HasPrefix(beside.Key, group+".") {
					require.NoError(t, beside.Set(beside.Default()))
				}
			}
		}
	}
	t.Fatalf("configuration %d of seed %d: no valid one was found", n, *seed)
	return cfg
}

func candidates(t *testing.T, r *rand.Rand, f setting.Field) []string {
	t.Helper()
	other, err := f.Another()
	require.NoError(t, err)
	values := append([]string{other, f.Default()}, further[f.Key]...)
	if f.Type() != "array" {
		values = append(values, f.Choices()...)
	}
	if least, most, ok := f.Bounds(); ok {
		values = append(values, strconv.Itoa(least), strconv.Itoa(most), strconv.Itoa(least+r.IntN(most-least+1)))
	}
	return values
}

// given is the configuration as the CLI hands it to the program.
func given(t *testing.T, cfg config.Config) map[string]string {
	t.Helper()
	all := map[string]string{"aws:region": cfg.Region}
	groups := map[string]map[string]any{}
	for _, f := range setting.Fields(&cfg) {
		group, member, nested := strings.Cut(f.Key, ".")
		if !nested {
			all[testutil.Project+":"+f.Key] = fmt.Sprint(f.Value.Interface())
			continue
		}
		if groups[group] == nil {
			groups[group] = map[string]any{}
		}
		groups[group][member] = f.Value.Interface()
	}
	for group, members := range groups {
		text, err := json.Marshal(members)
		require.NoError(t, err)
		all[testutil.Project+":"+group] = string(text)
	}
	return all
}

// Whatever is valid plans: inputs that the provider takes, names and lists within AWS's
// limits, rules of the list alone; and growing to the next phase replaces nothing that
// holds data, or is refused before anything is registered.
func TestAnyConfiguration(t *testing.T) {
	t.Parallel()
	const shards = 4
	for shard := range shards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			for n := shard; n < *configurations; n += shards {
				cfg := draw(t, n)
				if !holds(t, cfg) {
					text, _ := json.MarshalIndent(given(t, cfg), "", " ")
					t.Fatalf("configuration %d of seed %d: %s", n, *seed, text)
				}
			}
		})
	}
}

// around is the region and the snapshot that the configuration names.
func around(cfg config.Config) []testutil.Option {
	version := cfg.Database.EngineVersion
	if strings.Count(version, ".") == 1 {
		version += ".6"
	}
	return []testutil.Option{
		testutil.Offered(cfg.Network.Zones),
		testutil.Lookup("aws:rds/getSnapshot:getSnapshot", map[string]any{
			"id": "before", "engine": "mysql", "engineVersion": version, "encrypted": true, "allocatedStorage": 20,
		}),
	}
}

func holds(t *testing.T, cfg config.Config) bool {
	t.Helper()
	run := deploy(t, given(t, cfg), around(cfg)...)
	checkLimits(t, run)
	checkWays(t, run, cfg)
	if cfg.Phase < 3 {
		checkGrowth(t, run, cfg)
	}
	return !t.Failed()
}

// Sources:
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
// https://docs.aws.amazon.com/general/latest/gr/ssm.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
func checkLimits(t *testing.T, run *testutil.Run) {
	t.Helper()
	rules := map[string]int{}
	for token, key := range map[string]string{ingress: "securityGroupId", egress: "securityGroupId", aclRule: "networkAclId"} {
		for _, r := range run.All(token) {
			direction := ""
			if token == aclRule {
				direction = fmt.Sprint(r.Input("egress").BoolValue())
			}
			rules[token+r.String(key)+direction]++
		}
	}
	for key, n := range rules {
		limit := 60
		if strings.HasPrefix(key, aclRule) {
			limit = 20
		}
		assert.LessOrEqual(t, n, limit, key)
	}
	for token, most := range map[string]int{
		catalog.CloudWatchEventRule: 64, catalog.CloudWatchMetricAlarm: 255, catalog.SNSTopic: 256, catalog.BudgetsBudget: 100,
	} {
		for _, r := range run.All(token) {
			assert.LessOrEqual(t, len(r.String("name")), most, r.Key())
		}
	}
	for _, r := range run.All(catalog.SSMParameter) {
		assert.LessOrEqual(t, len(r.String("insecureValue")), 4096, r.Key())
	}
	for _, r := range run.All(catalog.EC2Instance) {
		assert.LessOrEqual(t, len(r.String("userData")), 16384, r.Key())
	}
}

// checkWays asserts what no setting may change of who talks to whom.
func checkWays(t *testing.T, run *testutil.Run, cfg config.Config) {
	t.Helper()
	for _, rule := range groupRules(run) {
		words := strings.Fields(rule)
		group, in, port, peer := words[0], words[1] == "<", words[3], words[5]
		switch {
		case !in:
		case group == "database" || group == "storage" || group == "endpoints":
			assert.Equal(t, "web", peer, rule)
		case group == "load-balancer" && cfg.Edged():
			assert.Equal(t, "80 cloudfront", port+" "+peer, rule)
		case group == "web" && port == "22":
			assert.Contains(t, cfg.Web.SSHCIDRs, peer, rule)
		case group == "web" && cfg.Phase == 3:
			assert.Equal(t, "80 load-balancer", port+" "+peer, rule)
		default:
			assert.Contains(t, cfg.Clients(), peer, rule)
		}
	}
}

// checkGrowth plans the next phase of the same stack.
func checkGrowth(t *testing.T, run *testutil.Run, cfg config.Config) {
	t.Helper()
	next := cfg
	next.Phase++
	after, err := testutil.Do(program(given(t, next)), append(around(next), testutil.Config(given(t, next)), last(cfg.Phase))...)
	if err != nil {
		assert.Empty(t, after.All(""), "refused, but something was registered: %v", err)
		return
	}
	renewed := map[string]testutil.Registration{}
	for _, r := range after.All("") {
		renewed[r.Key()] = r
	}
	for _, old := range run.All("") {
		known, _ := catalog.Get(old.Token)
		if known.Holds == catalog.Nothing || known.Holds == catalog.WithServer && next.Phase == 3 {
			continue
		}
		now, stays := renewed[old.Key()]
		if !assert.True(t, stays, "%s goes", old.Key()) {
			continue
		}
		table, _ := facts.AWS().Resource(old.Token)
		for input, property := range table.Inputs {
			if k := resource.PropertyKey(input); property.Replace {
				assert.Truef(t, old.Inputs[k].DeepEquals(now.Inputs[k]), "%s is replaced for its %s", old.Key(), input)
			}
		}
	}
}
