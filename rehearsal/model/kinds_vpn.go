package model

var vpnKinds = []Kind{
	{
		Token: tVpnGateway, Label: "EC2 VPN Gateway", ID: "vgw-{hex17}",
		Outputs: []string{"arn", ec2Arn + "vpn-gateway/{id}", "amazonSideAsn", "64512"},
		Refs:    []Ref{vpcRef},
		Unique:  []Unique{{Paths: []string{"vpcId"}, Code: "VpnGatewayLimitExceeded", What: "a VPN gateway for the VPC"}},
	},
	{
		Token: tCustomerGateway, Label: "EC2 Customer Gateway", ID: "cgw-{hex17}",
		Outputs: []string{"arn", ec2Arn + "customer-gateway/{id}"},
		Rules: []Rule{
			required("type"), oneOf("type", "ipsec.1"), exactlyOne("bgpAsn", "bgpAsnExtended"),
			matches("bgpAsn", `^[1-9][0-9]{0,9}$`, "an autonomous system number"), matches("ipAddress", `^\d+\.\d+\.\d+\.\d+$`, "an IPv4 address"),
		},
	},
	{
		Token: tVpnConnection, Label: "EC2 VPN Connection", ID: "vpn-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "vpn-connection/{id}", "tunnel1PresharedKey", "{letters32}", "tunnel2PresharedKey", "{letters32}",
			"tunnel1InsideCidr", "169.254.10.0/30", "tunnel2InsideCidr", "169.254.11.0/30", "tunnel1CgwInsideAddress", "169.254.10.2",
			"tunnel2CgwInsideAddress", "169.254.11.2", "tunnel1VgwInsideAddress", "169.254.10.1", "tunnel2VgwInsideAddress", "169.254.11.1",
			"tunnel1BgpAsn", "64512", "tunnel2BgpAsn", "64512", "tunnelInsideIpVersion", "ipv4", "localIpv4NetworkCidr", "0.0.0.0/0",
			"remoteIpv4NetworkCidr", "0.0.0.0/0", "outsideIpAddressType", "PublicIpv4",
			"customerGatewayConfiguration", `<vpn_connection id="{id}"/>`,
		},
		Refs:  []Ref{{Path: "customerGatewayId", To: tCustomerGateway}, {Path: "vpnGatewayId", To: tVpnGateway}},
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
		Token: "aws:ec2/vpnConnectionRoute:VpnConnectionRoute", Label: "EC2 VPN Connection Route", ID: "{.destinationCidrBlock}:{.vpnConnectionId}",
		Refs:  []Ref{{Path: "vpnConnectionId", To: tVpnConnection}},
		Rules: []Rule{cidr("destinationCidrBlock", 0, 32)},
		Apply: func(c *change) error {
			if vpn := c.cloud.Get(tVpnConnection, str(c.in, "vpnConnectionId")); vpn != nil && !yes(vpn.Outputs, "staticRoutesOnly") {
				return refuse("InvalidParameterValue", "%s uses BGP: static routes need staticRoutesOnly", vpn.ID)
			}
			return nil
		},
	},
	{
		Token: "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation", Label: "EC2 VPN Gateway Route Propagation",
		ID:   "{.vpnGatewayId}_{.routeTableId}",
		Refs: []Ref{{Path: "vpnGatewayId", To: tVpnGateway}, {Path: "routeTableId", To: tRouteTable}},
	},
}
