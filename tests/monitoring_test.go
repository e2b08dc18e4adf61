package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	metricAlarm = catalog.CloudWatchMetricAlarm
	siteDown    = catalog.CloudWatchCompositeAlarm
)

// Every alarm watches what the stack holds: by the ID, name or ARN that AWS gave it.
func TestAlarmsWatchWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod", withoutEdge} {
		run := deploy(t, full(t, stack))
		of := map[string][]string{
			"InstanceId":           ids(run, catalog.EC2Instance),
			"NatGatewayId":         ids(run, catalog.EC2NATGateway),
			"FileSystemId":         ids(run, catalog.EFSFileSystem),
			"AutoScalingGroupName": {"web-name"},
			"DBInstanceIdentifier": names(run, catalog.RDSInstance, "identifier"),
			"LoadBalancer":         {"entry-arnSuffix"},
			"TargetGroup":          {"entry-arnSuffix", "entry-internal-arnSuffix"},
			"CertificateArn":       {"entry-certificate-certificateArn", "arn:aws:mock:" + testutil.Region + ":123456789012:entry-certificate"},
		}
		watched := map[string]bool{}
		for _, alarm := range run.All(metricAlarm) {
			for key, value := range alarm.Object("dimensions") {
				assert.Contains(t, of[string(key)], value.StringValue(), "%s in %s: %s", alarm.Name, stack, key)
				watched[string(key)] = true
			}
		}
		switch stack {
		case "prod":
			delete(of, "CertificateArn") // CloudWatch counts its days in us-east-1, where no topic of the stack is
			fallthrough
		case withoutEdge:
			delete(of, "InstanceId") // the group's servers have no alarm each
		default:
			for _, key := range []string{"NatGatewayId", "AutoScalingGroupName", "LoadBalancer", "TargetGroup", "CertificateArn"} {
				delete(of, key)
			}
		}
		if stack == "dev" {
			delete(of, "FileSystemId")
			delete(of, "DBInstanceIdentifier")
		}
		for key := range of {
			assert.True(t, watched[key], "no alarm of %s watches a %s", stack, key)
		}
	}
}

func ids(run *testutil.Run, token string) []string {
	var all []string
	for _, r := range run.All(token) {
		all = append(all, testutil.ID(token, r.Name))
	}
	return all
}

// Nobody is woken by a site that has not come up yet.
func TestAlarmsComeAfterTheSite(t *testing.T) {
	t.Parallel()
	for stack, last := range map[string]string{"dev": "web-setup", "staging": "web-setup", "prod": "web-reconfigure"} {
		run := deploy(t, stackFile(t, stack))
		alarms := slices.Concat(run.All(metricAlarm), run.All(siteDown), run.All(catalog.CloudWatchEventRule))
		for _, alarm := range alarms {
			waits := slices.ContainsFunc(alarm.Dependencies, func(urn string) bool { return strings.HasSuffix(urn, "::"+last) })
			assert.True(t, waits, "%s of %s waits for %v", alarm.Name, stack, alarm.Dependencies)
		}
	}
}

func TestNobodyWatches(t *testing.T) {
	t.Parallel()
	run := deploy(t, with(t, stackFile(t, "prod"), "monitoring.enabled=false"))
	for _, token := range []string{metricAlarm, siteDown, catalog.SNSTopic, catalog.KMSKey, "webphases:index:Monitoring"} {
		assert.Empty(t, run.All(token))
	}
	assert.NotContains(t, run.Exports(), "wakeTopicArn")
}

// A type without CPU credits, or a group that does not grow, has no alarm on them.
// names are an input of all resources of a type.
func names(run *testutil.Run, token, input string) (all []string) {
	for _, r := range run.All(token) {
		all = append(all, r.String(input))
	}
	return all
}

func TestAlarmsFollowTheSettings(t *testing.T) {
	t.Parallel()
	names := func(settings ...string) []string {
		var all []string
		for _, alarm := range deploy(t, with(t, stackFile(t, "prod"), settings...)).All(metricAlarm) {
			all = append(all, alarm.Name)
		}
		return all
	}
	assert.Subset(t, names(), []string{"monitoring-servers-credits", "monitoring-group-at-maximum"})
	assert.NotContains(t, names("web.instanceType=m7g.large", "web.otherInstanceTypes=[]"), "monitoring-servers-credits")
	assert.Contains(t, names("web.targetCpuPercent=0"), "monitoring-group-at-maximum", "requests let it grow")
	assert.Contains(t, names("web.targetRequestsPerMinute=0"), "monitoring-group-at-maximum", "load lets it grow")
	assert.NotContains(t, names("web.targetCpuPercent=0", "web.targetRequestsPerMinute=0"), "monitoring-group-at-maximum")
	assert.NotContains(t, names("web.minSize=3", "web.maxSize=3"), "monitoring-group-at-maximum")

	prod := stackFile(t, "prod")
	at := func(alarm string, settings ...string) resource.PropertyValue {
		return deploy(t, with(t, prod, settings...)).Get(t, metricAlarm, "monitoring-"+alarm).Input("threshold")
	}
	assert.Equal(t, 5.5, at("group-at-maximum", "web.maxSize=6").NumberValue())
	assert.Greater(t, at("database-storage", "database.allocatedStorage=100").NumberValue(), at("database-storage", "database.allocatedStorage=50").NumberValue())
	assert.Greater(t, at("database-memory", "database.instanceClass=db.m7g.xlarge").NumberValue(), at("database-memory", "database.instanceClass=db.m7g.large").NumberValue())
}
