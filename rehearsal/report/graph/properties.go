package graph

import (
	"maps"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Secret stands for the value of a secret property.
const Secret = "[secret]"

// Unknown stands for a value that a plan does not know yet, in a deployment and as an ID.
const Unknown = plugin.UnknownStringValue

// unknown is such a value among properties. Whoever reads it gets nothing, and the
// graph remembers that it was read.
type unknown struct{ of *Graph }

func (u unknown) read() { u.of.guessed = true }

// Properties are a resource's properties as JSON has them: text, float64, bool,
// []any and map[string]any.
type Properties map[string]any

// At returns the value at a path such as "metadataOptions.httpTokens" or
// "egress.0.fromPort", or nil.
func (p Properties) At(path string) any {
	return known(p.peek(path))
}

// known returns a value, or nil if it is not known yet.
func known(v any) any {
	if u, ok := v.(unknown); ok {
		u.read()
		return nil
	}
	return v
}

// peek does what At does, and returns an unknown as it is.
func (p Properties) peek(path string) any {
	var at any = map[string]any(p)
	for part := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		case unknown:
			return v
		default:
			return nil
		}
	}
	return at
}

// Str returns the text at the path, or "". Numbers and booleans are written out.
func (p Properties) Str(path string) string { return text(p.At(path)) }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Num returns the number at the path, or 0. Text that is a number counts.
func (p Properties) Num(path string) float64 {
	n, err := strconv.ParseFloat(p.Str(path), 64)
	if err != nil {
		return 0
	}
	return n
}

// Int returns the whole number at the path, or 0.
func (p Properties) Int(path string) int { return int(p.Num(path)) }

// True tells whether the value at the path is true.
func (p Properties) True(path string) bool { return p.Str(path) == "true" }

// Texts returns the texts of the list at the path.
func (p Properties) Texts(path string) []string {
	var texts []string
	list, _ := p.At(path).([]any)
	for _, v := range list {
		if text, ok := known(v).(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Objects returns the objects of the list at the path; a single object counts as
// a list of one.
func (p Properties) Objects(path string) []Properties {
	switch v := p.At(path).(type) {
	case map[string]any:
		return []Properties{v}
	case []any:
		var objects []Properties
		for _, e := range v {
			if object, ok := known(e).(map[string]any); ok {
				objects = append(objects, object)
			}
		}
		return objects
	}
	return nil
}

func (p Properties) with(more Properties) Properties {
	all := maps.Clone(p)
	if all == nil {
		all = Properties{}
	}
	maps.Copy(all, more)
	return all
}

// Open copies properties and puts the mark Secret in place of secrets: a report
// shows none.
func Open(from map[string]any) Properties {
	opened := Properties{}
	for key, v := range from {
		if strings.HasPrefix(key, "__") {
			continue // the provider's own notes
		}
		opened[key] = unseal(v)
	}
	return opened
}

func unseal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			return Secret
		}
		object := map[string]any{}
		for key, e := range v {
			object[key] = unseal(e)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = unseal(e)
		}
		return list
	}
	return v
}

// open does what Open does, and hides what is not known yet.
func (g *Graph) open(from map[string]any) Properties {
	opened := Open(from)
	for key, v := range opened {
		opened[key] = g.hide(v)
	}
	return opened
}

// hide puts an unknown in place of each text Unknown, in lists and objects too.
func (g *Graph) hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			v[key] = g.hide(e)
		}
	case []any:
		for i, e := range v {
			v[i] = g.hide(e)
		}
	case string:
		if v == Unknown {
			g.unknowns = true
			return unknown{g}
		}
	}
	return v
}
