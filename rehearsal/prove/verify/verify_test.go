package verify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/server"
)

// fake is an AWS that holds just what a stack promises, and then what a test makes
// of it.
type fake struct {
	account string
	things  map[string]Facts
}

func (f fake) Account(context.Context) (string, error) { return f.account, nil }

func (f fake) Facts(_ context.Context, kind, id string) (map[string]string, error) {
	return f.things[kind+" "+id], nil
}

func holding(t *testing.T, g *graph.Graph) fake {
	t.Helper()
	f := fake{account: "123456789012", things: map[string]Facts{}}
	for _, p := range promises(g) {
		thing := f.things[p.kind+" "+p.id]
		if thing == nil {
			thing = Facts{}
			f.things[p.kind+" "+p.id] = thing
		}
		for _, fact := range p.facts {
			thing[fact.name] = strings.TrimSuffix(strings.TrimPrefix(fact.want, atLeast), andMore)
		}
		for key, value := range p.tags {
			thing["tag "+key] = value
		}
		if p.kind == "Auto Scaling group" {
			thing["servers"] = "i-1, i-2"
		}
	}
	for _, parameter := range g.OfType(parameterType) {
		if want, ok := proofOf(g, parameter); ok && isProof(parameter) {
			f.things["parameter "+parameter.ID]["value"] = recorded(t, want)
		}
	}
	return f
}

func recorded(t *testing.T, want wanted) string {
	t.Helper()
	text, err := server.Record{OK: &server.Proof{
		Script: want.Script, Instance: want.Instance, Revision: want.Revision, Settings: want.Settings,
		Time: time.Unix(0, 0).UTC(), Healthy: []string{"i-1", "i-2"},
	}}.JSON()
	require.NoError(t, err)
	return text
}

// site answers every request with one page.
type site struct {
	page string
	url  string
	err  error
}

func (s site) Do(req *http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.err
	}
	req = req.Clone(req.Context())
	if strings.HasSuffix(req.URL.Host, ".cloudfront.net") {
		req.URL.Scheme = "https" // where it leads
	}
	if s.url != "" {
		req.URL.Path = s.url
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(s.page)), Request: req, Header: http.Header{}}, nil
}

var wordpress = site{page: `<link rel="https://api.w.org/" href="/wp-json/">`}

func verify(t *testing.T, stack string, change func(*graph.Graph, fake, *Check)) *Report {
	t.Helper()
	words := strings.Fields(stack)
	g := graphtest.Stack(t, words[0], words[1:]...)
	f := holding(t, g)
	c := Check{Graph: g, AWS: f, Site: wordpress}
	if change != nil {
		change(g, f, &c)
	}
	r, err := c.Run(t.Context())
	require.NoError(t, err)
	return r
}

func TestWhatIsPromisedHolds(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod", "prod edge.enabled=false"} {
		r := verify(t, stack, nil)
		assert.Empty(t, r.Different(), stack)
		require.NoError(t, r.Err())
		held, compared, unseen := r.Count()
		assert.Greater(t, held, 100, stack)
		assert.Equal(t, compared, held)
		assert.Zero(t, unseen)
	}
}

func of(t *testing.T, g *graph.Graph, token, name string) string {
	t.Helper()
	for _, r := range g.OfType(token) {
		if r.Name == name || name == "" {
			return r.ID
		}
	}
	require.Fail(t, "no resource", "%s %s", token, name)
	return ""
}

