// Package monitoring says when something is wrong: alarms on what the stack holds,
// events that no metric shows, and two topics that people and tools subscribe to.
// One topic wakes somebody, for the site is down; the other only tells.
package monitoring

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Monitoring"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid monitoring arguments")

// prefix is what topics, rules and RDS all take; a rule's name has 64 characters at most.
var prefix = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Settings of the alarms; see docs/config.md, monitoring.
type Settings struct {
	// E-mail address that takes both topics' messages, once its owner has confirmed two messages of
	// AWS. Empty: subscribe to the topics yourself.
	Email string `key:"email" default:"" form:"email" example:"operators@example.com"`
	// US dollars a month that the whole account may cost: a forecast above it is told. 0: no budget.
	MonthlyBudget int `key:"monthlyBudget" default:"0" least:"0" most:"1000000" unit:"US dollars"`
	// A CloudWatch dashboard with a graph for each alarm, in rows: visitors, servers, data, money. The first three of an
	// account are free.
	Dashboard bool `key:"dashboard" default:"true"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes what is watched. What is nil is not.
type Args struct {
	Settings

	// Prefix begins every name that AWS shows, such as webphases-prod: a name is what
	// people read first in an alarm's message. Up to 40 lower-case letters, digits and
	// hyphens.
	Prefix  string
	Region  string
	Account string // the number of the account

	Server   *Server
	Group    *Group
	Balancer *Balancer
	NAT      map[string]pulumi.StringInput // IDs of the NAT gateways, by zone letter
	Database *Database
	Storage  *Storage
	// ServersNamespace is where the servers' CloudWatch agent puts its metrics; "" if
	// they have none.
	ServersNamespace string
	Scripts          pulumi.StringInput // name of the SSM document whose failed runs are told; nil: none

	// BackupRoleARN is the role of the backups whose failures are told; nil: none.
	BackupRoleARN pulumi.StringInput

	// Serving is what must be there before anything is watched: a site that has not
	// come up yet is nobody's alarm.
	Serving pulumi.ResourceArrayOutput
}

// Monitoring is the topics that alarms and events go to.
type Monitoring struct {
	pulumi.ResourceState

	WakeTopicARN pulumi.StringOutput // the site is down
	TellTopicARN pulumi.StringOutput // everything that is wrong
	// Watching resolves once everything is there that rings or tells.
	Watching pulumi.ArrayOutput

	name string
	args Args
	key  *kms.Key
	made pulumi.Array // the IDs of what rings or tells
}

// New makes the topics, alarms and rules. It fails with ErrArgs before anything is
// registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	m := &Monitoring{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, m, opts...); err != nil {
		return nil, fmt.Errorf("registering monitoring %s: %w", name, err)
	}
	for _, step := range []func(*pulumi.Context) error{m.makeKey, m.makeTopics, m.makeAlarms, m.makeRules, m.subscribeDatabase, m.makeBudget, m.makeDashboard} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("monitoring %s: %w", name, err)
		}
	}
	m.Watching = m.made.ToArrayOutput()
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{
		"wakeTopicArn": m.WakeTopicARN,
		"tellTopicArn": m.TellTopicARN,
	})
}

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if !prefix.MatchString(a.Prefix) {
		errs = append(errs, fmt.Errorf("Prefix %q: up to 40 lower-case letters, digits and hyphens", a.Prefix))
	}
	if a.Region == "" || a.Account == "" {
		errs = append(errs, errors.New("Region and Account are required"))
	}
	if (a.Server == nil) == (a.Group == nil) {
		errs = append(errs, errors.New("exactly one of Server and Group is required"))
	}
	if a.Group != nil && a.Balancer == nil {
		errs = append(errs, errors.New("Group needs Balancer: it is what tells whether the group serves"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

// publishers are the services that send messages, by their principals.
var publishers = []string{"cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com", "budgets.amazonaws.com"}

// makeKey makes the key that the topics are encrypted with. AWS's own key for SNS
// would shut the publishers out. The key alone lets nobody publish, so the services
// need no condition here: EventBridge sends none that a key policy could check.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (m *Monitoring) makeKey(ctx *pulumi.Context) (err error) {
	m.key, err = kms.NewKey(ctx, m.name, &kms.KeyArgs{
		Description:       pulumi.Sprintf("Messages of %s", m.args.Prefix),
		EnableKeyRotation: pulumi.Bool(true),
		Policy: policy.Document(
			policy.Statement{
				"Sid":       "TheAccountDecides",
				"Effect":    "Allow",
				"Principal": map[string]any{"AWS": "arn:aws:iam::" + m.args.Account + ":root"},
				"Action":    "kms:*",
				"Resource":  "*",
			},
			policy.Statement{
				"Sid":       "ServicesSendMessages",
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": publishers},
				"Action":    []string{"kms:Decrypt", "kms:GenerateDataKey*"},
				"Resource":  "*",
			},
		),
	}, pulumi.Parent(m))
	if err != nil {
		return fmt.Errorf("creating the key: %w", err)
	}
	return nil
}

func (m *Monitoring) makeTopics(ctx *pulumi.Context) (err error) {
	if m.WakeTopicARN, err = m.makeTopic(ctx, "wake"); err != nil {
		return err
	}
	m.TellTopicARN, err = m.makeTopic(ctx, "tell")
	return err
}

// makeTopic makes a topic that this account's services may publish to, over TLS.
//
// Sources:
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
func (m *Monitoring) makeTopic(ctx *pulumi.Context, what string) (pulumi.StringOutput, error) {
	name := m.args.Prefix + "-" + what
	arn := "arn:aws:sns:" + m.args.Region + ":" + m.args.Account + ":" + name
	publish := func(sid string, services []string, condition map[string]any) policy.Statement {
		return policy.Statement{
			"Sid":       sid,
			"Effect":    "Allow",
			"Principal": map[string]any{"Service": services},
			"Action":    "sns:Publish",
			"Resource":  arn,
			"Condition": condition,
		}
	}
	topic, err := sns.NewTopic(ctx, m.name+"-"+what, &sns.TopicArgs{
		Name:           pulumi.String(name),
		KmsMasterKeyId: m.key.Arn,
		Policy: policy.Document(
			publish("ServicesOfThisAccount", []string{"cloudwatch.amazonaws.com", "events.rds.amazonaws.com", "budgets.amazonaws.com"},
				map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": m.args.Account}}),
			publish("RulesOfThisStack", []string{"events.amazonaws.com"},
				map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:events:" + m.args.Region + ":" + m.args.Account + ":rule/" + m.args.Prefix + "-*"}}),
			policy.Statement{
				"Sid":       "RefuseWithoutTLS",
				"Effect":    "Deny",
				"Principal": "*",
				"Action":    "sns:Publish",
				"Resource":  arn,
				"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			},
		),
	}, pulumi.Parent(m))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("creating the topic %s: %w", what, err)
	}
	if m.args.Email != "" {
		_, err = sns.NewTopicSubscription(ctx, m.name+"-"+what, &sns.TopicSubscriptionArgs{
			Topic:    topic.Arn,
			Protocol: pulumi.String("email"),
			Endpoint: pulumi.String(m.args.Email),
		}, pulumi.Parent(m))
	}
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("subscribing to the topic %s: %w", what, err)
	}
	return topic.Arn, nil
}

// makeAlarms makes an alarm for each row of alarms.go, and the one that wakes
// somebody: it rings when any of those rings that say that the site is down.
func (m *Monitoring) makeAlarms(ctx *pulumi.Context) error {
	var down []*cloudwatch.MetricAlarm
	for _, a := range m.args.alarms() {
		made, err := m.makeAlarm(ctx, a)
		if err != nil {
			return fmt.Errorf("creating the alarm %s: %w", a.name, err)
		}
		m.made = append(m.made, made.ID())
		if a.down {
			down = append(down, made)
		}
	}
	rule := pulumi.String("").ToStringOutput()
	for i, alarm := range down {
		if i > 0 {
			rule = pulumi.Sprintf("%s OR ", rule)
		}
		rule = pulumi.Sprintf("%sALARM(%q)", rule, alarm.Name)
	}
	composite, err := cloudwatch.NewCompositeAlarm(ctx, m.name+"-"+siteDown, &cloudwatch.CompositeAlarmArgs{
		AlarmName:        pulumi.String(m.args.Prefix + "-" + siteDown),
		AlarmDescription: pulumi.String("Visitors get no page. " + runbook(siteDown)),
		AlarmRule:        rule,
		AlarmActions:     pulumi.StringArray{m.WakeTopicARN},
		OkActions:        pulumi.StringArray{m.WakeTopicARN},
	}, m.later()...)
	if err != nil {
		return fmt.Errorf("creating the alarm %s: %w", siteDown, err)
	}
	m.made = append(m.made, composite.ID())
	return nil
}

func (m *Monitoring) makeAlarm(ctx *pulumi.Context, a alarm) (*cloudwatch.MetricAlarm, error) {
	ring := pulumi.Array{m.TellTopicARN}
	if a.repair != "" {
		ring = append(ring, pulumi.String("arn:aws:automate:"+m.args.Region+":ec2:"+a.repair))
	}
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(m.args.Prefix + "-" + a.name),
		AlarmDescription:   pulumi.String(a.why + " " + runbook(a.name)),
		Namespace:          pulumi.String(a.namespace),
		MetricName:         pulumi.String(a.metric),
		Dimensions:         a.dimensions,
		ComparisonOperator: pulumi.String(a.comparison()),
		Threshold:          pulumi.Float64(a.threshold),
		Period:             pulumi.Int(a.seconds),
		EvaluationPeriods:  pulumi.Int(a.periods),
		TreatMissingData:   pulumi.String(a.missing),
		AlarmActions:       ring,
		OkActions:          pulumi.Array{m.TellTopicARN},
	}
	if a.percentile() {
		args.ExtendedStatistic = pulumi.String(a.statistic)
	} else {
		args.Statistic = pulumi.String(a.statistic)
	}
	return cloudwatch.NewMetricAlarm(ctx, m.name+"-"+a.name, args, m.later()...)
}

// later has a child wait for the site.
func (m *Monitoring) later() []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(m), pulumi.DependsOnInputs(m.args.Serving)}
}

// makeBudget warns when the month is forecast to cost more than the limit.
//
// Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
func (m *Monitoring) makeBudget(ctx *pulumi.Context) error {
	if m.args.MonthlyBudget == 0 {
		return nil
	}
	budget, err := budgets.NewBudget(ctx, m.name, &budgets.BudgetArgs{
		Name:        pulumi.String(m.args.Prefix),
		BudgetType:  pulumi.String("COST"),
		TimeUnit:    pulumi.String("MONTHLY"),
		LimitAmount: pulumi.Sprintf("%d", m.args.MonthlyBudget),
		LimitUnit:   pulumi.String("USD"),
		Notifications: budgets.BudgetNotificationArray{budgets.BudgetNotificationArgs{
			NotificationType:       pulumi.String("FORECASTED"),
			ComparisonOperator:     pulumi.String("GREATER_THAN"),
			Threshold:              pulumi.Float64(100),
			ThresholdType:          pulumi.String("PERCENTAGE"),
			SubscriberSnsTopicArns: pulumi.StringArray{m.TellTopicARN},
		}},
	}, pulumi.Parent(m))
	if err != nil {
		return fmt.Errorf("creating the budget: %w", err)
	}
	m.made = append(m.made, budget.ID())
	return nil
}
