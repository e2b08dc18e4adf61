package iam_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
	"github.com/webphases/webphases/rehearsal/prove/iam"
)

const (
	account  = "123456789012"
	boundary = "arn:aws:mock:ap-northeast-1:123456789012:github-boundary" // as the mocks name it
	theZone  = "Z0123456789ABCDEFGHIJ"
)

// deployRole is the role that deploys prod, as the component makes it.
func deployRole(t *testing.T) iam.Role {
	t.Helper()
	run := testutil.Must(t, func(ctx *pulumi.Context) error {
		_, err := githubidentity.New(ctx, "github", githubidentity.Args{
			Repository:    "acme/site",
			OwnerID:       "12",
			RepositoryID:  "345",
			Branch:        "main",
			Environments:  []string{"staging", "prod"},
			Project:       "webphases",
			HostedZoneIDs: []string{theZone},
			AccountID:     account,
			StateBucket:   "acme-state",
			StateKeyARN:   "arn:aws:kms:eu-west-1:123456789012:key/1-2",
		})
		return err
	})
	texts := []string{run.Get(t, catalog.IAMRolePolicy, "github-deploy-prod").String("policy")}
	for _, name := range []string{"read", "network-prod", "services-prod", "entry-prod", "data-prod", "roles-prod"} {
		texts = append(texts, run.Get(t, catalog.IAMPolicy, "github-"+name).String("policy"))
	}
	var r iam.Role
	for _, text := range texts {
		d, err := iam.Parse(text)
		require.NoError(t, err)
		r.Policies = append(r.Policies, d)
	}
	return r
}

// context fills the keys of a request: the resource's tags, then key=value.
func context(owner map[string]string, more ...string) map[string][]string {
	filled := map[string][]string{}
	for tag, value := range owner {
		filled["aws:resourcetag/"+strings.ToLower(tag)] = []string{value}
	}
	for _, pair := range more {
		key, value, _ := strings.Cut(pair, "=")
		filled[strings.ToLower(key)] = append(filled[strings.ToLower(key)], value)
	}
	return filled
}

var mine = map[string]string{"Project": "webphases", "Stack": "prod"}

// The victims, by what their tags say.
var victims = map[string]map[string]string{
	"another project":         {"Project": "blog", "Stack": "prod"},
	"another stack":           {"Project": "webphases", "Stack": "staging"},
	"a stranger without tags": nil,
}

// signed is a request that carries the tags of this stack, whatever it is made on.
var signed = []string{"aws:RequestTag/Project=webphases", "aws:RequestTag/Stack=prod"}

func ec2ARN(kind string) string { return "arn:aws:ec2:eu-west-1:" + account + ":" + kind + "/x-1" }

