package verify

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// nameThings writes the stack's names of things in the place of AWS's IDs.
func (r *run) nameThings() {
	replace := namer(r.Graph)
	for i := range r.report.Items {
		item := &r.report.Items[i]
		item.What, item.Want, item.Seen = replace.Replace(item.What), replace.Replace(item.Want), replace.Replace(item.Seen)
	}
}

// namer replaces the longest ID first: an ID may be the beginning of another.
func namer(g *graph.Graph) *strings.Replacer {
	var pairs [][2]string
	for _, r := range g.Resources {
		if strings.Contains(r.ID, "-") && len(r.ID) > 8 && r.Name != "" {
			pairs = append(pairs, [2]string{r.ID, r.Name})
		}
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	var all []string
	for _, p := range pairs {
		all = append(all, p[0], p[1])
	}
	return strings.NewReplacer(all...)
}

// part are types of which something is compared with what they belong to.
var part = []string{
	ingressType, egressType, routeType, associationType, aclRuleType,
	catalog.IAMRolePolicy, catalog.IAMRolePolicyAttachment, catalog.EC2InstanceState,
}

// unread counts the resources on AWS of which nothing is compared.
func unread(g *graph.Graph) map[string]int {
	n := map[string]int{}
	for _, r := range g.Resources {
		read := slices.Contains(part, r.Type) || slices.ContainsFunc(kinds, func(k kind) bool { return k.token == r.Type })
		if r.Custom && strings.HasPrefix(r.Type, "aws:") && !read {
			n[r.Type]++
		}
	}
	return n
}

// unescaped is all text of a JSON document as it is meant.
func unescaped(document string) string {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		return document
	}
	return strings.Join(texts(v), "\n")
}

func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	}
	return all
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}
