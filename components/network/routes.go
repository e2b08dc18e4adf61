package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
)

// everywhere is the destination of a default route.
const everywhere = "0.0.0.0/0"

// routeTable remembers a table for what is attached to it later.
type routeTable struct {
	name     string
	tier     addressplan.Tier
	resource *ec2.RouteTable
}

// table makes a route table and associates the subnets with it, in their order.
func (n *Network) table(ctx *pulumi.Context, name string, tier addressplan.Tier, subnets []Subnet) (*ec2.RouteTable, []pulumi.Resource, error) {
	table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: n.VPCID}, n.child())
	if err != nil {
		return nil, nil, fmt.Errorf("creating route table %s: %w", name, err)
	}
	n.tables = append(n.tables, routeTable{name: name, tier: tier, resource: table})
	var made []pulumi.Resource
	for _, s := range subnets {
		association, err := ec2.NewRouteTableAssociation(ctx, n.key(tier, s.Zone), &ec2.RouteTableAssociationArgs{
			RouteTableId: table.ID(),
			SubnetId:     s.ID,
		}, n.child())
		if err != nil {
			return nil, nil, fmt.Errorf("associating route table %s: %w", name, err)
		}
		made = append(made, association)
	}
	return table, made, nil
}

// makePublicRoutes leads the public tier to the internet gateway.
func (n *Network) makePublicRoutes(ctx *pulumi.Context) error {
	name := n.name + "-public"
	table, made, err := n.table(ctx, name, addressplan.Public, n.Public)
	if err != nil {
		return err
	}
	route, err := ec2.NewRoute(ctx, name, &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String(everywhere),
		GatewayId:            n.igw.ID(),
	}, n.child())
	if err != nil {
		return fmt.Errorf("routing the public tier: %w", err)
	}
	for i := range n.Public {
		n.Public[i].Egress = []pulumi.Resource{made[i], route}
	}
	return nil
}

// makeWebRoutes gives each zone of the web tier a table of its own, so that a
// change from one NAT gateway to one per zone changes routes and nothing else.
func (n *Network) makeWebRoutes(ctx *pulumi.Context) error {
	if len(n.Web) == 0 {
		return nil
	}
	gateways, err := n.makeNAT(ctx)
	if err != nil {
		return err
	}
	for i, s := range n.Web {
		name := n.key(addressplan.Web, s.Zone)
		table, made, err := n.table(ctx, name, addressplan.Web, []Subnet{s})
		if err != nil {
			return err
		}
		n.Web[i].Egress = made
		if len(gateways) == 0 {
			continue
		}
		home := min(i, len(gateways)-1) // the public subnet of the gateway has the same place
		gateway := gateways[home]
		route, err := ec2.NewRoute(ctx, name, &ec2.RouteArgs{
			RouteTableId:         table.ID(),
			DestinationCidrBlock: pulumi.String(everywhere),
			NatGatewayId:         gateway.ID(),
		}, n.child())
		if err != nil {
			return fmt.Errorf("routing the web tier in %s: %w", s.Zone, err)
		}
		n.Web[i].Egress = slices.Concat(made, []pulumi.Resource{route}, n.Public[home].Egress)
	}
	return nil
}

// makeNAT makes the NAT gateways: none, one, or one for each web zone.
func (n *Network) makeNAT(ctx *pulumi.Context) ([]*ec2.NatGateway, error) {
	homes := map[NAT][]Subnet{NATOne: n.Public[:1], NATPerZone: n.Public[:min(len(n.Web), len(n.Public))]}[n.args.NAT]
	var gateways []*ec2.NatGateway
	for _, home := range homes {
		name := n.name + "-nat-" + letter(home.Zone)
		address, err := ec2.NewEip(ctx, name, &ec2.EipArgs{Domain: pulumi.String("vpc")}, n.child())
		if err != nil {
			return nil, fmt.Errorf("allocating the address of %s: %w", name, err)
		}
		// AWS wants the internet gateway attached before a NAT gateway starts.
		gateway, err := ec2.NewNatGateway(ctx, name, &ec2.NatGatewayArgs{
			AllocationId: address.AllocationId,
			SubnetId:     home.ID,
		}, n.child(pulumi.DependsOn([]pulumi.Resource{n.igw})))
		if err != nil {
			return nil, fmt.Errorf("creating %s: %w", name, err)
		}
		n.NAT[letter(home.Zone)] = gateway.ID().ToStringOutput()
		gateways = append(gateways, gateway)
	}
	return gateways, nil
}

// makeDatabaseRoutes gives the database tier a table with no way out.
func (n *Network) makeDatabaseRoutes(ctx *pulumi.Context) error {
	if len(n.Database) == 0 {
		return nil
	}
	_, _, err := n.table(ctx, n.name+"-database", addressplan.Database, n.Database)
	return err
}

// makeS3Endpoint lets the tiers that run servers reach S3 without NAT.
func (n *Network) makeS3Endpoint(ctx *pulumi.Context) error {
	if !n.args.S3Endpoint {
		return nil
	}
	var tables pulumi.StringArray
	for _, t := range n.tables {
		if t.tier != addressplan.Database {
			tables = append(tables, t.resource.ID())
		}
	}
	_, err := ec2.NewVpcEndpoint(ctx, n.name+"-s3", &ec2.VpcEndpointArgs{
		VpcId:           n.VPCID,
		VpcEndpointType: pulumi.String("Gateway"),
		ServiceName:     pulumi.String("com.amazonaws." + n.args.Region + ".s3"),
		RouteTableIds:   tables,
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the S3 endpoint: %w", err)
	}
	return nil
}

// AddInterfaceEndpoints makes those of the settings, in each subnet of the servers, for
// whom the security group lets in. What it returns a server needs before it asks AWS
// anything: the services' names lead there from then on.
//
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (n *Network) AddInterfaceEndpoints(ctx *pulumi.Context, group pulumi.StringInput) ([]pulumi.Resource, error) {
	subnets := n.Web
	if len(subnets) == 0 {
		subnets = n.Public
	}
	var made []pulumi.Resource
	for _, service := range n.args.InterfaceEndpoints {
		endpoint, err := ec2.NewVpcEndpoint(ctx, n.name+"-"+strings.ReplaceAll(service, ".", "-"), &ec2.VpcEndpointArgs{
			VpcId:             n.VPCID,
			VpcEndpointType:   pulumi.String("Interface"),
			ServiceName:       pulumi.String("com.amazonaws." + n.args.Region + "." + service),
			SubnetIds:         IDs(subnets),
			SecurityGroupIds:  pulumi.StringArray{group},
			PrivateDnsEnabled: pulumi.Bool(true),
		}, n.child())
		if err != nil {
			return nil, fmt.Errorf("creating the endpoint of %s: %w", service, err)
		}
		made = append(made, endpoint)
	}
	return made, nil
}
