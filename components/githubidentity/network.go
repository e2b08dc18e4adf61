package githubidentity

// network is what makes and deletes networks, servers and images: EC2's types, by
// what they are called in its API. Each kind of thing that is made in another has a
// statement of its own (madeInNetworks): a request's tags are the same for all of its
// resources, so one statement for both would open the others' VPCs and groups.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
var network = service{
	read: words("ec2: Describe* GetSecurityGroupsForVpc"), // the second is asked for a load balancer
	create: words("ec2: CreateVpc CreateDhcpOptions CreateInternetGateway CreateVpnGateway CreateCustomerGateway " +
		"AllocateAddress ImportKeyPair CreateLaunchTemplate"),
	makes: ec2("vpc", "dhcp-options", "internet-gateway", "vpn-gateway", "customer-gateway", "elastic-ip", "key-pair", "launch-template"),
	write: words("ec2: " +
		// the VPC and its subnets
		"DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet DeleteDhcpOptions AssociateDhcpOptions CreateFlowLogs " +
		"DeleteFlowLogs CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints " +
		// ways in and out
		"DeleteInternetGateway AttachInternetGateway DetachInternetGateway CreateNatGateway DeleteNatGateway ReleaseAddress AssociateAddress " +
		"DisassociateAddress CreateRouteTable DeleteRouteTable CreateRoute ReplaceRoute DeleteRoute AssociateRouteTable DisassociateRouteTable " +
		"ReplaceRouteTableAssociation EnableVgwRoutePropagation DisableVgwRoutePropagation DeleteVpnGateway AttachVpnGateway DetachVpnGateway " +
		"DeleteCustomerGateway CreateVpnConnection DeleteVpnConnection CreateVpnConnectionRoute DeleteVpnConnectionRoute " +
		// who may talk to whom
		"CreateNetworkAcl DeleteNetworkAcl CreateNetworkAclEntry DeleteNetworkAclEntry ReplaceNetworkAclAssociation " +
		"CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress " +
		"RevokeSecurityGroupIngress RevokeSecurityGroupEgress " +
		// servers and images
		"RunInstances StartInstances StopInstances TerminateInstances ModifyInstanceAttribute ModifyInstanceMetadataOptions " +
		"AssociateIamInstanceProfile DisassociateIamInstanceProfile " +
		"ReplaceIamInstanceProfileAssociation ModifyVolume DeleteKeyPair CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate " +
		"CreateImage DeregisterImage DeleteSnapshot CreateNetworkInterface CreateTags DeleteTags"),
	other: []grant{
		{
			actions: words("ec2: RunInstances"),
			on:      []string{"arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"},
			why:     "images that others publish, Debian's among them",
		},
		{
			actions: words("ec2: CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute"),
			on:      ec2("network-interface"),
			why:     "AWS makes them for mount targets and servers, without tags; subnet and security groups have to be the stack's",
		},
	},
}

// madeInNetworks are further actions with what they make, each pair apart.
var madeInNetworks = []service{
	{
		create: words("ec2: CreateSubnet CreateRouteTable CreateNetworkAcl CreateSecurityGroup"),
		makes:  ec2("subnet", "route-table", "network-acl", "security-group"),
	},
	{
		create: words("ec2: CreateNatGateway CreateVpcEndpoint CreateFlowLogs CreateVpnConnection AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress"),
		makes:  ec2("natgateway", "vpc-endpoint", "vpc-flow-log", "vpn-connection", "security-group-rule"),
	},
	{
		create: words("ec2: RunInstances"),
		makes:  ec2("instance", "volume", "network-interface"),
	},
	{
		create: words("ec2: CreateImage"),
		makes:  []string{"arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"},
	},
}

func ec2(types ...string) []string {
	var all []string
	for _, t := range types {
		all = append(all, "arn:aws:ec2:*:*:"+t+"/*")
	}
	return all
}
