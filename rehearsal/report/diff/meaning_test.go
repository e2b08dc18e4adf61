package diff

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/timeline"
)

func TestWhatAChangeMeans(t *testing.T) {
	t.Parallel()
	before, after := graphtest.Stack(t, "dev"), graphtest.Stack(t, "dev", "network.clientCidrs=[192.0.2.0/24]", "web.instanceType=t3.large")
	sections := meaning(before, after, Plan{})
	said := map[string]string{}
	for _, s := range sections {
		said[s.Title] = s.Text
	}
	assert.Regexp(t, "- \\*\\*new\\*\\* `192.0.2.0/24 → server tcp 80` by `.*security group", said["Reachability"])
	assert.Contains(t, said["Reachability"], "- **gone** `internet → server tcp 80`")
	assert.Contains(t, said["Sketch"], "```mermaid\nflowchart")
	assert.Regexp(t, `^\+\$\d+\.\d\d a month: \$`, said["Cost"])
	assert.Contains(t, said["Cost"], "| `aws:ec2:Instance` `web-server-g1` | $")
	assert.Contains(t, said["Time"], "Creating what is new or replaced takes about 0s;", "nothing is new")

	back := meaning(after, before, Plan{})
	assert.Contains(t, back[0].Text, "- **gone** `192.0.2.0/24 → server tcp 80`")
	assert.Regexp(t, `^-\$`, back[1].Text)

	for _, s := range meaning(nil, before, Plan{}) {
		assert.NotContains(t, s.Text, "cannot be computed")
		assert.NotContains(t, s.Text, "**gone**")
	}
}

func TestWhatCannotBeComputedSaysSo(t *testing.T) {
	t.Parallel()
	empty, err := graph.Read(strings.NewReader(`{"version":3,"deployment":{"resources":[
		{"urn":"urn:pulumi:t::p::pulumi:pulumi:Stack::p-t","type":"pulumi:pulumi:Stack"}]}}`))
	require.NoError(t, err)
	assert.Contains(t, meaning(nil, empty, Plan{})[0].Text, "It cannot be computed: `")
}

func TestOnlyWhatIsNewTakesTime(t *testing.T) {
	t.Parallel()
	resources := []*graph.Resource{{URN: "a"}, {URN: "b"}, {URN: "c"}, {URN: "d"}}
	resources[1].Needs = resources[:1]
	resources[2].Needs = resources[1:2]
	tasks := timeline.Schedule{Tasks: []timeline.Task{
		{URN: "a", Duration: time.Minute}, {URN: "b", Duration: 2 * time.Minute}, {URN: "c", Duration: 4 * time.Minute}, {URN: "d", Duration: 3 * time.Minute},
	}}
	change := func(urns ...string) []Change {
		var list []Change
		for _, urn := range urns {
			list = append(list, Change{URN: resource.URN(urn)})
		}
		return list
	}
	g := &graph.Graph{Resources: resources}
	assert.Equal(t, 5*time.Minute, creating(g, tasks, Plan{Created: change("a", "d"), Replaced: change("c")}), "a, then c; b exists")
	assert.Equal(t, 3*time.Minute, creating(g, tasks, Plan{Created: change("d"), Updated: change("c")}))
}

func TestLongListsAreCounted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "aa\nbb\n\n… and 2 more.\n", within([]string{"aa\n", "bb\n", "cc\n", "dd\n"}, 7))
}
