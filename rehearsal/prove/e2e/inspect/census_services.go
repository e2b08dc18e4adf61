//go:build e2e

package inspect

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// pairs turns the tags of any service into a map.
func pairs[T any](list []T, read func(T) (key, value *string)) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		key, value := read(t)
		tags[aws.ToString(key)] = aws.ToString(value)
	}
	return tags
}

func (a *API) databases(ctx context.Context) (all []Thing, err error) {
	add := func(kind string, id, arn *string) error {
		tags, err := a.rds.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn})
		if err != nil {
			return err
		}
		all = append(all, Thing{kind, aws.ToString(id), rdsTags(tags.TagList)})
		return nil
	}
	instances, err := a.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	if err != nil {
		return nil, err
	}
	for _, i := range instances.DBInstances {
		if err := add("database", i.DBInstanceIdentifier, i.DBInstanceArn); err != nil {
			return nil, err
		}
	}
	groups, err := a.rds.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range groups.DBSubnetGroups {
		if err := add("database subnet group", g.DBSubnetGroupName, g.DBSubnetGroupArn); err != nil {
			return nil, err
		}
	}
	parameters, err := a.rds.DescribeDBParameterGroups(ctx, &rds.DescribeDBParameterGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range parameters.DBParameterGroups {
		if err := add("database parameter group", g.DBParameterGroupName, g.DBParameterGroupArn); err != nil {
			return nil, err
		}
	}
	snapshots, err := a.rds.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{})
	if err != nil {
		return nil, err
	}
	for _, s := range snapshots.DBSnapshots {
		all = append(all, Thing{"database snapshot", aws.ToString(s.DBSnapshotIdentifier), nil})
	}
	return all, nil
}

func (a *API) files(ctx context.Context) (all []Thing, err error) {
	systems, err := a.efs.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{})
	if err != nil {
		return nil, err
	}
	for _, s := range systems.FileSystems {
		all = append(all, Thing{"file system", aws.ToString(s.FileSystemId), efsTags(s.Tags)})
		targets, err := a.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{FileSystemId: s.FileSystemId})
		if err != nil {
			return nil, err
		}
		for _, t := range targets.MountTargets {
			all = append(all, Thing{"mount target", aws.ToString(t.MountTargetId), nil}) // AWS gives them no tags
		}
	}
	points, err := a.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range points.AccessPoints {
		all = append(all, Thing{"access point", aws.ToString(p.AccessPointId), efsTags(p.Tags)})
	}
	return all, nil
}

func (a *API) balancers(ctx context.Context) (all []Thing, err error) {
	kinds := map[string]string{}
	balancers, err := a.lb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, err
	}
	for _, b := range balancers.LoadBalancers {
		kinds[aws.ToString(b.LoadBalancerArn)] = "load balancer"
		listeners, err := a.lb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			return nil, err
		}
		for _, l := range listeners.Listeners {
			kinds[aws.ToString(l.ListenerArn)] = "listener"
		}
	}
	groups, err := a.lb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range groups.TargetGroups {
		kinds[aws.ToString(g.TargetGroupArn)] = "target group"
	}
	for arn, kind := range kinds {
		out, err := a.lb.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{arn}})
		if err != nil {
			return nil, err
		}
		thing := Thing{kind, arn, map[string]string{}}
		for _, d := range out.TagDescriptions {
			thing.Tags = lbTags(d.Tags)
		}
		all = append(all, thing)
	}
	return all, nil
}

func (a *API) groups(ctx context.Context) (all []Thing, err error) {
	groups, err := a.scaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range groups.AutoScalingGroups {
		all = append(all, Thing{"Auto Scaling group", aws.ToString(g.AutoScalingGroupName), scalingTags(g.Tags)})
	}
	policies, err := a.scaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range policies.ScalingPolicies {
		all = append(all, Thing{"scaling policy", aws.ToString(p.PolicyARN), nil})
	}
	return all, nil
}

func (a *API) identities(ctx context.Context) (all []Thing, err error) {
	roles, err := a.iam.ListRoles(ctx, &iam.ListRolesInput{})
	if err != nil {
		return nil, err
	}
	for _, r := range roles.Roles {
		tags, err := a.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: r.RoleName})
		if err != nil {
			return nil, err
		}
		all = append(all, Thing{"role", aws.ToString(r.RoleName), iamTags(tags.Tags)})
	}
	profiles, err := a.iam.ListInstanceProfiles(ctx, &iam.ListInstanceProfilesInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range profiles.InstanceProfiles {
		all = append(all, Thing{"instance profile", aws.ToString(p.InstanceProfileName), iamTags(p.Tags)})
	}
	return all, nil
}

func (a *API) management(ctx context.Context) (all []Thing, err error) {
	add := func(kind string, of ssmtypes.ResourceTypeForTagging, id *string) error {
		tags, err := a.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: of, ResourceId: id})
		if err != nil {
			return err
		}
		all = append(all, Thing{kind, aws.ToString(id), ssmTags(tags.TagList)})
		return nil
	}
	parameters, err := a.ssm.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range parameters.Parameters {
		if err := add("parameter", ssmtypes.ResourceTypeForTaggingParameter, p.Name); err != nil {
			return nil, err
		}
	}
	documents, err := a.ssm.ListDocuments(ctx, &ssm.ListDocumentsInput{})
	if err != nil {
		return nil, err
	}
	for _, d := range documents.DocumentIdentifiers {
		if err := add("document", ssmtypes.ResourceTypeForTaggingDocument, d.Name); err != nil {
			return nil, err
		}
	}
	associations, err := a.ssm.ListAssociations(ctx, &ssm.ListAssociationsInput{})
	if err != nil {
		return nil, err
	}
	for _, s := range associations.Associations {
		if err := add("association", ssmtypes.ResourceTypeForTaggingAssociation, s.AssociationId); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (a *API) secretsAndLogs(ctx context.Context) (all []Thing, err error) {
	secrets, err := a.secrets.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	if err != nil {
		return nil, err
	}
	for _, s := range secrets.SecretList {
		all = append(all, Thing{"secret", aws.ToString(s.Name), secretTags(s.Tags)})
	}
	groups, err := a.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		return nil, err
	}
	for _, g := range groups.LogGroups {
		tags, err := a.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn})
		if err != nil {
			return nil, err
		}
		if tags.Tags == nil {
			tags.Tags = map[string]string{}
		}
		all = append(all, Thing{"log group", aws.ToString(g.LogGroupName), tags.Tags})
	}
	return all, nil
}
