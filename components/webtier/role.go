package webtier

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// sessionManager lets the SSM agent work: shells without an open port, State
// Manager, and reading plain parameters.
//
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
const sessionManager = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

// makeRole lets the servers use Session Manager, read their one secret and write
// their proofs; those of a group may see whether the load balancer likes them.
func (w *WebTier) makeRole(ctx *pulumi.Context) error {
	role, err := iam.NewRole(ctx, w.name, &iam.RoleArgs{AssumeRolePolicy: policy.AssumableBy("ec2.amazonaws.com")}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("creating the servers' role: %w", err)
	}
	core, err := iam.NewRolePolicyAttachment(ctx, w.name+"-session-manager", &iam.RolePolicyAttachmentArgs{
		Role:      role.Name,
		PolicyArn: pulumi.String(sessionManager),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allowing Session Manager: %w", err)
	}
	secret, err := iam.NewRolePolicy(ctx, w.name+"-secret", &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: policy.Document(w.secretStatements()...),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allowing the one secret: %w", err)
	}
	proof, err := iam.NewRolePolicy(ctx, w.name+"-proof", &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: policy.Document(w.proofStatements()...),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allowing the proof: %w", err)
	}
	w.role = role
	w.permissions, w.secret = []pulumi.Resource{core, proof}, secret
	if w.profile, err = iam.NewInstanceProfile(ctx, w.name, &iam.InstanceProfileArgs{Role: role.Name}, pulumi.Parent(w)); err != nil {
		return fmt.Errorf("creating the instance profile: %w", err)
	}
	return nil
}

// secretStatements: AWS's own key needs no permission, one of the user's does.
//
// Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
func (w *WebTier) secretStatements() []policy.Statement {
	statements := []policy.Statement{{
		"Effect":   "Allow",
		"Action":   "secretsmanager:GetSecretValue",
		"Resource": w.args.Site.SecretARN,
	}}
	if w.args.Site.SecretKeyARN == "" {
		return statements
	}
	return append(statements, policy.Statement{
		"Effect":    "Allow",
		"Action":    "kms:Decrypt",
		"Resource":  w.args.Site.SecretKeyARN,
		"Condition": map[string]any{"StringEquals": map[string]any{"kms:ViaService": "secretsmanager." + w.args.Region + ".amazonaws.com"}},
	})
}

func (w *WebTier) proofStatements() []policy.Statement {
	writable := []any{w.serving.Arn}
	if w.baked != nil {
		writable = append(writable, w.baked.Arn)
	}
	statements := []policy.Statement{{
		"Effect":   "Allow",
		"Action":   "ssm:PutParameter",
		"Resource": writable,
	}}
	statements = append(statements, w.othersParameters()...)
	if w.args.Group == nil {
		return statements
	}
	// AWS knows no resource for it.
	// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
	return append(statements, policy.Statement{
		"Effect":   "Allow",
		"Action":   "elasticloadbalancing:DescribeTargetHealth",
		"Resource": "*",
	})
}

// othersParameters takes back what AWS' policy for Session Manager gives: reading each
// plain parameter of the account. What says by a tag that it is this stack's is left.
func (w *WebTier) othersParameters() (statements []policy.Statement) {
	for _, tag := range []string{"Project", "Stack"} {
		own, ok := w.args.Tags[tag]
		if !ok {
			continue
		}
		statements = append(statements, policy.Statement{
			"Effect":    "Deny",
			"Action":    []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"},
			"Resource":  "*",
			"Condition": map[string]any{"StringNotEquals": map[string]any{"aws:ResourceTag/" + tag: own}},
		})
	}
	return statements
}
