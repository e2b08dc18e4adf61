package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/e2e/standin"
)

func urn(typ, name string) string {
	return "urn:pulumi:dev::webphases::webphases:index:Network$" + typ + "::" + name
}

// event is a line of the CLI's event log.
func event(kind, op, typ, name, more string) string {
	return fmt.Sprintf(`{%q:{"planning":%t,"metadata":{"op":%q,"urn":%q,"type":%q%s}}}`, kind, kind == "resourcePreEvent", op, urn(typ, name), typ, more)
}

func logOf(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}

const (
	vpcType    = catalog.EC2VPC
	serverType = catalog.EC2Instance
)

func TestReadPlan(t *testing.T) {
	t.Parallel()
	log := logOf(t,
		event("resourcePreEvent", "create", "pulumi:providers:aws", "default", ""),
		event("resourcePreEvent", "same", vpcType, "still", ""),
		event("resourcePreEvent", "update", vpcType, "net", `,"diffs":["x"],"detailedDiff":{"tags.Phase":{},"tags.Name":{},"tagsAll.Name":{},"cidrBlock":{}}`),
		event("resourcePreEvent", "create-replacement", serverType, "server", `,"keys":["ami"],"diffs":["ami"]`),
		event("resourcePreEvent", "replace", serverType, "server", `,"keys":["ami"],"diffs":["ami"]`),
		event("resourcePreEvent", "update", serverType, "tagged", `,"diffs":["tags","tagsAll"]`),
		event("resourcePreEvent", "delete-replaced", serverType, "server", ""),
		event("resOutputsEvent", "update", vpcType, "done", `,"diffs":["tags"]`),
	)
	plan, err := ReadPlan(log)
	require.NoError(t, err)
	assert.Equal(t, Plan{
		urn(vpcType, "net"):       {Ops: []string{"update"}, Props: []string{"cidrBlock", "tags"}, Keys: nil},
		urn(serverType, "tagged"): {Ops: []string{"update"}, Props: []string{"tags"}},
		urn(serverType, "server"): {
			Ops: []string{"create-replacement", "replace", "delete-replaced"}, Props: []string{"ami"}, Keys: []string{"ami"},
		},
	}, plan)
	done, err := ReadDone(log)
	require.NoError(t, err)
	assert.Equal(t, []string{"tags"}, done[urn(vpcType, "done")].Props)
	assert.Len(t, done, 1)
	_, err = ReadPlan(logOf(t, "{"))
	require.Error(t, err)
	_, err = ReadPlan(logOf(t, event("resOutputsEvent", "update", vpcType, "done", "")))
	require.ErrorIs(t, err, ErrNoSteps)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	one := urn(serverType, "server")
	update := func(props ...string) Plan { return Plan{one: {Ops: []string{"update"}, Props: props}} }
	replace := func(key string, ops ...string) Plan {
		return Plan{one: {Ops: ops, Props: []string{"ami"}, Keys: []string{key}}}
	}
	for name, c := range map[string]struct {
		model, real Plan
		want        []string
	}{
		"alike":              {update("ami"), update("ami"), nil},
		"another property":   {update("ami"), update("ami", "tags"), []string{"tags"}},
		"only one changes":   {update("ami"), Plan{}, []string{"op"}},
		"another operation":  {update("ami"), replace("ami", "create-replacement", "replace"), []string{"op"}},
		"another reason":     {replace("ami", "replace"), replace("keyName", "replace"), []string{"key ami", "key keyName"}},
		"order of one":       {replace("ami", "create-replacement", "replace", "delete-replaced"), replace("ami", "create-replacement", "delete-replaced", "replace"), nil},
		"deleted before new": {replace("ami", "create-replacement", "delete-replaced"), replace("ami", "delete-replaced", "create-replacement"), []string{"op"}},
	} {
		var got []string
		for _, d := range Compare(c.model, c.real) {
			got = append(got, d.Prop)
			assert.Equal(t, serverType, d.Type, name)
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestAllowances(t *testing.T) {
	t.Parallel()
	a := NewAllowances()
	a.table = []Allowance{{Type: serverType, Prop: "tags"}, {Type: vpcType, Prop: "op"}}
	faults := a.Faults([]Difference{{Type: serverType, Prop: "tags"}, {Type: serverType, Prop: "ami"}})
	assert.Equal(t, []Difference{{Type: serverType, Prop: "ami"}}, faults)
	assert.Equal(t, []string{vpcType + " op"}, a.Unneeded(), "a line that allows nothing must go")
	assert.Equal(t, 1, a.Needed())
}

// docs/e2e.md and the code list the same stand-ins and allowed differences.
func TestDocument(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../docs/e2e.md")
	require.NoError(t, err)
	assert.Equal(t, wantRows(), rows(string(content)))
}

// rows are the first cells of the document's tables.
func rows(document string) (first []string) {
	for line := range strings.Lines(document) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			if cell := strings.TrimSpace(cells[1]); strings.HasPrefix(cell, "`") {
				first = append(first, strings.Trim(cell, "`"))
			}
		}
	}
	return first
}

func wantRows() []string {
	names := standin.Names()
	for _, line := range allowances {
		names = append(names, line.Type+" "+line.Prop)
	}
	return names
}
