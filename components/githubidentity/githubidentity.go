// Package githubidentity lets GitHub Actions of one repository act on AWS
// without keys: GitHub signs who a job is, and IAM trusts that for a role each.
//
//	preview   a pull request of the repository: may look up images and zones, and read the state
//	drift     the main branch: may read what the stacks hold, but no secret's value
//	deploy    a GitHub environment, one for each stack: may make and delete what a stack holds
//
// Source: https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
package githubidentity

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// Type is the component's type token.
const Type = "webphases:index:GithubIdentity"

// Identity is the roles, by ARN.
type Identity struct {
	pulumi.ResourceState

	Preview, Drift pulumi.StringOutput
	// Deploy by environment.
	Deploy map[string]pulumi.StringOutput
	// Boundary is the policy that bounds the roles which a stack makes, and
	// RolePath where it makes them: its roles.permissionsBoundary and roles.path.
	Boundary pulumi.StringOutput
	RolePath string
}

// maker is an identity while it is being made.
type maker struct {
	ctx  *pulumi.Context
	name string
	args Args
	*Identity
	provider pulumi.StringInput
}

// New makes the roles. It fails with ErrArgs, naming every mistake, before
// anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Identity, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	m := maker{ctx: ctx, name: name, args: args, Identity: &Identity{Deploy: map[string]pulumi.StringOutput{}, RolePath: args.rolePath()}}
	if err := ctx.RegisterComponentResource(Type, name, m.Identity, opts...); err != nil {
		return nil, fmt.Errorf("registering identity %s: %w", name, err)
	}
	for _, step := range []func() error{m.makeProvider, m.makePreview, m.makeDrift, m.makeDeploy} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.Identity, ctx.RegisterResourceOutputs(m.Identity, pulumi.Map{"preview": m.Preview, "drift": m.Drift, "boundary": m.Boundary})
}

// makeProvider makes GitHub's provider, of which an account can have only one.
// AWS checks GitHub's certificate by its own list of authorities, so that no
// thumbprint is needed.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func (m *maker) makeProvider() error {
	if m.args.ProviderARN != "" {
		m.provider = pulumi.String(m.args.ProviderARN)
		return nil
	}
	provider, err := iam.NewOpenIdConnectProvider(m.ctx, m.name, &iam.OpenIdConnectProviderArgs{
		Url: pulumi.String("https://" + issuer), ClientIdLists: pulumi.StringArray{pulumi.String(audience)},
	}, pulumi.Parent(m.Identity))
	if err != nil {
		return fmt.Errorf("making the provider: %w", err)
	}
	m.provider = provider.Arn
	return nil
}

// role makes a role for the one job, and gives it a policy of its own.
func (m *maker) role(name string, trusted job, seconds int, statements ...policy.Statement) (*iam.Role, error) {
	role, err := iam.NewRole(m.ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: trust(m.provider, m.args.claims(trusted)), MaxSessionDuration: pulumi.Int(seconds),
		Description: pulumi.String("GitHub Actions: " + m.args.subject(trusted.context)),
	}, pulumi.Parent(m.Identity))
	if err != nil {
		return nil, fmt.Errorf("making the role %s: %w", name, err)
	}
	if len(statements) == 0 {
		return role, nil
	}
	if _, err := iam.NewRolePolicy(m.ctx, name, &iam.RolePolicyArgs{
		Role: role.Name, Policy: policy.Document(statements...),
	}, pulumi.Parent(m.Identity)); err != nil {
		return nil, fmt.Errorf("giving the role %s its policy: %w", name, err)
	}
	return role, nil
}

func (m *maker) makePreview() error {
	statements := append(lookups(m.args.Project), m.args.readState()...)
	role, err := m.role(m.name+"-preview", job{context: "pull_request"}, hour, statements...)
	if err == nil {
		m.Preview = role.Arn
	}
	return err
}

func (m *maker) makeDrift() error {
	statements := append(reads(m.args.Project), m.args.readState()...)
	main := job{context: "ref:refs/heads/" + m.args.Branch, workflow: "drift.yml"}
	role, err := m.role(m.name+"-drift", main, hour, statements...)
	if err == nil {
		m.Drift = role.Arn
	}
	return err
}

// makeDeploy makes the boundary, what every deploy role may do, and the roles.
// A role's own policy only opens the state of its stack.
func (m *maker) makeDeploy() error {
	boundary, err := m.policy("boundary", boundaryOf(m.args.Project)...)
	if err != nil {
		return err
	}
	m.Boundary = boundary.Arn
	var shared []*iam.Policy
	for _, part := range []struct {
		name       string
		statements []policy.Statement
	}{
		{"read", reads(m.args.Project)},
		{"network", writesNetwork()},
		{"services", writesServices()},
		{"roles", writesRoles(m.args.AccountID, m.args.rolePath(), boundary.Arn)},
	} {
		p, err := m.policy(part.name, part.statements...)
		if err != nil {
			return err
		}
		shared = append(shared, p)
	}
	for _, environment := range m.args.Environments {
		name := m.name + "-deploy-" + environment
		role, err := m.role(name, job{context: "environment:" + environment, workflow: "deploy.yml", environment: environment}, deploySession, m.args.writeState(environment)...)
		if err != nil {
			return err
		}
		for i, p := range shared {
			suffix := []string{"read", "network", "services", "roles"}[i]
			if _, err := iam.NewRolePolicyAttachment(m.ctx, name+"-"+suffix, &iam.RolePolicyAttachmentArgs{
				Role: role.Name, PolicyArn: p.Arn,
			}, pulumi.Parent(m.Identity)); err != nil {
				return fmt.Errorf("giving the role %s the policy %s: %w", name, suffix, err)
			}
		}
		m.Deploy[environment] = role.Arn
	}
	return nil
}

func (m *maker) policy(suffix string, statements ...policy.Statement) (*iam.Policy, error) {
	p, err := iam.NewPolicy(m.ctx, m.name+"-"+suffix, &iam.PolicyArgs{Policy: policy.Document(statements...)}, pulumi.Parent(m.Identity))
	if err != nil {
		return nil, fmt.Errorf("making the policy %s: %w", suffix, err)
	}
	return p, nil
}
