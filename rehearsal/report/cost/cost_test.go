package cost_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

func estimate(t *testing.T, g *graph.Graph, changes ...string) cost.Bill {
	t.Helper()
	a, err := cost.Defaults().With(changes...)
	require.NoError(t, err)
	bill, err := cost.Estimate(g, a)
	require.NoError(t, err)
	return bill
}

// The prices are those of ap-northeast-1; a month has 730 hours. The amounts
// are in millionths of a dollar.
func TestBillsByHand(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string]struct{ fixed, usage []cost.Money }{
		"dev": {
			fixed: []cost.Money{
				27_200 * 730, // t3.small
				96_000 * 20,  // its volume, GB of gp3
				5_000 * 730,  // the Elastic IP
				400_000,      // the secret
				100_000 * 4,  // alarms
				500_000,      // the one that wakes somebody
				1_000_000,    // the topics' key
			},
			usage: []cost.Money{
				114_000 * 100, // GB to visitors
				760_000 * 5,   // GB of flow logs
				162_740,       // kept 30 days: 5 GB * 720/730 of a month * 0.033
				50_000 / 10,   // 1,000 calls for the secret
				50_000 * 8,    // GB of the server's backups
			},
		},
		"staging": {
			fixed: []cost.Money{
				27_200 * 730, 96_000 * 20, 5_000 * 730, 400_000, 100_000 * 17, 500_000, 1_000_000,
				300_000 * 2,  // memory and disk of the server
				25_000 * 730, // db.t4g.micro
				138_000 * 20, // GB of its gp3 storage
			},
			usage: []cost.Money{
				114_000 * 100, 760_000 * 5, 162_740, 5_000,
				10_000 * 50 * 2, // GB between zones, both ways
				360_000 * 10,    // GB on the file system
				40_000 * 20,     // GB read
				70_000 * 5,      // GB written
				60_000 * 15 * 2, // GB of backups, here and in AWS's own vault
				760_000, 32_548, // 1 GB of the database's logs, kept 30 days
				760_000, 32_548, // 1 GB of the server's, kept 30 days
			},
		},
		"prod": {
			fixed: []cost.Money{
				54_400 * 730 * 2,  // t3.medium, two servers
				96_000 * 20 * 2,   // their volumes
				300_000 * 7 * 2,   // their detailed monitoring
				100_000 * 2 * 2,   // the two scaling policies' alarms
				96_000 * 20,       // the stopped builder's volume
				62_000 * 730 * 2,  // NAT gateways
				5_000 * 730 * 2,   // their addresses
				24_300 * 730,      // load balancer
				231_000 * 730 * 2, // db.m7g.large and its standby
				138_000 * 50 * 2,  // GB of their storage
				400_000,           // the secret
				100_000 * 23,      // alarms
				300_000 * 2,       // memory and disk of the servers
				500_000,           // the one that wakes somebody
				1_000_000,         // the topics' key
			},
			usage: []cost.Money{ // CloudFront's first 1 TB and 10 million requests are free
				760_000 * 5, 162_740, 5_000, 10_000 * 50 * 2,
				360_000 * 10, 40_000 * 20, 70_000 * 5, 60_000 * 15 * 2, 760_000, 32_548,
				760_000, 32_548, // the servers' logs
				62_000 * 30,                // GB through NAT
				8_000 * 730,                // one LCU
				50_000 * 3,                 // GB of the image's snapshot
				25_000 * 2, 4_700 * 20 * 2, // access logs of balancer and distribution, kept and written
			},
		},
	} {
		bill := estimate(t, graphtest.Stack(t, stack))
		assert.Empty(t, bill.NotPriced, stack)
		assert.Equal(t, sum(want.fixed), bill.Fixed(), stack)
		assert.Equal(t, sum(want.usage), bill.Usage(), stack)
		var byResource cost.Money
		for _, r := range bill.ByResource() {
			byResource += r.Total()
		}
		assert.Equal(t, bill.Total(), byResource, stack)
	}
}

func sum(all []cost.Money) cost.Money {
	var sum cost.Money
	for _, m := range all {
		sum += m
	}
	return sum
}

