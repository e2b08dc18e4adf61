package inspect

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUntagged(t *testing.T) {
	t.Parallel()
	want := map[string]string{"Project": "webphases", "Stack": "dev", "Phase": "1", "Component": ""}
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
