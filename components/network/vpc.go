package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
)

// makeVPC makes the VPC, its internet gateway and its DHCP options, and empties
// the default security group, which would let its members talk to each other.
func (n *Network) makeVPC(ctx *pulumi.Context) (err error) {
	n.vpc, err = ec2.NewVpc(ctx, n.name, &ec2.VpcArgs{
		CidrBlock:          pulumi.String(n.args.VPCCIDR),
		InstanceTenancy:    pulumi.String(n.args.Tenancy),
		EnableDnsSupport:   pulumi.Bool(n.args.DNSSupport),
		EnableDnsHostnames: pulumi.Bool(n.args.DNSHostnames),
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the VPC: %w", err)
	}
	n.VPCID = n.vpc.ID()
	n.igw, err = ec2.NewInternetGateway(ctx, n.name+"-internet", &ec2.InternetGatewayArgs{VpcId: n.VPCID}, n.child())
	if err != nil {
		return fmt.Errorf("creating the internet gateway: %w", err)
	}
	if _, err = ec2.NewDefaultSecurityGroup(ctx, n.name+"-default", &ec2.DefaultSecurityGroupArgs{
		VpcId: n.VPCID,
		// Empty lists, not absent ones: those mean whatever is there, and a rule that
		// somebody adds would stay.
		Ingress: ec2.DefaultSecurityGroupIngressArray{},
		Egress:  ec2.DefaultSecurityGroupEgressArray{},
	}, n.child()); err != nil {
		return fmt.Errorf("emptying the default security group: %w", err)
	}
	return n.makeDHCPOptions(ctx)
}

func (n *Network) makeDHCPOptions(ctx *pulumi.Context) error {
	if len(n.args.DNSServers) == 0 && n.args.DomainName == "" {
		return nil
	}
	servers := n.args.DNSServers
	if len(servers) == 0 {
		servers = []string{"AmazonProvidedDNS"}
	}
	args := &ec2.VpcDhcpOptionsArgs{DomainNameServers: pulumi.ToStringArray(servers)}
	if n.args.DomainName != "" {
		args.DomainName = pulumi.String(n.args.DomainName)
	}
	options, err := ec2.NewVpcDhcpOptions(ctx, n.name+"-dhcp", args, n.child())
	if err != nil {
		return fmt.Errorf("creating the DHCP options: %w", err)
	}
	_, err = ec2.NewVpcDhcpOptionsAssociation(ctx, n.name+"-dhcp", &ec2.VpcDhcpOptionsAssociationArgs{
		VpcId:         n.VPCID,
		DhcpOptionsId: options.ID(),
	}, n.child())
	if err != nil {
		return fmt.Errorf("associating the DHCP options: %w", err)
	}
	return nil
}

// makeSubnets makes the subnets of all tiers. No subnet gives its servers a
// public address by itself.
func (n *Network) makeSubnets(ctx *pulumi.Context) error {
	for _, t := range n.args.tiers() {
		for i, zone := range n.args.Zones[:t.zones] {
			cidr, err := n.plan.Subnet(t.tier, i)
			if err != nil {
				return err
			}
			subnet, err := ec2.NewSubnet(ctx, n.key(t.tier, zone), &ec2.SubnetArgs{
				VpcId:               n.VPCID,
				AvailabilityZone:    pulumi.String(zone),
				CidrBlock:           pulumi.String(cidr.String()),
				MapPublicIpOnLaunch: pulumi.Bool(false),
			}, n.child())
			if err != nil {
				return fmt.Errorf("creating the %s subnet in %s: %w", t.tier, zone, err)
			}
			s := Subnet{Zone: zone, CIDR: cidr.String(), ID: subnet.ID()}
			switch t.tier {
			case addressplan.Public:
				n.Public = append(n.Public, s)
			case addressplan.Web:
				n.Web = append(n.Web, s)
			case addressplan.Database:
				n.Database = append(n.Database, s)
			}
		}
	}
	return nil
}

type tierZones struct {
	tier  addressplan.Tier
	zones int
}

// tiers lists the tiers that exist, with the number of their zones.
func (a Args) tiers() []tierZones {
	var all []tierZones
	for _, t := range []tierZones{
		{addressplan.Public, a.PublicZones}, {addressplan.Web, a.WebZones}, {addressplan.Database, a.DatabaseZones},
	} {
		if t.zones > 0 {
			all = append(all, t)
		}
	}
	return all
}

// key names what exists once per tier and zone: NAME-TIER-LETTER.
func (n *Network) key(tier addressplan.Tier, zone string) string {
	return fmt.Sprintf("%s-%s-%s", n.name, tier, letter(zone))
}
