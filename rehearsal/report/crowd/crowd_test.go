package crowd_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/crowd"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/capacity.md")

func site(t *testing.T, stack string, set ...string) *crowd.Site {
	t.Helper()
	s, err := crowd.Read(graphtest.Stack(t, stack, set...), cost.Defaults())
	require.NoError(t, err)
	return s
}

// 98 ms of a processor for a page that is made, 3,360 kept ones a second for each; a page
// has 15 KB and its 11 files 400; CloudFront has all but one in a hundred of those.
func TestByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stack string
		set   []string
		crowd crowd.Crowd
		views float64
		what  string
	}{
		{"dev", nil, crowd.Crowd{}, 0.8 * 0.128e9 / 8 / 1e3 / 415, "the servers' network"},
		{"dev", []string{"web.instanceType=t3.2xlarge"}, crowd.Crowd{Known: 1}, 0.8 * 8 / (0.098 + 11.0/3360), "the servers' processors"},
		{"staging", nil, crowd.Crowd{}, 0.8 * 0.128e9 / 8 / 1e3 / 415, "the servers' network"},
		{"prod", nil, crowd.Crowd{Known: 1}, 0.8 * 8 / (0.0784 + 0.11/3360), "the servers' processors"},
		{"prod", []string{"web.maxSize=8"}, crowd.Crowd{Known: 1}, 0.8 * 2 / (0.098 * 0.2), "the database's processors"},
		{"prod", nil, crowd.Crowd{Known: 0.02, Hits: 0.95}, 0.8 * 8 / (0.02*0.0784 + (0.98*0.05+0.11)/3360), "the servers' processors"},
		{"prod", nil, crowd.Crowd{Hits: 0.5}, 0.8 * 4 * 0.256e9 / 8 / 1e3 / (0.5*15 + 4), "the servers' network"},
		{"prod", []string{"edge.enabled=false"}, crowd.Crowd{}, 0.8 * 4 * 0.256e9 / 8 / 1e3 / 415, "the servers' network"},
	} {
		limit := site(t, c.stack, c.set...).Carries(c.crowd)
		assert.InDelta(t, c.views, limit.Views, 0.001, "%s %v: %+v", c.stack, c.set, c.crowd)
		assert.Equal(t, c.what, limit.What, "%s %v", c.stack, c.set)
	}
}

func TestAMillionViewsAnHour(t *testing.T) {
	t.Parallel()
	usual := crowd.Crowd{Known: 0.02, Hits: 0.95}
	assert.Zero(t, site(t, "prod").Rush(usual).Failed)
	dev := site(t, "dev")
	assert.Greater(t, dev.Rush(usual).Failed, 0.8)
	advice := dev.Advise(usual)
	assert.Equal(t, []string{"phase 3", "edge.enabled true"}, advice.Keys)
	assert.Zero(t, advice.Rush.Failed)

	known := crowd.Crowd{Known: 1}
	advice = site(t, "prod").Advise(known)
	assert.Zero(t, advice.Rush.Failed)
	assert.Equal(t, []string{"web.maxSize 11", "database.instanceClass db.m7g.2xlarge", "web.minSize 3"}, advice.Keys)
	raised := site(t, "prod", "database.instanceClass=db.m7g.2xlarge", "web.maxSize=11", "web.minSize=3")
	assert.Zero(t, raised.Rush(known).Failed, "the plan with what is advised stands it")
	direct := site(t, "prod", "edge.enabled=false", "web.targetCpuPercent=0")
	assert.Equal(t, direct.Most, direct.Rush(crowd.Crowd{}).Minutes[6].Servers, "files are requests too, so the servers come early")
	tired := site(t, "prod", "web.targetCpuPercent=0", "web.targetRequestsPerMinute=0")
	assert.Greater(t, tired.Rush(known).Failed, site(t, "prod").Rush(known).Failed, "nobody adds servers")
}

func TestMoreNeverCarriesLess(t *testing.T) {
	t.Parallel()
	prod, direct := site(t, "prod"), site(t, "prod", "edge.enabled=false")
	rapid.Check(t, func(t *rapid.T) {
		c := crowd.Crowd{Hits: rapid.Float64Range(0, 0.99).Draw(t, "hits"), Known: rapid.Float64Range(0, 1).Draw(t, "known")}
		better, servers := c, rapid.IntRange(1, 20).Draw(t, "servers")
		better.Hits += (1 - c.Hits) / 2
		for _, s := range []*crowd.Site{prod, direct} {
			now, after := s.Limits(c, servers), s.Limits(c, servers+1)
			for i := range now {
				if after[i].Views < now[i].Views {
					t.Fatalf("%s: %v views with one server more than %v", now[i].What, after[i].Views, now[i].Views)
				}
			}
			if s.Carries(better).Views < s.Carries(c).Views {
				t.Fatalf("more hits carry less: %+v", c)
			}
			rush := s.Rush(c)
			for _, m := range rush.Minutes {
				if m.Failed < 0 || m.Failed > m.Asked || math.IsNaN(m.Load) || m.Servers < s.Least || m.Servers > s.Most {
					t.Fatalf("%+v", m)
				}
			}
		}
		if direct.Carries(c).Views > prod.Carries(c).Views {
			t.Fatalf("CloudFront carries less: %+v", c)
		}
	})
}

// The document has the tables of the three stacks as they are.
func TestDocument(t *testing.T) {
	t.Parallel()
	const file, mark = "../../../docs/capacity.md", "in rehearsal -->\n"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, _, found := strings.Cut(string(text), mark)
	require.True(t, found)
	var b strings.Builder
	for _, stack := range []string{"dev", "staging", "prod"} {
		p, err := crowd.New(graphtest.Stack(t, stack), cost.Defaults())
		require.NoError(t, err)
		b.WriteString("\n## " + stack + "\n\n| visitors | views a second | first to break | raise | a million views |\n| --- | --- | --- | --- | --- |\n")
		for _, r := range p.Rows {
			b.WriteString(strings.Join([]string{"| " + r.Who, whole(r.Limit.Views), r.Limit.What, "`" + r.Limit.Raise + "`", r.PerMillion.String() + " |\n"}, " | "))
		}
		b.WriteString("\nFrom 1,000 to " + p.Verdict() + ".\n")
	}
	want := before + mark + b.String()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text))
}

func whole(views float64) string { return fmt.Sprintf("%.0f", views) }
