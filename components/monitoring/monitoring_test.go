package monitoring_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/monitoring"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	alarmToken     = catalog.CloudWatchMetricAlarm
	compositeToken = catalog.CloudWatchCompositeAlarm
	topicToken     = catalog.SNSTopic
	ruleToken      = catalog.CloudWatchEventRule
	account        = "123456789012"
)

// small is phase 1; large has all that phase 3 has.
func small() monitoring.Args {
	return monitoring.Args{
		Settings: monitoring.Defaults(),
		Prefix:   "shop-prod",
		Region:   testutil.Region,
		Account:  account,
		Server:   &monitoring.Server{ID: pulumi.String("i-1"), Burstable: true},
		Scripts:  pulumi.String("scripts"),
		Serving:  pulumi.ResourceArray{}.ToResourceArrayOutput(),
	}
}

func large() monitoring.Args {
	args := small()
	args.Server = nil
	args.Email = "operators@example.com"
	args.MonthlyBudget = 700
	args.Group = &monitoring.Group{Name: pulumi.String("web"), MaxSize: 4, Grows: true, Burstable: true}
	args.Balancer = &monitoring.Balancer{
		ARNSuffix:            pulumi.String("app/entry/1"),
		TargetGroupARNSuffix: pulumi.String("targetgroup/entry/2"),
		CertificateARN:       pulumi.String("arn:aws:acm:certificate"),
	}
	args.NAT = map[string]pulumi.StringInput{"a": pulumi.String("nat-1"), "c": pulumi.String("nat-2")}
	args.Database = &monitoring.Database{Identifier: pulumi.String("shop"), InstanceClass: "db.t4g.medium", AllocatedStorage: 100}
	args.ServersNamespace = "shop-prod"
	args.Storage = &monitoring.Storage{FileSystemID: pulumi.String("fs-1")}
	return args
}

func program(all ...monitoring.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, args := range all {
			if _, err := monitoring.New(ctx, "watch-"+args.Prefix, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestCensus(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(small()))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		monitoring.Type: 1, catalog.KMSKey: 1, topicToken: 2, alarmToken: 4, compositeToken: 1, ruleToken: 1, catalog.CloudWatchEventTarget: 1,
		catalog.CloudWatchDashboard: 1,
	}, run.Census())
	run = testutil.Must(t, program(large()))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		monitoring.Type: 1, catalog.KMSKey: 1, topicToken: 2, catalog.SNSTopicSubscription: 2, alarmToken: 25, compositeToken: 1,
		ruleToken: 2, catalog.CloudWatchEventTarget: 2, catalog.RDSEventSubscription: 1, catalog.BudgetsBudget: 1, catalog.CloudWatchDashboard: 1,
	}, run.Census())
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	other := small()
	other.Prefix = "blog-prod"
	testutil.Must(t, program(small(), other)).CheckAll(t)
}

// documented is what AWS says that there is: the metrics of each namespace, and the
// dimensions by which they are reported.
//
// Sources: the pages that alarms.go names, and for certificates
// https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
var documented = map[string]map[string][]string{
	"AWS/EC2": {
		"StatusCheckFailed_System":   {"InstanceId"},
		"StatusCheckFailed_Instance": {"InstanceId"},
		"CPUUtilization":             {"InstanceId", "AutoScalingGroupName"},
		"CPUSurplusCreditsCharged":   {"InstanceId", "AutoScalingGroupName"},
	},
	"shop-prod": { // the CloudWatch agent's, all servers together
		"mem_used_percent":  {""},
		"disk_used_percent": {""},
	},
	"AWS/AutoScaling": {"GroupInServiceInstances": {"AutoScalingGroupName"}},
	"AWS/ApplicationELB": {
		"HealthyHostCount":          {"LoadBalancer TargetGroup"},
		"UnHealthyHostCount":        {"LoadBalancer TargetGroup"},
		"HTTPCode_ELB_5XX_Count":    {"LoadBalancer"},
		"HTTPCode_Target_5XX_Count": {"LoadBalancer", "LoadBalancer TargetGroup"},
		"TargetResponseTime":        {"LoadBalancer", "LoadBalancer TargetGroup"},
		"RejectedConnectionCount":   {"LoadBalancer"},
	},
	"AWS/CertificateManager": {"DaysToExpiry": {"CertificateArn"}},
	"AWS/NATGateway":         {"ErrorPortAllocation": {"NatGatewayId"}},
	"AWS/RDS": {
		"CPUUtilization":           {"DBInstanceIdentifier"},
		"CPUSurplusCreditsCharged": {"DBInstanceIdentifier"},
		"FreeableMemory":           {"DBInstanceIdentifier"},
		"FreeStorageSpace":         {"DBInstanceIdentifier"},
		"SwapUsage":                {"DBInstanceIdentifier"},
		"DatabaseConnections":      {"DBInstanceIdentifier"},
		"ReadLatency":              {"DBInstanceIdentifier"},
		"WriteLatency":             {"DBInstanceIdentifier"},
	},
	"AWS/EFS": {
		"PercentIOLimit":     {"FileSystemId"},
		"MeteredIOBytes":     {"FileSystemId"},
		"BurstCreditBalance": {"FileSystemId"},
		"ClientConnections":  {"FileSystemId"},
	},
}

