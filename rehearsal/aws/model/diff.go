package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/webphases/webphases/internal/facts"
)

// Diff compares what was asked for with what is asked for now, property by
// property, and says whether the resource can be updated or must be replaced.
func (p *Provider) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	k, f, err := lookup(string(resource.URN(req.GetUrn()).Type()))
	if err != nil {
		return nil, err
	}
	props, err := decodeAll(req.GetNews(), req.GetOldInputs(), req.GetOlds())
	if err != nil {
		return nil, err
	}
	in, old := props[0], props[1]
	d := compare(k, f, old, props[2], in)
	for _, path := range req.GetIgnoreChanges() {
		d.drop(path)
	}
	return d.response(k, f, old, in), nil
}

type differ struct {
	kind    *Kind
	changes map[string]*pulumirpc.PropertyDiff
	replace bool
}

// compare lists the differences between the inputs of a resource, old and new.
func compare(k *Kind, f *facts.Resource, old, state, in resource.PropertyMap) *differ {
	d := &differ{kind: k, changes: map[string]*pulumirpc.PropertyDiff{}}
	for name, prop := range f.Inputs {
		key := resource.PropertyKey(name)
		before, after := old[key], in[key]
		switch {
		case before.IsNull() && !after.IsNull() && !state[key].IsNull():
			// AWS had chosen the value; to choose the same changes nothing.
			if covers(state[key], after) {
				continue
			}
			before = state[key]
		case after.IsNull() && prop.Computed:
			continue // AWS keeps the value that it has
		}
		d.value(name, prop, before, after, prop.Replace)
	}
	if k.ReplaceIf != nil && len(d.changes) > 0 {
		if path := k.ReplaceIf(old, in); path != "" {
			d.markReplace(path)
		}
	}
	return d
}

// covers tells whether the state already holds everything that is asked for.
func covers(state, asked resource.PropertyValue) bool {
	if !asked.IsObject() || !state.IsObject() {
		return same(state, asked)
	}
	for k, v := range asked.ObjectValue() {
		if !covers(state.ObjectValue()[k], v) {
			return false
		}
	}
	return true
}

func (d *differ) value(path string, prop facts.Property, before, after resource.PropertyValue, replace bool) {
	switch {
	case same(before, after) || empty(before) && empty(after):
	case before.IsObject() && after.IsObject() && prop.Type.Kind == facts.Object:
		for name, field := range prop.Type.Fields {
			key := resource.PropertyKey(name)
			d.value(path+"."+name, field, before.ObjectValue()[key], after.ObjectValue()[key], replace || field.Replace)
		}
	case before.IsObject() && after.IsObject() && prop.Type.Kind == facts.Map:
		d.entries(path, prop, before.ObjectValue(), after.ObjectValue(), replace)
	case before.IsArray() && after.IsArray():
		d.list(path, prop, before.ArrayValue(), after.ArrayValue(), replace)
	case before.IsNull():
		d.add(path, pulumirpc.PropertyDiff_ADD, replace || holdsReplace(prop.Type, after))
	case after.IsNull():
		d.add(path, pulumirpc.PropertyDiff_DELETE, replace || holdsReplace(prop.Type, before))
	default:
		d.add(path, pulumirpc.PropertyDiff_UPDATE, replace)
	}
}

func (d *differ) entries(path string, prop facts.Property, before, after resource.PropertyMap, replace bool) {
	elem := facts.Property{Type: *prop.Type.Elem}
	for k := range union(before, after) {
		name := string(k)
		if strings.ContainsAny(name, ".[]\" :/") {
			name = fmt.Sprintf("[%q]", name)
		} else {
			name = "." + name
		}
		d.value(path+name, elem, before[k], after[k], replace)
	}
}

