package dashboard_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/dashboard"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

// Every alarm of the stack has its graph with its threshold, in rows that do not overlap.
func TestTheDashboardShowsEveryAlarm(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		g := graphtest.Stack(t, stack)
		widgets, err := dashboard.Read(g)
		require.NoError(t, err)
		graphs, taken := map[string]dashboard.Widget{}, map[[2]int]bool{}
		var rows []string
		for _, w := range widgets {
			if w.Heading != "" {
				rows = append(rows, w.Heading)
			}
			graphs[w.Title] = w
			assert.LessOrEqual(t, w.X+w.Width, 24, w.Title)
			for x := range w.Width {
				for y := range w.Height {
					assert.False(t, taken[[2]int{w.X + x, w.Y + y}], "%s: %s lies on another", stack, w.Title)
					taken[[2]int{w.X + x, w.Y + y}] = true
				}
			}
		}
		assert.Equal(t, "Money", rows[len(rows)-1])
		for _, alarm := range g.OfType(catalog.CloudWatchMetricAlarm) {
			drawn, ok := graphs[strings.TrimPrefix(alarm.Name, "monitoring-")]
			if assert.True(t, ok, "%s: %s is not drawn", stack, alarm.Name) {
				assert.Equal(t, alarm.Str("namespace")+" "+alarm.Str("metricName"), drawn.Metric)
				assert.NotEmpty(t, drawn.Threshold, alarm.Name)
			}
		}
	}
	none, err := dashboard.Read(graphtest.Stack(t, "dev", "monitoring.dashboard=false"))
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestABrokenBodyIsNamed(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	g.OfType(catalog.CloudWatchDashboard)[0].Properties["dashboardBody"] = "{"
	_, err := dashboard.Read(g)
	assert.ErrorContains(t, err, "the dashboard monitoring")
}
