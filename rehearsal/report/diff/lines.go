package diff

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// How much of a property the full diff shows.
const (
	widest     = 200 // characters of a line
	longest    = 60  // lines
	around     = 2   // unchanged lines beside a changed one
	packedFrom = 3   // lines of packed data that are worth naming instead
)

// lines writes a value over several lines, so that a change within a long
// document shows as the lines that it touches: JSON is indented, text in base64
// decoded, and packed data named by its hash.
func lines(v any) []string {
	s := text(v)
	if raw, err := base64.StdEncoding.DecodeString(s); err == nil && len(raw) > widest && readable(raw) {
		s = "in base64:\n" + string(raw)
	}
	var document any
	if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
		if json.Unmarshal([]byte(s), &document) == nil {
			s = pretty(unfold(document))
		}
	}
	return namePacked(strings.Split(strings.TrimRight(s, "\n"), "\n"))
}

func pretty(document any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return err.Error() // cannot be: it was read from JSON
	}
	return b.String()
}

// unfold makes a list of lines of every text in a document that has several.
func unfold(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = unfold(value)
		}
	case []any:
		for i, value := range v {
			v[i] = unfold(value)
		}
	case string:
		if parts := strings.Split(v, "\n"); len(parts) > 1 {
			return namePacked(parts)
		}
	}
	return v
}

func readable(raw []byte) bool {
	return utf8.Valid(raw) && !strings.ContainsFunc(string(raw), func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r'
	})
}

var packed = regexp.MustCompile(`^[A-Za-z0-9+/=]{60,}$`)

// namePacked puts one line in place of many that nobody can read.
func namePacked(all []string) []string {
	var out []string
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && packed.MatchString(all[end]) {
			end++
		}
		if end-i < packedFrom {
			out = append(out, all[i])
			i++
			continue
		}
		hash := sha256.Sum256([]byte(strings.Join(all[i:end], "\n")))
		out = append(out, fmt.Sprintf("(%d lines of packed data, SHA-256 %x…)", end-i, hash[:6]))
		i = end
	}
	return out
}

// lineDiff is what changes between two values, as lines of a diff.
func lineDiff(before, after []string) []string {
	engine := diffmatchpatch.New()
	a, b, dictionary := engine.DiffLinesToChars(strings.Join(before, "\n")+"\n", strings.Join(after, "\n")+"\n")
	var out []string
	diffs := engine.DiffCharsToLines(engine.DiffMain(a, b, false), dictionary)
	for i, d := range diffs {
		same := strings.Split(strings.TrimSuffix(d.Text, "\n"), "\n")
		sign := map[diffmatchpatch.Operation]string{
			diffmatchpatch.DiffDelete: "-", diffmatchpatch.DiffInsert: "+", diffmatchpatch.DiffEqual: " ",
		}[d.Type]
		if d.Type == diffmatchpatch.DiffEqual {
			same = middle(same, i > 0, i < len(diffs)-1)
		}
		for _, line := range same {
			out = append(out, shorten(sign+"     "+line, widest))
		}
	}
	if more := len(out) - longest; more > 0 {
		out = append(out[:longest], fmt.Sprintf("      … and %s", count(more, "more line")))
	}
	return out
}

// middle leaves out unchanged lines that are far from a change.
func middle(same []string, changeBefore, changeAfter bool) []string {
	first, last := 0, 0
	if changeBefore {
		first = around
	}
	if changeAfter {
		last = around
	}
	if len(same) <= first+last+1 {
		return same
	}
	kept := append([]string{}, same[:first]...)
	kept = append(kept, "…")
	return append(kept, same[len(same)-last:]...)
}
