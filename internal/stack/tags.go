package stack

import (
	"reflect"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/catalog"
)

// tags is what everything of a component is tagged with.
func (s *site) tags(component string) map[string]string {
	return map[string]string{
		"Project": s.ctx.Project(), "Stack": s.ctx.Stack(), "Phase": strconv.Itoa(s.cfg.Phase), "Component": component,
	}
}

// tagged tags every child of a component that AWS can tag, and names it for the
// console. The children inherit the transformation from the component.
func (s *site) tagged(component string) pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{s.bounded, func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		field, ok := tagField(args.Props)
		if !ok || args.Type == untagged {
			return nil
		}
		tags := s.tags(component)
		tags["Name"] = s.ctx.Project() + "-" + s.ctx.Stack() + "-" + args.Name
		field.Set(reflect.ValueOf(pulumi.ToStringMap(tags)))
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
	}})
}

// untagged is a VPC's own security group: AWS makes it, without tags. A role that might
// tag it might tag anybody's, and by that make it its own.
const untagged = catalog.EC2DefaultSecurityGroup

// tagField finds the Tags of a resource's arguments. A group's tags have another
// form; the web tier sets them itself.
func tagField(props pulumi.Input) (reflect.Value, bool) {
	v := reflect.ValueOf(props)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, false
	}
	field := v.Elem().FieldByName("Tags")
	return field, field.IsValid() && field.Type() == reflect.TypeFor[pulumi.StringMapInput]()
}
