package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference is one thing in which two plans differ.
type Difference struct {
	URN  string
	Type string // resource type
	// Prop is the property that only one plan changes, "op" if the operations
	// differ, or "key " and the property that only in one plan replaces.
	Prop string
	// Model and Real say what each plan does with the resource.
	Model, Real string
}

func (d Difference) String() string {
	name := d.URN[strings.LastIndex(d.URN, "::")+2:]
	return fmt.Sprintf("%s %s: %s\n    model: %s\n    real:  %s", d.Type, name, d.Prop, d.Model, d.Real)
}

// Compare lists the differences between two plans, sorted: other operations on a
// resource, other properties changed, or other reasons for a replacement.
func Compare(model, real Plan) []Difference {
	var all []Difference
	urns := slices.Sorted(maps.Keys(model))
	for urn := range real {
		if _, both := model[urn]; !both {
			urns = append(urns, urn)
		}
	}
	slices.Sort(urns)
	for _, urn := range urns {
		m, r := model[urn], real[urn]
		add := func(prop string) {
			all = append(all, Difference{URN: urn, Type: typeOf(urn), Prop: prop, Model: text(m), Real: text(r)})
		}
		if !slices.Equal(slices.Sorted(slices.Values(m.Ops)), slices.Sorted(slices.Values(r.Ops))) || deletesFirst(m) != deletesFirst(r) {
			add("op")
			continue
		}
		for _, prop := range apart(m.Props, r.Props) {
			add(prop)
		}
		for _, key := range apart(m.Keys, r.Keys) {
			add("key " + key)
		}
	}
	return all
}

func text(c Change) string {
	if len(c.Ops) == 0 {
		return "same"
	}
	return c.String()
}

// deletesFirst tells whether a replacement deletes the old resource before it
// creates the new one.
func deletesFirst(c Change) bool {
	gone, made := slices.Index(c.Ops, "delete-replaced"), slices.Index(c.Ops, "create-replacement")
	return gone >= 0 && made >= 0 && gone < made
}

// apart lists what is in one of two sorted lists only.
func apart(a, b []string) []string {
	var only []string
	for _, v := range merge(a, b) {
		if slices.Contains(a, v) != slices.Contains(b, v) {
			only = append(only, v)
		}
	}
	return only
}

// typeOf is the resource type in a URN: the last of the chain of parents' types.
func typeOf(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 3 {
		return ""
	}
	chain := strings.Split(parts[2], "$")
	return chain[len(chain)-1]
}
