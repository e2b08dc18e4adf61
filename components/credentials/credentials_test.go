package credentials_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

func program(names ...string) pulumi.RunFunc { return rotated(0, names...) }

func rotated(rotation int, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			c, err := credentials.New(ctx, name, credentials.Args{
				Settings: credentials.Settings{Rotation: rotation},
				Username: "wpadmin",
			})
			if err != nil {
				return err
			}
			if _, err := c.Publish(ctx); err != nil {
				return err
			}
			ctx.Export(name, pulumi.Bool(pulumi.IsSecret(c.Password)))
		}
		return nil
	}
}

func TestTheSecretHoldsEverythingAndIsSecret(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program("keys"))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		credentials.Type: 1, catalog.RandomPassword: 11,
		catalog.SecretsManagerSecret: 1, catalog.SecretsManagerSecretVersion: 1,
	}, run.Census())
	version := run.Get(t, catalog.SecretsManagerSecretVersion, "keys")
	assert.True(t, version.Inputs["secretString"].IsSecret())
	var content map[string]string
	require.NoError(t, json.Unmarshal([]byte(version.String("secretString")), &content))
	assert.Len(t, content, 12)
	assert.Equal(t, "wpadmin", content["username"])
	values := map[string]bool{}
	for _, key := range []string{
		"password", "app_password", "admin_password", "auth_key", "secure_auth_key", "logged_in_key", "nonce_key", "auth_salt", "secure_auth_salt", "logged_in_salt", "nonce_salt",
	} {
		require.NotEmpty(t, content[key], key)
		values[content[key]] = true
	}
	assert.Len(t, values, 11, "no value is used twice")
	assert.Equal(t, pulumi.Bool(true), run.Exports()["keys"], "the password is a secret output")
}

func TestLengths(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program("keys"))
	for _, password := range run.All(catalog.RandomPassword) {
		assert.GreaterOrEqual(t, password.Input("length").NumberValue(), 24.0, password.Name)
		assert.False(t, password.Input("special").BoolValue(), "%s: it passes through shell and SQL", password.Name)
	}
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	testutil.Must(t, program("one", "two")).CheckAll(t)
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	run, err := testutil.Do(func(ctx *pulumi.Context) error {
		_, err := credentials.New(ctx, "keys", credentials.Args{})
		return err
	})
	require.ErrorIs(t, err, credentials.ErrArgs)
	assert.Empty(t, run.All(""))
}

// A rotation replaces every value; before the first nothing is kept to compare.
func TestRotation(t *testing.T) {
	t.Parallel()
	const password = catalog.RandomPassword
	for _, one := range testutil.Must(t, program("keys")).All(password) {
		assert.True(t, one.Input("keepers").IsNull(), one.Name)
	}
	run := testutil.Must(t, rotated(2, "keys"))
	run.CheckAll(t)
	for _, one := range run.All(password) {
		if one.Name == "keys-"+credentials.AdminPasswordKey {
			assert.True(t, one.Input("keepers").IsNull(), "WordPress holds it: a new one here would open nothing")
			continue
		}
		assert.Equal(t, "2", one.String("keepers.rotation"), one.Name)
	}
	run, err := testutil.Do(rotated(-1, "keys"))
	require.ErrorIs(t, err, credentials.ErrArgs)
	assert.Empty(t, run.All(""))
}
