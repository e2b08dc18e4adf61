package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The parameters of the documents, and the forms that Systems Manager holds their
// values to: they become words of a shell command.
const (
	ParameterScript   = "script"   // [Bake], [Configure] or [Migrate]
	ParameterSettings = "settings" // name of the parameter with [Settings.JSON]; [None] for a builder
	ParameterProof    = "proof"    // name of the parameter that takes the [Record]
	ParameterWant     = "want"     // the [Version] that the server must apply; [None] for a builder
	ParameterAgain    = "again"    // changes when the script has to run once more; [None] at first
	ParameterTimeout  = "timeout"  // seconds until Systems Manager gives up
)

// None stands for a parameter without a value.
const None = "-"

var parameterForms = map[string]string{
	ParameterScript:   "^(" + Bake + "|" + Configure + "|" + Migrate + ")$",
	ParameterSettings: `^[A-Za-z0-9._/-]{1,512}$`,
	ParameterProof:    `^[A-Za-z0-9._/-]{1,512}$`,
	ParameterWant:     `^[0-9a-f-]{1,64}$`,
	ParameterAgain:    `^[A-Za-z0-9:-]{1,64}$`,
	ParameterTimeout:  `^[0-9]{1,5}$`,
}

const runLine = "exec /opt/webphases/bin/run '{{ script }}' '{{ settings }}' '{{ proof }}' '{{ want }}' # {{ again }}\n"

// Document returns the content of the SSM document that replaces a server's
// scripts by these and runs one of them. Another set of scripts is another
// content. It fails with [ErrDocument] if the scripts have grown too large.
//
// The scripts of one server take turns: a command that arrives while one runs
// waits for its end, at most 30 minutes.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
func Document() (string, error) {
	p, err := payload()
	if err != nil {
		return "", fmt.Errorf("packing the server's scripts: %w", err)
	}
	return command("Bring the server's scripts and run one", fmt.Sprintf(unpackTemplate, p.text, p.revision)+runLine)
}

// ReconfigureDocument returns the content of the SSM document that has a server run
// a script with the scripts that it has: those of its image.
func ReconfigureDocument() (string, error) {
	return command("Run one of the server's own scripts", "#!/bin/sh\n"+runLine)
}

func command(description, text string) (string, error) {
	parameters := map[string]any{}
	for name, form := range parameterForms {
		parameters[name] = map[string]string{"type": "String", "allowedPattern": form}
	}
	content, err := json.Marshal(map[string]any{
		"schemaVersion": "2.2",
		"description":   description,
		"parameters":    parameters,
		"mainSteps": []any{map[string]any{
			"action": "aws:runShellScript",
			"name":   "run",
			"inputs": map[string]any{
				"timeoutSeconds": "{{ " + ParameterTimeout + " }}",
				"runCommand":     []string{text},
			},
		}},
	})
	if err != nil {
		return "", fmt.Errorf("encoding the document: %w", err)
	}
	if len(content) > MaxDocument {
		return "", fmt.Errorf("%w: %d bytes, Systems Manager takes %d: shorten the scripts", ErrDocument, len(content), MaxDocument)
	}
	return string(content), nil
}

// Render returns the shell text that Systems Manager makes of a document's content
// for the values of its parameters. It fails with [ErrDocument] for a value that
// is missing, unknown or not of its form.
func Render(content string, values map[string]string) (string, error) {
	var doc struct {
		Parameters map[string]struct{ AllowedPattern string }
		MainSteps  []struct {
			Inputs struct{ RunCommand []string }
		}
	}
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if len(doc.MainSteps) != 1 || len(doc.MainSteps[0].Inputs.RunCommand) != 1 {
		return "", fmt.Errorf("%w: one step with one command is expected", ErrDocument)
	}
	text := doc.MainSteps[0].Inputs.RunCommand[0]
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parameter, ok := doc.Parameters[name]
		if !ok || !matches(parameter.AllowedPattern, values[name]) {
			return "", fmt.Errorf("%w: %s = %q: want one of its parameters, in the form %q", ErrDocument, name, values[name], parameter.AllowedPattern)
		}
		text = strings.ReplaceAll(text, "{{ "+name+" }}", values[name])
	}
	if at := strings.Index(text, "{{ "); at >= 0 {
		return "", fmt.Errorf("%w: no value for %q", ErrDocument, text[at:min(at+20, len(text))])
	}
	return text, nil
}
