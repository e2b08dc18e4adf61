// Package dashboard reads the CloudWatch dashboard of a stack, so that one sees it
// before anything is deployed.
package dashboard

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Widget is one box of the dashboard's grid, which is 24 wide.
type Widget struct {
	X, Y, Width, Height int
	Heading             string // of a row; "": a graph
	Title, Metric, Unit string // Unit is the statistic and the period
	Threshold           string // of the alarm; "": none watches it
}

// body is what CloudWatch stores.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type body struct {
	Widgets []struct {
		X, Y, Width, Height int
		Properties          struct {
			Markdown, Title, Stat string
			Period                int
			Metrics               [][]any
			Annotations           struct {
				Horizontal []struct{ Value float64 }
			}
		}
	}
}

// Read returns the widgets; none if the stack has no dashboard.
func Read(g *graph.Graph) ([]Widget, error) {
	var all []Widget
	for _, r := range g.OfType(catalog.CloudWatchDashboard) {
		var b body
		if err := json.Unmarshal([]byte(r.Str("dashboardBody")), &b); err != nil {
			return nil, fmt.Errorf("the dashboard %s: %w", r.Name, err)
		}
		for _, w := range b.Widgets {
			one := Widget{X: w.X, Y: w.Y, Width: w.Width, Height: w.Height, Heading: strings.TrimLeft(w.Properties.Markdown, "# "), Title: w.Properties.Title}
			if metrics := w.Properties.Metrics; len(metrics) > 0 && len(metrics[0]) > 1 {
				one.Metric = fmt.Sprintf("%v %v", metrics[0][0], metrics[0][1])
				one.Unit = fmt.Sprintf("%s of %d s", w.Properties.Stat, w.Properties.Period)
			}
			if lines := w.Properties.Annotations.Horizontal; len(lines) > 0 {
				one.Threshold = short(lines[0].Value)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// short writes 429496730 as 429 M.
func short(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, " G"}, {1e6, " M"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.3g%s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.4g", n)
}

// Place is where the widget lies in a grid of CSS.
func (w Widget) Place() string {
	return fmt.Sprintf("grid-column: %d / span %d; grid-row: %d / span %d", w.X+1, w.Width, w.Y+1, w.Height)
}
