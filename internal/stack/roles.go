package stack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// bounded puts roles under the configured path and boundary: a deploy role that
// may only make such roles cannot make itself an administrator.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (s *site) bounded(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	var path, boundary pulumi.StringPtrInput // nil leaves AWS's default
	if p := s.cfg.Roles.Path; p != "/" {
		path = pulumi.String(p)
	}
	if b := s.cfg.Roles.PermissionsBoundary; b != "" {
		boundary = pulumi.String(b)
	}
	switch props := args.Props.(type) {
	case *iam.RoleArgs:
		props.Path, props.PermissionsBoundary = path, boundary
	case *iam.InstanceProfileArgs:
		props.Path = path
	default:
		return nil
	}
	return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
}
