// Package facts knows what the AWS provider takes and gives: for each resource
// type and lookup that the program uses, the names and types of its properties,
// which are required or secret, and which replace the resource when they change.
//
// The table aws.json is made from the provider's own schema by the command in
// gen. Unit tests check every registration against it, so that a misspelt input
// fails a test and not a deployment; the rehearsal's model is driven by it.
package facts

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen -schema ../../schema.json -extra extra.json -out aws.json

//go:embed aws.json
var embedded []byte

// Table is what is known of one version of the provider.
type Table struct {
	// Version of the provider that the table was made from.
	Version   string
	resources map[string]*Resource
	functions map[string]*Function
}

// Resource describes a resource type.
type Resource struct {
	Token string
	// Inputs holds what a program may set.
	Inputs map[string]Property
	// Outputs holds what a program may read: every input too.
	Outputs map[string]Property
}

// Function describes a lookup.
type Function struct {
	Token   string
	Inputs  map[string]Property
	Outputs map[string]Property
}

// Property describes one property of a resource, a lookup or a nested object.
type Property struct {
	Type Type
	// Required must be given.
	Required bool
	// Computed may be left out; AWS then chooses a value.
	Computed bool
	// Replace makes a change of the property replace the resource.
	Replace bool
	// Secret values are hidden in the state and on the screen.
	Secret bool
}

// Kind is the shape of a value.
type Kind string

// The kinds of values. Any is used where the schema says nothing.
const (
	String  Kind = "string"
	Integer Kind = "integer"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Any     Kind = "any"
	Array   Kind = "array"
	Map     Kind = "map"
	Object  Kind = "object"
)

// Type is the type of a property.
type Type struct {
	Kind Kind
	// Elem is the type of an array's or a map's elements.
	Elem *Type
	// Ref is the token of an object's type, and Fields its properties. The map
	// is shared by all uses of the type; do not change it.
	Ref    string
	Fields map[string]Property
}

// AWS returns the table of the AWS provider and of the few types of the random
// provider that the program uses. It is read once; do not change it.
var AWS = sync.OnceValue(func() *Table {
	t, err := parse(embedded)
	if err != nil {
		// Only a broken build gets here: the tests read the same file.
		panic(fmt.Sprintf("facts: aws.json: %v", err))
	}
	return t
})

// Resource returns the type with the token, such as "aws:ec2/vpc:Vpc".
func (t *Table) Resource(token string) (*Resource, bool) {
	r, ok := t.resources[token]
	return r, ok
}

// Function returns the lookup with the token, such as "aws:ec2/getAmi:getAmi".
func (t *Table) Function(token string) (*Function, bool) {
	f, ok := t.functions[token]
	return f, ok
}

// Tokens returns the tokens of all resource types, sorted.
func (t *Table) Tokens() []string {
	var all []string
	for token := range t.resources {
		all = append(all, token)
	}
	slices.Sort(all)
	return all
}

type rawEntry struct {
	Inputs  map[string]string `json:"inputs"`
	Outputs map[string]string `json:"outputs"`
}

func parse(b []byte) (*Table, error) {
	var raw struct {
		Version   string                       `json:"version"`
		Resources map[string]rawEntry          `json:"resources"`
		Functions map[string]rawEntry          `json:"functions"`
		Types     map[string]map[string]string `json:"types"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, err
	}
	p := &parser{raw: raw.Types, types: map[string]map[string]Property{}}
	t := &Table{Version: raw.Version, resources: map[string]*Resource{}, functions: map[string]*Function{}}
	for token, e := range raw.Resources {
		in, out := p.properties(e.Inputs), p.properties(e.Outputs)
		for name, prop := range in {
			out[name] = prop
		}
		t.resources[token] = &Resource{Token: token, Inputs: in, Outputs: out}
	}
	for token, e := range raw.Functions {
		t.functions[token] = &Function{Token: token, Inputs: p.properties(e.Inputs), Outputs: p.properties(e.Outputs)}
	}
	return t, p.err
}

type parser struct {
	raw   map[string]map[string]string
	types map[string]map[string]Property
	err   error
}

func (p *parser) properties(raw map[string]string) map[string]Property {
	props := make(map[string]Property, len(raw))
	p.fill(props, raw)
	return props
}

func (p *parser) fill(props map[string]Property, raw map[string]string) {
	for name, words := range raw {
		w := strings.Fields(words)
		if len(w) == 0 {
			p.err = fmt.Errorf("%s has no type", name)
			continue
		}
		prop := Property{Type: p.typeOf(w[0])}
		for _, flag := range w[1:] {
			switch flag {
			case "required":
				prop.Required = true
			case "computed":
				prop.Computed = true
			case "replace":
				prop.Replace = true
			case "secret":
				prop.Secret = true
			default:
				p.err = fmt.Errorf("%s: %q is not a flag", name, flag)
			}
		}
		props[name] = prop
	}
}

func (p *parser) typeOf(s string) Type {
	if rest, ok := strings.CutPrefix(s, "[]"); ok {
		elem := p.typeOf(rest)
		return Type{Kind: Array, Elem: &elem}
	}
	if rest, ok := strings.CutPrefix(s, "{}"); ok {
		elem := p.typeOf(rest)
		return Type{Kind: Map, Elem: &elem}
	}
	if k := Kind(s); k == String || k == Integer || k == Number || k == Boolean || k == Any {
		return Type{Kind: k}
	}
	if p.types[s] == nil {
		raw, ok := p.raw[s]
		if !ok {
			p.err = fmt.Errorf("unknown type %q", s)
		}
		fields := make(map[string]Property, len(raw))
		p.types[s] = fields // set first: a type may contain itself
		p.fill(fields, raw)
	}
	return Type{Kind: Object, Ref: s, Fields: p.types[s]}
}
