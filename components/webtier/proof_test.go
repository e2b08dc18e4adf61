package webtier_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
	"github.com/webphases/webphases/server"
)

const address = "aws:ec2/eipAssociation:EipAssociation::web-address"

// follower is a web tier with something that relies on it, as the site's name does.
func follower(args webtier.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		w, err := webtier.New(ctx, "web", args)
		if err != nil {
			return err
		}
		var follows struct{ pulumi.CustomResourceState }
		ctx.Export("phase", w.Once(2))
		return ctx.RegisterResource(catalog.EC2KeyPair, "follower", pulumi.Map{"publicKey": pulumi.String("key")}, &follows,
			pulumi.DependsOnInputs(w.Serving))
	}
}

func registered(run *testutil.Run, key string) bool {
	for _, one := range run.All("") {
		if one.Key() == key {
			return true
		}
	}
	return false
}

// Without the proof of a script nothing that relies on it is touched, whatever the
// wait of State Manager has said.
func TestNothingReliesOnWhatIsNotProven(t *testing.T) {
	t.Parallel()
	growing := phase2()
	growing.Server.Holder = "i-0123456789abcdef0"
	for name, c := range map[string]struct {
		args   webtier.Args
		script string
		held   []string // what must not be registered
	}{
		"a server that does not serve": {phase1(), server.Configure, []string{address}},
		"data that have not moved":     {phase2(), server.Migrate, []string{address}},
		"a holder's data":              {growing, server.Migrate, []string{instance + "::web-server-g1", address}},
		"an image":                     {phase3(), server.Bake, []string{image + "::web-image-blue", template + "::web", group + "::web"}},
		"a group":                      {phase3(), server.Configure, nil},
	} {
		for kind, fault := range map[string]testutil.Option{"fails": testutil.Failing(c.script), "is silent": testutil.Unproven(c.script)} {
			run, err := testutil.Do(follower(c.args), fault)
			require.ErrorContains(t, err, webtier.ErrUnproven.Error(), name+" "+kind)
			assert.Contains(t, err.Error(), "pulumi up", "what to do")
			for _, key := range append(c.held, "aws:ec2/keyPair:KeyPair::follower") {
				assert.False(t, registered(run, key), "%s %s: %s", name, kind, key)
			}
			run, err = testutil.Do(follower(c.args), fault, testutil.Preview())
			require.NoError(t, err, "a preview only warns")
			for _, key := range append(c.held, "aws:ec2/keyPair:KeyPair::follower") {
				assert.True(t, registered(run, key), "%s %s: the preview shows %s", name, kind, key)
			}
		}
		run, err := testutil.Do(follower(c.args))
		require.NoError(t, err, name)
		assert.True(t, registered(run, "aws:ec2/keyPair:KeyPair::follower"))
	}
}

// A server that held data and serves without having counted them has not moved them.
func TestAHolderHasToCountWhatItMoved(t *testing.T) {
	t.Parallel()
	growing := phase2()
	growing.Server.Holder = "i-0123456789abcdef0"
	run, err := testutil.Do(follower(growing), testutil.Uncounted())
	require.ErrorContains(t, err, "has recorded no migration")
	assert.False(t, registered(run, instance+"::web-server-g1"), "it stays protected")
	_, err = testutil.Do(follower(phase2()), testutil.Uncounted())
	require.NoError(t, err, "a server that never held data has nothing to count")
}

func TestAGroupThatHasNotReplacedItsServersIsNotThereYet(t *testing.T) {
	t.Parallel()
	run, err := testutil.Do(follower(phase3()), testutil.Old())
	require.ErrorContains(t, err, "1 servers run it, want 2 or more, and 1 others still run")
	assert.False(t, registered(run, "aws:ec2/keyPair:KeyPair::follower"))
}

// Every run is one of its own: another document, target, setting or failure makes a
// new association, and so does a wait that failed.
func TestRuns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args                     webtier.Args
		name, script, key, value string
		settings                 string
	}{
		{phase1(), "web-setup", "configure", "InstanceIds", testutil.ID(instance, "web-server-g1"), "web-settings-name"},
		{phase2(), "web-setup", "migrate", "InstanceIds", testutil.ID(instance, "web-server-g1"), "web-settings-name"},
		{phase3(), "web-bake-blue", "bake", "InstanceIds", testutil.ID(instance, "web-builder-blue"), server.None},
		{phase3(), "web-reconfigure", "configure", "tag:aws:autoscaling:groupName", "web-name", "web-settings-name"},
	} {
		run := build(t, c.args)
		a := run.Get(t, association, c.name)
		assert.ElementsMatch(t, []string{"name", "targets", "parameters", "#initerror"}, a.ReplaceOn, c.name)
		assert.Equal(t, c.key, a.String("targets[0].key"))
		assert.Equal(t, c.value, a.String("targets[0].values[0]"))
		assert.Equal(t, c.script, a.String("parameters.script"))
		assert.Equal(t, c.settings, a.String("parameters.settings"))
		assert.Equal(t, server.None, a.String("parameters.again"))
		limit := a.Input("waitForSuccessTimeoutSeconds")
		require.True(t, limit.IsNumber(), "Pulumi waits")
		assert.Positive(t, limit.NumberValue())
	}
	want := server.Version(build(t, phase1()).Get(t, settings, "web-settings").String("insecureValue"), "version-1")
	assert.Equal(t, want, build(t, phase1()).Get(t, association, "web-setup").String("parameters.want"))
	changed := phase1()
	changed.Site.SecretVersion = pulumi.String("version-2")
	assert.NotEqual(t, want, build(t, changed).Get(t, association, "web-setup").String("parameters.want"), "a rotated secret is read again")

	again := build(t, phase3()).Get(t, association, "web-reconfigure")
	assert.Equal(t, "1", again.String("maxConcurrency"), "a group is reconfigured one server after the other")
	assert.Equal(t, "0", again.String("maxErrors"))
}

// A script that failed after its wait had ended well is run again.
func TestAFailureRunsTheScriptAgain(t *testing.T) {
	t.Parallel()
	failed := server.Record{Failed: &server.Failure{Script: "migrate", Why: "no space"}}
	run, err := testutil.Do(follower(phase2()), testutil.Recorded("web-serving", failed))
	require.ErrorContains(t, err, "no space")
	assert.Equal(t, "0001-01-01T00-00-00Z", run.Get(t, association, "web-setup").String("parameters.again"))
}

// State Manager runs a changed document on all targets at once; a document that is
// fixed by its content is a new one instead.
func TestDocumentsAreFixedByTheirContent(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	for name, payload := range map[string]bool{"web-scripts": true, "web-reconfigure": false} {
		d := run.Get(t, document, name)
		assert.Equal(t, []string{"content"}, d.ReplaceOn)
		assert.True(t, d.Input("name").IsNull(), "a new one has a new name")
		assert.Equal(t, payload, strings.Contains(d.String("content"), "base64 -d"), name)
	}
	assert.Equal(t, "web-scripts-name", run.Get(t, association, "web-bake-blue").String("name"))
	assert.Equal(t, "web-reconfigure-name", run.Get(t, association, "web-reconfigure").String("name"), "a group's servers have their image's scripts")
}

// Servers write their proof; what they have written is neither drift nor reset.
func TestTheProofIsTheServers(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	for _, name := range []string{"web-serving", "web-baked"} {
		p := run.Get(t, settings, name)
		assert.Equal(t, []string{"insecureValue", "value", "version", "tags.Phase"}, p.IgnoreChanges)
		assert.Equal(t, "{}", p.String("insecureValue"))
		assert.Equal(t, "String", p.String("type"))
	}
}
