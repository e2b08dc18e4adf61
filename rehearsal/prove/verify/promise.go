package verify

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// there is the value of a fact whose name says everything.
const there = "there"

// promise is what a stack promises of one thing.
type promise struct {
	kind, id, name string
	facts          []fact
	tags           map[string]string
}

// fact is one promised value. Its form, applied to both sides, makes texts that
// mean the same equal.
type fact struct {
	name, want string
	form       func(string) string
}

func plain(text string) string { return text }

// document is the digest of a JSON document, whatever its layout.
func document(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err == nil {
		if compact, err := json.Marshal(v); err == nil {
			text = string(compact)
		}
	}
	return digest(text)
}

// digest stands for a long text in the table.
func digest(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("sha256 %.12x", sha256.Sum256([]byte(text)))
}

// promises reads what each resource of the state asks for.
func promises(g *graph.Graph) []promise {
	var all []promise
	for _, k := range kinds {
		for _, r := range g.OfType(k.token) {
			p := promise{kind: k.kind, id: r.ID, name: r.Name, tags: tagsOf(r)}
			if k.id != "" {
				p.id = r.Str(k.id)
			}
			for _, s := range k.specs {
				p.promise(r, s)
			}
			if k.more != nil {
				p.facts = append(p.facts, k.more(g, r)...)
			}
			all = append(all, p)
		}
	}
	return all
}

// promise adds what a resource asks for in one input. What it does not ask for is
// AWS's to choose, unless the program relies on the default.
func (p *promise) promise(r *graph.Resource, s spec) {
	want := cmp.Or(text(r.Inputs, s.input), text(r.Inputs, s.or))
	if want == "" {
		want = s.otherwise
	}
	if want == "" || strings.Contains(want, graph.Secret) {
		return
	}
	form := s.form
	if form == nil {
		form = plain
	}
	if s.mark != nil {
		want = s.mark(want)
	}
	p.facts = append(p.facts, fact{name: s.name, want: want, form: form})
}

// text is a property in the words of Facts.
func text(p graph.Properties, path string) string {
	if path == "" {
		return ""
	}
	if texts := p.Texts(path); len(texts) > 0 {
		return list(texts)
	}
	return p.Str(path)
}

// tagsOf are the tags that the provider says it has set, those of the whole stack
// among them.
func tagsOf(r *graph.Resource) map[string]string {
	tags := map[string]string{}
	for _, from := range []string{"tags", "tagsAll"} {
		if object, ok := r.At(from).(map[string]any); ok {
			for key, value := range object {
				tags[key] = fmt.Sprint(value)
			}
		}
	}
	for _, t := range r.Objects("tags") {
		if key := t.Str("key"); key != "" && t.At("propagateAtLaunch") != nil {
			tags[key] = t.Str("value")
		}
	}
	return tags
}

// seenTags are those of AWS that were promised. Others may be anybody's, such as
// the ones for cost allocation.
func seenTags(promised map[string]string, seen Facts) map[string]string {
	tags := map[string]string{}
	for key := range promised {
		if value, ok := seen["tag "+key]; ok {
			tags[key] = value
		}
	}
	return tags
}

func tagsText(tags map[string]string) string {
	var all []string
	for key, value := range tags {
		all = append(all, key+"="+value)
	}
	return list(all)
}
