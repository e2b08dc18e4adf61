package facts

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/suggest"
)

// Problem is one fault in the inputs of a resource or lookup.
type Problem struct {
	// Path of the property, such as "rootBlockDevice.volumeSize".
	Path string
	// Reason says what is wrong and, where it can, what is right.
	Reason string
}

// String returns "path: reason".
func (p Problem) String() string { return p.Path + ": " + p.Reason }

// CheckInputs returns what the provider would refuse in the inputs: names that
// it does not know, required ones that are missing, values of a wrong type, in
// nested objects too. Unknown values, outputs and secrets count by what they
// hold, if that is known. The result is sorted by path; empty means sound.
func (r *Resource) CheckInputs(inputs resource.PropertyMap) []Problem {
	return checkTop(r.Inputs, inputs)
}

// CheckInputs does the same for the arguments of a lookup.
func (f *Function) CheckInputs(inputs resource.PropertyMap) []Problem {
	return checkTop(f.Inputs, inputs)
}

func checkTop(props map[string]Property, inputs resource.PropertyMap) []Problem {
	var c checker
	c.object("", props, inputs)
	slices.SortFunc(c.problems, func(a, b Problem) int { return strings.Compare(a.String(), b.String()) })
	return c.problems
}

type checker struct{ problems []Problem }

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Reason: fmt.Sprintf(format, args...)})
}

func (c *checker) object(path string, props map[string]Property, values resource.PropertyMap) {
	for key, v := range values {
		name := string(key)
		if resource.IsInternalPropertyKey(key) {
			continue // the provider's own bookkeeping, such as __defaults
		}
		prop, ok := props[name]
		if !ok {
			c.add(join(path, name), "unknown property%s", didYouMean(name, props))
			continue
		}
		c.value(join(path, name), prop.Type, v)
	}
	for name, prop := range props {
		if prop.Required && absent(values[resource.PropertyKey(name)]) {
			c.add(join(path, name), "missing required property")
		}
	}
}

func (c *checker) value(path string, t Type, v resource.PropertyValue) {
	v, known := plain(v)
	if !known || v.IsNull() || t.Kind == Any {
		return
	}
	switch t.Kind {
	case Array:
		if !v.IsArray() {
			c.illTyped(path, "an array", v)
			return
		}
		for i, e := range v.ArrayValue() {
			c.value(fmt.Sprintf("%s[%d]", path, i), *t.Elem, e)
		}
	case Map:
		if !v.IsObject() {
			c.illTyped(path, "a map", v)
			return
		}
		for k, e := range v.ObjectValue() {
			c.value(join(path, string(k)), *t.Elem, e)
		}
	case Object:
		if !v.IsObject() {
			c.illTyped(path, "an object", v)
			return
		}
		c.object(path, t.Fields, v.ObjectValue())
	default:
		c.scalar(path, t.Kind, v)
	}
}

func (c *checker) scalar(path string, k Kind, v resource.PropertyValue) {
	switch k {
	case String:
		if !v.IsString() {
			c.illTyped(path, "a string", v)
		}
	case Boolean:
		if !v.IsBool() {
			c.illTyped(path, "a boolean", v)
		}
	case Number:
		if !v.IsNumber() {
			c.illTyped(path, "a number", v)
		}
	case Integer:
		if !v.IsNumber() {
			c.illTyped(path, "an integer", v)
		} else if n := v.NumberValue(); n != math.Trunc(n) {
			c.add(path, "want an integer, got %v", n)
		}
	}
}

func (c *checker) illTyped(path, want string, v resource.PropertyValue) {
	c.add(path, "want %s, got %s", want, v.TypeString())
}

// plain takes the wrappings off a value; known is false if it is not yet known.
func plain(v resource.PropertyValue) (value resource.PropertyValue, known bool) {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput():
			if !v.OutputValue().Known {
				return v, false
			}
			v = v.OutputValue().Element
		case v.IsComputed():
			return v, false
		default:
			return v, true
		}
	}
}

func absent(v resource.PropertyValue) bool {
	v, known := plain(v)
	return known && v.IsNull()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// didYouMean names the known property that is nearest to a misspelt one, if at
// least half of its letters are right.
func didYouMean(name string, props map[string]Property) string {
	best := suggest.Within(name, slices.Collect(maps.Keys(props)), len(name)/2)
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}
