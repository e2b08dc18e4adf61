package verify

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// Verdict is what an item's comparison found.
type Verdict string

// An item that is Unseen is neither counted nor passed.
const (
	OK      Verdict = "ok"
	Differs Verdict = "DIFFERS"
	Unseen  Verdict = "UNSEEN"
)

// Item is one thing that was compared.
type Item struct {
	Subject, What, Want, Seen string
	Verdict                   Verdict
}

// Report is all that was compared.
type Report struct {
	Stack string
	Items []Item
	// Unread are resources of the state that nothing was compared of, by type.
	Unread map[string]int
}

// Count is how many items hold, how many were compared, and how many could not
// be seen.
func (r *Report) Count() (held, compared, unseen int) {
	for _, i := range r.Items {
		switch i.Verdict {
		case OK:
			held++
		case Unseen:
			unseen++
		}
	}
	return held, len(r.Items) - unseen, unseen
}

// Different lists the items that differ.
func (r *Report) Different() []Item {
	var all []Item
	for _, i := range r.Items {
		if i.Verdict == Differs {
			all = append(all, i)
		}
	}
	return all
}

// Err is nil if every item holds, else ErrDiffers.
func (r *Report) Err() error {
	if held, compared, _ := r.Count(); held != compared {
		return fmt.Errorf("%w: %d of %d items differ", ErrDiffers, compared-held, compared)
	}
	return nil
}

// wide is how much of a value a column of the table shows. Of an item that differs
// all is shown.
const wide = 60

// Write writes the table and the count.
func (r *Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "item\texpected\tseen\t")
	for _, i := range r.Items {
		show := cut
		if i.Verdict != OK {
			show = func(text string) string { return text }
		}
		fmt.Fprintf(t, "%s: %s\t%s\t%s\t%s\n", i.Subject, i.What, show(i.Want), show(i.Seen), i.Verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, token := range sortedKeys(r.Unread) {
		fmt.Fprintf(w, "not compared: %d of the type %s\n", r.Unread[token], token)
	}
	held, compared, unseen := r.Count()
	if unseen > 0 {
		fmt.Fprintf(w, "not to be had here, and not counted: %d\n", unseen)
	}
	_, err := fmt.Fprintf(w, "verified %d of %d\n", held, compared)
	return err
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= wide {
		return text
	}
	return string([]rune(text)[:wide-1]) + "…"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Beside an exact value, a promise may be a least number (">= 2") or a beginning
// ("8.4…").
func judge(want, seen string) Verdict {
	ok := want == seen
	if least, found := strings.CutPrefix(want, atLeast); found {
		w, errWant := strconv.ParseFloat(least, 64)
		s, errSeen := strconv.ParseFloat(seen, 64)
		ok = errWant == nil && errSeen == nil && s >= w
	}
	if beginning, found := strings.CutSuffix(want, andMore); found {
		ok = seen == beginning || strings.HasPrefix(seen, beginning+".")
	}
	if ok {
		return OK
	}
	return Differs
}

const atLeast, andMore = ">= ", "…"
