package network

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
)

// makeVPN connects the office to the public and web tiers by a site-to-site VPN
// connection. The database tier gets no route to it.
//
// Source: https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
func (n *Network) makeVPN(ctx *pulumi.Context) error {
	if n.args.VPNCustomerGatewayIP == "" {
		return nil
	}
	name := n.name + "-vpn"
	gateway, err := ec2.NewVpnGateway(ctx, name, &ec2.VpnGatewayArgs{VpcId: n.VPCID}, n.child())
	if err != nil {
		return fmt.Errorf("creating the virtual private gateway: %w", err)
	}
	customer, err := ec2.NewCustomerGateway(ctx, name, &ec2.CustomerGatewayArgs{
		Type:      pulumi.String("ipsec.1"),
		IpAddress: pulumi.String(n.args.VPNCustomerGatewayIP),
		BgpAsn:    pulumi.String(strconv.Itoa(n.args.VPNBGPASN)),
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the customer gateway: %w", err)
	}
	connection, err := ec2.NewVpnConnection(ctx, name, &ec2.VpnConnectionArgs{
		Type:              pulumi.String("ipsec.1"),
		VpnGatewayId:      gateway.ID(),
		CustomerGatewayId: customer.ID(),
		StaticRoutesOnly:  pulumi.Bool(len(n.args.VPNStaticRoutes) > 0),
	}, n.child())
	if err != nil {
		return fmt.Errorf("creating the VPN connection: %w", err)
	}
	for _, cidr := range n.args.VPNStaticRoutes {
		if _, err := ec2.NewVpnConnectionRoute(ctx, name+"-"+addressplan.Slug(cidr), &ec2.VpnConnectionRouteArgs{
			VpnConnectionId:      connection.ID(),
			DestinationCidrBlock: pulumi.String(cidr),
		}, n.child()); err != nil {
			return fmt.Errorf("routing %s to the office: %w", cidr, err)
		}
	}
	for _, t := range n.tables {
		if t.tier == addressplan.Database {
			continue
		}
		if _, err := ec2.NewVpnGatewayRoutePropagation(ctx, t.name+"-vpn", &ec2.VpnGatewayRoutePropagationArgs{
			VpnGatewayId: gateway.ID(),
			RouteTableId: t.resource.ID(),
		}, n.child()); err != nil {
			return fmt.Errorf("propagating the office's routes: %w", err)
		}
	}
	return nil
}
