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
	"slices"

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
	// Boundary is the policy that bounds the roles which the stacks make, and
	// RolePaths where each makes them: its roles.permissionsBoundary and roles.path.
	Boundary  pulumi.StringOutput
	RolePaths map[string]string
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
	m := maker{
		ctx:  ctx,
		name: name,
		args: args,
		Identity: &Identity{
			Deploy:    map[string]pulumi.StringOutput{},
			RolePaths: map[string]string{},
		},
	}
	if err := ctx.RegisterComponentResource(Type, name, m.Identity, opts...); err != nil {
		return nil, fmt.Errorf("registering identity %s: %w", name, err)
	}
	for _, step := range []func() error{m.makeProvider, m.makePreview, m.makeDrift, m.makeDeploy} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.Identity, ctx.RegisterResourceOutputs(m.Identity, pulumi.Map{
		"preview":  m.Preview,
		"drift":    m.Drift,
		"boundary": m.Boundary,
	})
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
		Url:           pulumi.String("https://" + issuer),
		ClientIdLists: pulumi.StringArray{pulumi.String(audience)},
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
		AssumeRolePolicy:   trust(m.provider, m.args.claims(trusted)),
		MaxSessionDuration: pulumi.Int(seconds),
		Description:        pulumi.String("GitHub Actions: " + m.args.subject(trusted.context)),
	}, pulumi.Parent(m.Identity))
	if err != nil {
		return nil, fmt.Errorf("making the role %s: %w", name, err)
	}
	if len(statements) == 0 {
		return role, nil
	}
	if _, err := iam.NewRolePolicy(m.ctx, name, &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: policy.Document(statements...),
	}, pulumi.Parent(m.Identity)); err != nil {
		return nil, fmt.Errorf("giving the role %s its policy: %w", name, err)
	}
	return role, nil
}

func (m *maker) makePreview() error {
	role, err := m.role(m.name+"-preview", job{context: "pull_request"}, hour, Statements(m.args, Preview, nil)...)
	if err == nil {
		m.Preview = role.Arn
	}
	return err
}

func (m *maker) makeDrift() error {
	main := job{context: "ref:refs/heads/" + m.args.Branch, workflow: "drift.yml"}
	role, err := m.role(m.name+"-drift", main, hour, Statements(m.args, Drift, nil)...)
	if err == nil {
		m.Drift = role.Arn
	}
	return err
}

// makeDeploy makes the boundary, and for each environment a role with what it may do.
// What all may read is one policy; what a role may write is its stack's alone.
func (m *maker) makeDeploy() error {
	boundary, err := m.policy("boundary", boundaryOf(m.args.AccountID, m.args.Project)...)
	if err != nil {
		return err
	}
	m.Boundary = boundary.Arn
	read, err := m.policy("read", reads(m.args.Project)...)
	if err != nil {
		return err
	}
	for _, environment := range m.args.Environments {
		if err := m.makeDeployOf(environment, read, boundary); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) makeDeployOf(environment string, read, boundary *iam.Policy) error {
	m.RolePaths[environment] = m.args.rolePath(environment)
	name := m.name + "-deploy-" + environment
	trusted := job{context: "environment:" + environment, workflow: "deploy.yml", environment: environment}
	role, err := m.role(name, trusted, deploySession, m.args.inline(environment)...)
	if err != nil {
		return err
	}
	attached := map[string]*iam.Policy{"read": read}
	for part, statements := range m.args.parts(environment, boundary.Arn) {
		if attached[part], err = m.policy(part+"-"+environment, statements...); err != nil {
			return err
		}
	}
	for part, p := range attached {
		if _, err := iam.NewRolePolicyAttachment(m.ctx, name+"-"+part, &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: p.Arn,
		}, pulumi.Parent(m.Identity)); err != nil {
			return fmt.Errorf("giving the role %s the policy %s: %w", name, part, err)
		}
	}
	m.Deploy[environment] = role.Arn
	return nil
}

// inline is a deploy role's own policy: its stack's state, and what fences it in.
func (a Args) inline(environment string) []policy.Statement {
	return slices.Concat(a.writeState(environment), a.scope(environment).fences())
}

// parts are its further policies, for one has no room for all.
func (a Args) parts(environment string, boundary pulumi.StringInput) map[string][]policy.Statement {
	own := a.scope(environment)
	return map[string][]policy.Statement{
		"network":  own.writesNetwork(),
		"services": own.writesServices(),
		"entry":    own.writesEntry(),
		"data":     own.writesData(),
		"roles":    writesRoles(a.AccountID, a.rolePath(environment), boundary),
	}
}

func (a Args) scope(environment string) scope {
	return scope{project: a.Project, stack: environment, zones: a.HostedZoneIDs}
}

// The roles besides those that deploy, for [Statements].
const (
	Preview = "preview"
	Drift   = "drift"
)

// Statements is all that a role may do: [Preview], [Drift] or the one that deploys an
// environment. Boundary is the ARN of the policy that bounds the stacks' roles.
func Statements(args Args, role string, boundary pulumi.StringInput) []policy.Statement {
	switch role {
	case Preview:
		return append(lookups(args.Project), args.readState()...)
	case Drift:
		return append(reads(args.Project), args.readState()...)
	}
	all := append(args.inline(role), reads(args.Project)...)
	for _, statements := range args.parts(role, boundary) {
		all = append(all, statements...)
	}
	return all
}

func (m *maker) policy(suffix string, statements ...policy.Statement) (*iam.Policy, error) {
	p, err := iam.NewPolicy(m.ctx, m.name+"-"+suffix, &iam.PolicyArgs{Policy: policy.Document(statements...)}, pulumi.Parent(m.Identity))
	if err != nil {
		return nil, fmt.Errorf("making the policy %s: %w", suffix, err)
	}
	return p, nil
}
