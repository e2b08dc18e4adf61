package timeline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/timeline"
)

// The program's order costs at most a twentieth of what AWS demands.
func TestRatio(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]string{
		"dev": nil, "staging": nil, "prod": nil,
		"prod with a domain": {"domain.name=example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ"},
	} {
		stack, _, _ := strings.Cut(name, " ")
		s := timeline.Plan(graphtest.Stack(t, stack, set...))
		assert.LessOrEqual(t, s.Ratio(), 1.05, "%s: %s of %s; waits: %v", name, s.Total, s.Imposed, s.Waits)
		assert.GreaterOrEqual(t, s.Ratio(), 1.0, name)
		assert.LessOrEqual(t, s.Bare, s.Imposed, name)
		var end time.Duration
		for _, task := range s.Tasks {
			end = max(end, task.End())
		}
		assert.Equal(t, s.Total, end, name)
	}
}

// In prod everything else overlaps with the database and its standby.
func TestCriticalPathOfProd(t *testing.T) {
	t.Parallel()
	s := timeline.Plan(graphtest.Stack(t, "prod"))
	names := func(path []timeline.Task) string {
		var list []string
		for _, task := range path {
			list = append(list, catalog.Short(task.Type))
			assert.True(t, task.Critical, task.Name)
		}
		return strings.Join(list, " ")
	}
	assert.Equal(t, "Vpc Subnet SubnetGroup Instance Parameter LaunchTemplate Group Attachment Association MetricAlarm CompositeAlarm", names(s.Critical))
	assert.Equal(t, "Vpc Subnet SubnetGroup Instance Parameter Group Attachment Association", names(s.ImposedPath))
	// 11 + 1.5 + 2 + 790 + 1.5 + 5 + 100 + (2 + 15) + 60 + 1.5 + 1.5 seconds.
	assert.Equal(t, 991*time.Second, s.Total)
	assert.Equal(t, 983*time.Second, s.Imposed, "without the launch template and the alarms")
	for i, task := range s.Critical[1:] {
		assert.Equal(t, s.Critical[i].End(), task.Start, "nothing lies between two tasks of the path")
	}
}

func TestUnnecessaryWaitsAreFound(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	before := timeline.Plan(g)
	database, builder := g.OfType(catalog.RDSInstance)[0], g.OfType(catalog.EC2Instance)[0]
	builder.Needs = append(builder.Needs, database)
	s := timeline.Plan(g)
	assert.Equal(t, before.Imposed, s.Imposed, "AWS does not demand it")
	assert.Greater(t, s.Ratio(), 1.5)
	assert.NotContains(t, unnecessary(before), "web-builder-blue for database")
	assert.Greater(t, unnecessary(s)["web-builder-blue for database"], 10*time.Minute)
}

func TestLimitedParallelism(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	s := timeline.Plan(g)
	var one time.Duration
	for _, task := range s.Tasks {
		one += task.Duration
	}
	for limit, want := range map[int]time.Duration{1: one, 1000: s.Total} {
		assert.Equal(t, want, timeline.TotalAtOnce(g, limit), "%d at once", limit)
	}
	some := timeline.TotalAtOnce(g, 8)
	assert.True(t, s.Total <= some && some < one, some)
}

// unnecessary are the unnecessary waits by their names.
func unnecessary(s timeline.Schedule) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, w := range s.Waits {
		all[w.Name+" for "+w.For] = w.Unnecessary
	}
	return all
}
