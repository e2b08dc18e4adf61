package server

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const parameter = "/webphases/prod/settings"

func TestUserDataIsSmallAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{ModeServe, ModeBuild} {
		boot := Boot{SettingsParameter: parameter, Mode: mode}
		first, err := UserData(boot)
		require.NoError(t, err)
		again, err := UserData(boot)
		require.NoError(t, err)
		assert.Equal(t, first, again)
		assert.True(t, strings.HasPrefix(first, "#!/bin/sh\n"), "cloud-init runs only what starts with #!")
		assert.LessOrEqual(t, len(first), MaxUserData-1024, "keep a margin: shorten the scripts")
		assert.Contains(t, first, "exec /opt/webphases/bin/start '"+mode+"' '"+parameter+"'\n")
	}
}

func TestABuilderReadsNoSettings(t *testing.T) {
	t.Parallel()
	text, err := UserData(Boot{Mode: ModeBuild})
	require.NoError(t, err)
	assert.Contains(t, text, "exec /opt/webphases/bin/start 'build' ''\n")
}

// Two modes differ in their one line only: the scripts must not depend on the phase.
func TestModesShareOneText(t *testing.T) {
	t.Parallel()
	serve, err := UserData(Boot{SettingsParameter: parameter, Mode: ModeServe})
	require.NoError(t, err)
	build, err := UserData(Boot{SettingsParameter: parameter, Mode: ModeBuild})
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(serve, "'serve'", "'build'", 1), build)
}

func TestUserDataRefuses(t *testing.T) {
	t.Parallel()
	for name, boot := range map[string]Boot{
		"unknown mode":          {SettingsParameter: parameter, Mode: "server"},
		"no mode":               {SettingsParameter: parameter},
		"no parameter":          {Mode: ModeServe},
		"shell in the name":     {SettingsParameter: "/a'; reboot", Mode: ModeServe},
		"a newline in the name": {SettingsParameter: "/a\nreboot", Mode: ModeServe},
	} {
		text, err := UserData(boot)
		assert.ErrorIs(t, err, ErrBoot, name)
		assert.Empty(t, text, name)
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	text, err := Command("migrate")
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(text, "\nexec /opt/webphases/bin/migrate\n"), text[len(text)-80:])

	text, err = Command("configure", "it's", "$(reboot)")
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(text, `bin/configure 'it'\''s' '$(reboot)'`+"\n"), text[len(text)-80:])

	for _, script := range []string{"", "seal", "start", "bake; reboot"} {
		_, err := Command(script)
		assert.ErrorIs(t, err, ErrCommand, script)
	}
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
	text, err := UserData(Boot{SettingsParameter: parameter, Mode: ModeServe})
	require.NoError(t, err)
	_, after, found := strings.Cut(text, "\nEND\n")
	require.True(t, found)
	assert.NotRegexp(t, secretLike, after)
}

func valid() Settings {
	return Settings{
		Region:    "ap-northeast-1",
		SecretARN: "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:web-AbCdEf",
		Database:  Database{Host: "db.abc.ap-northeast-1.rds.amazonaws.com", Port: 3306, Name: "wordpress"},
		Storage:   &Storage{FileSystemID: "fs-0123456789abcdef0", AccessPointID: "fsap-0123456789abcdef0"},
		Site:      Site{Domain: "www.example.org", BehindLoadBalancer: true, TLSAtLoadBalancer: true},
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
		"site":{"domain":"www.example.org","tlsAtLoadBalancer":true,"behindLoadBalancer":true}}`, managed)

	single := valid()
	single.Database, single.Storage, single.Site = Database{Local: true}, nil, Site{}
	local, err := single.JSON()
	require.NoError(t, err)
	assert.JSONEq(t, `{"region":"ap-northeast-1",
		"secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:web-AbCdEf",
		"database":{"local":true},
		"site":{"domain":"","tlsAtLoadBalancer":false,"behindLoadBalancer":false}}`, local)
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
	assert.Len(t, joined.Unwrap(), 5)
}
