package githubidentity

import "github.com/webphases/webphases/internal/policy"

// writesNetwork is what makes and deletes networks, servers and images: EC2's
// types, by what they are called in its API.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func writesNetwork() []policy.Statement {
	return []policy.Statement{allow(words("ec2: "+
		// the VPC and its subnets
		"CreateVpc DeleteVpc ModifyVpcAttribute ModifyVpcTenancy CreateSubnet DeleteSubnet ModifySubnetAttribute "+
		"CreateDhcpOptions DeleteDhcpOptions AssociateDhcpOptions CreateFlowLogs DeleteFlowLogs CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints "+
		// ways in and out
		"CreateInternetGateway DeleteInternetGateway AttachInternetGateway DetachInternetGateway CreateNatGateway DeleteNatGateway "+
		"AllocateAddress ReleaseAddress AssociateAddress DisassociateAddress CreateRouteTable DeleteRouteTable CreateRoute ReplaceRoute DeleteRoute "+
		"AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation EnableVgwRoutePropagation DisableVgwRoutePropagation "+
		"CreateVpnGateway DeleteVpnGateway AttachVpnGateway DetachVpnGateway CreateCustomerGateway DeleteCustomerGateway "+
		"CreateVpnConnection ModifyVpnConnection DeleteVpnConnection CreateVpnConnectionRoute DeleteVpnConnectionRoute "+
		// who may talk to whom
		"CreateNetworkAcl DeleteNetworkAcl CreateNetworkAclEntry ReplaceNetworkAclEntry DeleteNetworkAclEntry ReplaceNetworkAclAssociation "+
		"CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "+
		"RevokeSecurityGroupIngress RevokeSecurityGroupEgress UpdateSecurityGroupRuleDescriptionsIngress UpdateSecurityGroupRuleDescriptionsEgress "+
		// servers and images
		"RunInstances StartInstances StopInstances TerminateInstances ModifyInstanceAttribute ModifyInstanceMetadataOptions "+
		"ModifyInstanceCreditSpecification MonitorInstances UnmonitorInstances AssociateIamInstanceProfile DisassociateIamInstanceProfile "+
		"ReplaceIamInstanceProfileAssociation ModifyVolume ModifyNetworkInterfaceAttribute DetachNetworkInterface DeleteNetworkInterface "+
		"ImportKeyPair DeleteKeyPair CreateLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate "+
		"DeleteLaunchTemplateVersions CreateImage DeregisterImage ModifyImageAttribute DeleteSnapshot CreateTags DeleteTags"), "*")}
}
