// Package network is the VPC: subnets by tier and zone, routes, network ACLs
// and the ways in and out.
package network

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Network"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid network arguments")

// NAT says how many NAT gateways the web tier has.
type NAT string

// The choices of NAT.
const (
	NATNone    NAT = "none"
	NATOne     NAT = "one"     // in the first zone: cheaper, and its zone's failure cuts all
	NATPerZone NAT = "perZone" // each zone on its own
)

// Settings of the VPC and of what leads in and out; see docs/config.md, network.
type Settings struct {
	// Range of the VPC: private, /16 to /20. AWS cannot change it later.
	VPCCIDR string `key:"vpcCidr" default:"10.0.0.0/16" example:"10.1.0.0/16"`
	// Hardware of the servers: default (shared) or dedicated (yours alone, at a fee). AWS cannot
	// change it later.
	Tenancy string `key:"tenancy" default:"default" oneOf:"default,dedicated"`
	// AWS's DNS resolver in the VPC.
	DNSSupport bool `key:"dnsSupport" default:"true"`
	// DNS names for the servers; EFS needs them.
	DNSHostnames bool `key:"dnsHostnames" default:"true"`
	// Your own DNS servers, up to four IPv4 addresses, instead of AWS's resolver. EFS and RDS names
	// must resolve through them.
	DNSServers []string `key:"dnsServers" default:"[]" form:"ipv4" example:"[\"10.0.0.53\"]"`
	// Search domain of the servers, such as corp.example.com.
	DomainName string `key:"domainName" default:"" form:"domainName" example:"corp.example.com"`
	// Gateway endpoint for S3, free of charge.
	S3Endpoint bool `key:"s3Endpoint" default:"true"`
	// Interface endpoints of AWS's services, which the servers then reach within the VPC: each costs about $10 a month in
	// each zone. ec2, ecr.api, ecr.dkr and ssm meet controls; the others keep Session Manager, secrets and logs off the
	// internet.
	InterfaceEndpoints []string `key:"interfaceEndpoints" default:"[]" oneOf:"ec2,ec2messages,ecr.api,ecr.dkr,elasticloadbalancing,kms,logs,monitoring,secretsmanager,ssm,ssmmessages" example:"[\"ssm\",\"ssmmessages\"]"`
	// Log accepted and refused traffic of the VPC to CloudWatch Logs.
	FlowLogs bool `key:"flowLogs" default:"true"`
	// How long flow logs are kept, in days; a value that CloudWatch Logs takes.
	FlowLogRetentionDays int `key:"flowLogRetentionDays" default:"30" oneOf:"@logRetentionDays"`
	// Who may reach the site on ports 80 and 443. Empty: everybody, or the VPC if the load balancer is
	// internal.
	ClientCIDRs []string `key:"clientCidrs" default:"[]" form:"ipv4Range" example:"[\"192.0.2.0/24\"]"`
	// Public address of the office router; sets up a site-to-site VPN connection.
	VPNCustomerGatewayIP string `key:"vpnCustomerGatewayIp" default:"" form:"publicIPv4" example:"198.51.100.1"`
	// BGP autonomous system number of the office router.
	VPNBGPASN int `key:"vpnBgpAsn" default:"65000"`
	// Ranges of the office network. Empty: routes are learnt by BGP.
	VPNStaticRoutes []string `key:"vpnStaticRoutes" default:"[]" form:"ipv4Range" example:"[\"192.168.0.0/16\"]"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes a VPC.
type Args struct {
	Settings

	Region string   // such as ap-northeast-1
	Zones  []string // names in a fixed order; append only, for the order fixes the addresses

	// How many of the zones each tier spans, from the first; 0: the tier is absent.
	PublicZones, WebZones, DatabaseZones int

	NAT          NAT
	SSHCIDRs     []string // who may reach port 22 of the servers
	MailPort     int      // by which the servers' e-mail leaves; 0: none does
	DatabasePort int      // 0: 3306
	// BalancerInWeb says that the load balancer is in the web tier, and has no public address.
	BalancerInWeb bool
}

// Subnet is one subnet with what others need to know of it.
type Subnet struct {
	Zone string // such as ap-northeast-1a
	CIDR string
	ID   pulumi.IDOutput
	// Egress is what must exist before a server in it can reach the internet: its
	// own way, and no other zone's. Servers depend on it, and on the ACLs' rules.
	Egress []pulumi.Resource
}

// Letter is the last letter of the zone's name, which keys the names of what
// exists once per zone.
func (s Subnet) Letter() string { return letter(s.Zone) }

// Network is a VPC with its subnets, routes and network ACLs.
type Network struct {
	pulumi.ResourceState

	VPCID pulumi.IDOutput
	// Resolver is the address of the DNS resolver that AWS runs in the VPC.
	Resolver string
	Public   []Subnet
	Web      []Subnet
	Database []Subnet
	// NAT is the IDs of the NAT gateways, by the letter of their zone.
	NAT map[string]pulumi.StringInput
	// The rules of each tier's network ACL: without them nothing gets through.
	PublicRules, WebRules, DatabaseRules []pulumi.Resource

	name   string
	args   Args
	plan   addressplan.Plan
	vpc    *ec2.Vpc
	igw    *ec2.InternetGateway
	tables []routeTable
}

// New makes the network. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Network, error) {
	plan, err := args.check()
	if err != nil {
		return nil, err
	}
	n := &Network{
		name:     name,
		args:     args,
		plan:     plan,
		Resolver: plan.Resolver().String(),
		NAT:      map[string]pulumi.StringInput{},
	}
	if err := ctx.RegisterComponentResource(Type, name, n, opts...); err != nil {
		return nil, fmt.Errorf("registering network %s: %w", name, err)
	}
	for _, step := range []func(*pulumi.Context) error{
		n.makeVPC, n.makeSubnets, n.makePublicRoutes, n.makeWebRoutes, n.makeDatabaseRoutes,
		n.makeACLs, n.makeS3Endpoint, n.makeFlowLogs, n.makeVPN,
	} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("network %s: %w", name, err)
		}
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vpcId":             n.VPCID,
		"publicSubnetIds":   IDs(n.Public),
		"webSubnetIds":      IDs(n.Web),
		"databaseSubnetIds": IDs(n.Database),
	})
}

// IDs lists the subnets' IDs, in the order of the zones.
func IDs(subnets []Subnet) pulumi.StringArray {
	ids := make(pulumi.StringArray, len(subnets))
	for i, s := range subnets {
		ids[i] = s.ID.ToStringOutput()
	}
	return ids
}

// Egress is what must exist before servers in all of the subnets can reach the
// internet.
func Egress(subnets []Subnet) []pulumi.Resource {
	var all []pulumi.Resource
	for _, s := range subnets {
		all = append(all, s.Egress...)
	}
	return all
}

func (a Args) check() (addressplan.Plan, error) {
	plan, err := addressplan.New(a.VPCCIDR)
	if err != nil {
		return plan, fmt.Errorf("%w: VPCCIDR %q: %w", ErrArgs, a.VPCCIDR, err)
	}
	errs := []error{setting.Check(&a.Settings)}
	fail := func(format string, values ...any) { errs = append(errs, fmt.Errorf(format, values...)) }
	letters := map[string]string{}
	for _, zone := range a.Zones {
		if zone == "" {
			fail("Zones: an empty name")
			continue
		}
		if other, ok := letters[letter(zone)]; ok {
			fail("Zones: %q and %q end in the same letter", other, zone)
		}
		letters[letter(zone)] = zone
	}
	for field, count := range map[string]int{"PublicZones": a.PublicZones, "WebZones": a.WebZones, "DatabaseZones": a.DatabaseZones} {
		if count < 0 || count > min(len(a.Zones), addressplan.MaxZones) {
			fail("%s is %d, but there are %d zones", field, count, len(a.Zones))
		}
	}
	if a.PublicZones < 1 {
		fail("PublicZones is %d: a network needs a public subnet", a.PublicZones)
	}
	if a.NAT == NATPerZone && a.PublicZones < a.WebZones {
		fail("NAT %q needs a public subnet in each of the %d web zones", a.NAT, a.WebZones)
	}
	errs = append(errs, a.rulesError(plan))
	if err := errors.Join(errs...); err != nil {
		return plan, fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return plan, nil
}

// RulesError says that a network ACL would have more rules than AWS allows, or two of the
// same number; nil if none would, or if the range is no VPC's.
func (a Args) RulesError() error {
	if plan, err := addressplan.New(a.VPCCIDR); err == nil {
		return a.rulesError(plan)
	}
	return nil
}

func (a Args) rulesError(plan addressplan.Plan) error {
	var errs []error
	rules := a.aclRules(plan)
	for _, tier := range slices.Sorted(maps.Keys(rules)) {
		if one, other, ok := clash(rules[tier]); ok {
			errs = append(errs, fmt.Errorf("the ranges %s and %s get the same rule number in the network ACL of the %s tier: write one as its two halves", one, other, tier))
		}
		for egress, n := range count(rules[tier]) {
			if n > aclQuota {
				errs = append(errs, fmt.Errorf("the network ACL of the %s tier would have %d rules (egress: %t), and AWS allows %d", tier, n, egress, aclQuota))
			}
		}
	}
	return errors.Join(errs...)
}

// letter is the last letter of a zone's name: it keys the names of resources.
func letter(zone string) string { return zone[len(zone)-1:] }

func (n *Network) child(opts ...pulumi.ResourceOption) pulumi.ResourceOption {
	return pulumi.Composite(append(opts, pulumi.Parent(n))...)
}
