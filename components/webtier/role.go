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

// makeRole lets the servers use Session Manager and read their one secret.
func (w *WebTier) makeRole(ctx *pulumi.Context) error {
	role, err := iam.NewRole(ctx, w.name, &iam.RoleArgs{AssumeRolePolicy: policy.AssumableBy("ec2.amazonaws.com")}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("creating the servers' role: %w", err)
	}
	core, err := iam.NewRolePolicyAttachment(ctx, w.name+"-session-manager", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(sessionManager),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allowing Session Manager: %w", err)
	}
	secret, err := iam.NewRolePolicy(ctx, w.name+"-secret", &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: policy.Document(policy.Statement{
			"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": w.args.Settings.SecretARN,
		}),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allowing the one secret: %w", err)
	}
	w.agent, w.secret = core, secret
	if w.profile, err = iam.NewInstanceProfile(ctx, w.name, &iam.InstanceProfileArgs{Role: role.Name}, pulumi.Parent(w)); err != nil {
		return fmt.Errorf("creating the instance profile: %w", err)
	}
	return nil
}
