package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// projectFile is the part of Pulumi.yaml that overrides need.
type projectFile struct {
	Name   string               `yaml:"name"`
	Config map[string]yaml.Node `yaml:"config"`
}

// copyProject writes copies of the project's and the stack's file for the CLI to
// work on, and returns the project's name. The CLI writes into the stack's file,
// and overrides do: neither may reach the file that is under version control.
func (s *session) copyProject() (string, error) {
	raw, err := os.ReadFile(filepath.Join(s.Dir, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("this is no Pulumi project: %w", err)
	}
	var project projectFile
	if err := yaml.Unmarshal(raw, &project); err != nil {
		return "", fmt.Errorf("Pulumi.yaml: %w", err)
	}
	stack, err := s.stackConfig(project)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.workDir(), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(s.workDir(), "Pulumi.yaml"), raw, 0o644); err != nil {
		return "", err
	}
	return project.Name, os.WriteFile(s.stackCopy(), stack, 0o644)
}

func (s *session) stackFile() string { return "Pulumi." + s.Stack + ".yaml" }
func (s *session) stackCopy() string { return filepath.Join(s.workDir(), s.stackFile()) }
func (s *session) saltFile() string  { return filepath.Join(s.stateDir(), "salt") }

// stackConfig returns the stack's file with the overrides and with the salt of
// the rehearsal's own secrets in place of a real stack's.
func (s *session) stackConfig(project projectFile) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(s.Dir, s.stackFile()))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no stack %q: %s does not exist (there are: %s)", s.Stack, s.stackFile(), strings.Join(s.stacks(), ", "))
	}
	if err != nil {
		return nil, err
	}
	var file map[string]any
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", s.stackFile(), err)
	}
	if file == nil {
		file = map[string]any{}
	}
	config, err := qualified(project, file["config"])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.stackFile(), err)
	}
	for _, set := range s.Set {
		if err := override(project, config, set); err != nil {
			return nil, err
		}
	}
	for key, v := range config {
		if m, ok := v.(map[string]any); ok && m["secure"] != nil {
			return nil, fmt.Errorf("%s: %s is encrypted with the real stack's key: give the rehearsal a value with --set %s=VALUE", s.stackFile(), key, key)
		}
	}
	file["config"] = config
	for _, key := range []string{"secretsprovider", "encryptedkey", "encryptionsalt", "environment"} {
		delete(file, key)
	}
	if salt, err := os.ReadFile(s.saltFile()); err == nil {
		file["encryptionsalt"] = string(salt)
	}
	return yaml.Marshal(file)
}

// qualified returns a stack's configuration with the project's name before each key
// that has no namespace, as the CLI reads it: a project that was made from this one
// has another name and the same stack files.
func qualified(project projectFile, given any) (map[string]any, error) {
	config := map[string]any{}
	read, _ := given.(map[string]any)
	for key, value := range read {
		full := project.key(key)
		if _, twice := config[full]; twice {
			return nil, fmt.Errorf("%s is given twice, with the project's name and without: keep one", full)
		}
		config[full] = value
	}
	return config, nil
}

func (p projectFile) key(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	return p.Name + ":" + name
}

// override puts "key=value" into the configuration, as `pulumi config set
// --path` does: the key "web.minSize" is the entry minSize of the object web.
// The value is text unless Pulumi.yaml declares the key as something else.
func override(project projectFile, config map[string]any, set string) error {
	key, text, ok := strings.Cut(set, "=")
	if !ok || key == "" {
		return fmt.Errorf("--set %q: want key=value", set)
	}
	path := strings.TrimPrefix(key, project.Name+":")
	value, err := typed(project, path, text)
	if err != nil {
		return fmt.Errorf("--set %s: %w", set, err)
	}
	parts := strings.Split(path, ".")
	parts[0] = project.key(parts[0])
	for i, part := range parts[:len(parts)-1] {
		if config[part] == nil {
			config[part] = map[string]any{}
		}
		if config, ok = config[part].(map[string]any); !ok {
			return fmt.Errorf("--set %s: %s is not an object", set, strings.Join(parts[:i+1], "."))
		}
	}
	config[parts[len(parts)-1]] = value
	return nil
}

func typed(project projectFile, path, text string) (any, error) {
	var declared struct {
		Type string `yaml:"type"`
	}
	if node, ok := project.Config[path]; ok {
		if err := node.Decode(&declared); err != nil {
			declared.Type = "" // a plain default value
		}
	}
	if declared.Type == "" || declared.Type == "string" {
		return text, nil
	}
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return nil, fmt.Errorf("want a value of type %s: %w", declared.Type, err)
	}
	return value, nil
}

func (s *session) stacks() []string {
	files, err := filepath.Glob(filepath.Join(s.Dir, "Pulumi.*.yaml"))
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml")
		names = append(names, name)
	}
	return names
}

// keepSalt keeps the salt that the CLI wrote into the copy for the next call.
func (s *session) keepSalt() {
	raw, err := os.ReadFile(s.stackCopy())
	if err != nil {
		return
	}
	var file struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if yaml.Unmarshal(raw, &file) == nil && file.Salt != "" {
		// Without it the next call would only draw a new one.
		_ = os.WriteFile(s.saltFile(), []byte(file.Salt), 0o600)
	}
}
