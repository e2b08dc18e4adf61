package model

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/facts"
)

// Every type in the facts has a kind, and the kinds speak only of properties
// that the facts know: a misspelt one would never apply.
func TestKindsAgreeWithTheFacts(t *testing.T) {
	t.Parallel()
	for _, token := range facts.AWS().Tokens() {
		assert.Contains(t, kinds, token)
	}
	for token, k := range kinds {
		f, ok := facts.AWS().Resource(token)
		if token == catalog.RDSSnapshot {
			continue
		}
		if !assert.True(t, ok, "%s is not in the facts", token) {
			continue
		}
		input := func(path string) {
			top, _, _ := strings.Cut(path, ".")
			assert.Contains(t, f.Inputs, strings.TrimSuffix(top, "[*]"), "%s: %s", token, path)
		}
		for name := range k.Defaults {
			input(name)
		}
		for _, r := range k.Refs {
			input(r.Path)
			assert.Contains(t, kinds, r.To, token)
		}
		for _, s := range k.Sets {
			input(s)
		}
		for _, u := range k.Unique {
			for _, p := range u.Paths {
				input(p)
			}
		}
		if n := namingOf(k, f); n != nil {
			input(n.Property)
			if n.Prefix != "" {
				input(n.Prefix)
			}
		}
		for i := 0; i < len(k.Outputs); i += 2 {
			assert.Contains(t, f.Outputs, k.Outputs[i], token)
		}
		for output, causes := range k.Renewed {
			assert.Contains(t, f.Outputs, output, token)
			for _, cause := range causes {
				if cause != "*" {
					input(cause)
				}
			}
		}
		assert.NotEmpty(t, k.ID, token)
	}
}

// Rules must hold for inputs that are absent or not known yet.
func TestRulesBearUnknownInputs(t *testing.T) {
	t.Parallel()
	for token, k := range kinds {
		f, ok := facts.AWS().Resource(token)
		if !ok {
			continue
		}
		in := (&change{facts: f}).planned()
		for name := range f.Inputs {
			in[resourceKey(name)] = unknown()
		}
		for _, rule := range k.Rules {
			assert.NotPanics(t, func() { rule(in) }, token)
		}
	}
}
