package githubidentity_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	roleToken   = catalog.IAMRole
	policyToken = catalog.IAMPolicy
	inlineToken = catalog.IAMRolePolicy
)

func args() githubidentity.Args {
	return githubidentity.Args{
		Repository: "acme/site", OwnerID: "12", RepositoryID: "345", Branch: "main", Environments: []string{"staging", "prod"}, Project: "webphases", AccountID: "123456789012",
		StateBucket: "acme-state", StateKeyARN: "arn:aws:kms:eu-west-1:123456789012:key/1-2",
	}
}

func program(args githubidentity.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := githubidentity.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

// document is a policy as AWS reads it.
type document struct{ Statement []statement }

type statement struct {
	Effect    string
	Action    any
	NotAction any
	Resource  any
	Principal map[string]string
	Condition map[string]map[string]any
}

func (s statement) actions() []string {
	if one, ok := s.Action.(string); ok {
		return []string{one}
	}
	var all []string
	if s.Action == nil {
		return nil // of a fence
	}
	for _, action := range s.Action.([]any) {
		all = append(all, action.(string))
	}
	return all
}

func parse(t *testing.T, text string) document {
	t.Helper()
	var d document
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	require.NotEmpty(t, d.Statement)
	return d
}

// allowed are the statements of a document that allow an action by name.
func (d document) allowed(action string) []statement {
	var found []statement
	for _, s := range d.Statement {
		for _, pattern := range s.actions() {
			if s.Effect == "Allow" && covers(pattern, action) {
				found = append(found, s)
				break
			}
		}
	}
	return found
}

func covers(pattern, action string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == action || wild && strings.HasPrefix(action, prefix)
}

func TestEachRoleTrustsOneSubject(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	run.CheckAll(t)
	const main = "refs/heads/main"
	workflow := func(file string) string { return "acme/site/.github/workflows/" + file + "@" + main }
	for role, claims := range map[string]map[string]any{
		"github-preview":        {"sub": "repo:acme@12/site@345:pull_request"},
		"github-drift":          {"sub": "repo:acme@12/site@345:ref:" + main, "ref": main, "job_workflow_ref": workflow("drift.yml")},
		"github-deploy-staging": {"sub": "repo:acme@12/site@345:environment:staging", "ref": main, "job_workflow_ref": workflow("deploy.yml"), "environment": "staging"},
		"github-deploy-prod":    {"sub": "repo:acme@12/site@345:environment:prod", "ref": main, "job_workflow_ref": workflow("deploy.yml"), "environment": "prod"},
	} {
		want := map[string]any{}
		for name, value := range claims {
			want["token.actions.githubusercontent.com:"+name] = value
		}
		want["token.actions.githubusercontent.com:aud"] = "sts.amazonaws.com"
		want["token.actions.githubusercontent.com:repository_id"] = "345"
		trust := parse(t, run.Get(t, roleToken, role).String("assumeRolePolicy"))
		require.Len(t, trust.Statement, 1, role)
		s := trust.Statement[0]
		assert.Equal(t, []string{"sts:AssumeRoleWithWebIdentity"}, s.actions(), role)
		assert.Equal(t, map[string]string{"Federated": "arn:aws:mock:ap-northeast-1:123456789012:github"}, s.Principal)
		assert.Equal(t, map[string]map[string]any{"StringEquals": want}, s.Condition, "%s: equal, never like", role)
	}
	assert.Len(t, run.All(roleToken), 4)
}

// A repository from before July 2026 that has not opted in sends names alone.
func TestTheOldSubject(t *testing.T) {
	t.Parallel()
	a := args()
	a.Subject, a.OwnerID, a.RepositoryID = githubidentity.SubjectNames, "", ""
	trust := parse(t, testutil.Must(t, program(a, "github")).Get(t, roleToken, "github-preview").String("assumeRolePolicy"))
	assert.Equal(t, map[string]map[string]any{"StringEquals": {
		"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/site:pull_request",
	}}, trust.Statement[0].Condition)
}

// The workflows that the roles trust are those of this repository.
func TestTheTrustedWorkflowsExist(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"deploy.yml", "drift.yml"} {
		assert.FileExists(t, "../../.github/workflows/"+file)
	}
}

