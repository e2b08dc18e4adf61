package graph

import (
	"maps"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Secret stands for the value of a secret property.
const Secret = "[secret]"

// Properties are a resource's properties as JSON has them: text, float64, bool,
// []any and map[string]any.
type Properties map[string]any

// At returns the value at a path such as "metadataOptions.httpTokens" or
// "egress.0.fromPort", or nil.
func (p Properties) At(path string) any {
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
		default:
			return nil
		}
	}
	return at
}

// Str returns the text at the path, or "". Numbers and booleans are written out.
func (p Properties) Str(path string) string {
	switch v := p.At(path).(type) {
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
		if text, ok := v.(string); ok {
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
			if object, ok := e.(map[string]any); ok {
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
