package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	parameter = "/webphases/prod/settings"
	proof     = "/webphases/prod/proof"
)

var boots = []Boot{
	{SettingsParameter: parameter, ProofParameter: proof},
	{Revision: "0123456789ab"},
}

func TestUserDataIsSmallAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for _, boot := range boots {
		first, err := UserData(boot)
		require.NoError(t, err)
		again, err := UserData(boot)
		require.NoError(t, err)
		assert.Equal(t, first, again)
		assert.True(t, strings.HasPrefix(first, "#!/bin/sh\n"), "cloud-init runs only what starts with #!")
		assert.Less(t, len(first), MaxUserData/4, "the scripts are not in it")
		read, err := ParseUserData(first)
		require.NoError(t, err)
		assert.Equal(t, boot, read)
		assert.Equal(t, boot.SettingsParameter != "",
			strings.HasSuffix(first, "exec /opt/webphases/bin/start '"+parameter+"' '"+proof+"'\n"), "only a server starts the scripts")
	}
	_, err := ParseUserData("#!/bin/sh\nreboot\n")
	assert.ErrorIs(t, err, ErrBoot)
}

// The agent comes up from the user data alone: plain sh, no script of ours. Stand-ins take
// down what they are asked for; the first download fails.
func TestUserDataBringsTheAgent(t *testing.T) {
	t.Parallel()
	text, err := UserData(boots[1])
	require.NoError(t, err)
	dir := t.TempDir()
	for name, body := range map[string]string{
		"curl": `case "$*" in
			*api/token*) echo token ;;
			*placement/region*) echo ap-northeast-1 ;;
			*services/domain*) echo amazonaws.com ;;
			*) echo "curl $*" >>"$LOG"; test -e "$LOG.second" || { touch "$LOG.second"; exit 22; } ;;
		esac`,
		"systemctl": `case "$1" in
			cat) exit 1 ;;
			*) echo "systemctl $*" >>"$LOG" ;;
		esac`,
		"apt-get": `echo "apt-get $*" >>"$LOG"`,
		"dpkg":    `echo amd64`,
		"sleep":   `:`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755))
	}
	log := filepath.Join(dir, "log")
	text = strings.ReplaceAll(text, "/run/webphases-agent", dir+"/run")
	command := exec.Command("dash")
	command.Stdin, command.Env = strings.NewReader(text), []string{"PATH=" + dir + ":/usr/bin:/bin", "LOG=" + log}
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	said, err := os.ReadFile(log)
	require.NoError(t, err)
	const url = "https://s3.ap-northeast-1.amazonaws.com/amazon-ssm-ap-northeast-1/latest/debian_amd64/amazon-ssm-agent.deb"
	assert.Equal(t, 2, strings.Count(string(said), url), "a download that fails is tried again")
	assert.Equal(t, 1, strings.Count(string(said), "install "+dir+"/run/agent.deb"))
}

func TestUserDataRefuses(t *testing.T) {
	t.Parallel()
	for name, boot := range map[string]Boot{
		"no proof":              {SettingsParameter: parameter},
		"no settings":           {ProofParameter: proof},
		"shell in the name":     {SettingsParameter: "/a'; reboot", ProofParameter: proof},
		"a newline in the name": {SettingsParameter: parameter, ProofParameter: "/a\nreboot"},
	} {
		text, err := UserData(boot)
		assert.ErrorIs(t, err, ErrBoot, name)
		assert.Empty(t, text, name)
	}
}

func values(script string) map[string]string {
	return map[string]string{
		ParameterScript: script, ParameterSettings: parameter, ParameterProof: proof, ParameterWant: "0123456789abcdef",
		ParameterAgain: None, ParameterTimeout: "900",
	}
}

func rendered(t *testing.T, document func() (string, error), script string) string {
	t.Helper()
	content, err := document()
	require.NoError(t, err)
	text, err := Render(content, values(script))
	require.NoError(t, err)
	return text
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, script := range []string{Bake, Configure, Migrate} {
		want := "exec /opt/webphases/bin/run '" + script + "' '" + parameter + "' '" + proof + "' '0123456789abcdef' # -\n"
		assert.True(t, strings.HasSuffix(rendered(t, Document, script), want))
		assert.Equal(t, "#!/bin/sh\n"+want, rendered(t, ReconfigureDocument, script))
	}
	content, err := Document()
	require.NoError(t, err)
	assert.Less(t, len(content), MaxDocument/2, "keep a margin: shorten the scripts")
}

// What becomes a word of a shell command is held to a form.
func TestDocumentsRefuseValues(t *testing.T) {
	t.Parallel()
	content, err := Document()
	require.NoError(t, err)
	for name, value := range map[string]string{
		ParameterScript: "seal", ParameterSettings: "/a'; reboot", ParameterProof: "a b", ParameterWant: "x'y", ParameterAgain: "1\n2",
		ParameterTimeout: "1h", "other": "x",
	} {
		given := values(Configure)
		given[name] = value
		_, err := Render(content, given)
		assert.ErrorIs(t, err, ErrDocument, name)
	}
	given := values(Configure)
	delete(given, ParameterWant)
	_, err = Render(content, given)
	assert.ErrorIs(t, err, ErrDocument, "a value is missing")
}

// Secrets reach a server by its role alone. These are the shapes that a key, a token
// or a password given in clear would have.
var secretLike = regexp.MustCompile(`AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN|(?i)(password|secret|token)\s*[=:]\s*['"]?[A-Za-z0-9+/]{8,}`)

