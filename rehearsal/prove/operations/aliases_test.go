package operations_test

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/events"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

// options are a component's, by the name that it had first.
type options func(*pulumi.Context) (func(oldName string) []pulumi.ResourceOption, error)

// holders makes the two components that hold data, under the names and with the
// options given, in a small network.
func holders(databaseName, storageName string, with options) cli.Program {
	return func(ctx *pulumi.Context, _ []string) error {
		vpc, err := ec2.NewVpc(ctx, "vpc", &ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")})
		if err != nil {
			return err
		}
		group, err := ec2.NewSecurityGroup(ctx, "group", &ec2.SecurityGroupArgs{VpcId: vpc.ID()})
		if err != nil {
			return err
		}
		subnets := map[string]pulumi.StringInput{}
		var ids pulumi.StringArray
		for letter, cidr := range map[string]string{"a": "10.0.0.0/24", "c": "10.0.1.0/24"} {
			subnet, err := ec2.NewSubnet(ctx, letter, &ec2.SubnetArgs{
				VpcId: vpc.ID(), CidrBlock: pulumi.String(cidr), AvailabilityZone: pulumi.String("ap-northeast-1" + letter),
			})
			if err != nil {
				return err
			}
			subnets[letter] = subnet.ID().ToStringOutput()
			ids = append(ids, subnet.ID().ToStringOutput())
		}
		opts, err := with(ctx)
		if err != nil {
			return err
		}
		if _, err := database.New(ctx, databaseName, database.Args{
			Settings:         database.Defaults(),
			SubnetIDs:        ids,
			SecurityGroupID:  group.ID(),
			IdentifierPrefix: "site-",
			Password:         pulumi.ToSecret(pulumi.String("secret-1")).(pulumi.StringOutput),
			Protect:          true,
		}, opts("database")...); err != nil {
			return err
		}
		_, err = sharedstorage.New(ctx, storageName, sharedstorage.Args{
			Settings:        sharedstorage.Defaults(),
			Subnets:         subnets,
			SecurityGroupID: group.ID(),
			Protect:         true,
		}, opts("storage")...)
		return err
	}
}

// data is a new parent for what holds data.
type data struct{ pulumi.ResourceState }

// moved gives the components a new parent; and, if they are to keep what they
// have, an alias with the old name and parent (CONTRIBUTING.md, Renaming a
// component).
func moved(aliased bool) options {
	return func(ctx *pulumi.Context) (func(string) []pulumi.ResourceOption, error) {
		parent := &data{}
		err := ctx.RegisterComponentResource("webphases:index:Data", "data", parent)
		return func(oldName string) []pulumi.ResourceOption {
			opts := []pulumi.ResourceOption{pulumi.Parent(parent)}
			if aliased {
				opts = append(opts, pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String(oldName), NoParent: pulumi.Bool(true)}}))
			}
			return opts
		}, err
	}
}

func unmoved(*pulumi.Context) (func(string) []pulumi.ResourceOption, error) {
	return func(string) []pulumi.ResourceOption { return nil }, nil
}

// A component that is renamed and given a parent keeps all that it has, its
// children included, if it is registered with an alias; without one the children
// would be made anew, and as they hold data, nothing happens at all.
func TestARenamedComponentKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	s := teststack.New(t, "dev")
	s.Program = holders("database", "storage", unmoved)
	made := len(s.Up(t).Created)
	before := s.Cloud(t)

	s.Program = holders("mysql", "files", moved(false))
	require.ErrorIs(t, s.Try(t, "up", "--yes"), cli.ErrFailed)
	assert.Contains(t, s.Said.String(), "cannot be deleted")
	for _, holder := range []string{"aws:rds:Instance mysql create", "aws:efs:FileSystem files create"} {
		assert.Contains(t, s.Said.String(), holder, "without an alias it would be another one")
	}
	assert.Equal(t, before, s.Cloud(t), "refused before anything has changed")

	s.Program = holders("mysql", "files", moved(true))
	for _, step := range []events.Step{s.Preview(t), s.Up(t)} {
		assert.Empty(t, slices.Concat(step.Created, step.Replaced, step.Deleted))
		assert.Equal(t, made, step.Unchanged+len(step.Updated))
	}
	assert.Contains(t, string(s.Export(t)), "webphases:index:Data$webphases:index:SharedStorage$aws:efs/fileSystem:FileSystem::files")

	// The alias has done its work: the state knows the new names.
	s.Program = holders("mysql", "files", moved(false))
	assert.Equal(t, made, s.Up(t).Unchanged)
}
