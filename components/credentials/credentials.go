// Package credentials makes the passwords and WordPress' keys and salts, and
// keeps them in one Secrets Manager secret. They exist in Pulumi's
// state (encrypted) and in the secret, and nowhere else.
package credentials

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Credentials"

// ErrArgs says that an argument is missing.
var ErrArgs = errors.New("invalid credentials arguments")

// passwordKey is where the secret holds the database password; RDS' rotation
// functions expect it there, beside username.
const passwordKey = "password"

// AdminPasswordKey is where the secret holds the password that WordPress' first
// administrator is made with.
const AdminPasswordKey = "admin_password"

// values is what the secret holds beside username. The names of keys and salts are
// those of wp-config.php; WordPress' own generator makes keys of 64 characters.
//
// Source: https://developer.wordpress.org/advanced-administration/security/hardening/
var values = []struct {
	key    string
	length int  // in characters
	once   bool // not rotated: it has been used, and changing it here would change nothing
}{
	{key: passwordKey, length: 32},
	{key: "app_password", length: 32}, // of the database user that WordPress logs in as
	{key: AdminPasswordKey, length: 24, once: true},
	{key: "auth_key", length: 64},
	{key: "secure_auth_key", length: 64},
	{key: "logged_in_key", length: 64},
	{key: "nonce_key", length: 64},
	{key: "auth_salt", length: 64},
	{key: "secure_auth_salt", length: 64},
	{key: "logged_in_salt", length: 64},
	{key: "nonce_salt", length: 64},
}

// Settings of the passwords and keys; see docs/config.md, credentials.
type Settings struct {
	// Raise by one to replace the database password and WordPress' keys: in the database, then in the
	// secret, then on the servers.
	Rotation int `key:"rotation" default:"0" least:"0" most:"9999" unit:"rotations"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args names the database's master user.
type Args struct {
	Settings

	Username string
	// MailPassword of the site's login at its mail server; "" if it has none.
	MailPassword string
}

// Credentials is what the database needs to know. Servers learn it from the Secret.
type Credentials struct {
	pulumi.ResourceState

	Username string
	Password pulumi.StringOutput // a secret

	name    string
	secret  *secretsmanager.Secret
	content map[string]any
}

// Secret is the credentials where servers can read them.
type Secret struct {
	ARN pulumi.StringOutput
	// Version is the content; a server must not start before it.
	Version   pulumi.Resource
	VersionID pulumi.StringOutput // another content has another
}

// New makes the credentials and an empty secret; Publish fills it. It fails with
// ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Credentials, error) {
	if args.Username == "" {
		return nil, fmt.Errorf("%w: Username is missing", ErrArgs)
	}
	if err := setting.Check(&args.Settings); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArgs, err)
	}
	c := &Credentials{Username: args.Username, name: name}
	if err := ctx.RegisterComponentResource(Type, name, c, opts...); err != nil {
		return nil, fmt.Errorf("registering credentials %s: %w", name, err)
	}
	if err := c.generate(ctx, args); err != nil {
		return nil, err
	}
	var err error
	c.secret, err = secretsmanager.NewSecret(ctx, name, &secretsmanager.SecretArgs{
		Description: pulumi.String("Database logins, WordPress keys and first administrator's password of " + ctx.Project() + " " + ctx.Stack()),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, fmt.Errorf("creating the secret: %w", err)
	}
	return c, nil
}

// Publish fills the secret, after the database has the password: servers believe
// the secret, so it must not promise a password that the database refuses. If the
// database cannot be changed, nothing is.
func (c *Credentials) Publish(ctx *pulumi.Context, after ...pulumi.Resource) (*Secret, error) {
	version, err := secretsmanager.NewSecretVersion(ctx, c.name, &secretsmanager.SecretVersionArgs{
		SecretId:     c.secret.ID(),
		SecretString: pulumi.JSONMarshal(c.content),
	}, pulumi.Parent(c), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("filling the secret: %w", err)
	}
	secret := &Secret{
		ARN:       c.secret.Arn,
		Version:   version,
		VersionID: version.VersionId,
	}
	return secret, ctx.RegisterResourceOutputs(c, pulumi.Map{"secretArn": secret.ARN})
}

// generate makes every value: letters and digits only, for they pass through
// shell, PHP and SQL, and length gives the strength.
func (c *Credentials) generate(ctx *pulumi.Context, args Args) error {
	c.content = map[string]any{"username": c.Username}
	if args.MailPassword != "" {
		c.content["mail_password"] = pulumi.ToSecret(pulumi.String(args.MailPassword))
	}
	var keepers pulumi.StringMapInput
	if args.Rotation > 0 {
		keepers = pulumi.StringMap{"rotation": pulumi.String(strconv.Itoa(args.Rotation))}
	}
	for _, value := range values {
		generated := &random.RandomPasswordArgs{
			Length:  pulumi.Int(value.length),
			Special: pulumi.Bool(false),
		}
		if !value.once {
			generated.Keepers = keepers
		}
		password, err := random.NewRandomPassword(ctx, c.name+"-"+value.key, generated, pulumi.Parent(c))
		if err != nil {
			return fmt.Errorf("generating %s: %w", value.key, err)
		}
		c.content[value.key] = password.Result
		if value.key == passwordKey {
			c.Password = password.Result
		}
	}
	return nil
}
