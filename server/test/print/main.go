// Command print writes what a server would be given: "print userdata SETTINGS
// PROOF", or "print document|reconfigure name=value ..." with the parameters of the
// association. The test in server/test runs exactly these texts.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/webphases/webphases/server"
)

func main() {
	text, err := text(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(text)
}

func text(args []string) (string, error) {
	switch {
	case len(args) == 3 && args[0] == "userdata":
		return server.UserData(server.Boot{SettingsParameter: args[1], ProofParameter: args[2]})
	case len(args) > 1 && args[0] == "document":
		return render(server.Document, args[1:])
	case len(args) > 1 && args[0] == "reconfigure":
		return render(server.ReconfigureDocument, args[1:])
	default:
		return "", fmt.Errorf("usage: print userdata SETTINGS PROOF, or print document|reconfigure NAME=VALUE ...")
	}
}

func render(document func() (string, error), pairs []string) (string, error) {
	content, err := document()
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return server.Render(content, values)
}
