package catalog

// The VPC, its subnets and the ways in and out.
const (
	EC2VPC                        = "aws:ec2/vpc:Vpc"
	EC2Subnet                     = "aws:ec2/subnet:Subnet"
	EC2InternetGateway            = "aws:ec2/internetGateway:InternetGateway"
	EC2EIP                        = "aws:ec2/eip:Eip"
	EC2NATGateway                 = "aws:ec2/natGateway:NatGateway"
	EC2RouteTable                 = "aws:ec2/routeTable:RouteTable"
	EC2Route                      = "aws:ec2/route:Route"
	EC2RouteTableAssociation      = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	EC2VPCEndpoint                = "aws:ec2/vpcEndpoint:VpcEndpoint"
	EC2VPCDHCPOptions             = "aws:ec2/vpcDhcpOptions:VpcDhcpOptions"
	EC2VPCDHCPOptionsAssociation  = "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation"
	EC2FlowLog                    = "aws:ec2/flowLog:FlowLog"
	EC2CustomerGateway            = "aws:ec2/customerGateway:CustomerGateway"
	EC2VPNGateway                 = "aws:ec2/vpnGateway:VpnGateway"
	EC2VPNConnection              = "aws:ec2/vpnConnection:VpnConnection"
	EC2VPNConnectionRoute         = "aws:ec2/vpnConnectionRoute:VpnConnectionRoute"
	EC2VPNGatewayRoutePropagation = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
)

