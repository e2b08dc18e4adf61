// Package reference writes the two documents that are made from the configuration's
// fields: the keys in Pulumi.yaml, for the Pulumi CLI, and docs/config.md, for users.
package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/setting"
)

const module = "github.com/webphases/webphases"

// Key is one key with what users are told of it.
type Key struct {
	setting.Field

	Description string
}

// Keys lists the keys in the order of their fields. The descriptions are the fields'
// comments in the sources under root.
func Keys(root string) ([]Key, error) {
	comments := map[reflect.Type]map[string]string{}
	var all []Key
	for _, f := range setting.Fields(&config.Config{}) {
		if comments[f.Owner] == nil {
			found, err := fieldComments(root, f.Owner)
			if err != nil {
				return nil, err
			}
			comments[f.Owner] = found
		}
		text := comments[f.Owner][f.Name]
		if text == "" {
			return nil, fmt.Errorf("%s.%s has no comment: it describes the key %s to users", f.Owner, f.Name, f.Key)
		}
		all = append(all, Key{Field: f, Description: text})
	}
	return all, nil
}

// fieldComments reads the comments of a struct's fields, each as one line.
func fieldComments(root string, owner reflect.Type) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(owner.PkgPath(), module), "*.go"))
	if err != nil {
		return nil, err
	}
	comments := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of %s: %w", owner, err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != owner.Name() {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				for _, name := range field.Names {
					comments[name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
				}
			}
			return false
		})
	}
	return comments, nil
}

const keysBegin = "config:\n"

// PulumiYAML is the file with its keys made anew; they are its last section.
func PulumiYAML(file []byte, keys []Key) ([]byte, error) {
	head, _, ok := bytes.Cut(file, []byte("\n"+keysBegin))
	if !ok {
		return nil, fmt.Errorf("Pulumi.yaml has no section %q", strings.TrimSpace(keysBegin))
	}
	b := bytes.NewBuffer(append(head, "\n"+keysBegin...))
	for _, k := range keys {
		fmt.Fprintf(b, "  %s:\n    type: %s\n", k.Key, k.Type())
		if k.Type() == "array" {
			b.WriteString("    items:\n      type: string\n")
		}
		value := k.Default()
		if k.Type() == "string" {
			value = quoted(value)
		}
		fmt.Fprintf(b, "    description: %s\n    default: %s\n", quoted(k.Description), value)
	}
	return b.Bytes(), nil
}

// quoted is a YAML string in double quotes, which is written as in JSON.
func quoted(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // strings always encode
	return strings.TrimSpace(b.String())
}

const intro = `# Configuration

Made from the settings' fields by ` + "`make docs`" + `. A simple key is set by ` + "`pulumi config set phase 2`" + `, a member of an
object by ` + "`pulumi config set --path web.maxSize 6`" + `, a list by
` + "`pulumi config set --path 'web.sshCidrs[0]' 192.0.2.7/32`" + `. In the stack's file the last two look like this:

` + "```yaml" + `
config:
  aws:region: ap-northeast-1
  web:
    maxSize: 6
    sshCidrs: [192.0.2.7/32]
` + "```" + `

` + "`aws:region`" + ` is required. All mistakes are reported at once, each with its key, value and remedy, before anything is
registered.

| key | type | default | meaning |
| --- | --- | --- | --- |
`

// Markdown is the table for users.
func Markdown(keys []Key) string {
	var b strings.Builder
	b.WriteString(intro)
	for _, k := range keys {
		shown := ""
		if k.Default() != "" {
			shown = "`" + k.Default() + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Key, k.Type(), shown, k.Description)
	}
	return b.String()
}
