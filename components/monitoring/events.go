package monitoring

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// makeRules tells of what fails and no metric shows: runs of the servers' scripts,
// backups, rolling replacements of the group's servers, and servers that did not start.
//
// Sources:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-eventbridge-events.html
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
func (m *Monitoring) makeRules(ctx *pulumi.Context) error {
	if m.args.Scripts != nil {
		if err := m.makeRule(ctx, "script-failed", "A script of the servers has failed.", map[string]any{
			"source":      []string{"aws.ssm"},
			"detail-type": []string{"EC2 State Manager Association State Change"},
			"detail": map[string]any{
				"document-name": pulumi.StringArray{m.args.Scripts},
				"status":        []string{"Failed"},
			},
		}); err != nil {
			return err
		}
	}
	if m.args.BackupRoleARN != nil {
		// The jobs of the stack are those that its role does.
		if err := m.makeRule(ctx, "backup-failed", "A backup, or its copy in another region, has failed.", map[string]any{
			"source":      []string{"aws.backup"},
			"detail-type": []string{"Backup Job State Change", "Copy Job State Change"},
			"detail": map[string]any{
				"iamRoleArn": pulumi.StringArray{m.args.BackupRoleARN},
				"state":      []string{"ABORTED", "EXPIRED", "FAILED"},
			},
		}); err != nil {
			return err
		}
	}
	if m.args.Group == nil {
		return nil
	}
	return m.makeRule(ctx, "replacement-failed", "The group could not start a server or replace its servers.", map[string]any{
		"source":      []string{"aws.autoscaling"},
		"detail-type": []string{"EC2 Instance Launch Unsuccessful", "EC2 Auto Scaling Instance Refresh Failed"},
		"detail":      map[string]any{"AutoScalingGroupName": pulumi.StringArray{m.args.Group.Name}},
	})
}

func (m *Monitoring) makeRule(ctx *pulumi.Context, what, why string, pattern map[string]any) error {
	rule, err := cloudwatch.NewEventRule(ctx, m.name+"-"+what, &cloudwatch.EventRuleArgs{
		Name:         pulumi.String(m.args.Prefix + "-" + what),
		Description:  pulumi.String(why + " " + runbook(what)),
		EventPattern: pulumi.JSONMarshal(pattern),
	}, m.later()...)
	if err != nil {
		return fmt.Errorf("creating the rule %s: %w", what, err)
	}
	target, err := cloudwatch.NewEventTarget(ctx, m.name+"-"+what, &cloudwatch.EventTargetArgs{
		Rule:     rule.Name,
		TargetId: pulumi.String("tell"),
		Arn:      m.TellTopicARN,
	}, pulumi.Parent(m))
	if err != nil {
		return fmt.Errorf("sending the events of %s: %w", what, err)
	}
	m.made = append(m.made, target.ID())
	return nil
}

// subscribeDatabase tells what RDS says of the database: failovers, failures,
// maintenance, changes of its configuration.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
func (m *Monitoring) subscribeDatabase(ctx *pulumi.Context) error {
	if m.args.Database == nil {
		return nil
	}
	events, err := rds.NewEventSubscription(ctx, m.name+"-database", &rds.EventSubscriptionArgs{
		Name:       pulumi.String(m.args.Prefix + "-database"),
		SnsTopic:   m.TellTopicARN,
		SourceType: pulumi.String("db-instance"),
		SourceIds:  pulumi.StringArray{m.args.Database.Identifier},
		EventCategories: pulumi.ToStringArray([]string{
			"availability", "configuration change", "failover", "failure", "low storage", "maintenance", "notification", "recovery",
		}),
	}, pulumi.Parent(m))
	if err != nil {
		return fmt.Errorf("subscribing to the database's events: %w", err)
	}
	m.made = append(m.made, events.ID())
	return nil
}