func TestNothingLooksLikeASecret(t *testing.T) {
	t.Parallel()
	require.Regexp(t, secretLike, "password=hunter2hunter2")
	for name, content := range embedded(t) {
		assert.NotRegexp(t, secretLike, string(content), name)
	}
	text, err := UserData(boots[0])
	require.NoError(t, err)
	assert.NotRegexp(t, secretLike, text)
	_, after, found := strings.Cut(rendered(t, Document, Configure), "\nEND\n")
	require.True(t, found)
	assert.NotRegexp(t, secretLike, after)
}

func valid() Settings {
	return Settings{
		Region:    "ap-northeast-1",
		SecretARN: "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:web-AbCdEf",
		Database:  Database{Host: "db.abc.ap-northeast-1.rds.amazonaws.com", Port: 3306, Name: "wordpress"},
		Storage:   &Storage{FileSystemID: "fs-0123456789abcdef0", AccessPointID: "fsap-0123456789abcdef0"},
		Site: Site{
			Domain:             "www.example.org",
			Address:            "entry-1.ap-northeast-1.elb.amazonaws.com",
			Admin:              Admin{User: "webmaster", Email: "webmaster@example.org"},
			BehindLoadBalancer: true,
			TLSAtLoadBalancer:  true,
			TargetGroupARN:     "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef",
			Network:            "10.0.0.0/16",
		},
	}
}

func TestSettingsJSON(t *testing.T) {
	t.Parallel()
	managed, err := valid().JSON()
	require.NoError(t, err)
	assert.JSONEq(t, `{"region":"ap-northeast-1",
		"secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:web-AbCdEf",
		"database":{"host":"db.abc.ap-northeast-1.rds.amazonaws.com","port":3306,"name":"wordpress"},
		"storage":{"fileSystemId":"fs-0123456789abcdef0","accessPointId":"fsap-0123456789abcdef0"},
		"site":{"domain":"www.example.org","address":"entry-1.ap-northeast-1.elb.amazonaws.com",
		"admin":{"user":"webmaster","email":"webmaster@example.org"},"tlsAtLoadBalancer":true,"behindLoadBalancer":true,
		"targetGroupArn":"arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef","network":"10.0.0.0/16"}}`, managed)

	single := valid()
	single.Database, single.Storage, single.Site = Database{Local: true}, nil, Site{
		Address: "203.0.113.10", Admin: single.Site.Admin, Network: "10.0.0.0/16",
	}
	local, err := single.JSON()
	require.NoError(t, err)
	assert.JSONEq(t, `{"region":"ap-northeast-1",
		"secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:web-AbCdEf",
		"database":{"local":true},
		"site":{"domain":"","address":"203.0.113.10","admin":{"user":"webmaster","email":"webmaster@example.org"},"tlsAtLoadBalancer":false,"behindLoadBalancer":false,"network":"10.0.0.0/16"}}`, local)
}

func TestSettingsRefuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		mutate func(*Settings)
		want   string
	}{
		{"region", func(s *Settings) { s.Region = "Tokyo" }, `region "Tokyo"`},
		{"secret", func(s *Settings) { s.SecretARN = "wordpress" }, `secretArn "wordpress"`},
		{"host with port", func(s *Settings) { s.Database.Host = "db:3306" }, `database.host "db:3306"`},
		{"no host", func(s *Settings) { s.Database.Host = "" }, `database.host ""`},
		{"port", func(s *Settings) { s.Database.Port = 0 }, "database.port 0"},
		{"database name", func(s *Settings) { s.Database.Name = "a;b" }, `database.name "a;b"`},
		{"local and managed", func(s *Settings) { s.Database.Local = true }, "a local database has no host"},
		{"file system", func(s *Settings) { s.Storage.FileSystemID = "vol-1" }, `storage.fileSystemId "vol-1"`},
		{"access point", func(s *Settings) { s.Storage.AccessPointID = "" }, `storage.accessPointId ""`},
		{"domain", func(s *Settings) { s.Site.Domain = "https://example.org/" }, "site.domain"},
		{"tls without load balancer", func(s *Settings) { s.Site.BehindLoadBalancer = false }, "site.tlsAtLoadBalancer"},
		{"tls without domain", func(s *Settings) { s.Site.Domain = "" }, "site.tlsAtLoadBalancer"},
		{"no address", func(s *Settings) { s.Site.Address = "" }, `site.address ""`},
		{"an address with a port", func(s *Settings) { s.Site.Address = "203.0.113.10:80" }, `site.address "203.0.113.10:80"`},
		{"an option for a name", func(s *Settings) { s.Site.Admin.User = "-r" }, `site.admin.user "-r"`},
		{"no e-mail", func(s *Settings) { s.Site.Admin.Email = "webmaster" }, `site.admin.email "webmaster"`},
		{"no network", func(s *Settings) { s.Site.Network = "10.0.0.0" }, "site.network"},
		{"no target group", func(s *Settings) { s.Site.TargetGroupARN = "web" }, "site.targetGroupArn"},
		{"many servers, one disk", func(s *Settings) { s.Storage = nil }, "site.behindLoadBalancer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := valid()
			test.mutate(&settings)
			text, err := settings.JSON()
			require.ErrorIs(t, err, ErrSettings)
			assert.ErrorContains(t, err, test.want)
			assert.Empty(t, text)
		})
	}
}

func TestSettingsReportEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	err := Settings{}.Validate()
	require.Error(t, err)
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	assert.Len(t, joined.Unwrap(), 9)
}
