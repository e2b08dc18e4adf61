package inspect

import (
	"context"
	"errors"
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

// Census asks for everything of the kinds that the program can make, and of those
// that AWS makes along with them, such as network interfaces.
func (a *API) Census(ctx context.Context) (Census, error) {
	all := Census{}
	var errs []error
	for _, group := range []func(context.Context) ([]Thing, error){
		a.network, a.gateways, a.firewalls, a.servers, a.images, a.databases, a.files, a.balancers, a.groups, a.identities, a.management, a.secretsAndLogs,
	} {
		things, err := group(ctx)
		if err != nil {
			errs = append(errs, err)
		}
		for _, t := range things {
			all[t.key()] = t
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("asking the API what it holds: %w", errors.Join(errs...))
	}
	return all, nil
}

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
			if !ok || want[key] != "" && got != want[key] {
				wrong = append(wrong, fmt.Sprintf("%s has the tag %s=%q, want %q", t.key(), key, got, want[key]))
			}
		}
	}
	return wrong
}
