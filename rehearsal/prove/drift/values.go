package drift

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// text is a string property, or "".
func text(m resource.PropertyMap, name string) string {
	if v := m[resource.PropertyKey(name)]; v.IsString() {
		return v.StringValue()
	}
	return ""
}

// number is a number property, or 0.
func number(m resource.PropertyMap, name string) int {
	if v := m[resource.PropertyKey(name)]; v.IsNumber() {
		return int(v.NumberValue())
	}
	return 0
}

// region is the region in an ARN, or "".
func region(arn string) string {
	fields := strings.Split(arn, ":")
	if len(fields) < 4 {
		return ""
	}
	return fields[3]
}

// named is the record that a resource of the stack made, by the resource's name;
// nil if there is none.
func named(c *cloud.Cloud, token, name string) *cloud.Record {
	for _, r := range c.OfType(token) {
		if resource.URN(r.URN).IsValid() && resource.URN(r.URN).Name() == name {
			return r
		}
	}
	return nil
}

// set changes a property of a record as somebody does who is not Pulumi: what was
// asked for and what a reader gets, both. A nil value takes the property away.
func set(c *cloud.Cloud, r *cloud.Record, values map[string]any) error {
	changed := *r
	changed.Inputs, changed.Outputs = r.Inputs.Copy(), r.Outputs.Copy()
	for name, v := range values {
		key := resource.PropertyKey(name)
		if v == nil {
			delete(changed.Inputs, key)
			delete(changed.Outputs, key)
			continue
		}
		changed.Inputs[key], changed.Outputs[key] = resource.NewPropertyValue(v), resource.NewPropertyValue(v)
	}
	return c.Put(&changed)
}
