// Package server carries what runs on the web servers: the shell scripts under
// files/, packed into user data and into Systems Manager commands.
//
// Nothing in this package holds a secret. A server reads its [Settings] from one
// SSM parameter and its secret from Secrets Manager, through its own role.
package server

import (
	"fmt"
	"strings"
)

// MaxUserData is the most bytes of user data that EC2 takes, before base64.
//
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
const MaxUserData = 16384

// What a server is started for.
const (
	// ModeServe bakes unless the image is baked already, then configures and serves.
	ModeServe = "serve"
	// ModeBuild only starts the Systems Manager agent; [Command] "bake" does the rest.
	ModeBuild = "build"
)

// Boot is all that differs between the user data of two servers.
type Boot struct {
	// SettingsParameter is the name of the SSM parameter that holds [Settings.JSON];
	// [ModeBuild] needs none.
	SettingsParameter string
	// Mode is [ModeServe] or [ModeBuild].
	Mode string
}

// UserData returns the text that cloud-init runs at a server's first boot. It is
// the same text for the same Boot and scripts, and at most [MaxUserData] bytes.
// cloud-init waits for the boot and reports its failure.
func UserData(b Boot) (string, error) {
	if b.Mode != ModeServe && b.Mode != ModeBuild {
		return "", fmt.Errorf("%w: mode %q: use %q or %q", ErrBoot, b.Mode, ModeServe, ModeBuild)
	}
	if b.Mode == ModeServe && !parameterName.MatchString(b.SettingsParameter) {
		return "", fmt.Errorf("%w: settings parameter %q: use a name of letters, digits and ._-/", ErrBoot, b.SettingsParameter)
	}
	text, err := unpackAndRun("start", b.Mode, b.SettingsParameter)
	if err != nil {
		return "", err
	}
	if len(text) > MaxUserData {
		return "", fmt.Errorf("%w: %d bytes of user data, EC2 takes %d: shorten the scripts", ErrBoot, len(text), MaxUserData)
	}
	return text, nil
}

// Command returns the shell text of an SSM document's aws:runShellScript step. It
// replaces the server's scripts by the current ones, then runs one of them: bake,
// configure or migrate. It exits non-zero when the script fails.
//
// The scripts of one server take turns, so a command that arrives during the boot
// waits for its end (at most 30 minutes).
func Command(script string, args ...string) (string, error) {
	switch script {
	case "bake", "configure", "migrate":
		return unpackAndRun(script, args...)
	default:
		return "", fmt.Errorf("%w: script %q: use bake, configure or migrate", ErrCommand, script)
	}
}

// unpackAndRun is plain sh, not bash: Systems Manager chooses the shell. The new
// scripts replace the old in two renames, under the lock of the running ones, so
// that no script ever reads half of each.
func unpackAndRun(script string, args ...string) (string, error) {
	packed, err := payload()
	if err != nil {
		return "", fmt.Errorf("packing the server's scripts: %w", err)
	}
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = " " + shellQuote(arg)
	}
	return fmt.Sprintf(unpackTemplate, packed, script, strings.Join(quoted, "")), nil
}

const unpackTemplate = `#!/bin/sh
# webphases: unpack the server's scripts, run one. The sources are in server/files.
set -eu
umask 022
new=$(mktemp -d /opt/.webphases.XXXXXX)
base64 -d <<'END' | tar -xzf - --no-same-owner -C "$new"
%sEND
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
exec /opt/webphases/bin/%s%s
`

// shellQuote makes one word of any text for a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