func (d *differ) list(path string, prop facts.Property, before, after []resource.PropertyValue, replace bool) {
	if isSet(d.kind, path) {
		before, after = without(before, after), without(after, before)
	}
	elem := facts.Property{Type: *prop.Type.Elem}
	for i := range max(len(before), len(after)) {
		var b, a resource.PropertyValue
		if i < len(before) {
			b = before[i]
		}
		if i < len(after) {
			a = after[i]
		}
		d.value(fmt.Sprintf("%s[%d]", path, i), elem, b, a, replace)
	}
}

func (d *differ) add(path string, kind pulumirpc.PropertyDiff_Kind, replace bool) {
	d.changes[path] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: true}
	if replace {
		d.markReplace(path)
	}
}

func (d *differ) markReplace(path string) {
	d.replace = true
	diff := d.changes[path]
	if diff == nil {
		diff = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE, InputDiff: true}
		d.changes[path] = diff
	}
	switch diff.GetKind() {
	case pulumirpc.PropertyDiff_ADD:
		diff.Kind = pulumirpc.PropertyDiff_ADD_REPLACE
	case pulumirpc.PropertyDiff_DELETE:
		diff.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE
	case pulumirpc.PropertyDiff_UPDATE:
		diff.Kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
	}
}

// drop forgets what the program told the engine to ignore.
func (d *differ) drop(ignored string) {
	for path := range d.changes {
		if path == ignored || strings.HasPrefix(path, ignored+".") || strings.HasPrefix(path, ignored+"[") {
			delete(d.changes, path)
		}
	}
}

func (d *differ) response(k *Kind, f *facts.Resource, old, in resource.PropertyMap) *pulumirpc.DiffResponse {
	res := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, DetailedDiff: d.changes, HasDetailedDiff: true,
	}
	for path, diff := range d.changes {
		res.Changes = pulumirpc.DiffResponse_DIFF_SOME
		top := path
		if i := strings.IndexAny(path, ".["); i > 0 {
			top = path[:i]
		}
		res.Diffs = append(res.Diffs, top)
		switch diff.GetKind() {
		case pulumirpc.PropertyDiff_ADD_REPLACE, pulumirpc.PropertyDiff_DELETE_REPLACE, pulumirpc.PropertyDiff_UPDATE_REPLACE:
			res.Replaces = append(res.Replaces, top)
		}
	}
	slices.Sort(res.Diffs)
	slices.Sort(res.Replaces)
	res.Diffs, res.Replaces = slices.Compact(res.Diffs), slices.Compact(res.Replaces)
	// A name that the program chose and keeps would be taken twice for a moment.
	if n := namingOf(k, f); n != nil && len(res.Replaces) > 0 {
		res.DeleteBeforeReplace = given(in, n.Property) && !wasDefault(in, n.Property) && same(old[n.key()], in[n.key()])
	}
	return res
}

func empty(v resource.PropertyValue) bool {
	return v.IsNull() || v.IsArray() && len(v.ArrayValue()) == 0 || v.IsObject() && len(v.ObjectValue()) == 0 ||
		v.IsString() && v.StringValue() == ""
}

// holdsReplace tells whether an object that comes or goes as a whole has a field
// that cannot be changed later.
func holdsReplace(t facts.Type, v resource.PropertyValue) bool {
	switch {
	case t.Kind == facts.Array && v.IsArray():
		return slices.ContainsFunc(v.ArrayValue(), func(e resource.PropertyValue) bool { return holdsReplace(*t.Elem, e) })
	case t.Kind == facts.Object && v.IsObject():
		for name, field := range t.Fields {
			if _, ok := v.ObjectValue()[resource.PropertyKey(name)]; ok && field.Replace {
				return true
			}
		}
	}
	return false
}

func union(a, b resource.PropertyMap) map[resource.PropertyKey]bool {
	keys := map[resource.PropertyKey]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// without returns the elements of a that b lacks.
func without(a, b []resource.PropertyValue) []resource.PropertyValue {
	rest := slices.Clone(b)
	var left []resource.PropertyValue
	for _, v := range a {
		if i := slices.IndexFunc(rest, func(w resource.PropertyValue) bool { return same(v, w) }); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			left = append(left, v)
		}
	}
	return left
}
