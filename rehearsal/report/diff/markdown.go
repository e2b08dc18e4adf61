package diff

import (
	"strings"
	"unicode/utf8"
)

// code puts text into a code span, where Markdown, HTML and mentions mean
// nothing: on one line, at most as many characters as given, and fit for the cell
// of a table.
func code(s string, most int) string {
	s = shorten(strings.Join(strings.Fields(strings.Map(printable, s)), " "), most)
	if s == "" {
		return "–"
	}
	fence := strings.Repeat("`", 1+longestRun(s))
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	// A table's cells are cut at bars before code spans are read.
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}

// block puts lines into a fenced block of a language, which they cannot leave.
func block(language string, lines []string) string {
	body := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return printable(r)
	}, strings.Join(lines, "\n"))
	fence := strings.Repeat("`", max(3, 1+longestRun(body)))
	return fence + language + "\n" + body + "\n" + fence + "\n"
}

// printable drops control characters and those that turn the direction of text,
// which could make a change look like another.
func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return ' '
	case r < ' ' || r == utf8.RuneError || r >= 0x7f && r < 0xa0,
		r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return -1
	}
	return r
}

func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// excerpts shortens two texts to where they differ, so that a change at the end
// of a long one can be seen.
func excerpts(before, after string, most int) (string, string) {
	a, b := []rune(before), []rune(after)
	if len(a) <= most && len(b) <= most {
		return before, after
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	const context = 12
	if same <= context {
		return shorten(before, most), shorten(after, most)
	}
	from := same - context
	cut := func(r []rune) string {
		if len(r) == 0 {
			return ""
		}
		return shorten("…"+string(r[min(from, len(r)):]), most)
	}
	return cut(a), cut(b)
}
