package main

import (
	"fmt"
	"slices"
	"strings"
)

// schema is the part of a Pulumi package schema that the table is made from.
// A resource may name its properties as the published schema does
// (inputProperties, properties) or in the shorter form (inputs, outputs).
type schema struct {
	Version   string              `json:"version"`
	Resources map[string]resource `json:"resources"`
	Functions map[string]function `json:"functions"`
	Types     map[string]object   `json:"types"`
}

type resource struct {
	InputProperties map[string]property `json:"inputProperties"`
	Properties      map[string]property `json:"properties"`
	Inputs          map[string]property `json:"inputs"`
	Outputs         map[string]property `json:"outputs"`
	RequiredInputs  []string            `json:"requiredInputs"`
	Required        []string            `json:"required"`
	RequiredOutputs []string            `json:"requiredOutputs"`
}

// function takes both forms too: in the published one, inputs and outputs are
// objects with their own list of required properties.
type function struct {
	Inputs         anyObject `json:"inputs"`
	Outputs        anyObject `json:"outputs"`
	RequiredInputs []string  `json:"requiredInputs"`
}

type object struct {
	Type       string              `json:"type"`
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required"`
	Enum       []any               `json:"enum"`
}

type property struct {
	Type       string     `json:"type"`
	Ref        string     `json:"$ref"`
	Items      *property  `json:"items"`
	Additional *property  `json:"additionalProperties"`
	OneOf      []property `json:"oneOf"`
	Secret     bool       `json:"secret"`
	Replace    bool       `json:"willReplaceOnChanges"`
}

// table keeps the given tokens and every object type that they reach.
func (s *schema) table(tokens []string) (*table, error) {
	t := &table{
		Version:   s.Version,
		Resources: map[string]entry{},
		Functions: map[string]entry{},
		Types:     map[string]map[string]string{},
	}
	w := &writer{schema: s, types: t.Types}
	for _, token := range tokens {
		if r, ok := s.Resources[token]; ok {
			t.Resources[token] = w.resource(r)
		} else if f, ok := s.Functions[token]; ok {
			t.Functions[token] = w.function(f)
		} else {
			return nil, fmt.Errorf("%s is not in the schema", token)
		}
	}
	return t, w.err
}

type writer struct {
	schema *schema
	types  map[string]map[string]string
	err    error
}

func (w *writer) resource(r resource) entry {
	inputs, outputs := r.InputProperties, r.Properties
	if inputs == nil {
		inputs, outputs = r.Inputs, r.Outputs
	}
	always := r.Required
	if r.RequiredOutputs != nil {
		always = r.RequiredOutputs
	}
	e := entry{Inputs: map[string]string{}, Outputs: map[string]string{}}
	for name, p := range inputs {
		required := slices.Contains(r.RequiredInputs, name)
		// What may be left out but is always in the outputs is filled in by AWS.
		computed := !required && slices.Contains(always, name)
		e.Inputs[name] = w.describe(p, required, computed)
	}
	for name, p := range outputs {
		if _, ok := inputs[name]; !ok {
			e.Outputs[name] = w.describe(p, false, false)
		}
	}
	return e
}

func (w *writer) function(f function) entry {
	e := entry{Inputs: map[string]string{}, Outputs: map[string]string{}}
	required := append(slices.Clone(f.RequiredInputs), f.Inputs.required...)
	for name, p := range f.Inputs.properties {
		e.Inputs[name] = w.describe(p, slices.Contains(required, name), false)
	}
	for name, p := range f.Outputs.properties {
		e.Outputs[name] = w.describe(p, false, false)
	}
	return e
}

func (w *writer) describe(p property, required, computed bool) string {
	words := []string{w.typeOf(p)}
	for _, flag := range []struct {
		on   bool
		word string
	}{{required, "required"}, {computed, "computed"}, {p.Replace, "replace"}, {p.Secret, "secret"}} {
		if flag.on {
			words = append(words, flag.word)
		}
	}
	return strings.Join(words, " ")
}

// typeOf writes a type: string, integer, number, boolean, any, []T, {}T, or the
// token of an object type.
func (w *writer) typeOf(p property) string {
	switch {
	case p.Ref != "":
		return w.ref(p.Ref)
	case len(p.OneOf) > 0:
		// A plain value or an enum of it, or JSON text or a document: the
		// program sends the plain form.
		return w.typeOf(p.OneOf[0])
	case p.Type == "array" && p.Items != nil:
		return "[]" + w.typeOf(*p.Items)
	case p.Type == "object" && p.Additional != nil:
		return "{}" + w.typeOf(*p.Additional)
	case p.Type == "object":
		return "{}string"
	case p.Type == "":
		return "any"
	}
	return p.Type
}

func (w *writer) ref(ref string) string {
	token, ok := strings.CutPrefix(ref, "#/types/")
	if !ok {
		return "any"
	}
	o, ok := w.schema.Types[token]
	if !ok {
		w.err = fmt.Errorf("the type %s is not in the schema", token)
		return "any"
	}
	if o.Properties == nil && o.Type != "object" && o.Type != "" {
		return o.Type
	}
	if w.types[token] == nil {
		props := map[string]string{}
		w.types[token] = props // set first: a type may contain itself
		for name, p := range o.Properties {
			props[name] = w.describe(p, slices.Contains(o.Required, name), false)
		}
	}
	return token
}