// An alarm on a metric that does not exist never rings.
func TestMetricsExist(t *testing.T) {
	t.Parallel()
	bursting := large()
	bursting.Storage.ThroughputMode = "bursting"
	for _, args := range []monitoring.Args{small(), large(), bursting} {
		for _, alarm := range testutil.Must(t, program(args)).All(alarmToken) {
			metric := documented[alarm.String("namespace")][alarm.String("metricName")]
			assert.Contains(t, metric, dimensions(alarm), "%s: %s of %s", alarm.Name, alarm.String("metricName"), alarm.String("namespace"))
		}
	}
}

func dimensions(alarm testutil.Registration) string {
	var keys []string
	for key := range alarm.Object("dimensions") {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

var row = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|(?: [^|]+ \\|){3}$")

// Who is woken finds a row that says what to do.
func TestTheRunbookHasEveryAlarm(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/alarms.md")
	require.NoError(t, err)
	var rows []string
	for _, found := range row.FindAllStringSubmatch(string(page), -1) {
		rows = append(rows, found[1])
	}
	assert.ElementsMatch(t, append(monitoring.Names(), "script-failed", "backup-failed", "replacement-failed", "database"), rows)

	run := testutil.Must(t, program(large()))
	for _, alarm := range slices.Concat(run.All(alarmToken), run.All(compositeToken), run.All(ruleToken)) {
		text := alarm.String("alarmDescription") + alarm.String("description")
		assert.Contains(t, text, "docs/alarms.md, ", alarm.Name)
	}
}

// Only what leaves visitors without a page wakes somebody.
func TestWhoIsWoken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args monitoring.Args
		rule string
	}{
		{small(), `ALARM("shop-prod-server-hardware") OR ALARM("shop-prod-server-system")`},
		{large(), `ALARM("shop-prod-no-healthy-server") OR ALARM("shop-prod-balancer-errors")`},
	} {
		run := testutil.Must(t, program(c.args))
		down := run.Get(t, compositeToken, "watch-shop-prod-site-down")
		assert.Equal(t, c.rule, down.String("alarmRule"))
		wake := run.Get(t, topicToken, "watch-shop-prod-wake")
		assert.Equal(t, "shop-prod-wake", wake.String("name"))
		woken := "arn:aws:mock:" + testutil.Region + ":" + account + ":watch-shop-prod-wake"
		assert.Equal(t, []string{woken}, texts(down.Input("alarmActions")))
		for _, alarm := range run.All(alarmToken) {
			assert.NotContains(t, texts(alarm.Input("alarmActions")), woken, alarm.Name)
			assert.NotEmpty(t, texts(alarm.Input("alarmActions")), alarm.Name)
		}
	}
}

func texts(list resource.PropertyValue) []string {
	var all []string
	for _, v := range list.ArrayValue() {
		all = append(all, v.StringValue())
	}
	return all
}

