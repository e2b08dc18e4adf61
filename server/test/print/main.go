// Command print writes what a server would be given: "print userdata serve NAME" or
// "print command migrate". The test in server/test runs exactly these texts.
package main

import (
	"fmt"
	"os"

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
		return server.UserData(server.Boot{Mode: args[1], SettingsParameter: args[2]})
	case len(args) >= 2 && args[0] == "command":
		return server.Command(args[1], args[2:]...)
	default:
		return "", fmt.Errorf("usage: print userdata serve|build PARAMETER, or print command SCRIPT [ARGUMENT...]")
	}
}
