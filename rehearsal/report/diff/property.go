package diff

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// changed lists the properties that a step changes, from the engine's detailed
// diff, or by name where the provider gives none.
func changed(m apitype.StepEventMetadata) []Property {
	if m.Old == nil || m.New == nil {
		return nil
	}
	inputs, outputs, asked := graph.Open(m.Old.Inputs), graph.Open(m.Old.Outputs), graph.Open(m.New.Inputs)
	diffs := m.DetailedDiff
	if len(diffs) == 0 {
		diffs = map[string]apitype.PropertyDiff{}
		for _, name := range m.Diffs {
			diffs[name] = apitype.PropertyDiff{InputDiff: true}
		}
	}
	var props []Property
	for path, diff := range diffs {
		before := at(inputs, path)
		if before == nil { // AWS had chosen the value
			before = at(outputs, path)
		}
		p := Property{Path: path, Old: before, New: at(asked, path), Replaces: replaces(diff.Kind) || slices.Contains(m.Keys, path)}
		// A value that one side hides is not shown by the other either.
		if p.Old == graph.Secret || p.New == graph.Secret {
			p.Old, p.New = hide(p.Old), hide(p.New)
		}
		props = append(props, p)
	}
	return props
}

func replaces(kind apitype.DiffKind) bool {
	return kind == apitype.DiffAddReplace || kind == apitype.DiffDeleteReplace || kind == apitype.DiffUpdateReplace
}

func hide(v any) any {
	if v == nil {
		return nil
	}
	return graph.Secret
}

// at returns the value at a path of Pulumi's, such as tags["a.b"] or
// rule[0].port. All that lies within a secret is secret.
func at(props graph.Properties, path string) any {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return nil
	}
	var v any = map[string]any(props)
	for _, part := range parsed {
		switch container := v.(type) {
		case map[string]any:
			key, _ := part.(string)
			v = container[key]
		case []any:
			i, ok := part.(int)
			if !ok || i < 0 || i >= len(container) {
				return nil
			}
			v = container[i]
		default:
			if v == graph.Secret {
				return v
			}
			return nil
		}
	}
	return v
}

// unknown stands for what AWS decides when the plan is carried out.
const unknown = "(known after up)"

// text writes a value: text as it is, all else as JSON.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if strings.Contains(v, plugin.UnknownStringValue) {
			return unknown
		}
		return v
	default:
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return "(a value that cannot be shown)"
		}
		return strings.ReplaceAll(strings.TrimSpace(b.String()), plugin.UnknownStringValue, unknown)
	}
}