func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*testing.T, *graph.Graph, fake, *Check)
		items  []string
	}{
		"a rule too many": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["security group "+of(t, g, catalog.EC2SecurityGroup, "firewall-database")]["rule in tcp 13306 10.0.0.0/16"] = there
		}, []string{"no other rule", "other hosts in network-web → database tcp 13306"}},
		"a rule that opens something": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["security group "+of(t, g, catalog.EC2SecurityGroup, "firewall-load-balancer")]["rule in tcp 443 0.0.0.0/0"] = there
		}, []string{"no other rule", "internet → load balancer tcp 443"}},
		"a route that is gone": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			delete(f.things["route table "+of(t, g, catalog.EC2RouteTable, "network-public")], "route 0.0.0.0/0")
		}, []string{"route 0.0.0.0/0", "internet → load balancer tcp 80"}},
		"an entry too many": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["network ACL "+of(t, g, catalog.EC2NetworkACL, "network-database")]["entry in 1"] = "allow tcp 22 0.0.0.0/0"
		}, []string{"no other entry"}},
		"no deletion protection": {func(_ *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["database "+g.OfType(catalog.RDSInstance)[0].Str("identifier")]["deletion protection"] = "false"
		}, []string{"deletion protection"}},
		"a database that is gone": {func(_ *testing.T, g *graph.Graph, f fake, _ *Check) {
			delete(f.things, "database "+g.OfType(catalog.RDSInstance)[0].Str("identifier"))
		}, []string{"exists"}},
		"a tag of another value": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["VPC "+of(t, g, catalog.EC2VPC, "")]["tag Stack"] = "dev"
		}, []string{"tags"}},
		"a policy too many": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["role "+of(t, g, catalog.IAMRole, "web")]["policy arn:aws:iam::aws:policy/AdministratorAccess"] = there
		}, []string{"no other policy"}},
		"a server that is not healthy": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["target group "+of(t, g, catalog.LBTargetGroup, "")]["healthy targets"] = "1"
		}, []string{"healthy targets"}},
		"servers that have proven nothing": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["parameter "+of(t, g, parameterType, "web-serving")]["value"] = "{}"
		}, []string{"record"}},
		"the proof of servers that are gone": {func(t *testing.T, g *graph.Graph, f fake, _ *Check) {
			f.things["Auto Scaling group "+of(t, g, groupType, "")]["servers"] = "i-3, i-4"
		}, []string{"record"}},
		"the installer": {func(_ *testing.T, _ *graph.Graph, _ fake, c *Check) { c.Site = site{url: "/wp-admin/install.php"} }, []string{"content"}},
		"no answer":     {func(_ *testing.T, _ *graph.Graph, _ fake, c *Check) { c.Site = site{err: errors.New("refused")} }, []string{"answer", "content"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := verify(t, "prod edge.enabled=false", func(g *graph.Graph, f fake, check *Check) { c.change(t, g, f, check) })
			var found []string
			for _, i := range r.Different() {
				// Of what a rule opens, the flows that the case names stand for all.
				if i.Subject != "reach" || slices.Contains(c.items, i.What) {
					found = append(found, i.What)
				}
			}
			assert.ElementsMatch(t, c.items, found)
			require.ErrorIs(t, r.Err(), ErrDiffers)
		})
	}
}

func TestWhatIsNotToBeHadIsShownAndNotCounted(t *testing.T) {
	t.Parallel()
	r := verify(t, "prod", func(_ *graph.Graph, _ fake, c *Check) {
		c.Site, c.Lacks = nil, []Lack{{Kind: "site", Why: "nothing runs"}}
	})
	held, compared, unseen := r.Count()
	assert.Equal(t, 3, unseen)
	assert.Equal(t, len(r.Items)-3, compared)
	assert.Equal(t, compared, held)
	var table bytes.Buffer
	require.NoError(t, r.Write(&table))
	assert.Contains(t, table.String(), "not to be had here: nothing runs")
	assert.Contains(t, table.String(), "not to be had here, and not counted: 3\nverified ")
}

func TestAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	f := holding(t, g)
	f.account = "999999999999"
	_, err := Check{Graph: g, AWS: f, Site: wordpress}.Run(t.Context())
	require.ErrorIs(t, err, ErrAccount)
}

func TestAnEmptyStackIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Check{Graph: &graph.Graph{Stack: "dev"}, AWS: fake{}}.Run(t.Context())
	require.ErrorIs(t, err, ErrEmpty)
}
