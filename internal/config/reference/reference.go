// Package reference writes the users' table of configuration keys from
// Pulumi.yaml, which also serves the Pulumi CLI.
package reference

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Key is one key as Pulumi.yaml declares it.
type Key struct {
	Type        string `yaml:"type"`
	Description string `yaml:"description"`
	Default     any    `yaml:"default"`
}

// Text is the default as the program would receive it.
func (k Key) Text() string {
	if s, ok := k.Default.(string); ok {
		return s
	}
	text, _ := json.Marshal(k.Default) // YAML scalars and lists of them always encode
	return string(text)
}

// Keys reads the keys of a Pulumi.yaml, with their names in the file's order.
func Keys(pulumiYAML []byte) (map[string]Key, []string, error) {
	var project struct {
		Config yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(pulumiYAML, &project); err != nil {
		return nil, nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	keys := map[string]Key{}
	if err := project.Config.Decode(&keys); err != nil {
		return nil, nil, fmt.Errorf("reading the keys of Pulumi.yaml: %w", err)
	}
	var order []string
	for i := 0; i < len(project.Config.Content); i += 2 {
		order = append(order, project.Config.Content[i].Value)
	}
	return keys, order, nil
}

const intro = `# Configuration

Made from Pulumi.yaml by ` + "`make docs`" + `. A simple key is set by ` + "`pulumi config set phase 2`" + `, a member of an
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
func Markdown(pulumiYAML []byte) (string, error) {
	keys, order, err := Keys(pulumiYAML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(intro)
	for _, name := range order {
		k := keys[name]
		shown := ""
		if text := k.Text(); text != "" {
			shown = "`" + text + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, k.Type, shown, k.Description)
	}
	return b.String(), nil
}
