package stack

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/transform"
)

// tags is what everything of a component is tagged with.
func (s *site) tags(component string) map[string]string {
	return map[string]string{
		"Project":   s.ctx.Project(),
		"Stack":     s.ctx.Stack(),
		"Phase":     strconv.Itoa(s.cfg.Phase),
		"Component": component,
	}
}

// tagged tags and names a component's children, encrypts them and bounds their roles.
func (s *site) tagged(component string) pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{
		transform.Encryption(s.cfg.Encryption.KMSKeyARN),
		transform.RoleBounds(s.cfg.Roles.Path, s.cfg.Roles.PermissionsBoundary),
		transform.Tags(s.ctx.Project()+"-"+s.ctx.Stack()+"-", s.tags(component)),
	})
}