// The single server is repaired by EC2, and a server that comes back is not rebooted
// while it is being moved.
func TestRepairs(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(small()))
	hardware, system := run.Get(t, alarmToken, "watch-shop-prod-server-hardware"), run.Get(t, alarmToken, "watch-shop-prod-server-system")
	assert.Contains(t, texts(hardware.Input("alarmActions")), "arn:aws:automate:"+testutil.Region+":ec2:recover")
	assert.Contains(t, texts(system.Input("alarmActions")), "arn:aws:automate:"+testutil.Region+":ec2:reboot")
	assert.Less(t, hardware.Input("evaluationPeriods").NumberValue(), system.Input("evaluationPeriods").NumberValue())
}

// Thresholds follow the size of what they watch.
func TestThresholdsFollowTheDatabase(t *testing.T) {
	t.Parallel()
	const gibibyte = 1 << 30
	for class, gib := range map[string]float64{
		"db.t4g.micro": 1, "db.t4g.medium": 4, "db.m7g.large": 8, "db.m7g.2xlarge": 32, "db.r7g.large": 16, "db.r7g.xlarge": 32,
	} {
		args := large()
		args.Database.InstanceClass = class
		run := testutil.Must(t, program(args))
		assert.InDelta(t, gib*gibibyte/20, run.Get(t, alarmToken, "watch-shop-prod-database-memory").Input("threshold").NumberValue(), 1, class)
		assert.InDelta(t, 0.8*gib*gibibyte/12582880, run.Get(t, alarmToken, "watch-shop-prod-database-connections").Input("threshold").NumberValue(), 0.01, class)
		assert.Equal(t, 5.0*gibibyte, run.Get(t, alarmToken, "watch-shop-prod-database-storage").Input("threshold").NumberValue(), class)
	}
	full := testutil.Must(t, program(large())).Get(t, alarmToken, "watch-shop-prod-group-at-maximum")
	assert.Equal(t, 3.5, full.Input("threshold").NumberValue(), "four servers are above it, three are not")
}

// What runs out, or is billed, differs from mode to mode.
func TestTheFilesThroughput(t *testing.T) {
	t.Parallel()
	const fiveMinutes = 300
	for _, c := range []struct {
		mode        string
		provisioned int
		metric      string
		statistic   string
		comparison  string
		threshold   float64
	}{
		{"elastic", 0, "MeteredIOBytes", "Sum", "GreaterThanThreshold", 50e6 * fiveMinutes},
		{"provisioned", 100, "MeteredIOBytes", "Sum", "GreaterThanThreshold", 90 * 1048576 * fiveMinutes},
		{"bursting", 0, "BurstCreditBalance", "Minimum", "LessThanThreshold", 0.1 * 2.1 * 1099511627776},
	} {
		args := large()
		args.Storage.ThroughputMode, args.Storage.Provisioned = c.mode, c.provisioned
		alarm := testutil.Must(t, program(args)).Get(t, alarmToken, "watch-shop-prod-files-throughput")
		assert.Equal(t, c.metric, alarm.String("metricName"), c.mode)
		assert.Equal(t, c.statistic, alarm.String("statistic"), c.mode)
		assert.Equal(t, c.comparison, alarm.String("comparisonOperator"), c.mode)
		assert.InDelta(t, c.threshold, alarm.Input("threshold").NumberValue(), 1, c.mode)
		assert.Equal(t, float64(fiveMinutes), alarm.Input("period").NumberValue(), c.mode)
	}
}

// Messages are encrypted with a key that those who send them may use, and nobody
// else of the world may send any.
func TestTopics(t *testing.T) {
	t.Parallel()
	type document struct {
		Statement []struct {
			Sid, Effect string
			Principal   any
			Condition   map[string]map[string]string
		}
	}
	run := testutil.Must(t, program(large()))
	for _, topic := range run.All(topicToken) {
		assert.NotEmpty(t, topic.String("kmsMasterKeyId"))
		var d document
		require.NoError(t, json.Unmarshal([]byte(topic.String("policy")), &d))
		require.Len(t, d.Statement, 3)
		assert.Equal(t, account, d.Statement[0].Condition["StringEquals"]["aws:SourceAccount"])
		assert.Equal(t, "arn:aws:events:"+testutil.Region+":"+account+":rule/shop-prod-*", d.Statement[1].Condition["ArnLike"]["aws:SourceArn"])
		assert.Equal(t, "Deny", d.Statement[2].Effect)
		assert.Equal(t, "false", d.Statement[2].Condition["Bool"]["aws:SecureTransport"])
	}
	var key document
	require.NoError(t, json.Unmarshal([]byte(run.Get(t, catalog.KMSKey, "watch-shop-prod").String("policy")), &key))
	assert.Equal(t, map[string]any{"AWS": "arn:aws:iam::" + account + ":root"}, key.Statement[0].Principal)
	assert.ElementsMatch(t, []any{"cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com", "budgets.amazonaws.com"},
		key.Statement[1].Principal.(map[string]any)["Service"])
}

