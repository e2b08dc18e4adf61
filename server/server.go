// Package server carries what runs on the web servers: the shell scripts under
// files/, packed into one Systems Manager document, and the user data that lets
// a server be reached by it.
//
// Nothing in this package holds a secret. A server reads its [Settings] from one
// SSM parameter and its secret from Secrets Manager, through its own role, and
// writes what it has achieved ([Record]) into one other parameter.
package server

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// MaxUserData is the most bytes of user data that EC2 takes, before base64.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
const MaxUserData = 16384

// MaxDocument is the most bytes that an SSM document may have.
//
// Source: https://docs.aws.amazon.com/general/latest/gr/ssm.html (maximum document size)
const MaxDocument = 64 * 1024

// The scripts that [Document] can run.
const (
	Bake      = "bake"      // installs what servers have in common, then makes the disk fit to be cloned
	Configure = "configure" // makes a server what its settings say; bakes first if need be
	Migrate   = "migrate"   // configure, after the data has moved off the server
)

// Boot is what user data tells a server that starts from a golden image: where its
// settings are and where its proof goes. A server that starts from a plain image
// has no scripts yet and waits for [Document]; so does a builder, whose Boot names
// no parameters.
type Boot struct {
	SettingsParameter string
	ProofParameter    string
	// Revision is that of the scripts that the server is started for. It changes
	// nothing on the server; a builder is made anew for another one.
	Revision string
}

// UserData returns the text that cloud-init runs at a server's first boot. It is
// the same text for the same Boot, and at most [MaxUserData] bytes. cloud-init
// waits for its end and reports its failure.
func UserData(b Boot) (string, error) {
	if (b.SettingsParameter == "") != (b.ProofParameter == "") {
		return "", fmt.Errorf("%w: settings parameter %q, proof parameter %q: name both, or neither for a builder",
			ErrBoot, b.SettingsParameter, b.ProofParameter)
	}
	for _, name := range []string{b.SettingsParameter, b.ProofParameter} {
		if name != "" && !parameterName.MatchString(name) {
			return "", fmt.Errorf("%w: parameter %q: use a name of letters, digits and ._-/", ErrBoot, name)
		}
	}
	agent, err := files.ReadFile("files/lib/agent.sh")
	if err != nil {
		return "", fmt.Errorf("reading the agent's installation: %w", err)
	}
	given, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("encoding %+v: %w", b, err)
	}
	text := fmt.Sprintf(userDataTemplate, given, withoutComments(agent))
	if b.SettingsParameter != "" {
		text += fmt.Sprintf("exec /opt/webphases/bin/start %s %s\n", shellQuote(b.SettingsParameter), shellQuote(b.ProofParameter))
	}
	if len(text) > MaxUserData {
		return "", fmt.Errorf("%w: %d bytes of user data, EC2 takes %d: shorten the script", ErrBoot, len(text), MaxUserData)
	}
	return text, nil
}

// A server without scripts stops before its last line.
const userDataTemplate = `#!/bin/sh
# webphases: start the Systems Manager agent, and the server's scripts if the image has them.
# boot: %s
set -eu
%sinstall_agent
test -x /opt/webphases/bin/start || exit 0
`

var bootLine = regexp.MustCompile(`(?m)^# boot: (\{.*\})$`)

// ParseUserData returns the Boot that [UserData] made the text from.
func ParseUserData(text string) (b Boot, err error) {
	found := bootLine.FindStringSubmatch(text)
	if found == nil {
		return b, fmt.Errorf("%w: the text is not this program's user data", ErrBoot)
	}
	return b, json.Unmarshal([]byte(found[1]), &b)
}

// unpackTemplate is plain sh, not bash: Systems Manager chooses the shell. The new
// scripts replace the old in two renames, under the lock of the running ones, so
// that no script ever reads half of each.
const unpackTemplate = `#!/bin/sh
# webphases: unpack the server's scripts, run one. The sources are in server/files.
set -eu
umask 022
new=$(mktemp -d /opt/.webphases.XXXXXX)
base64 -d <<'END' | tar -xzf - --no-same-owner -C "$new"
%sEND
echo %s >"$new/revision"
chmod 755 "$new"
test -x "$new/bin/start"
mkdir -p -m 700 /run/webphases
exec 9>/run/webphases/lock
flock -w 1800 9
rm -rf /opt/webphases.old
test ! -e /opt/webphases || mv -T /opt/webphases /opt/webphases.old
mv -T "$new" /opt/webphases
rm -rf /opt/webphases.old
exec 9>&-
`

// shellQuote makes one word of any text for a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