// deeds are what could be done to somebody's things; signed deeds carry our tags. Each
// is allowed on the stack's own.
var deeds = []struct {
	action, on string
	signed     bool
	// claims: possible on a stranger's thing without tags: the service has no key that
	// tells a tag at birth from a later one, or AWS makes ours without tags. ADR 21 says so.
	claims bool
}{
	{action: "rds:DeleteDBInstance", on: "arn:aws:rds:eu-west-1:" + account + ":db:x"},
	{action: "rds:ModifyDBInstance", on: "arn:aws:rds:eu-west-1:" + account + ":db:x"},
	{action: "rds:ModifyDBParameterGroup", on: "arn:aws:rds:eu-west-1:" + account + ":pg:x"},
	{action: "rds:AddTagsToResource", on: "arn:aws:rds:eu-west-1:" + account + ":db:x", signed: true, claims: true},
	{action: "elasticfilesystem:DeleteFileSystem", on: "arn:aws:elasticfilesystem:eu-west-1:" + account + ":file-system/fs-1"},
	{action: "elasticfilesystem:PutFileSystemPolicy", on: "arn:aws:elasticfilesystem:eu-west-1:" + account + ":file-system/fs-1"},
	{action: "elasticfilesystem:CreateMountTarget", on: "arn:aws:elasticfilesystem:eu-west-1:" + account + ":file-system/fs-1"},
	{action: "elasticfilesystem:TagResource", on: "arn:aws:elasticfilesystem:eu-west-1:" + account + ":file-system/fs-1", signed: true},
	{action: "ssm:DeleteParameter", on: "arn:aws:ssm:eu-west-1:" + account + ":parameter/x"},
	{action: "ssm:PutParameter", on: "arn:aws:ssm:eu-west-1:" + account + ":parameter/x"},
	{action: "ssm:AddTagsToResource", on: "arn:aws:ssm:eu-west-1:" + account + ":parameter/x", signed: true, claims: true},
	{action: "ssm:CreateAssociation", on: ec2ARN("instance"), signed: true},
	{action: "ec2:TerminateInstances", on: ec2ARN("instance")},
	{action: "ec2:StopInstances", on: ec2ARN("instance")},
	{action: "ec2:ModifyInstanceAttribute", on: ec2ARN("instance")},
	{action: "ec2:AssociateIamInstanceProfile", on: ec2ARN("instance")},
	{action: "ec2:CreateImage", on: ec2ARN("instance"), signed: true},
	{action: "ec2:RunInstances", on: ec2ARN("subnet"), signed: true},
	{action: "ec2:RunInstances", on: ec2ARN("security-group"), signed: true},
	{action: "ec2:AuthorizeSecurityGroupIngress", on: ec2ARN("security-group"), signed: true},
	{action: "ec2:DeleteSecurityGroup", on: ec2ARN("security-group")},
	{action: "ec2:CreateTags", on: ec2ARN("instance"), signed: true},
	{action: "ec2:DeleteTags", on: ec2ARN("vpc")},
	{action: "ec2:DeleteVpc", on: ec2ARN("vpc")},
	{action: "ec2:CreateSubnet", on: ec2ARN("vpc"), signed: true},
	{action: "ec2:CreateRoute", on: ec2ARN("route-table")},
	{action: "ec2:DeleteNetworkAclEntry", on: ec2ARN("network-acl")},
	{action: "ec2:ReleaseAddress", on: ec2ARN("elastic-ip")},
	{action: "ec2:AssociateAddress", on: ec2ARN("elastic-ip")},
	{action: "ec2:DeregisterImage", on: "arn:aws:ec2:eu-west-1::image/ami-1"},
	{action: "ec2:DeleteSnapshot", on: "arn:aws:ec2:eu-west-1::snapshot/snap-1", claims: true},
	{action: "ec2:CreateLaunchTemplateVersion", on: ec2ARN("launch-template")},
	{action: "elasticloadbalancing:DeleteLoadBalancer", on: "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":loadbalancer/app/x/1"},
	{action: "elasticloadbalancing:CreateListener", on: "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":loadbalancer/app/x/1", signed: true},
	{action: "elasticloadbalancing:ModifyListener", on: "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":listener/app/x/1/2"},
	{action: "elasticloadbalancing:AddTags", on: "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":loadbalancer/app/x/1", signed: true},
	{action: "wafv2:AssociateWebACL", on: "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":loadbalancer/app/x/1"},
	{action: "autoscaling:UpdateAutoScalingGroup", on: "arn:aws:autoscaling:eu-west-1:" + account + ":autoScalingGroup:1:autoScalingGroupName/x"},
	{action: "autoscaling:DeleteAutoScalingGroup", on: "arn:aws:autoscaling:eu-west-1:" + account + ":autoScalingGroup:1:autoScalingGroupName/x"},
	{action: "kms:ScheduleKeyDeletion", on: "arn:aws:kms:eu-west-1:" + account + ":key/9"},
	{action: "kms:PutKeyPolicy", on: "arn:aws:kms:eu-west-1:" + account + ":key/9"},
	{action: "secretsmanager:GetSecretValue", on: "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:credentials-1"},
	{action: "secretsmanager:PutSecretValue", on: "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:credentials-1"},
	{action: "secretsmanager:DeleteSecret", on: "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:credentials-1"},
	{action: "sns:SetTopicAttributes", on: "arn:aws:sns:eu-west-1:" + account + ":x"},
	{action: "sns:DeleteTopic", on: "arn:aws:sns:eu-west-1:" + account + ":x"},
	{action: "cloudwatch:DeleteAlarms", on: "arn:aws:cloudwatch:eu-west-1:" + account + ":alarm:x"},
	{action: "events:PutTargets", on: "arn:aws:events:eu-west-1:" + account + ":rule/x"},
	{action: "logs:DeleteLogGroup", on: "arn:aws:logs:eu-west-1:" + account + ":log-group:x"},
	{action: "acm:DeleteCertificate", on: "arn:aws:acm:eu-west-1:" + account + ":certificate/1"},
}

func TestADeployRoleTouchesItsStackAlone(t *testing.T) {
	t.Parallel()
	role := deployRole(t)
	denied := 0
	for _, deed := range deeds {
		var more []string
		if deed.signed {
			more = signed
		}
		name := deed.action + " on " + deed.on
		assert.True(t, role.Allows(iam.Request{Action: deed.action, Resource: deed.on, Context: context(mine, more...)}), "the stack's own: %s", name)
		for _, victim := range slices.Sorted(maps.Keys(victims)) {
			allowed := role.Allows(iam.Request{Action: deed.action, Resource: deed.on, Context: context(victims[victim], more...)})
			assert.Equal(t, deed.claims && victims[victim] == nil, allowed, "%s: %s", victim, name)
			if !allowed {
				denied++
			}
		}
	}
	for _, other := range []struct{ action, on, own string }{
		{"route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z9999999999", "arn:aws:route53:::hostedzone/" + theZone},
		{"budgets:ModifyBudget", "arn:aws:budgets::" + account + ":budget/blog-prod", "arn:aws:budgets::" + account + ":budget/webphases-prod"},
		{"s3:DeleteBucket", "arn:aws:s3:::blog-assets", "arn:aws:s3:::entry-logs-1"},
		{"s3:GetObject", "arn:aws:s3:::acme-state/.pulumi/stacks/blog/prod.json", "arn:aws:s3:::acme-state/.pulumi/stacks/webphases/prod.json"},
		{"s3:PutObject", "arn:aws:s3:::acme-state/.pulumi/stacks/webphases/staging.json", "arn:aws:s3:::acme-state/.pulumi/stacks/webphases/prod.json"},
		{"s3:PutObject", "arn:aws:s3:::acme-state/.pulumi/locks/organization/webphases/staging/1.json", "arn:aws:s3:::acme-state/.pulumi/locks/organization/webphases/prod/1.json"},
		{"ssm:GetParameter", "arn:aws:ssm:eu-west-1:" + account + ":parameter/blog", ""},
	} {
		assert.False(t, role.Allows(iam.Request{Action: other.action, Resource: other.on}), "%s on %s", other.action, other.on)
		denied++
		if other.own != "" {
			assert.True(t, role.Allows(iam.Request{Action: other.action, Resource: other.own}), "%s on %s", other.action, other.own)
		}
	}
	fmt.Printf("trespasses denied: %d\n", denied)
}

// Ways by which less has become more, after lists that people publish.
//
// Source: https://bishopfox.com/blog/privilege-escalation-in-aws, https://hackingthe.cloud/aws/exploitation/iam_privilege_escalation/
func TestADeployRoleCannotBecomeMore(t *testing.T) {
	t.Parallel()
	role := deployRole(t)
	const (
		iamARN   = "arn:aws:iam::" + account + ":"
		own      = iamARN + "role/webphases/prod/web-1"
		admin    = iamARN + "role/admin"
		itself   = iamARN + "role/github-deploy-prod-1"
		sibling  = iamARN + "role/webphases/staging/web-1"
		strayed  = iamARN + "role/webphases/production/web-1"
		instance = "arn:aws:ec2:eu-west-1:" + account + ":instance/i-1"
	)
	bounded := "iam:PermissionsBoundary=" + boundary
	to := func(service string) string { return "iam:PassedToService=" + service }
	escalations := []struct {
		action, on string
		more       []string
	}{
		{"iam:CreateRole", own, nil},
		{"iam:CreateRole", own, []string{"iam:PermissionsBoundary=arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:CreateRole", admin, []string{bounded}},
		{"iam:CreateRole", sibling, []string{bounded}},
		{"iam:CreateRole", strayed, []string{bounded}},
		{"iam:PutRolePolicy", own, nil},
		{"iam:PutRolePolicy", itself, []string{bounded}},
		{"iam:PutRolePolicy", sibling, []string{bounded}},
		{"iam:AttachRolePolicy", own, []string{bounded, "iam:PolicyARN=arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:AttachRolePolicy", itself, []string{bounded, "iam:PolicyARN=arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}},
		{"iam:DetachRolePolicy", itself, []string{bounded, "iam:PolicyARN=arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}},
		{"iam:DeleteRolePolicy", itself, []string{bounded}},
		{"iam:DeleteRole", itself, nil},
		{"iam:TagRole", admin, signed},
		{"iam:UpdateAssumeRolePolicy", own, nil},
		{"iam:UpdateAssumeRolePolicy", itself, nil},
		{"iam:UpdateAssumeRolePolicy", admin, nil},
		{"iam:DeleteRolePermissionsBoundary", own, nil},
		{"iam:PutRolePermissionsBoundary", own, []string{"iam:PermissionsBoundary=arn:aws:iam::aws:policy/AdministratorAccess"}},
		{"iam:CreatePolicy", iamARN + "policy/x", nil},
		{"iam:CreatePolicyVersion", iamARN + "policy/github-boundary", nil},
		{"iam:CreatePolicyVersion", iamARN + "policy/github-read", nil},
		{"iam:SetDefaultPolicyVersion", iamARN + "policy/github-read", nil},
		{"iam:DeletePolicy", iamARN + "policy/github-boundary", nil},
		{"iam:PassRole", admin, []string{to("ec2.amazonaws.com")}},
		{"iam:PassRole", sibling, []string{to("ec2.amazonaws.com")}},
		{"iam:PassRole", itself, []string{to("ec2.amazonaws.com")}},
		{"iam:PassRole", own, []string{to("lambda.amazonaws.com")}},
		{"iam:PassRole", own, []string{to("cloudformation.amazonaws.com")}},
		{"iam:AddRoleToInstanceProfile", iamARN + "instance-profile/admin", nil},
		{"iam:CreateInstanceProfile", iamARN + "instance-profile/webphases/staging/web-1", signed},
		{"iam:CreateServiceLinkedRole", iamARN + "role/aws-service-role/x/y", []string{"iam:AWSServiceName=organizations.amazonaws.com"}},
		{"iam:CreateUser", iamARN + "user/x", nil},
		{"iam:CreateAccessKey", iamARN + "user/x", nil},
		{"iam:CreateLoginProfile", iamARN + "user/x", nil},
		{"iam:UpdateLoginProfile", iamARN + "user/x", nil},
		{"iam:AttachUserPolicy", iamARN + "user/x", nil},
		{"iam:PutUserPolicy", iamARN + "user/x", nil},
		{"iam:AddUserToGroup", iamARN + "group/x", nil},
		{"iam:PutGroupPolicy", iamARN + "group/x", nil},
		{"iam:CreateOpenIDConnectProvider", iamARN + "oidc-provider/x", nil},
		{"iam:UpdateOpenIDConnectProviderThumbprint", iamARN + "oidc-provider/token.actions.githubusercontent.com", nil},
		{"iam:AddClientIDToOpenIDConnectProvider", iamARN + "oidc-provider/token.actions.githubusercontent.com", nil},
		{"sts:AssumeRole", admin, nil},
		{"sts:AssumeRole", own, nil},
		{"lambda:CreateFunction", "arn:aws:lambda:eu-west-1:" + account + ":function:x", nil},
		{"lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:" + account + ":function:x", nil},
		{"cloudformation:CreateStack", "*", nil},
		{"glue:CreateDevEndpoint", "*", nil},
		{"codebuild:CreateProject", "*", nil},
		{"ecs:RunTask", "*", nil},
		{"sagemaker:CreateNotebookInstance", "*", nil},
		{"ssm:SendCommand", instance, nil},
		{"ssm:StartSession", instance, nil},
		{"ec2-instance-connect:SendSSHPublicKey", instance, nil},
		{"ec2:ReplaceIamInstanceProfileAssociation", instance, nil},
		{"ec2:ModifySnapshotAttribute", "arn:aws:ec2:eu-west-1::snapshot/snap-1", nil},
		{"rds:ModifyDBSnapshotAttribute", "arn:aws:rds:eu-west-1:" + account + ":snapshot:x", nil},
		{"kms:CreateGrant", "arn:aws:kms:eu-west-1:" + account + ":key/9", nil},
		{"s3:PutBucketPolicy", "arn:aws:s3:::acme-state", nil},
		{"organizations:LeaveOrganization", "*", nil},
	}
	for _, e := range escalations {
		assert.False(t, role.Allows(iam.Request{Action: e.action, Resource: e.on, Context: context(nil, e.more...)}), "%s on %s %v", e.action, e.on, e.more)
	}
	for _, e := range []struct {
		action, on string
		more       []string
	}{
		{"iam:CreateRole", own, []string{bounded}},
		{"iam:PutRolePolicy", own, []string{bounded}},
		{"iam:AttachRolePolicy", own, []string{bounded, "iam:PolicyARN=arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}},
		{"iam:PassRole", own, []string{to("ec2.amazonaws.com")}},
	} {
		assert.True(t, role.Allows(iam.Request{Action: e.action, Resource: e.on, Context: context(mine, e.more...)}), "what a deployment needs: %s", e.action)
	}
	fmt.Printf("escalations denied: %d of %d\n", len(escalations), len(escalations))
}
