//go:build e2e

package inspect

import (
	"context"
	"net/url"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func (a *API) databaseFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &id})
	if err != nil || len(out.DBInstances) == 0 {
		return nil, err
	}
	d := out.DBInstances[0]
	f := facts{}.tag(rdsTags(d.TagList))
	for name, v := range map[string]any{
		"class": d.DBInstanceClass, "engine": d.Engine, "version": d.EngineVersion, "storage type": d.StorageType, "storage": d.AllocatedStorage,
		"largest storage": d.MaxAllocatedStorage, "encrypted": d.StorageEncrypted, "public access": d.PubliclyAccessible, "Multi-AZ": d.MultiAZ,
		"deletion protection": d.DeletionProtection, "backup days": d.BackupRetentionPeriod, "backup window": d.PreferredBackupWindow,
		"maintenance window": d.PreferredMaintenanceWindow, "minor upgrades": d.AutoMinorVersionUpgrade, "tags to snapshots": d.CopyTagsToSnapshot,
		"monitoring interval": d.MonitoringInterval, "log exports": join(d.EnabledCloudwatchLogsExports), "state": d.DBInstanceStatus,
	} {
		f.put(name, v)
	}
	var groups []string
	for _, g := range d.VpcSecurityGroups {
		groups = append(groups, aws.ToString(g.VpcSecurityGroupId))
	}
	f["security groups"] = join(groups)
	if d.DBSubnetGroup != nil {
		f.put("subnet group", d.DBSubnetGroup.DBSubnetGroupName)
	}
	for _, g := range d.DBParameterGroups {
		f.put("parameter group", g.DBParameterGroupName)
		f.put("parameters", g.ParameterApplyStatus)
	}
	return f, nil
}

func (a *API) databaseParameterFacts(ctx context.Context, id string) (facts, error) {
	groups, err := a.rds.DescribeDBParameterGroups(ctx, &rds.DescribeDBParameterGroupsInput{DBParameterGroupName: &id})
	if err != nil || len(groups.DBParameterGroups) == 0 {
		return nil, err
	}
	out, err := a.rds.DescribeDBParameters(ctx, &rds.DescribeDBParametersInput{DBParameterGroupName: &id, Source: aws.String("user")})
	if err != nil {
		return nil, err
	}
	f, err := a.rdsTagged(ctx, groups.DBParameterGroups[0].DBParameterGroupArn)
	for _, p := range out.Parameters {
		f.put("parameter "+aws.ToString(p.ParameterName), p.ParameterValue)
	}
	return f, err
}

func (a *API) rdsTagged(ctx context.Context, arn *string) (facts, error) {
	tags, err := a.rds.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn})
	if err != nil {
		return facts{}, err
	}
	return facts{}.tag(rdsTags(tags.TagList)), nil
}

func (a *API) databaseSubnetFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.rds.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: &id})
	if err != nil || len(out.DBSubnetGroups) == 0 {
		return nil, err
	}
	f, err := a.rdsTagged(ctx, out.DBSubnetGroups[0].DBSubnetGroupArn)
	var subnets []string
	for _, s := range out.DBSubnetGroups[0].Subnets {
		subnets = append(subnets, aws.ToString(s.SubnetIdentifier))
	}
	f["subnets"] = join(subnets)
	return f, err
}

func (a *API) fileSystemFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.efs.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{FileSystemId: &id})
	if err != nil || len(out.FileSystems) == 0 {
		return nil, err
	}
	f := facts{}.tag(efsTags(out.FileSystems[0].Tags))
	f.put("encrypted", out.FileSystems[0].Encrypted)
	f.put("throughput", out.FileSystems[0].ThroughputMode)
	f.put("state", out.FileSystems[0].LifeCycleState)
	backup, err := a.efs.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: &id})
	if err == nil && backup.BackupPolicy != nil {
		f.put("backups", backup.BackupPolicy.Status)
	} else if !absent(err) {
		return nil, err
	}
	policy, err := a.efs.DescribeFileSystemPolicy(ctx, &efs.DescribeFileSystemPolicyInput{FileSystemId: &id})
	if err == nil {
		f.put("policy", policy.Policy)
	} else if !absent(err) {
		return nil, err
	}
	return f, nil
}

func (a *API) mountTargetFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{MountTargetId: &id})
	if err != nil || len(out.MountTargets) == 0 {
		return nil, err
	}
	groups, err := a.efs.DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: &id})
	if err != nil {
		return nil, err
	}
	f := facts{"security groups": join(groups.SecurityGroups)}
	f.put("file system", out.MountTargets[0].FileSystemId)
	f.put("subnet", out.MountTargets[0].SubnetId)
	f.put("state", out.MountTargets[0].LifeCycleState)
	return f, nil
}

