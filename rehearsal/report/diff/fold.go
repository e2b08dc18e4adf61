package diff

import (
	"fmt"
	"strings"
)

// cutNote stands at the end of a folded part that would be too long.
const cutNote = "Cut here, %s left out: a comment on GitHub holds 65,536 characters. `make diff` writes the whole diff to a file."

// fold is the full diff in at most a number of bytes, folded. It holds as many
// whole resources as there is room for; if any is left out, a note says so.
func (r Result) fold(room int) string {
	const head, tail = "<details>\n<summary>Full diff</summary>\n\n", "\n</details>\n"
	items := r.items()
	if len(items) == 0 {
		return ""
	}
	const slack = 200 // the fences and the note
	room -= len(head) + len(tail) + slack
	used, kept, left := 0, []string{}, 0
	for _, item := range items {
		// A fence grows with the backticks that it holds, by no more than they are.
		size := len(item) + 1 + 2*longestRun(item)
		if used+size > room {
			left++
			continue
		}
		used += size
		kept = append(kept, item)
	}
	var b strings.Builder
	b.WriteString(head)
	if len(kept) > 0 {
		b.WriteString(block("diff", kept))
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n"+cutNote+"\n", count(left, "resource"))
	}
	b.WriteString(tail)
	return b.String()
}

// Full is the full diff of every resource, uncut.
func (r Result) Full() string { return strings.Join(r.items(), "\n") + "\n" }

// items is the diff of each resource, those that matter most first.
func (r Result) items() []string {
	var items []string
	for _, list := range []struct {
		sign, what string
		changes    []Change
	}{
		{"-", "deleted", r.Plan.Deleted}, {"!", "replaced", r.Plan.Replaced},
		{" ", "updated", r.Plan.Updated}, {"+", "created", r.Plan.Created},
	} {
		for _, c := range list.changes {
			item := []string{fmt.Sprintf("%s %s %s: %s", list.sign, short(c), c.URN.Name(), list.what)}
			for _, p := range c.Props {
				item = append(item, p.diff()...)
			}
			items = append(items, strings.Join(item, "\n"))
		}
	}
	return items
}

// diff is the property as lines of a diff: with the lines around a change if the
// value has several.
func (p Property) diff() []string {
	name := p.Path
	if p.Replaces {
		name += " (replaces)"
	}
	before, after := lines(p.Old), lines(p.New)
	if len(before) > 1 || len(after) > 1 {
		out := []string{"    " + name + ":"}
		return append(out, lineDiff(before, after)...)
	}
	var out []string
	if p.Old != nil {
		out = append(out, fmt.Sprintf("-   %s: %s", name, shorten(before[0], widest)))
	}
	if p.New != nil {
		out = append(out, fmt.Sprintf("+   %s: %s", name, shorten(after[0], widest)))
	}
	return out
}
