package config

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/webphases/webphases/internal/suggest"
)

// refuseUnknown reports keys that the program does not have, for a misspelt key
// would otherwise be a setting that silently does not apply.
func (r *reader) refuseUnknown(keys []string) {
	known := Keys()
	prefix := r.ctx.Project() + ":"
	sort.Strings(keys)
	for _, full := range slices.Compact(keys) {
		key, ours := strings.CutPrefix(full, prefix)
		if isKey := slices.Contains(known, key); ours && isKey && strings.Contains(key, ".") {
			value, _ := r.ctx.GetConfig(full)
			r.fail(ErrUnknownKey, key, value, "it was set as one word and not as a member of an object",
				fmt.Sprintf("run `pulumi config rm %s && pulumi config set --path %s VALUE`", full, key))
		} else if ours && !isKey && !isGroup(known, key) {
			r.unknown(known, key)
		}
	}
	for _, group := range slices.Sorted(maps.Keys(r.groups)) {
		for _, member := range slices.Sorted(maps.Keys(r.groups[group])) {
			if !slices.Contains(known, group+"."+member) {
				r.unknown(known, group+"."+member)
			}
		}
	}
}

func isGroup(known []string, name string) bool {
	return slices.ContainsFunc(known, func(key string) bool { return strings.HasPrefix(key, name+".") })
}

func (r *reader) unknown(known []string, key string) {
	value, _ := r.given(key)
	if group, _, _ := strings.Cut(key, "."); r.ctx.IsConfigSecret(r.ctx.Project() + ":" + group) {
		value = "[secret]"
	}
	r.fail(ErrUnknownKey, key, value, "the program has no such key",
		fmt.Sprintf("%s, or remove it with `pulumi config rm --path '%s:%s'`", meant(known, key), r.ctx.Project(), key))
}

// meant suggests a key for a misspelt one, or lists those that there are.
func meant(known []string, key string) string {
	group, _, nested := strings.Cut(key, ".")
	var names []string
	for _, name := range slices.Sorted(slices.Values(known)) {
		if strings.HasPrefix(name, group+".") || !nested && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	if likely := suggest.Likely(key, names); likely != "" {
		return "did you mean " + likely + "?"
	}
	if len(names) == 0 {
		return "see docs/config.md for the keys"
	}
	return "choose one of " + strings.Join(names, ", ")
}
