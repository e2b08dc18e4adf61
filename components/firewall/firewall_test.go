package firewall_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

func phase3() firewall.Args {
	return firewall.Args{
		VPCID: pulumi.String("vpc-1"), LoadBalanced: true, TLS: true, Database: true, ClientCIDRs: []string{"0.0.0.0/0"}, Resolver: "10.0.0.2",
	}
}

func program(args firewall.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := firewall.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestCensus(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(phase3(), "fw"))
	run.CheckAll(t)
	assert.Equal(t, map[string]int{
		firewall.Type: 1, catalog.EC2SecurityGroup: 4,
		catalog.VPCSecurityGroupIngressRule: 5, catalog.VPCSecurityGroupEgressRule: 8,
	}, run.Census())
	for _, group := range run.All(catalog.EC2SecurityGroup) {
		assert.True(t, group.Input("ingress").IsNull() && group.Input("egress").IsNull(), "%s: no inline rules", group.Name)
	}
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(phase3(), "one", "two"))
	run.CheckAll(t)
	assert.Equal(t, 8, run.Census()[catalog.EC2SecurityGroup])
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, mutate := range map[string]func(*firewall.Args){
		"no VPC":                    func(a *firewall.Args) { a.VPCID = nil },
		"no clients":                func(a *firewall.Args) { a.ClientCIDRs = nil },
		"no resolver":               func(a *firewall.Args) { a.Resolver = "" },
		"TLS without load balancer": func(a *firewall.Args) { a.LoadBalanced = false },
	} {
		args := phase3()
		mutate(&args)
		run, err := testutil.Do(program(args, "fw"))
		require.ErrorIs(t, err, firewall.ErrArgs, name)
		assert.Empty(t, run.All(""), name)
	}
}

func TestOwnDNSServers(t *testing.T) {
	t.Parallel()
	args := phase3()
	args.DNSServers = []string{"10.0.0.53"}
	run := testutil.Must(t, program(args, "fw"))
	const egress = catalog.VPCSecurityGroupEgressRule
	assert.Equal(t, "10.0.0.53/32", run.Get(t, egress, "fw-web-out-udp-53-to-10-0-0-53-32").String("cidrIpv4"))
	for _, rule := range run.All(egress) {
		assert.NotEqual(t, "10.0.0.2/32", rule.String("cidrIpv4"), "AWS's resolver is not used then")
	}
}