func TestAnotherRegion(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	regions, err := cost.Regions()
	require.NoError(t, err)
	assert.Equal(t, []string{"ap-northeast-1", "us-east-1"}, regions)
	bill, err := cost.EstimateIn(g, "us-east-1", cost.Defaults())
	require.NoError(t, err)
	assert.Equal(t, sum([]cost.Money{20_800 * 730, 80_000 * 20, 5_000 * 730, 400_000, 100_000 * 4, 500_000, 1_000_000}), bill.Fixed())

	bill, err = cost.EstimateIn(g, "eu-south-9", cost.Defaults())
	require.NoError(t, err)
	assert.Zero(t, bill.Total())
	assert.NotEmpty(t, bill.NotPriced)
	assert.Contains(t, bill.NotPriced[0].Why, "in eu-south-9")
	assert.Contains(t, bill.NotPriced[0].Remedy, "prices.json")
}

func TestDelta(t *testing.T) {
	t.Parallel()
	small := estimate(t, graphtest.Stack(t, "dev"))
	large := estimate(t, graphtest.Stack(t, "dev", "web.instanceType=t4g.large"))
	d := cost.Delta(small, large)
	assert.Equal(t, (86_400-27_200)*cost.Money(730), d.By())
	names := map[string]cost.Money{}
	for _, c := range d.Changes {
		names[c.Name] = c.By()
	}
	// Another processor is another server.
	assert.Equal(t, map[string]cost.Money{
		"web-server-g1": -(27_200*730 + 1_920_000), "web-server-g1-arm64": 86_400*730 + 1_920_000,
	}, names)
	assert.Empty(t, cost.Delta(small, small).Changes)
}

func TestDeltaSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	known := estimate(t, graphtest.Stack(t, "dev"))
	g := graphtest.Stack(t, "dev")
	g.OfType(catalog.EC2Instance)[0].Properties["instanceType"] = "x9z.huge"
	unknown := estimate(t, g)
	require.Len(t, unknown.NotPriced, 1)
	assert.Equal(t, "there is no price for ec2.instance x9z.huge in ap-northeast-1", unknown.NotPriced[0].Why)
	assert.Len(t, cost.Delta(known, unknown).NotPriced, 1)
	assert.Empty(t, cost.Delta(unknown, unknown).NotPriced)
}

// Each edit makes something that the table must not count as nothing.
func TestWhatHasNoPriceIsListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, property string
		value           any
	}{
		"unknown type":      {catalog.EC2KeyPair, "", nil},
		"database engine":   {catalog.RDSInstance, "engine", "postgres"},
		"database class":    {catalog.RDSInstance, "instanceClass", "db.x1.huge"},
		"storage type":      {catalog.RDSInstance, "storageType", "gp9"},
		"throughput":        {catalog.EFSFileSystem, "throughputMode", "unheard-of"},
		"load balancer":     {catalog.LBLoadBalancer, "loadBalancerType", "network"},
		"interface":         {catalog.EC2VPCEndpoint, "vpcEndpointType", "GatewayLoadBalancer"},
		"parameter":         {catalog.SSMParameter, "tier", "Advanced"},
		"logs for ever":     {catalog.CloudWatchLogGroup, "retentionInDays", float64(0)},
		"no volume":         {catalog.EC2Instance, "rootBlockDevice", nil},
		"dedicated servers": {catalog.EC2VPC, "instanceTenancy", "dedicated"},
		"no template":       {catalog.AutoScalingGroup, "mixedInstancesPolicy", nil},
	} {
		g := graphtest.Stack(t, "prod")
		if c.property == "" {
			g.OfType(catalog.EC2Subnet)[0].Type = "aws:braket/computer:Computer"
		} else {
			require.NotEmpty(t, g.OfType(c.token), name)
			g.OfType(c.token)[0].Properties[c.property] = c.value
		}
		assert.NotEmpty(t, estimate(t, g).NotPriced, name)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	bill := estimate(t, graphtest.Stack(t, "prod", "edge.enabled=false",
		"domain.name=example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ", "domain.healthCheck=true",
		"storage.throughputMode=provisioned", "storage.provisionedThroughput=50",
		"network.vpnCustomerGatewayIp=198.51.100.7", "network.nat=one", `network.interfaceEndpoints=["ssm"]`,
		"database.storageType=io2", "database.iops=1000", "database.allocatedStorage=100"))
	require.Empty(t, bill.NotPriced)
	got := map[string]cost.Money{}
	for _, i := range bill.Items {
		got[i.Name+" "+i.What] += i.Monthly
	}
	for what, want := range map[string]cost.Money{
		"network-ssm interface endpoint, per zone":    14_000 * 730 * 2,
		"network-vpn VPN connection":                  48_000 * 730,
		"network-vpn 2 public IPv4 addresses":         5_000 * 730 * 2,
		"storage 50 MB/s, whatever is moved":          7_200_000 * 50,
		"domain health check":                         500_000,
		"domain HTTPS":                                1_000_000,
		"database io2 storage of 100 GB":              150_000 * 100 * 2,
		"database 1000 IOPS to pay for":               120_000 * 1000 * 2,
		"network-nat-a data processed":                62_000 * 30,
		"entry-logs logs kept":                        25_000,
		"entry-logs log files written":                4_700 * 20,
		"entry 2 public IPv4 addresses, one per zone": 5_000 * 730 * 2,
	} {
		assert.Equal(t, want, got[what], what)
	}
}