func TestEvents(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(large()))
	assert.JSONEq(t, `{"source": ["aws.ssm"], "detail-type": ["EC2 State Manager Association State Change"],
		"detail": {"document-name": ["scripts"], "status": ["Failed"]}}`, run.Get(t, ruleToken, "watch-shop-prod-script-failed").String("eventPattern"))
	assert.JSONEq(t, `{"source": ["aws.autoscaling"], "detail-type": ["EC2 Instance Launch Unsuccessful", "EC2 Auto Scaling Instance Refresh Failed"],
		"detail": {"AutoScalingGroupName": ["web"]}}`, run.Get(t, ruleToken, "watch-shop-prod-replacement-failed").String("eventPattern"))
	events := run.Get(t, catalog.RDSEventSubscription, "watch-shop-prod-database")
	assert.Equal(t, "shop", events.String("sourceIds[0]"))
	assert.Subset(t, texts(events.Input("eventCategories")), []string{"maintenance", "configuration change", "failure", "failover"})
	assert.Equal(t, "700", run.Get(t, catalog.BudgetsBudget, "watch-shop-prod").String("limitAmount"))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	args := large()
	args.Prefix, args.Account, args.MonthlyBudget, args.Balancer = "Shop.Prod", "", -1, nil
	run, err := testutil.Do(program(args))
	require.ErrorIs(t, err, monitoring.ErrArgs)
	for _, want := range []string{`Prefix "Shop.Prod"`, "Account", `MonthlyBudget is "-1"`, "Group needs Balancer"} {
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, run.All(""), "nothing is registered")
	neither := small()
	neither.Server = nil
	_, err = testutil.Do(program(neither))
	assert.ErrorContains(t, err, "exactly one of Server and Group")
}

// The dashboard has a graph for each alarm, of the same metric and with its threshold,
// and no two lie on each other.
func TestTheDashboardShowsWhatTheAlarmsWatch(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(large()))
	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title       string
				Stat        string
				Metrics     [][]string
				Annotations struct{ Horizontal []struct{ Value float64 } }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run.Get(t, catalog.CloudWatchDashboard, "watch-shop-prod").String("dashboardBody")), &body))
	taken := map[[2]int]bool{}
	graphs := map[string]float64{}
	var rows []string
	for _, w := range body.Widgets {
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				require.Less(t, x, 24)
				require.False(t, taken[[2]int{x, y}], "%s lies on another", w.Properties.Title)
				taken[[2]int{x, y}] = true
			}
		}
		if w.Type == "text" {
			rows = append(rows, w.Type)
			continue
		}
		if len(w.Properties.Annotations.Horizontal) > 0 {
			graphs[strings.Join(w.Properties.Metrics[0], " ")+" "+w.Properties.Stat] = w.Properties.Annotations.Horizontal[0].Value
		}
	}
	assert.Len(t, rows, 4, "visitors, servers, data, money")
	alarms := run.All(alarmToken)
	for _, a := range alarms {
		key := a.String("namespace") + " " + a.String("metricName")
		for _, name := range slices.Sorted(maps.Keys(a.Object("dimensions"))) {
			key += " " + string(name) + " " + a.String("dimensions."+string(name))
		}
		key += " " + cmp.Or(a.String("statistic"), a.String("extendedStatistic"))
		value, ok := graphs[key]
		require.True(t, ok, "%s has a graph in %v", key, graphs)
		assert.Equal(t, a.Input("threshold").NumberValue(), value)
	}
	assert.Len(t, graphs, len(alarms))
}
