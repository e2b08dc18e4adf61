package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// at returns the value at a path without wildcards, such as "rule.path", or
// null.
func at(m resource.PropertyMap, path string) resource.PropertyValue {
	var v resource.PropertyValue
	walk(resource.NewObjectProperty(m), path, func(found resource.PropertyValue) { v = found })
	return v
}

// str returns the string at a path, or "" if there is none or it is unknown.
func str(m resource.PropertyMap, path string) string {
	if v := at(m, path); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// num returns the number at a path, or 0.
func num(m resource.PropertyMap, path string) int {
	if v := at(m, path); v.IsNumber() {
		return int(v.NumberValue())
	}
	return 0
}

// yes returns the boolean at a path, or false.
func yes(m resource.PropertyMap, path string) bool {
	v := at(m, path)
	return v.IsBool() && v.BoolValue()
}

// given tells whether a path is set, be its value known or not.
func given(m resource.PropertyMap, path string) bool {
	v := at(m, path)
	return !v.IsNull() && (!v.IsString() || v.StringValue() != "")
}

// strs returns all strings at a path; "[*]" stands for every element.
func strs(m resource.PropertyMap, path string) []string {
	var all []string
	walk(resource.NewObjectProperty(m), path, func(v resource.PropertyValue) {
		if v.IsString() && v.StringValue() != "" {
			all = append(all, v.StringValue())
		}
	})
	return all
}

func walk(v resource.PropertyValue, path string, found func(resource.PropertyValue)) {
	if path == "" {
		found(v)
		return
	}
	head, rest, _ := strings.Cut(path, ".")
	name, every := strings.CutSuffix(head, "[*]")
	if !v.IsObject() {
		return
	}
	next, ok := v.ObjectValue()[resource.PropertyKey(name)]
	if !ok {
		return
	}
	if !every {
		walk(next, rest, found)
		return
	}
	if next.IsArray() {
		for _, e := range next.ArrayValue() {
			walk(e, rest, found)
		}
	}
}

// text writes a value for comparison and messages.
func text(v resource.PropertyValue) string {
	if v.IsString() {
		return v.StringValue()
	}
	return fmt.Sprint(v.Mappable())
}

// same compares two values as the provider does: JSON documents by what they
// say, everything else exactly.
func same(a, b resource.PropertyValue) bool {
	if a.DeepEquals(b) {
		return true
	}
	if !a.IsString() || !b.IsString() {
		return false
	}
	var x, y any
	if !strings.HasPrefix(a.StringValue(), "{") || json.Unmarshal([]byte(a.StringValue()), &x) != nil {
		return false
	}
	return json.Unmarshal([]byte(b.StringValue()), &y) == nil && reflect.DeepEqual(x, y)
}

func stringProp(s string) resource.PropertyValue { return resource.NewStringProperty(s) }

// mergeTags joins maps of tags; later ones win.
func mergeTags(maps ...resource.PropertyValue) resource.PropertyValue {
	all := resource.PropertyMap{}
	for _, m := range maps {
		if m.IsObject() {
			for k, v := range m.ObjectValue() {
				all[k] = v
			}
		}
	}
	return resource.NewObjectProperty(all)
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func isTagProperty(name string) bool { return strings.HasPrefix(name, "tags") }