func TestProvider(t *testing.T) {
	t.Parallel()
	const token = catalog.IAMOIDCProvider
	made := testutil.Must(t, program(args(), "github")).Get(t, token, "github")
	assert.Equal(t, "https://token.actions.githubusercontent.com", made.String("url"))
	assert.Equal(t, "sts.amazonaws.com", made.String("clientIdLists[0]"))

	a := args()
	a.ProviderARN = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	run := testutil.Must(t, program(a, "github"))
	run.CheckAll(t)
	assert.Empty(t, run.All(token), "an account can have only one")
	trust := parse(t, run.Get(t, roleToken, "github-preview").String("assumeRolePolicy"))
	assert.Equal(t, a.ProviderARN, trust.Statement[0].Principal["Federated"])
}

// Whoever opens a pull request can change the program, and so do whatever the
// preview's role may do.
func TestAPreviewOnlyLooksUp(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	var all []string
	for _, s := range parse(t, run.Get(t, inlineToken, "github-preview").String("policy")).Statement {
		all = append(all, s.actions()...)
	}
	assert.ElementsMatch(t, []string{
		"ec2:DescribeImages", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries", "rds:DescribeDBSnapshots", "ssm:GetParameter",
		"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "kms:Decrypt",
	}, all)
}

func TestDriftReadsButNoSecret(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	d := parse(t, run.Get(t, inlineToken, "github-drift").String("policy"))
	verbs := []string{"Describe", "Get", "List", "View"}
	for _, s := range d.Statement {
		for _, action := range s.actions() {
			_, name, _ := strings.Cut(action, ":")
			reads := action == "kms:Decrypt"
			for _, verb := range verbs {
				reads = reads || strings.HasPrefix(name, verb)
			}
			assert.True(t, reads, "%s is no reading", action)
		}
	}
	assert.Empty(t, d.allowed("secretsmanager:GetSecretValue"))
	for _, s := range d.allowed("ssm:GetParameter") {
		assert.Equal(t, "webphases", s.Condition["StringEquals"]["aws:ResourceTag/Project"])
	}
	objects := d.allowed("s3:GetObject")
	require.Len(t, objects, 2)
	assert.Equal(t, []any{"arn:aws:s3:::edge-fallback-*/*"}, objects[0].Resource, "the plain page for bad days")
	assert.Equal(t, []any{
		"arn:aws:s3:::acme-state/.pulumi/meta.yaml", "arn:aws:s3:::acme-state/.pulumi/stacks/webphases/*", "arn:aws:s3:::acme-state/.pulumi/history/webphases/*",
		"arn:aws:s3:::acme-state/.pulumi/backups/webphases/*", "arn:aws:s3:::acme-state/.pulumi/locks/organization/webphases/*",
	}, objects[1].Resource, "of this project")
}

func TestADeployRoleCannotRaiseItself(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	d := parse(t, run.Get(t, policyToken, "github-roles-prod").String("policy"))
	boundary := "arn:aws:mock:ap-northeast-1:123456789012:github-boundary"
	for _, action := range []string{"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} {
		require.Len(t, d.allowed(action), 1, action)
		s := d.allowed(action)[0]
		assert.Equal(t, boundary, s.Condition["StringEquals"]["iam:PermissionsBoundary"], action)
		assert.Equal(t, []any{"arn:aws:iam::123456789012:role/webphases/prod/*"}, s.Resource, action)
	}
	assert.NotEmpty(t, d.allowed("iam:AttachRolePolicy")[0].Condition["ArnEquals"]["iam:PolicyARN"])
	pass := d.allowed("iam:PassRole")
	require.Len(t, pass, 1)
	assert.Equal(t, []any{"arn:aws:iam::123456789012:role/webphases/prod/*"}, pass[0].Resource)
	assert.NotEmpty(t, pass[0].Condition["StringEquals"]["iam:PassedToService"])

	for _, registered := range append(run.All(policyToken), run.All(inlineToken)...) {
		if registered.Name == "github-boundary" {
			continue
		}
		one := parse(t, registered.String("policy"))
		for _, forbidden := range []string{
			"iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
			"iam:CreateUser", "iam:CreateAccessKey", "iam:CreateOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
			"iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle",
		} {
			assert.Empty(t, one.allowed(forbidden), "%s: %s", registered.Name, forbidden)
		}
	}
	for _, forbidden := range []string{"iam:CreateRole", "iam:PassRole", "sts:AssumeRole", "ec2:RunInstances", "s3:PutObject", "backup:DeleteRecoveryPoint"} {
		assert.Empty(t, parse(t, run.Get(t, policyToken, "github-boundary").String("policy")).allowed(forbidden), forbidden)
	}
	decrypt := parse(t, run.Get(t, policyToken, "github-boundary").String("policy")).allowed("kms:Decrypt")
	require.Len(t, decrypt, 2)
	assert.Equal(t, "secretsmanager.*", decrypt[0].Condition["StringLike"]["kms:ViaService"], "the secret alone")
	assert.Equal(t, "arn:aws:iam::123456789012:role/webphases/*/backups-*", decrypt[1].Condition["ArnLike"]["aws:PrincipalArn"], "AWS Backup's role alone")
	assert.NotEmpty(t, decrypt[1].Condition["StringLike"]["kms:ViaService"], "through the services that it backs up")
}

