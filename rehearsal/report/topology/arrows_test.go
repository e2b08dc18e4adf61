package topology

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// Every flow within the VPC is an arrow between boxes of its two ends, and no other
// arrow joins such boxes.
func TestArrowsJoinTheEndsOfFlows(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		g := graphtest.Stack(t, stack)
		m, err := reach.New(g)
		require.NoError(t, err)
		s := newScene(g, m)
		kinds := map[string]reach.Kind{}
		for _, kind := range []reach.Kind{
			reach.CloudFront, reach.Balancer, reach.Server, reach.Servers, reach.Database, reach.FileSystem, reach.ObjectStore, reach.DNSResolver, reach.TimeService,
		} {
			for _, b := range s.at(kind) {
				kinds[b.id] = kind
			}
		}
		drawn, want := map[[2]reach.Kind]bool{}, map[[2]reach.Kind]bool{}
		for _, a := range s.arrows {
			from, to := kinds[a.from], kinds[a.to]
			if from != "" && to != "" && a.class == "" {
				drawn[[2]reach.Kind{from, to}] = true
			}
		}
		inside := func(k reach.Kind) bool {
			return len(s.at(k)) > 0 && k != reach.Internet && k != reach.Range && k != reach.Office
		}
		for _, f := range m.Flows() {
			toInternet := f.FromKind == reach.Servers && f.ToKind == reach.Balancer // a part of it
			if inside(f.FromKind) && inside(f.ToKind) && !toInternet {
				want[[2]reach.Kind{f.FromKind, f.ToKind}] = true
			}
		}
		assert.Equal(t, want, drawn, stack)
		assert.NotEmpty(t, want)
	}
}
