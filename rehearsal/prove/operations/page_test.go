// Package operations_test rehearses what is done to a stack that lives: the
// runbook in docs/operations.md (with the build tag runbook, by `make
// operations`), refactorings, and the order of what an update does.
package operations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the info of a block says.
const (
	runnable = "sh"         // every line is run
	refused  = "sh refused" // the last line must be refused with nothing changed
	aws      = "sh aws"     // needs an account: not run
)

// section is a part of docs/operations.md.
type section struct {
	title  string
	stack  string // that it is rehearsed on
	blocks []block
}

type block struct {
	info     string
	commands []string
}

// parse reads the sections and their blocks. Every section names its stack, every
// block is of a kind that the test knows.
func parse(text string) ([]section, error) {
	var sections []section
	var open *block
	for number, line := range strings.Split(text, "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			sections = append(sections, section{title: title})
			continue
		}
		fence, isFence := strings.CutPrefix(line, "```")
		if len(sections) == 0 {
			if isFence {
				return nil, fmt.Errorf("line %d: a block outside of a section", number+1)
			}
			continue
		}
		s := &sections[len(sections)-1]
		stack, marked := strings.CutPrefix(line, "<!-- rehearse: ")
		switch {
		case marked:
			s.stack = strings.TrimSuffix(stack, " -->")
		case isFence && open != nil:
			s.blocks, open = append(s.blocks, *open), nil
		case isFence && fence != runnable && fence != refused && fence != aws:
			return nil, fmt.Errorf("line %d: a block of the kind %q: the test knows %q, %q and %q", number+1, fence, runnable, refused, aws)
		case isFence:
			open = &block{info: fence}
		case open != nil:
			open.commands = append(open.commands, line)
		}
	}
	return sections, nil
}

func TestParse(t *testing.T) {
	t.Parallel()
	sections, err := parse("# Page\n## One\n<!-- rehearse: dev -->\n```sh\na\nb\n```\n```sh aws\nc\n```\n## Two\n```sh refused\nd\n```\n")
	require.NoError(t, err)
	assert.Equal(t, []section{
		{"One", "dev", []block{{runnable, []string{"a", "b"}}, {aws, []string{"c"}}}},
		{"Two", "", []block{{refused, []string{"d"}}}},
	}, sections)
	_, err = parse("## One\n```bash\n```\n")
	assert.ErrorContains(t, err, `line 2: a block of the kind "bash"`)
	_, err = parse("```sh\n```\n")
	assert.Error(t, err)
}
