package model

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func unknown() resource.PropertyValue { return resource.MakeComputed(stringProp("")) }

// planned returns what a preview can say of a new resource: its inputs, and
// that all AWS decides is not known yet.
func (c *change) planned() resource.PropertyMap {
	out := c.asked()
	for name, prop := range c.facts.Outputs {
		key := resource.PropertyKey(name)
		_, isInput := c.facts.Inputs[name]
		if out[key].IsNull() && (!isInput || prop.Computed) {
			out[key] = unknown()
		}
	}
	if _, ok := c.facts.Outputs["tagsAll"]; ok {
		out["tagsAll"] = mergeTags(c.in["tags"])
	}
	return out
}

// merged returns the outputs after an update: the new inputs over what was
// there, without the inputs that are no longer given.
func (c *change) merged(oldIn, state resource.PropertyMap) resource.PropertyMap {
	out := state.Copy()
	for key := range oldIn {
		prop := c.facts.Inputs[string(key)]
		if c.in[key].IsNull() && !prop.Computed {
			delete(out, key)
		}
	}
	for key, v := range c.in {
		if key != defaultsKey {
			out[key] = v
		}
	}
	return out
}

// plannedUpdate does the same for a preview, and marks what the update renews.
// After a creation that was cut off, what AWS fills in is still not known.
func (c *change) plannedUpdate(oldIn, state resource.PropertyMap) resource.PropertyMap {
	if !c.filled(state) {
		return c.planned()
	}
	out := c.merged(oldIn, state)
	changed := compare(c.kind, c.facts, oldIn, state, c.in).changes
	for output, causes := range c.kind.Renewed {
		for path := range changed {
			top, _, _ := strings.Cut(path, ".")
			top, _, _ = strings.Cut(top, "[")
			if slices.Contains(causes, top) || slices.Contains(causes, "*") && !isTagProperty(top) {
				out[resource.PropertyKey(output)] = unknown()
			}
		}
	}
	if _, ok := c.facts.Outputs["tagsAll"]; ok {
		out["tagsAll"] = mergeTags(c.in["tags"])
	}
	return out
}

// filled tells whether the state has anything that AWS fills in, or the type has
// nothing of that kind.
func (c *change) filled(state resource.PropertyMap) bool {
	computed := false
	for name := range c.facts.Outputs {
		if _, isInput := c.facts.Inputs[name]; isInput || name == "tagsAll" {
			continue
		}
		if given(state, name) {
			return true
		}
		computed = true
	}
	return !computed
}
