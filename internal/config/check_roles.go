package config

import "regexp"

var (
	rolePathForm = regexp.MustCompile(`^/([!-.0-~]+/){0,8}$`)
	boundaryForm = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:policy/.+$`)
)

// checkRoles checks what bounds the roles.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func (k *checker) checkRoles() {
	r := k.cfg.Roles
	k.matches("roles.path", r.Path, rolePathForm, "a path that begins and ends with /", "/webphases/")
	if r.PermissionsBoundary != "" {
		k.matches("roles.permissionsBoundary", r.PermissionsBoundary, boundaryForm, "the ARN of a policy of your own", "arn:aws:iam::ACCOUNT:policy/NAME")
	}
}
