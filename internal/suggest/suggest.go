// Package suggest finds what somebody probably meant by a misspelt name.
package suggest

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the candidate most like the name, without regard to case. It is
// the first in alphabetical order where several are equally like it, and ""
// where there are none.
func Nearest(name string, candidates []string) string {
	best, least := "", -1
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil)
		if least < 0 || d < least {
			best, least = candidate, d
		}
	}
	return best
}

// slips is how many letters a name may differ in and still be a misspelling.
const slips = 2

// Likely is Nearest if the two differ in so few letters that one is a
// misspelling of the other; otherwise it is "".
func Likely(name string, candidates []string) string { return Within(name, candidates, slips) }

// Within is Nearest if the two differ in that many letters at most; otherwise it
// is "".
func Within(name string, candidates []string, letters int) string {
	nearest := Nearest(name, candidates)
	if levenshtein.Distance(strings.ToLower(name), strings.ToLower(nearest), nil) > letters {
		return ""
	}
	return nearest
}
