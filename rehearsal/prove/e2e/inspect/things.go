// Package inspect asks the AWS API what there is, by the AWS SDK for Go: what a census
// counts, and the facts that rehearsal/prove/verify compares. It knows nothing of
// Pulumi's state.
//
// What asks is built with the tag e2e only: the SDK's client of EC2 takes minutes
// to compile, and nobody else shall wait for it.
package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Thing is something that the API holds.
type Thing struct {
	Kind string // such as vpc
	ID   string
	// Tags as the API gives them; nil of kinds that the program cannot tag.
	Tags map[string]string
}

func (t Thing) key() string { return t.Kind + " " + t.ID }

// Census is what the API holds, by kind and ID.
type Census map[string]Thing

// Since lists what a census holds that an earlier one did not, sorted.
func (c Census) Since(before Census) []Thing {
	var more []Thing
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if _, old := before[key]; !old {
			more = append(more, c[key])
		}
	}
	return more
}

// Of lists the IDs of a kind, sorted.
func (c Census) Of(kind string) []string {
	var ids []string
	for key, t := range c {
		if strings.HasPrefix(key, kind+" ") {
			ids = append(ids, t.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Untagged says which of the things lack one of the tags, or have it with
// another value. An empty value stands for any.
func Untagged(things []Thing, want map[string]string) []string {
	var wrong []string
	for _, t := range things {
		if t.Tags == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			got, ok := t.Tags[key]
			if ok && t.Kind == "parameter" && key == "Phase" {
				continue // those that servers write keep the phase that they were made in
			}
			if !ok || want[key] != "" && got != want[key] {
				wrong = append(wrong, fmt.Sprintf("%s has the tag %s=%q, want %q", t.key(), key, got, want[key]))
			}
		}
	}
	return wrong
}
