package interrupt

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// network is a VPC with a subnet that another size replaces, and from size 26 on
// without a gateway; raw registrations keep the test free of the AWS SDK.
func network(ctx *pulumi.Context, _ []string) error {
	type custom struct{ pulumi.CustomResourceState }
	var vpc, subnet, gateway, password custom
	size, _ := ctx.GetConfig("small:size")
	if err := ctx.RegisterResource(catalog.EC2VPC, "vpc", pulumi.Map{
		"cidrBlock": pulumi.String("10.0.0.0/16"), "tags": pulumi.Map{"Size": pulumi.String(size)},
	}, &vpc); err != nil {
		return err
	}
	if err := ctx.RegisterResource(catalog.RandomPassword, "password", pulumi.Map{"length": pulumi.Int(20)}, &password); err != nil {
		return err
	}
	if size == "24" {
		if err := ctx.RegisterResource(catalog.EC2InternetGateway, "gateway", pulumi.Map{"vpcId": vpc.ID()}, &gateway); err != nil {
			return err
		}
	}
	return ctx.RegisterResource(catalog.EC2Subnet, "subnet", pulumi.Map{
		"vpcId": vpc.ID(), "cidrBlock": pulumi.String("10.0.0.0/" + size),
	}, &subnet, pulumi.DeleteBeforeReplace(true))
}

func stackOf(t *testing.T, size string) *engine.Stack {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Pulumi.yaml":      "name: small\nruntime: go\nconfig:\n  size: {type: integer, default: 24}\n",
		"Pulumi.test.yaml": "config:\n  aws:region: eu-west-1\n  small:size: " + size + "\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	stack, err := engine.New(t.Context(), cli.Runner{Dir: dir, Stack: "test", Program: network})
	require.NoError(t, err)
	return stack
}

func holds(typ string) bool { return growth.Holds(typ, 1, 2) }

// steps are a new stack, and one that updates, replaces and deletes.
func steps(t *testing.T) (created, changed *Step) {
	t.Helper()
	created, err := NewStep(t.Context(), "new", stackOf(t, "24"), engine.State{Cloud: cloud.New()}, holds)
	require.NoError(t, err)
	changed, err = NewStep(t.Context(), "changed", stackOf(t, "26"), created.After, holds)
	require.NoError(t, err)
	return created, changed
}

func TestEveryInterruptedUpdateIsMended(t *testing.T) {
	t.Parallel()
	created, changed := steps(t)
	assert.Len(t, created.Cases(), 4*3)
	assert.Len(t, changed.Cases(), 4*3, "the VPC's tag, both halves of the subnet's replacement, the gateway's deletion")
	for _, c := range append(created.Cases(), changed.Cases()...) {
		assert.Empty(t, c.Run(t.Context()), c.String())
	}
}

// spoiled spoils the cloud after every update that failed.
type spoiled struct {
	Updater
	spoil func(*cloud.Cloud) error
}

func (s spoiled) Up(ctx context.Context, from engine.State, intercept model.Interceptor) (engine.State, error) {
	next, err := s.Updater.Up(ctx, from, intercept)
	if err != nil {
		if spoilErr := s.spoil(next.Cloud); spoilErr != nil {
			return next, spoilErr
		}
	}
	return next, err
}

func TestWhatIsNotMendedIsSeen(t *testing.T) {
	t.Parallel()
	_, changed := steps(t)
	vpc := changed.After.Cloud.OfType(catalog.EC2VPC)[0]
	var retagged Case
	for _, c := range changed.Cases() {
		if c.Operation.Name == "update" && c.Fault == model.FaultAfter {
			retagged = c
		}
	}
	for want, spoil := range map[string]func(*cloud.Cloud) error{
		"orphaned, in the cloud and not in the state: aws:ec2/vpc:Vpc vpc-lost": func(c *cloud.Cloud) error {
			lost := *vpc
			lost.ID = "vpc-lost"
			return c.Put(&lost)
		},
		"the next update failed": func(c *cloud.Cloud) error { return c.Delete(vpc.Type, vpc.ID) },
	} {
		differences := retagged.RunWith(t.Context(), spoiled{retagged.updater, spoil})
		require.NotEmpty(t, differences, want)
		assert.Contains(t, differences[0], want)
	}
}

func TestOperationsTooMuchAreSeen(t *testing.T) {
	t.Parallel()
	_, changed := steps(t)
	for _, c := range changed.Cases() {
		if c.Fault != model.FaultAfter {
			continue
		}
		again := c.again(c.After)
		seen := append(append([]model.Operation{}, c.Operations...), again...)
		assert.Empty(t, c.compareOperations(seen, again))
		twice := c.Operations[0]
		twice.Name, twice.Type = "delete", catalog.EC2VPC
		twice.URN = "urn:pulumi:test::small::aws:ec2/vpc:Vpc::vpc"
		assert.Equal(t, []string{"HOLDS DATA: delete of aws:ec2/vpc:Vpc vpc: 1 instead of 0"}, c.compareOperations(append(seen, twice), again))
		assert.Len(t, c.compareOperations(seen[:len(seen)-1], again), 1, "the failed operation must come once more")
	}
}