func (a *API) accessPointFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{AccessPointId: &id})
	if err != nil || len(out.AccessPoints) == 0 {
		return nil, err
	}
	p := out.AccessPoints[0]
	f := facts{}.tag(efsTags(p.Tags))
	f.put("file system", p.FileSystemId)
	if p.RootDirectory != nil {
		f.put("path", p.RootDirectory.Path)
	}
	if p.PosixUser != nil {
		f.put("user", p.PosixUser.Uid)
	}
	return f, nil
}

// secretFacts reads what a secret is, and never what it holds.
func (a *API) secretFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if err != nil {
		return nil, err
	}
	f := facts{"to be deleted": "no"}.tag(secretTags(out.Tags))
	f.put("name", out.Name)
	f.put("to be deleted", out.DeletedDate)
	return f, nil
}

func (a *API) roleFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &id})
	if err != nil {
		return nil, err
	}
	f := facts{}.tag(iamTags(out.Role.Tags))
	if f["trust"], err = url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument)); err != nil {
		return nil, err
	}
	inline, err := a.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &id})
	if err != nil {
		return nil, err
	}
	for _, name := range inline.PolicyNames {
		policy, err := a.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &id, PolicyName: &name})
		if err != nil {
			return nil, err
		}
		if f["policy "+name], err = url.QueryUnescape(aws.ToString(policy.PolicyDocument)); err != nil {
			return nil, err
		}
	}
	attached, err := a.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &id})
	if err != nil {
		return nil, err
	}
	for _, p := range attached.AttachedPolicies {
		f["policy "+aws.ToString(p.PolicyArn)] = there
	}
	return f, nil
}

func (a *API) profileFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &id})
	if err != nil {
		return nil, err
	}
	f := facts{}.tag(iamTags(out.InstanceProfile.Tags))
	for _, r := range out.InstanceProfile.Roles {
		f.put("role", r.RoleName)
	}
	return f, nil
}

func (a *API) ssmTagged(ctx context.Context, of ssmtypes.ResourceTypeForTagging, id string) (facts, error) {
	tags, err := a.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: of, ResourceId: &id})
	if err != nil {
		return nil, err
	}
	return facts{}.tag(ssmTags(tags.TagList)), nil
}

func (a *API) parameterFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &id, WithDecryption: aws.Bool(false)})
	if err != nil {
		return nil, err
	}
	f, err := a.ssmTagged(ctx, ssmtypes.ResourceTypeForTaggingParameter, id)
	if err != nil {
		return nil, err
	}
	f.put("type", out.Parameter.Type)
	f.put("value", out.Parameter.Value)
	return f, nil
}

func (a *API) documentFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ssm.GetDocument(ctx, &ssm.GetDocumentInput{Name: &id})
	if err != nil {
		return nil, err
	}
	f, err := a.ssmTagged(ctx, ssmtypes.ResourceTypeForTaggingDocument, id)
	if err != nil {
		return nil, err
	}
	f.put("content", out.Content)
	f.put("state", out.Status)
	return f, nil
}

func (a *API) associationFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.ssm.DescribeAssociation(ctx, &ssm.DescribeAssociationInput{AssociationId: &id})
	if err != nil {
		return nil, err
	}
	f, err := a.ssmTagged(ctx, ssmtypes.ResourceTypeForTaggingAssociation, id)
	if err != nil {
		return nil, err
	}
	f.put("document", out.AssociationDescription.Name)
	if o := out.AssociationDescription.Overview; o != nil {
		f.put("state", o.Status)
	}
	return f, nil
}

func (a *API) logGroupFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &id})
	if err != nil {
		return nil, err
	}
	for _, g := range out.LogGroups {
		if aws.ToString(g.LogGroupName) != id {
			continue
		}
		tags, err := a.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn})
		if err != nil {
			return nil, err
		}
		f := facts{}.tag(tags.Tags)
		f.put("days kept", g.RetentionInDays)
		return f, nil
	}
	return nil, nil
}

func (a *API) alarmFacts(ctx context.Context, id string) (facts, error) {
	out, err := a.watch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{id}})
	if err != nil || len(out.MetricAlarms) == 0 {
		return nil, err
	}
	alarm := out.MetricAlarms[0]
	tags, err := a.watch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: alarm.AlarmArn})
	if err != nil {
		return nil, err
	}
	f := facts{}
	for _, tag := range tags.Tags {
		f.put("tag "+aws.ToString(tag.Key), tag.Value)
	}
	f.put("metric", alarm.MetricName)
	f.put("namespace", alarm.Namespace)
	f.put("comparison", alarm.ComparisonOperator)
	f.put("periods", alarm.EvaluationPeriods)
	f.put("threshold", strconv.FormatFloat(aws.ToFloat64(alarm.Threshold), 'f', -1, 64))
	f.put("tells", alarm.ActionsEnabled)
	return f, nil
}