var networkTypes = []Type{
	{
		Token:    EC2VPC,
		Label:    "EC2 VPC",
		IDPrefix: "vpc-",
		Holds:    Always,
		Reached:  true,
		Times: []Time{
			{Seconds: 11, Source: Logs, Observed: "2s, 4s, 11s", Note: "longer with DNS host names"},
		},
		Actions: Actions{
			Read:   "ec2: Describe*",
			Create: "ec2: CreateVpc",
			Makes:  []string{"arn:aws:ec2:*:*:vpc/*"},
			Write:  "ec2: DeleteVpc ModifyVpcAttribute CreateTags DeleteTags",
		},
	},
	{
		Token:    EC2Subnet,
		Label:    "EC2 Subnet",
		IDPrefix: "subnet-",
		Holds:    Always,
		Free:     "subnets are free",
		Reached:  true,
		Actions: Actions{
			Create:   "ec2: CreateSubnet",
			Makes:    []string{"arn:aws:ec2:*:*:subnet/*"},
			Together: "tier",
			Write:    "ec2: CreateSubnet DeleteSubnet",
		},
	},
	{
		Token:    EC2InternetGateway,
		Label:    "EC2 Internet Gateway",
		IDPrefix: "igw-",
		Free:     "the traffic is charged",
		Reached:  true,
		Actions: Actions{
			Create: "ec2: CreateInternetGateway",
			Makes:  []string{"arn:aws:ec2:*:*:internet-gateway/*"},
			Write:  "ec2: DeleteInternetGateway AttachInternetGateway DetachInternetGateway",
		},
	},
	{
		Token: EC2EIP,
		Label: "EC2 EIP",
		Holds: WithServer,
		Actions: Actions{
			Create: "ec2: AllocateAddress",
			Makes:  []string{"arn:aws:ec2:*:*:elastic-ip/*"},
			Write:  "ec2: ReleaseAddress",
		},
	},
	{
		Token:    EC2NATGateway,
		Label:    "EC2 NAT Gateway",
		IDPrefix: "nat-",
		Reached:  true,
		Times: []Time{
			{Seconds: 107, Source: Logs, Observed: "1m25s, 1m28s, 1m45s, 1m47s, 1m55s, 2m4s, 2m5s", Page: "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"},
		},
		Actions: Actions{
			Create:   "ec2: CreateNatGateway",
			Makes:    []string{"arn:aws:ec2:*:*:natgateway/*"},
			Together: "attached",
			Write:    "ec2: CreateNatGateway DeleteNatGateway",
		},
	},
	{
		Token:    EC2RouteTable,
		Label:    "EC2 Route Table",
		IDPrefix: "rtb-",
		Free:     "routes are free",
		Reached:  true,
		Actions: Actions{
			Create:   "ec2: CreateRouteTable",
			Makes:    []string{"arn:aws:ec2:*:*:route-table/*"},
			Together: "tier",
			Write:    "ec2: CreateRouteTable DeleteRouteTable",
		},
	},
	{
		Token:   EC2Route,
		Label:   "EC2 Route",
		Free:    "routes are free",
		Reached: true,
		Actions: Actions{
			Write: "ec2: CreateRoute ReplaceRoute DeleteRoute",
		},
	},
	{
		Token:   EC2RouteTableAssociation,
		Label:   "EC2 Route Table Association",
		Free:    "routes are free",
		Reached: true,
		Actions: Actions{
			Write: "ec2: AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation",
		},
	},
	{
		Token:   EC2VPCEndpoint,
		Label:   "EC2 VPC Endpoint",
		Reached: true,
		Times: []Time{
			{Seconds: 6, Source: Estimate},
			{When: "interface", Seconds: 90, Source: Estimate, Page: "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"},
		},
		Actions: Actions{
			Create:   "ec2: CreateVpcEndpoint",
			Makes:    []string{"arn:aws:ec2:*:*:vpc-endpoint/*"},
			Together: "attached",
			Write:    "ec2: CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints",
		},
	},
	{
		Token: EC2VPCDHCPOptions,
		Label: "EC2 DHCP Options Set",
		Free:  "DHCP options are free",
		Actions: Actions{
			Create: "ec2: CreateDhcpOptions",
			Makes:  []string{"arn:aws:ec2:*:*:dhcp-options/*"},
			Write:  "ec2: DeleteDhcpOptions",
		},
	},
	{
		Token: EC2VPCDHCPOptionsAssociation,
		Label: "EC2 DHCP Options Set Association",
		Free:  "DHCP options are free",
		Actions: Actions{
			Write: "ec2: AssociateDhcpOptions",
		},
	},
	{
		Token: EC2FlowLog,
		Label: "VPC Flow Log",
		Free:  "the log group is charged",
		Actions: Actions{
			Create:   "ec2: CreateFlowLogs",
			Makes:    []string{"arn:aws:ec2:*:*:vpc-flow-log/*"},
			Together: "attached",
			Write:    "ec2: CreateFlowLogs DeleteFlowLogs",
		},
	},
	{
		Token: EC2CustomerGateway,
		Label: "EC2 Customer Gateway",
		Free:  "the connection is charged",
		Times: []Time{
			{Seconds: 11, Source: Estimate},
		},
		Actions: Actions{
			Create: "ec2: CreateCustomerGateway",
			Makes:  []string{"arn:aws:ec2:*:*:customer-gateway/*"},
			Write:  "ec2: DeleteCustomerGateway",
		},
	},
	{
		Token:   EC2VPNGateway,
		Label:   "EC2 VPN Gateway",
		Free:    "the connection is charged",
		Reached: true,
		Times: []Time{
			{Seconds: 20, Source: Estimate},
		},
		Actions: Actions{
			Create: "ec2: CreateVpnGateway",
			Makes:  []string{"arn:aws:ec2:*:*:vpn-gateway/*"},
			Write:  "ec2: DeleteVpnGateway AttachVpnGateway DetachVpnGateway",
		},
	},
	{
		Token: EC2VPNConnection,
		Label: "EC2 VPN Connection",
		Times: []Time{
			{Seconds: 240, Source: Estimate},
		},
		Actions: Actions{
			Create:   "ec2: CreateVpnConnection",
			Makes:    []string{"arn:aws:ec2:*:*:vpn-connection/*"},
			Together: "attached",
			Write:    "ec2: CreateVpnConnection DeleteVpnConnection",
		},
	},
	{
		Token:   EC2VPNConnectionRoute,
		Label:   "EC2 VPN Connection Route",
		Free:    "the connection is charged",
		Reached: true,
		Actions: Actions{
			Write: "ec2: CreateVpnConnectionRoute DeleteVpnConnectionRoute",
		},
	},
	{
		Token:   EC2VPNGatewayRoutePropagation,
		Label:   "EC2 VPN Gateway Route Propagation",
		Free:    "routes are free",
		Reached: true,
		Actions: Actions{
			Write: "ec2: EnableVgwRoutePropagation DisableVgwRoutePropagation",
		},
	},
}
