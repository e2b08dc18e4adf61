package reference

import (
	"flag"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/config"
)

var update = flag.Bool("update", false, "write docs/config.md")

const document = "../../../docs/config.md"

func pulumiYAML(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("../../../Pulumi.yaml")
	require.NoError(t, err)
	return content
}

// Pulumi.yaml and the program know the same keys, with the same defaults.
func TestPulumiYAMLAgreesWithTheProgram(t *testing.T) {
	t.Parallel()
	keys, order, err := Keys(pulumiYAML(t))
	require.NoError(t, err)
	program := config.Keys()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(program)), order)
	types := goTypes(reflect.TypeFor[config.Config]())
	for name, key := range keys {
		assert.Equal(t, program[name], key.Text(), "default of %s", name)
		assert.Equal(t, types[name], key.Type, "type of %s", name)
		assert.NotEmpty(t, key.Description, name)
	}
}

func goTypes(t reflect.Type) map[string]string {
	words := map[reflect.Kind]string{reflect.Int: "integer", reflect.Bool: "boolean", reflect.String: "string", reflect.Slice: "array"}
	all := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() == reflect.Struct {
			maps.Copy(all, goTypes(f.Type))
		} else if key := f.Tag.Get("key"); key != "" {
			all[key] = words[f.Type.Kind()]
		}
	}
	return all
}

func TestTheDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := Markdown(pulumiYAML(t))
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
	}
	got, err := os.ReadFile(document)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run `make docs`")
	assert.Equal(t, len(config.Keys()), strings.Count(want, "\n| `"), "a row for each key")
}
