package inspect

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func phase(n int) Want {
	return Want{Project: "webphases", Stack: "dev", Phase: n, Zones: []string{"ap-northeast-1a", "ap-northeast-1c"}, NATs: 2}
}

func TestWantedRules(t *testing.T) {
	t.Parallel()
	one, three := phase(1).rules(), phase(3).rules()
	assert.Len(t, one, 2, "the web group and the default one")
	assert.Empty(t, one["default"])
	assert.Contains(t, one["web"], "in tcp 80 0.0.0.0/0")
	assert.NotContains(t, three["web"], "in tcp 80 0.0.0.0/0", "behind a load balancer only")
	assert.Contains(t, three["web"], "in tcp 80 load-balancer")
	assert.Equal(t, []string{"in tcp 3306 web"}, phase(2).rules()["database"])
	assert.Equal(t, []string{"in tcp 2049 web"}, three["storage"])
	assert.Len(t, three["web"], 8)
}

func TestWantedAddressesAndRoutes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"public-a": "10.0.0.0/24 ap-northeast-1a"}, phase(1).subnets())
	assert.Equal(t, "10.0.3.0/24 ap-northeast-1c", phase(2).subnets()["database-c"])
	assert.Equal(t, "10.0.129.0/24 ap-northeast-1c", phase(3).subnets()["web-c"])
	routes := phase(3).routes()
	assert.Equal(t, []string{"10.0.0.0/16 local", "0.0.0.0/0 nat-c", "s3 endpoint"}, routes["web-c"])
	assert.Equal(t, []string{"10.0.0.0/16 local"}, routes["database-a"], "no way out")
	single := phase(3)
	single.NATs = 1
	assert.Contains(t, single.routes()["web-c"], "0.0.0.0/0 nat-a")
}

func TestWantedEntries(t *testing.T) {
	t.Parallel()
	assert.Len(t, phase(1).entries(), 1)
	assert.Equal(t, []string{"in tcp 3306 10.0.0.0/24", "in tcp 2049 10.0.0.0/24", "out tcp 1024-65535 10.0.0.0/24"}, phase(2).entries()["database"])
	assert.NotContains(t, phase(3).entries()["database"], "in tcp 3306 10.0.0.0/24", "the servers are in the web tier")
	assert.Contains(t, phase(3).entries()["web"], "in tcp 80 10.0.2.0/24")
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	want := map[string][]string{"web": {"in tcp 80 lb"}}
	assert.Empty(t, differing("rules", want, map[string][]string{"web": {"in tcp 80 lb"}}))
	for name, got := range map[string]map[string][]string{
		"one more":      {"web": {"in tcp 80 lb", "in tcp 22 0.0.0.0/0"}},
		"one less":      {"web": {}},
		"twice":         {"web": {"in tcp 80 lb", "in tcp 80 lb"}},
		"missing group": {},
		"another group": {"web": {"in tcp 80 lb"}, "own": {}},
	} {
		assert.Len(t, differing("rules", want, got), 1, name)
	}
}

func TestUntagged(t *testing.T) {
	t.Parallel()
	want := phase(1).tags()
	good := map[string]string{"Project": "webphases", "Stack": "dev", "Phase": "1", "Component": "Network"}
	assert.Empty(t, Untagged([]Thing{{"vpc", "vpc-1", good}, {"snapshot", "snap-1", nil}}, want))
	assert.Len(t, Untagged([]Thing{{"vpc", "vpc-1", map[string]string{}}}, want), 4)
	old := map[string]string{"Project": "webphases", "Stack": "dev", "Phase": "2", "Component": "Network"}
	assert.Len(t, Untagged([]Thing{{"vpc", "vpc-1", old}}, want), 1)
}

func TestCensusSince(t *testing.T) {
	t.Parallel()
	before := Census{"vpc vpc-0": {Kind: "vpc", ID: "vpc-0"}}
	after := Census{"vpc vpc-0": {Kind: "vpc", ID: "vpc-0"}, "role web": {Kind: "role", ID: "web"}}
	assert.Equal(t, []Thing{{Kind: "role", ID: "web"}}, after.Since(before))
	assert.Empty(t, before.Since(after))
}
