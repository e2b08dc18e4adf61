package diff

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/testcli"
)

// repo makes a git repository with a project in a folder of it, as the first
// commit, and returns the project's folder.
func repo(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "site")
	git(t, root, "init", "-q", "-b", "main")
	write(t, dir, map[string]string{
		".gitignore": "/.rehearsal/\n", "Pulumi.yaml": "name: small\nruntime: go\n", "Pulumi.test.yaml": "config:\n  aws:region: eu-west-1\n",
	})
	write(t, dir, files)
	save(t, dir)
	return dir
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
}

func save(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "A commit")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// shop is a small stack with a database. Raw registrations keep the test free of
// the AWS SDK.
func shop(dbName string, protect bool) cli.Program {
	return func(ctx *pulumi.Context, _ []string) error {
		if dbName == "" {
			return errors.New("small:name is missing")
		}
		var db, address struct{ pulumi.CustomResourceState }
		if err := ctx.RegisterResource(catalog.EC2EIP, "address", pulumi.Map{"domain": pulumi.String("vpc")}, &address); err != nil {
			return err
		}
		return ctx.RegisterResource(database, "database", pulumi.Map{
			"engine": pulumi.String("mysql"), "instanceClass": pulumi.String("db.t4g.micro"), "allocatedStorage": pulumi.Int(20),
			"username": pulumi.String("admin"), "password": pulumi.ToSecret(pulumi.String("not-to-be-seen")),
			"identifierPrefix": pulumi.String("small-"), "dbName": pulumi.String(dbName), "skipFinalSnapshot": pulumi.Bool(true),
		}, &db, pulumi.Protect(protect))
	}
}

// raised brings a program up as the base.
func raised(binary string, program cli.Program) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		var said bytes.Buffer
		r := cli.Runner{Dir: dir, Stack: "test", Program: program, CLI: binary, Stdout: &said, Stderr: &said}
		if err := r.Run(ctx, "up", "--yes", "--skip-preview"); err != nil {
			return errors.Join(ErrBase, err, errors.New(said.String()))
		}
		return nil
	}
}

func TestComparingOnTheRealEngine(t *testing.T) {
	t.Parallel()
	binary := testcli.Find(t)
	for name, test := range map[string]struct {
		base, head    cli.Program
		allow, passes bool
		want, not     []string
	}{
		"a replaced database": {
			base: shop("one", false), head: shop("two", false),
			want: []string{"## ❌ `test`: 1 data holder would be replaced or deleted", "**`aws:rds:Instance` `database` is replaced", "`one` | `two` |", "allow-data-loss"},
			not:  []string{"not-to-be-seen"},
		},
		"a replaced database that is allowed": {
			base: shop("one", false), head: shop("two", false), allow: true, passes: true,
			want: []string{"## ⚠️ `test`: 1 data holder replaced or deleted, as allowed", "**`aws:rds:Instance` `database` is replaced"},
		},
		"a protected database": {
			base: shop("one", true), head: shop("two", true), allow: true,
			want: []string{"## ❌ `test`: refused; 1 data holder would be", "marked for protection", "by a pull request of its own", "| 0 | 0 | 1 | 0 | 1 |"},
		},
		"a program that refuses": {
			base: shop("one", false), head: shop("", false),
			want: []string{"## ❌ `test`: refused", "small:name is missing"},
		},
		"a plan that cannot be carried out": {
			base: shop("one", false), head: func(ctx *pulumi.Context, _ []string) error {
				var subnet struct{ pulumi.CustomResourceState }
				return errors.Join(shop("one", false)(ctx, nil), ctx.RegisterResource(catalog.EC2Subnet, "lost", pulumi.Map{
					"vpcId": pulumi.String("vpc-0123456789abcdef0"), "cidrBlock": pulumi.String("10.0.0.0/24"),
				}, &subnet))
			},
			want: []string{"## ❌ `test`: refused", "carrying it out fails", "InvalidVpcID.NotFound"},
		},
		"the same resources": {
			base: shop("one", false), head: shop("one", false), passes: true,
			want: []string{"changes=false", "No changes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repo(t, nil)
			write(t, dir, map[string]string{"README.md": "an edit\n"})
			c := Comparison{Dir: dir, Stack: "test", Base: "main", Program: test.head, CLI: binary, AllowLoss: test.allow, Raise: raised(binary, test.base)}
			result, err := c.Run(t.Context())
			require.NoError(t, err)
			assert.Equal(t, test.passes, result.OK())
			for _, want := range test.want {
				assert.Contains(t, result.Comment(), want)
			}
			for _, not := range test.not {
				assert.NotContains(t, result.Comment()+result.Full(), not)
			}
			assert.Contains(t, result.Head, "with uncommitted edits")
			assert.NotContains(t, git(t, dir, "worktree", "list"), ".rehearsal")
			assert.NoDirExists(t, c.folder("base"))
		})
	}
}

func TestANewStackIsCreatedWhole(t *testing.T) {
	t.Parallel()
	dir := repo(t, nil)
	write(t, dir, map[string]string{"Pulumi.new.yaml": "config:\n  aws:region: eu-west-1\n"})
	c := Comparison{Dir: dir, Stack: "new", Base: "HEAD", Program: shop("one", true), CLI: testcli.Find(t), Raise: func(context.Context, string) error {
		return errors.New("the base has no such stack")
	}}
	result, err := c.Run(t.Context())
	require.NoError(t, err)
	assert.True(t, result.OK())
	assert.Len(t, result.Plan.Created, 2)
}

func TestNothingRunsIfNothingDiffers(t *testing.T) {
	t.Parallel()
	dir := repo(t, nil)
	git(t, dir, "tag", "v1")
	c := Comparison{Dir: dir, Stack: "test", Base: "v1", Raise: func(context.Context, string) error { return errors.New("it ran") }}
	result, err := c.Run(t.Context())
	require.NoError(t, err)
	assert.True(t, result.unchanged())
	assert.NotContains(t, result.Head, "uncommitted")

	c.Base = "v2"
	_, err = c.Run(t.Context())
	require.ErrorIs(t, err, ErrRevision)
	c.Base = "--output=x"
	_, err = c.Run(t.Context())
	require.ErrorIs(t, err, ErrRevision, "a revision is never read as an option")
}
