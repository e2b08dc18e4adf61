package model

import "github.com/webphases/webphases/internal/catalog"

var vpnKinds = []Kind{
	{
		Token: catalog.EC2VPNGateway, ID: "vgw-{hex17}",
		Outputs: []string{"arn", ec2Arn + "vpn-gateway/{id}", "amazonSideAsn", "64512"},
		Refs:    []Ref{vpcRef},
		Unique:  []Unique{{Paths: []string{"vpcId"}, Code: "VpnGatewayLimitExceeded", What: "a VPN gateway for the VPC"}},
	},
	{
		Token: catalog.EC2CustomerGateway, ID: "cgw-{hex17}",
		Outputs: []string{"arn", ec2Arn + "customer-gateway/{id}"},
		Rules: []Rule{
			required("type"), oneOf("type", "ipsec.1"), exactlyOne("bgpAsn", "bgpAsnExtended"),
			matches("bgpAsn", `^[1-9][0-9]{0,9}$`, "an autonomous system number"), matches("ipAddress", `^\d+\.\d+\.\d+\.\d+$`, "an IPv4 address"),
		},
	},
	{
		Token: catalog.EC2VPNConnection, ID: "vpn-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "vpn-connection/{id}", "tunnel1PresharedKey", "{letters32}", "tunnel2PresharedKey", "{letters32}",
			"tunnel1InsideCidr", "169.254.10.0/30", "tunnel2InsideCidr", "169.254.11.0/30", "tunnel1CgwInsideAddress", "169.254.10.2",
			"tunnel2CgwInsideAddress", "169.254.11.2", "tunnel1VgwInsideAddress", "169.254.10.1", "tunnel2VgwInsideAddress", "169.254.11.1",
			"tunnel1BgpAsn", "64512", "tunnel2BgpAsn", "64512", "tunnelInsideIpVersion", "ipv4", "localIpv4NetworkCidr", "0.0.0.0/0",
			"remoteIpv4NetworkCidr", "0.0.0.0/0", "outsideIpAddressType", "PublicIpv4",
			"customerGatewayConfiguration", `<vpn_connection id="{id}"/>`,
		},
		Refs:  []Ref{{Path: "customerGatewayId", To: catalog.EC2CustomerGateway}, {Path: "vpnGatewayId", To: catalog.EC2VPNGateway}},
		Rules: []Rule{required("type"), oneOf("type", "ipsec.1"), exactlyOne("vpnGatewayId", "transitGatewayId")},
		Fill: func(c *change) {
			for _, tunnel := range []string{"tunnel1Address", "tunnel2Address"} {
				c.setIfAbsent(tunnel, publicPools[2]+"."+c.digits(tunnel, 2))
			}
			c.setIfAbsent("staticRoutesOnly", false)
			c.setIfAbsent("enableAcceleration", false)
		},
	},
	{
		Token: catalog.EC2VPNConnectionRoute, ID: "{.destinationCidrBlock}:{.vpnConnectionId}",
		Refs:  []Ref{{Path: "vpnConnectionId", To: catalog.EC2VPNConnection}},
		Rules: []Rule{cidr("destinationCidrBlock", 0, 32)},
		Apply: func(c *change) error {
			if vpn := c.cloud.Get(catalog.EC2VPNConnection, str(c.in, "vpnConnectionId")); vpn != nil && !yes(vpn.Outputs, "staticRoutesOnly") {
				return refuse("InvalidParameterValue", "%s uses BGP: static routes need staticRoutesOnly", vpn.ID)
			}
			return nil
		},
	},
	{
		Token: catalog.EC2VPNGatewayRoutePropagation,
		ID:    "{.vpnGatewayId}_{.routeTableId}",
		Refs:  []Ref{{Path: "vpnGatewayId", To: catalog.EC2VPNGateway}, {Path: "routeTableId", To: catalog.EC2RouteTable}},
	},
}
