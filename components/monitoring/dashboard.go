package monitoring

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// makeDashboard draws what the alarms watch, in rows: visitors, servers, data, money.
// Each graph shows the threshold beside the figure.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
func (m *Monitoring) makeDashboard(ctx *pulumi.Context) error {
	if !m.args.Dashboard {
		return nil
	}
	_, err := cloudwatch.NewDashboard(ctx, m.name, &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(m.args.Prefix),
		DashboardBody: pulumi.JSONMarshal(map[string]any{"widgets": m.args.widgets()}),
	}, pulumi.Parent(m))
	if err != nil {
		return fmt.Errorf("creating the dashboard: %w", err)
	}
	return nil
}

// Sizes in the dashboard's grid, which is 24 wide.
const (
	widgetWidth  = 6
	widgetHeight = 5
	perRow       = 4
)

func (a Args) widgets() []any {
	rows := map[string][]any{}
	order := []string{"Visitors", "Servers", "Data", "Money"}
	for _, one := range a.alarms() {
		title := rowOf(one.namespace)
		rows[title] = append(rows[title], one.graph(a.Region))
	}
	rows["Money"] = []any{map[string]any{
		"title":   "Estimated charges of the account, USD",
		"region":  "us-east-1", // the only region that has them, once billing alerts are switched on
		"view":    "timeSeries",
		"stat":    "Maximum",
		"period":  6 * 3600,
		"metrics": []any{[]any{"AWS/Billing", "EstimatedCharges", "Currency", "USD"}},
	}}
	var all []any
	y := 0
	for _, title := range order {
		if len(rows[title]) == 0 {
			continue
		}
		all = append(all, map[string]any{
			"type": "text", "x": 0, "y": y, "width": perRow * widgetWidth, "height": 1,
			"properties": map[string]any{"markdown": "## " + title},
		})
		y++
		for i, graph := range rows[title] {
			all = append(all, map[string]any{
				"type": "metric", "x": i % perRow * widgetWidth, "y": y + i/perRow*widgetHeight,
				"width": widgetWidth, "height": widgetHeight, "properties": graph,
			})
		}
		y += (len(rows[title]) + perRow - 1) / perRow * widgetHeight
	}
	return all
}

// rowOf is where the metrics of a namespace are drawn.
func rowOf(namespace string) string {
	switch namespace {
	case "AWS/ApplicationELB", "AWS/CertificateManager":
		return "Visitors"
	case "AWS/RDS", "AWS/EFS":
		return "Data"
	default:
		return "Servers"
	}
}

// graph shows the metric, and the threshold as a line.
func (a alarm) graph(region string) map[string]any {
	metric := []any{a.namespace, a.metric}
	for _, key := range slices.Sorted(maps.Keys(a.dimensions)) {
		metric = append(metric, key, a.dimensions[key])
	}
	return map[string]any{
		"title":       a.name,
		"region":      region,
		"view":        "timeSeries",
		"stat":        a.statistic,
		"period":      a.seconds,
		"metrics":     []any{metric},
		"annotations": map[string]any{"horizontal": []any{map[string]any{"label": "alarm", "value": a.threshold}}},
	}
}
