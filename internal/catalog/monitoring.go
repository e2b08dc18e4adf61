package catalog

// Logs, alarms and what tells of them.
const (
	CloudWatchLogGroup       = "aws:cloudwatch/logGroup:LogGroup"
	CloudWatchMetricAlarm    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	CloudWatchCompositeAlarm = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	CloudWatchEventRule      = "aws:cloudwatch/eventRule:EventRule"
	CloudWatchEventTarget    = "aws:cloudwatch/eventTarget:EventTarget"
	SNSTopic                 = "aws:sns/topic:Topic"
	SNSTopicSubscription     = "aws:sns/topicSubscription:TopicSubscription"
	CloudWatchDashboard      = "aws:cloudwatch/dashboard:Dashboard"
	BudgetsBudget            = "aws:budgets/budget:Budget"
)

var monitoringTypes = []Type{
	{
		Token: CloudWatchLogGroup,
		Label: "CloudWatch Logs Log Group",
		Actions: Actions{
			Read:   "logs: DescribeLogGroups ListTagsForResource",
			Create: "logs: CreateLogGroup TagResource",
			Makes:  []string{"arn:aws:logs:*:*:log-group:*"},
			Write:  "logs: DeleteLogGroup PutRetentionPolicy TagResource UntagResource",
			Untagged: []Grant{
				{
					Actions: "logs: CreateLogDelivery DeleteLogDelivery",
					On:      []string{"*"},
					Why:     "AWS knows no resource for a delivery; a flow log needs one",
				},
			},
		},
	},
	{
		Token: CloudWatchMetricAlarm,
		Label: "CloudWatch Metric Alarm",
		Actions: Actions{
			Read:   "cloudwatch: DescribeAlarms ListTagsForResource",
			Create: "cloudwatch: PutMetricAlarm TagResource",
			Makes:  []string{"arn:aws:cloudwatch:*:*:alarm:*"},
			Write:  "cloudwatch: PutMetricAlarm DeleteAlarms TagResource UntagResource",
		},
	},
	{
		Token: CloudWatchCompositeAlarm,
		Label: "CloudWatch Composite Alarm",
		Actions: Actions{
			Create: "cloudwatch: PutCompositeAlarm",
			Makes:  []string{"arn:aws:cloudwatch:*:*:alarm:*"},
			Write:  "cloudwatch: PutCompositeAlarm",
		},
	},
	{
		Token: CloudWatchEventRule,
		Label: "EventBridge Rule",
		Free:  "events of AWS's own services are free",
		Actions: Actions{
			Read:   "events: DescribeRule ListTagsForResource",
			Create: "events: PutRule TagResource",
			Makes:  []string{"arn:aws:events:*:*:rule/*"},
			Write:  "events: PutRule DeleteRule TagResource UntagResource",
		},
	},
	{
		Token: CloudWatchEventTarget,
		Label: "EventBridge Target",
		Free:  "events of AWS's own services are free",
		Actions: Actions{
			Read:  "events: ListTargetsByRule",
			Write: "events: PutTargets RemoveTargets",
		},
	},
	{
		Token: SNSTopic,
		Label: "SNS Topic",
		Free:  "a month's first thousand messages by e-mail are free, and these are few",
		Actions: Actions{
			Read:   "sns: GetTopicAttributes ListTagsForResource",
			Create: "sns: CreateTopic TagResource",
			Makes:  []string{"arn:aws:sns:*:*:*"},
			Write:  "sns: DeleteTopic SetTopicAttributes TagResource UntagResource",
		},
	},
	{
		Token: SNSTopicSubscription,
		Label: "SNS Topic Subscription",
		Free:  "the messages are the topic's",
		Actions: Actions{
			Read:  "sns: GetSubscriptionAttributes",
			Write: "sns: Subscribe Unsubscribe",
		},
	},
	{
		Token: BudgetsBudget,
		Label: "Budget",
		Free:  "budgets that only notify are free",
		Actions: Actions{
			Read: "budgets: ViewBudget ListTagsForResource",
			Untagged: []Grant{
				{
					Actions: "budgets: ModifyBudget TagResource UntagResource",
					On:      []string{"arn:aws:budgets::*:budget/" + NamePrefix + "*"},
					Why:     "a budget is known by its name, which begins with project and stack",
				},
			},
		},
	},
	{
		Token: CloudWatchDashboard,
		Label: "CloudWatch Dashboard",
		Free:  "the first three of an account are free; from the fourth on $3 a month each",
		Actions: Actions{
			Read: "cloudwatch: GetDashboard",
			Untagged: []Grant{
				{
					Actions: "cloudwatch: PutDashboard DeleteDashboards",
					On:      []string{"arn:aws:cloudwatch::*:dashboard/" + NamePrefix + "*"},
					Why:     "a dashboard is known by its name, which begins with project and stack",
				},
			},
		},
	},
}
