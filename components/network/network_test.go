package network_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

// phase3 is a network with all tiers in two zones.
func phase3() network.Args {
	args := network.Args{
		Settings:      network.Defaults(),
		Region:        testutil.Region,
		Zones:         []string{"ap-northeast-1a", "ap-northeast-1c"},
		PublicZones:   2,
		WebZones:      2,
		DatabaseZones: 2,
		NAT:           network.NATPerZone,
	}
	args.ClientCIDRs = []string{"0.0.0.0/0"}
	return args
}

// phase1 is the lab's first network: one public subnet.
func phase1() network.Args {
	args := phase3()
	args.PublicZones, args.WebZones, args.DatabaseZones, args.NAT = 1, 0, 0, network.NATNone
	return args
}

func program(args network.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := network.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func build(t *testing.T, args network.Args) *testutil.Run {
	t.Helper()
	run := testutil.Must(t, program(args, "net"))
	run.CheckAll(t)
	return run
}

func TestCensus(t *testing.T) {
	t.Parallel()
	small := map[string]int{
		network.Type: 1, catalog.EC2VPC: 1, catalog.EC2InternetGateway: 1, catalog.EC2DefaultSecurityGroup: 1,
		catalog.EC2Subnet: 1, catalog.EC2RouteTable: 1, catalog.EC2RouteTableAssociation: 1, catalog.EC2Route: 1,
		catalog.EC2NetworkACL: 1, catalog.EC2NetworkACLRule: 6, catalog.EC2VPCEndpoint: 1,
		catalog.CloudWatchLogGroup: 1, catalog.IAMRole: 1, catalog.IAMRolePolicy: 1, catalog.EC2FlowLog: 1,
	}
	assert.Equal(t, small, build(t, phase1()).Census())
	large := map[string]int{
		network.Type: 1, catalog.EC2VPC: 1, catalog.EC2InternetGateway: 1, catalog.EC2DefaultSecurityGroup: 1,
		catalog.EC2Subnet: 6, catalog.EC2RouteTable: 4, catalog.EC2RouteTableAssociation: 6, catalog.EC2Route: 3,
		catalog.EC2NetworkACL: 3, catalog.EC2NetworkACLRule: 25, catalog.EC2VPCEndpoint: 1,
		catalog.EC2EIP: 2, catalog.EC2NATGateway: 2,
		catalog.CloudWatchLogGroup: 1, catalog.IAMRole: 1, catalog.IAMRolePolicy: 1, catalog.EC2FlowLog: 1,
	}
	assert.Equal(t, large, build(t, phase3()).Census())
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	run := testutil.Must(t, program(phase3(), "one", "two"))
	run.CheckAll(t)
	assert.Equal(t, 2, run.Census()[catalog.EC2VPC])
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, mutate := range map[string]func(*network.Args){
		"range":              func(a *network.Args) { a.VPCCIDR = "10.0.0.0/8" },
		"more tiers' zones":  func(a *network.Args) { a.WebZones = 3 },
		"no public subnet":   func(a *network.Args) { a.PublicZones = 0 },
		"same letter":        func(a *network.Args) { a.Zones = []string{"ap-northeast-1a", "us-east-1a"} },
		"empty zone":         func(a *network.Args) { a.Zones = []string{"", "ap-northeast-1a"} },
		"NAT without public": func(a *network.Args) { a.PublicZones = 1 },
		"too many ACL rules": func(a *network.Args) {
			a.ClientCIDRs = []string{
				"192.0.2.0/28", "192.0.2.16/28", "192.0.2.32/28", "192.0.2.48/28", "192.0.2.64/28",
				"192.0.2.80/28", "192.0.2.96/28", "192.0.2.112/28", "192.0.2.128/28", "192.0.2.144/28",
			}
		},
	} {
		args := phase3()
		mutate(&args)
		run, err := testutil.Do(program(args, "net"))
		require.ErrorIs(t, err, network.ErrArgs, name)
		assert.Empty(t, run.All(""), name)
	}
}

func TestTheLabsSubnets(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	for name, want := range map[string][2]string{
		"net-public-a": {"10.0.0.0/24", "ap-northeast-1a"}, "net-public-c": {"10.0.2.0/24", "ap-northeast-1c"},
		"net-database-a": {"10.0.1.0/24", "ap-northeast-1a"}, "net-database-c": {"10.0.3.0/24", "ap-northeast-1c"},
		"net-web-a": {"10.0.128.0/24", "ap-northeast-1a"}, "net-web-c": {"10.0.129.0/24", "ap-northeast-1c"},
	} {
		subnet := run.Get(t, catalog.EC2Subnet, name)
		assert.Equal(t, want, [2]string{subnet.String("cidrBlock"), subnet.String("availabilityZone")}, name)
		assert.False(t, subnet.Input("mapPublicIpOnLaunch").BoolValue(), name)
	}
}

func TestTheDefaultSecurityGroupIsEmptied(t *testing.T) {
	t.Parallel()
	group := build(t, phase1()).Get(t, catalog.EC2DefaultSecurityGroup, "net-default")
	for _, list := range []string{"ingress", "egress"} {
		rules := group.Input(list)
		assert.True(t, rules.IsArray() && len(rules.ArrayValue()) == 0, "%s: an absent list would leave what somebody adds", list)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	public := run.Get(t, catalog.EC2Route, "net-public")
	assert.Equal(t, testutil.ID(catalog.EC2InternetGateway, "net-internet"), public.String("gatewayId"))
	for _, zone := range []string{"a", "c"} {
		route := run.Get(t, catalog.EC2Route, "net-web-"+zone)
		assert.Equal(t, testutil.ID(catalog.EC2NATGateway, "net-nat-"+zone), route.String("natGatewayId"), "each zone on its own")
		association := run.Get(t, catalog.EC2RouteTableAssociation, "net-database-"+zone)
		assert.Equal(t, testutil.ID(catalog.EC2RouteTable, "net-database"), association.String("routeTableId"))
	}
	database := testutil.ID(catalog.EC2RouteTable, "net-database")
	for _, route := range run.All(catalog.EC2Route) {
		assert.NotEqual(t, database, route.String("routeTableId"), "the database tier has no way out")
	}
	endpoint := run.Get(t, catalog.EC2VPCEndpoint, "net-s3")
	assert.Len(t, endpoint.Input("routeTableIds").ArrayValue(), 3, "public and both web tables")
	assert.Equal(t, "com.amazonaws.ap-northeast-1.s3", endpoint.String("serviceName"))
}

func TestNAT(t *testing.T) {
	t.Parallel()
	args := phase3()
	args.NAT = network.NATOne
	run := build(t, args)
	assert.Equal(t, 1, run.Census()[catalog.EC2NATGateway])
	for _, zone := range []string{"a", "c"} {
		assert.Equal(t, testutil.ID(catalog.EC2NATGateway, "net-nat-a"), run.Get(t, catalog.EC2Route, "net-web-"+zone).String("natGatewayId"))
	}
	args.NAT = network.NATNone
	run = build(t, args)
	assert.Zero(t, run.Census()[catalog.EC2NATGateway])
	assert.Len(t, run.All(catalog.EC2Route), 1)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	args := phase1()
	args.S3Endpoint, args.FlowLogs = false, false
	plain := build(t, args)
	for _, token := range []string{
		catalog.EC2VPCEndpoint, catalog.EC2FlowLog, catalog.EC2VPCDHCPOptions, catalog.EC2VPNGateway, catalog.IAMRole,
	} {
		assert.Zero(t, plain.Census()[token], token)
	}
	assert.Equal(t, "default", plain.Get(t, catalog.EC2VPC, "net").String("instanceTenancy"))

	args.Tenancy, args.DomainName = "dedicated", "corp.example.com"
	run := build(t, args)
	assert.Equal(t, "dedicated", run.Get(t, catalog.EC2VPC, "net").String("instanceTenancy"))
	dhcp := run.Get(t, catalog.EC2VPCDHCPOptions, "net-dhcp")
	assert.Equal(t, "AmazonProvidedDNS", dhcp.String("domainNameServers[0]"), "a search domain alone keeps AWS's resolver")
	args.DNSServers = []string{"10.0.0.53"}
	assert.Equal(t, "10.0.0.53", build(t, args).Get(t, catalog.EC2VPCDHCPOptions, "net-dhcp").String("domainNameServers[0]"))
}

func TestVPN(t *testing.T) {
	t.Parallel()
	args := phase3()
	args.VPNCustomerGatewayIP, args.VPNStaticRoutes = "198.51.100.1", []string{"192.168.0.0/16"}
	run := build(t, args)
	assert.True(t, run.Get(t, catalog.EC2VPNConnection, "net-vpn").Input("staticRoutesOnly").BoolValue())
	assert.Equal(t, "192.168.0.0/16", run.Get(t, catalog.EC2VPNConnectionRoute, "net-vpn-192-168-0-0-16").String("destinationCidrBlock"))
	var tables []string
	for _, p := range run.All(catalog.EC2VPNGatewayRoutePropagation) {
		tables = append(tables, p.Name)
	}
	assert.Equal(t, []string{"net-public-vpn", "net-web-a-vpn", "net-web-c-vpn"}, tables, "the database tier has no route to the office")
	args.VPNStaticRoutes = nil
	assert.False(t, build(t, args).Get(t, catalog.EC2VPNConnection, "net-vpn").Input("staticRoutesOnly").BoolValue(), "BGP")
}
