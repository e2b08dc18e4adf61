package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	fileAndTest = regexp.MustCompile("`([^`]+_test\\.go)` (Test[A-Za-z0-9]+)")
	verifyItem  = regexp.MustCompile("`make verify`: ([A-Za-z ]+): ([A-Za-z -]+)$")
	source      = regexp.MustCompile(`^\[[^\]]+\]\(https://[^)]+\)$`)
	inQuotes    = regexp.MustCompile("^`([^`]+)`$")
)

// behaviours are the rows of docs/aws.md.
func behaviours(t *testing.T) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../docs/aws.md")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| behaviour") || strings.HasPrefix(line, "| ---") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		rows = append(rows, row)
	}
	return rows
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	require.NoError(t, err)
	return string(text)
}

// verifySource is what rehearsal/prove/verify compares, as Go text.
func verifySource(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../rehearsal/prove/verify/*.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, path := range files {
		if !strings.HasSuffix(path, "_test.go") {
			all.WriteString(read(t, strings.TrimPrefix(path, "../")))
		}
	}
	return all.String()
}

func TestWhatAWSIsReliedOnToDoIsHandledAndShown(t *testing.T) {
	t.Parallel()
	rows, compared := behaviours(t), verifySource(t)
	assert.GreaterOrEqual(t, len(rows), 40)
	for _, row := range rows {
		require.Len(t, row, 4, "%v", row)
		assert.Regexp(t, source, row[1], row[0])
		handled := inQuotes.FindStringSubmatch(row[2])
		require.NotNil(t, handled, row[0])
		assert.FileExists(t, filepath.Join("..", handled[1]), row[0])
		test, item := fileAndTest.FindStringSubmatch(row[3]), verifyItem.FindStringSubmatch(row[3])
		if test != nil {
			assert.Contains(t, read(t, test[1]), "func "+test[2]+"(", row[0])
		} else {
			assert.True(t, strings.HasPrefix(row[3], "needs an account; "), "%s: shown by %q", row[0], row[3])
			assert.True(t, item != nil || strings.HasSuffix(row[3], "not looked at by `make verify`"), "%s: %q", row[0], row[3])
		}
		if item != nil {
			assert.Contains(t, compared, `"`+item[1]+`"`, row[0])
			assert.Regexp(t, `"`+item[2]+`[" ]`, compared, row[0])
		}
	}
}