// gp3 storage of 400 GB or more has 12,000 IOPS without charge.
func TestIOPSOfGP3(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	db := g.OfType(catalog.RDSInstance)[0]
	db.Properties["allocatedStorage"], db.Properties["iops"] = float64(400), float64(13000)
	for _, i := range estimate(t, g).Items {
		if i.Price.Key == "rds.iops" {
			assert.Equal(t, cost.Money(24_000*1000*2), i.Monthly)
			return
		}
	}
	t.Fatal("the 1,000 IOPS above 12,000 are not on the bill")
}

func TestAssumptions(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod", "edge.enabled=false")
	plain := estimate(t, g)
	busy := estimate(t, g, "internet.gbOut=200", "group.servers=3")
	assert.Equal(t, cost.Money(114_000*100), usageOf(busy, "network")-usageOf(plain, "network"))
	assert.Equal(t, cost.Money((54_400*730+1_920_000+2_100_000)*3), usageOf(busy, "web"), "an assumed number of servers is usage")
	zero := estimate(t, g, "internet.gbOut=0")
	assert.Equal(t, cost.Money(114_000*100), plain.Total()-zero.Total())

	_, err := cost.Defaults().With("nat.gb=many", "nat.bytes=3", "nat.gb=-1", "nat.gb")
	require.ErrorIs(t, err, cost.ErrAssumption)
	assert.Equal(t, 4, strings.Count(err.Error(), cost.ErrAssumption.Error()), err)
	assert.ErrorContains(t, err, `"nat.bytes": there are internet.gbOut, `)
}

// What visitors get from CloudFront comes on the bill above what is free, and nothing for
// what CloudFront gets.
func TestWhatCloudFrontCosts(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	small, large := estimate(t, g), estimate(t, g, "internet.gbOut=2024", "internet.millionRequests=12")
	assert.Zero(t, usageOf(small, "edge"))
	assert.Equal(t, cost.Money(114_000*1000+1_200_000*2), usageOf(large, "edge"))
	assert.Equal(t, usageOf(small, "network"), usageOf(large, "network"))
	direct := estimate(t, graphtest.Stack(t, "prod", "edge.enabled=false"))
	assert.Equal(t, cost.Money(5_000*730*2), direct.Fixed()-small.Fixed(), "the balancer's addresses")
}

func usageOf(b cost.Bill, name string) cost.Money {
	var sum cost.Money
	for _, i := range b.Items {
		if i.Name == name && i.Usage() {
			sum += i.Monthly
		}
	}
	return sum
}

// Every type of the program is priced or known to be free, and none is both.
func TestEveryTypeIsKnown(t *testing.T) {
	t.Parallel()
	for _, known := range catalog.Types {
		assert.NotEqual(t, cost.Priced(known.Token), known.Free != "", "%s is to be in pricers, or free for a reason", known.Token)
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for m, want := range map[cost.Money]string{
		0: "$0.00", 4_999: "$0.00", 5_000: "$0.01", 1_234_567_890_000: "$1,234,567.89", -1_500_000: "-$1.50", 999_995_000: "$1,000.00",
	} {
		assert.Equal(t, want, m.String())
	}
	assert.Equal(t, "$1,235", cost.Money(1_234_567_890).Whole())
	assert.Equal(t, "+$1.50", cost.Money(1_500_000).Signed())
	assert.Equal(t, "$0.0272", cost.Money(27_200).Exact())
	assert.Equal(t, "$1", cost.Money(1_000_000).Exact())
}
