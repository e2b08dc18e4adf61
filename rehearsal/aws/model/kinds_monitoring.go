package model

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

const snsArn = "arn:{partition}:sns:{region}:{account}:"

var (
	ec2Action  = regexp.MustCompile(`^arn:aws[a-z-]*:automate:[a-z0-9-]+:ec2:(recover|reboot|stop|terminate)$`)
	alarmNames = regexp.MustCompile(`\b(?:ALARM|OK|INSUFFICIENT_DATA)\("([^"]+)"\)`)
)

func isEc2Action(arn string) bool { return ec2Action.MatchString(arn) }

var monitoringKinds = []Kind{
	{
		Token: catalog.KMSKey, ID: "{uuid}",
		Outputs: []string{"arn", "arn:{partition}:kms:{region}:{account}:key/{id}", "keyId", "{id}"},
		Defaults: map[string]any{
			"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT", "isEnabled": true, "enableKeyRotation": false,
			"bypassPolicyLockoutSafetyCheck": false,
		},
		Rules: []Rule{isJSON("policy"), between("deletionWindowInDays", 7, 30), between("rotationPeriodInDays", 90, 2560), func(in resource.PropertyMap) []failure {
			if policy := str(in, "policy"); policy != "" && !strings.Contains(policy, ":root") {
				return fail("policy", "MalformedPolicyDocumentException: the new key policy will not allow you to update the key policy in the future")
			}
			return nil
		}},
	},
	{
		Token: catalog.SNSTopic, ID: snsArn + "{.name}",
		Outputs:  []string{"arn", "{id}", "owner", "{account}", "beginningArchiveTime", ""},
		Name:     &Naming{Property: "name", Max: 256, Prefix: "namePrefix"},
		Refs:     []Ref{{Path: "kmsMasterKeyId", To: catalog.KMSKey, By: "arn", Outside: func(v string) bool { return strings.HasPrefix(v, "alias/") }}},
		Defaults: map[string]any{"contentBasedDeduplication": false, "fifoTopic": false},
		Rules:    []Rule{isJSON("policy"), matches("name", `^[A-Za-z0-9_-]{1,256}(\.fifo)?$`, "1 to 256 letters, digits, hyphens and underscores")},
		Unique:   []Unique{{Paths: []string{"name"}, Code: "TopicAlreadyExists", What: "the topic"}},
	},
	{
		Token: catalog.SNSTopicSubscription, ID: "{.topic}:{uuid}",
		Outputs:  []string{"arn", "{id}", "ownerId", "{account}"},
		Refs:     []Ref{{Path: "topic", To: catalog.SNSTopic, By: "arn"}},
		Defaults: map[string]any{"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": false, "rawMessageDelivery": false},
		Rules: []Rule{
			oneOf("protocol", "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"),
			when("protocol", "email", matches("endpoint", `^[^@\s]+@[^@\s]+$`, "an e-mail address")),
		},
		Fill: func(c *change) {
			pending := strings.HasPrefix(str(c.in, "protocol"), "email") // until its owner has answered
			c.set("pendingConfirmation", pending)
			c.set("confirmationWasAuthenticated", !pending)
		},
	},
	{
		Token: catalog.CloudWatchDashboard, ID: "{.dashboardName}",
		Outputs: []string{"dashboardArn", "arn:{partition}:cloudwatch::{account}:dashboard/{.dashboardName}"},
		Rules: []Rule{
			matches("dashboardName", `^[A-Za-z0-9_-]{1,255}$`, "up to 255 letters, digits, - or _"), isJSON("dashboardBody"),
		},
	},
	{
		Token: catalog.CloudWatchMetricAlarm, ID: "{.name}",
		Outputs: []string{"arn", "arn:{partition}:cloudwatch:{region}:{account}:alarm:{.name}"},
		Refs: []Ref{
			{Path: "alarmActions[*]", To: catalog.SNSTopic, By: "arn", Loose: true, Outside: isEc2Action},
			{Path: "okActions[*]", To: catalog.SNSTopic, By: "arn", Loose: true},
			{Path: "dimensions.InstanceId", To: catalog.EC2Instance, Loose: true},
			{Path: "dimensions.NatGatewayId", To: catalog.EC2NATGateway, Loose: true},
			{Path: "dimensions.AutoScalingGroupName", To: catalog.AutoScalingGroup, By: "name", Loose: true},
			{Path: "dimensions.DBInstanceIdentifier", To: catalog.RDSInstance, By: "identifier", Loose: true},
			{Path: "dimensions.FileSystemId", To: catalog.EFSFileSystem, Loose: true},
			{Path: "dimensions.LoadBalancer", To: catalog.LBLoadBalancer, By: "arnSuffix", Loose: true},
			{Path: "dimensions.TargetGroup", To: catalog.LBTargetGroup, By: "arnSuffix", Loose: true},
			{Path: "dimensions.CertificateArn", To: catalog.ACMCertificate, By: "arn", Loose: true},
		},
		Defaults: map[string]any{"actionsEnabled": true, "treatMissingData": "missing"},
		Sets:     []string{"alarmActions", "okActions", "insufficientDataActions"},
		Rules: []Rule{
			exactlyOne("statistic", "extendedStatistic"), required("metricName"), required("namespace"), required("period"), required("threshold"),
			oneOf("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"),
			oneOf("comparisonOperator", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"),
			oneOf("treatMissingData", "breaching", "notBreaching", "ignore", "missing"),
			between("evaluationPeriods", 1, 86400), alarmTime,
		},
		Unique: []Unique{{Paths: []string{"name"}, Code: "AlarmAlreadyExists", What: "the alarm"}},
	},
	{
		Token: catalog.CloudWatchCompositeAlarm, ID: "{.alarmName}",
		Outputs: []string{"arn", "arn:{partition}:cloudwatch:{region}:{account}:alarm:{.alarmName}"},
		Refs: []Ref{
			{Path: "alarmActions[*]", To: catalog.SNSTopic, By: "arn", Loose: true},
			{Path: "okActions[*]", To: catalog.SNSTopic, By: "arn", Loose: true},
		},
		Defaults: map[string]any{"actionsEnabled": true},
		Sets:     []string{"alarmActions", "okActions", "insufficientDataActions"},
		Rules: []Rule{func(in resource.PropertyMap) []failure {
			if rule := str(in, "alarmRule"); rule != "" && !alarmNames.MatchString(rule) {
				return fail("alarmRule", "AlarmRule %q names no alarm", rule)
			}
			return nil
		}},
		Unique: []Unique{{Paths: []string{"alarmName"}, Code: "AlarmAlreadyExists", What: "the alarm"}},
		Apply: func(c *change) error {
			for _, found := range alarmNames.FindAllStringSubmatch(str(c.in, "alarmRule"), -1) {
				if c.cloud.Get(catalog.CloudWatchMetricAlarm, found[1]) == nil {
					return refuse("ValidationError", "the alarm %s in AlarmRule does not exist", found[1])
				}
			}
			return nil
		},
	},
	{
		Token: catalog.CloudWatchEventRule, ID: "{.name}",
		Outputs:  []string{"arn", "arn:{partition}:events:{region}:{account}:rule/{.name}"},
		Name:     &Naming{Property: "name", Max: 64, Prefix: "namePrefix"},
		Defaults: map[string]any{"eventBusName": "default", "forceDestroy": false},
		Rules: []Rule{
			atLeastOne("eventPattern", "scheduleExpression"), isJSON("eventPattern"),
			matches("name", `^[.\-_A-Za-z0-9]{1,64}$`, "1 to 64 letters, digits, periods, hyphens and underscores"),
		},
		Unique: []Unique{{Paths: []string{"name"}, Code: "RuleAlreadyExists", What: "the rule"}},
	},
	{
		Token: catalog.CloudWatchEventTarget, ID: "{.rule}-{.targetId}",
		Refs: []Ref{
			{Path: "rule", To: catalog.CloudWatchEventRule, By: "name"},
			{Path: "arn", To: catalog.SNSTopic, By: "arn", Loose: true},
		},
		Name:     &Naming{Property: "targetId", Max: 64},
		Defaults: map[string]any{"eventBusName": "default", "forceDestroy": false},
	},
	{
		Token: catalog.RDSEventSubscription, ID: "{.name}",
		Outputs: []string{"arn", "arn:{partition}:rds:{region}:{account}:es:{.name}", "customerAwsId", "{account}"},
		Name:    &Naming{Property: "name", Max: 255, Lower: true, Prefix: "namePrefix"},
		Refs: []Ref{
			{Path: "snsTopic", To: catalog.SNSTopic, By: "arn", Loose: true},
			{Path: "sourceIds[*]", To: catalog.RDSInstance, By: "identifier", Loose: true},
		},
		Defaults: map[string]any{"enabled": true},
		Sets:     []string{"sourceIds", "eventCategories"},
		Rules: []Rule{
			matches("name", `^[0-9A-Za-z-]+$`, "letters, digits and hyphens"),
			oneOf("sourceType", "db-instance", "db-cluster", "db-parameter-group", "db-security-group", "db-snapshot", "db-cluster-snapshot", "db-proxy"),
			when("sourceType", "db-instance", oneOf("eventCategories", "availability", "backup", "backtrack", "configuration change", "creation", "deletion", "failover",
				"failure", "low storage", "maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching")),
		},
		Unique: []Unique{{Paths: []string{"name"}, Code: "SubscriptionAlreadyExist", What: "the subscription"}},
	},
	{
		Token: catalog.BudgetsBudget, ID: "{account}:{.name}",
		Outputs: []string{"arn", "arn:{partition}:budgets::{account}:budget/{.name}"},
		Name:    &Naming{Property: "name", Max: 100, Prefix: "namePrefix"},
		Refs:    []Ref{{Path: "notifications[*].subscriberSnsTopicArns[*]", To: catalog.SNSTopic, By: "arn", Loose: true}},
		Rules: []Rule{
			oneOf("budgetType", "COST", "USAGE", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"),
			oneOf("timeUnit", "DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"),
			matches("limitAmount", `^[0-9]+(\.[0-9]+)?$`, "an amount"),
		},
		Defaults: map[string]any{"timePeriodEnd": "2087-06-15_00:00"},
		Unique:   []Unique{{Paths: []string{"name"}, Code: "DuplicateRecordException", What: "the budget"}},
		Fill: func(c *change) {
			c.set("accountId", c.expand("accountId", "{account}"))
		},
	},
}

// alarmTime refuses periods that CloudWatch does not have, and alarms that look
// further back than it does.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func alarmTime(in resource.PropertyMap) []failure {
	period, periods := num(in, "period"), num(in, "evaluationPeriods")
	if !at(in, "period").IsNumber() || !at(in, "evaluationPeriods").IsNumber() {
		return nil
	}
	if period != 10 && period != 20 && period != 30 && (period <= 0 || period%60 != 0) {
		return fail("period", "Period must be 10, 20, 30 or a multiple of 60, got %d", period)
	}
	longest := 24 * 60 * 60
	if period >= 60*60 {
		longest *= 7
	}
	if period*periods > longest {
		return fail("evaluationPeriods", "metrics cannot be checked across more than %d seconds (EvaluationPeriods * Period), got %d", longest, period*periods)
	}
	return nil
}