func TestADeployRoleWritesTheStateOfItsStack(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	writes := parse(t, run.Get(t, inlineToken, "github-deploy-prod").String("policy")).allowed("s3:PutObject")
	require.Len(t, writes, 1)
	for _, object := range writes[0].Resource.([]any) {
		assert.Regexp(t, `^arn:aws:s3:::acme-state/\.pulumi/(stacks|history|backups|locks/organization)/webphases/prod(\.json|/)\*$`, object)
	}
	attached := 0
	for _, a := range run.All(catalog.IAMRolePolicyAttachment) {
		if strings.HasPrefix(a.Name, "github-deploy-prod-") {
			attached++
		}
	}
	assert.Equal(t, 6, attached)

	a := args()
	a.StateBucket, a.StateKeyARN = "", ""
	run = testutil.Must(t, program(a, "github"))
	run.CheckAll(t)
	assert.Empty(t, parse(t, run.Get(t, inlineToken, "github-preview").String("policy")).allowed("s3:GetObject"))
	assert.Empty(t, parse(t, run.Get(t, inlineToken, "github-deploy-prod").String("policy")).allowed("s3:PutObject"), "another backend gives its own access")
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestPoliciesFit(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(args(), "github"))
	for _, p := range run.All(policyToken) {
		assert.LessOrEqual(t, len(p.String("policy")), 6144, p.Name)
	}
	for _, p := range run.All(inlineToken) {
		assert.LessOrEqual(t, len(p.String("policy")), 10240, p.Name)
	}
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	testutil.Must(t, program(args(), "one", "two")).CheckAll(t)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	run, err := testutil.Do(program(githubidentity.Args{
		Repository: "acme/*", OwnerID: "acme", RepositoryID: "0", Branch: "*", Environments: []string{"prod", "prod", "pr*d"}, Project: "web/phases", AccountID: "12",
		ProviderARN: "arn:aws:iam::123456789012:oidc-provider/example.com", StateBucket: "Bucket*", StateKeyARN: "alias/key",
	}, "github"))
	require.ErrorIs(t, err, githubidentity.ErrArgs)
	assert.Empty(t, run.All(""), "nothing is registered")
	for _, want := range []string{
		`Repository = "acme/*"`, `OwnerID = "acme"`, `RepositoryID = "0": write it like 456789: ` + "`gh api", `Branch = "*"`, `Environments names "prod" twice`, `Environments = "pr*d"`, `Project = "web/phases"`,
		`AccountID = "12"`, `ProviderARN = "arn:`, `StateBucket = "Bucket*"`, `StateKeyARN = "alias/key"`,
	} {
		assert.ErrorContains(t, err, want, "all at once")
	}
	a := args()
	a.Subject = "name"
	_, err = testutil.Do(program(a, "github"))
	require.ErrorContains(t, err, `Subject = "name": write immutable or names`)
	_, err = testutil.Do(program(githubidentity.Args{}, "github"))
	assert.ErrorContains(t, err, "Environments is empty")
}
