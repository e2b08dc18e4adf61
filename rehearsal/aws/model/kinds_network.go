package model

import (
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const ec2Arn = "arn:{partition}:ec2:{region}:{account}:"

var vpcRef = Ref{Path: "vpcId", To: catalog.EC2VPC}

var networkKinds = []Kind{
	{
		Token: catalog.EC2VPC, ID: "vpc-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "vpc/{id}", "ownerId", "{account}", "defaultRouteTableId", "rtb-{hex17}", "mainRouteTableId", "{.defaultRouteTableId}",
			"defaultSecurityGroupId", "sg-{hex17}", "defaultNetworkAclId", "acl-{hex17}", "dhcpOptionsId", "dopt-{hex17}",
			"ipv6AssociationId", "", "ipv6CidrBlock", "",
		},
		Defaults: map[string]any{"enableDnsSupport": true, "instanceTenancy": "default"},
		Rules: []Rule{
			required("cidrBlock"), cidr("cidrBlock", 16, 28), oneOf("instanceTenancy", "default", "dedicated"),
		},
		Fill: func(c *change) {
			c.setIfAbsent("enableDnsHostnames", false)
			c.setIfAbsent("enableNetworkAddressUsageMetrics", false)
		},
		ReplaceIf: func(old, in resource.PropertyMap) string {
			if str(old, "instanceTenancy") == "default" && str(in, "instanceTenancy") == "dedicated" {
				return "instanceTenancy" // AWS allows the other direction only
			}
			return ""
		},
	},
	{
		Token: catalog.EC2VPCDHCPOptions, ID: "dopt-{hex17}",
		Outputs: []string{"arn", ec2Arn + "dhcp-options/{id}", "ownerId", "{account}"},
		Rules:   []Rule{atLeastOne("domainName", "domainNameServers", "ntpServers", "netbiosNameServers", "netbiosNodeType")},
	},
	{
		Token: catalog.EC2VPCDHCPOptionsAssociation,
		ID:    "{.dhcpOptionsId}-{.vpcId}",
		Refs:  []Ref{vpcRef, {Path: "dhcpOptionsId", To: catalog.EC2VPCDHCPOptions}},
	},
	{
		Token: catalog.EC2InternetGateway, ID: "igw-{hex17}",
		Outputs: []string{"arn", ec2Arn + "internet-gateway/{id}", "ownerId", "{account}"},
		Refs:    []Ref{vpcRef},
		Unique:  []Unique{{Paths: []string{"vpcId"}, Code: "Resource.AlreadyAssociated", What: "an internet gateway for the VPC"}},
		Delete:  refuseMappedAddresses,
	},
	{
		Token: catalog.EC2Subnet, ID: "subnet-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "subnet/{id}", "ownerId", "{account}", "privateDnsHostnameTypeOnLaunch", "ip-name", "ipv6CidrBlockAssociationId", "",
		},
		Defaults: map[string]any{
			"assignIpv6AddressOnCreation": false, "enableDns64": false, "enableResourceNameDnsARecordOnLaunch": false,
			"enableResourceNameDnsAaaaRecordOnLaunch": false, "ipv6Native": false, "mapPublicIpOnLaunch": false,
		},
		Refs:  []Ref{vpcRef},
		Rules: []Rule{required("cidrBlock"), cidr("cidrBlock", 16, 28)},
		Apply: placeSubnet,
		Fill: func(c *change) {
			zones := zonesOf(c.region)
			c.setIfAbsent("availabilityZone", zones[0].name)
			for _, z := range zones {
				if z.name == str(c.out, "availabilityZone") {
					c.set("availabilityZoneId", z.id)
				}
			}
		},
	},
	{
		Token: catalog.EC2EIP, ID: "eipalloc-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "elastic-ip/{id}", "allocationId", "{id}", "domain", "vpc", "networkBorderGroup", "{region}", "publicIpv4Pool", "amazon",
		},
		Rules: []Rule{oneOf("domain", "vpc")},
		Refs:  []Ref{{Path: "instance", To: catalog.EC2Instance}},
		Fill: func(c *change) {
			c.setIfAbsent("publicIp", freePublicIP(c))
			c.set("publicDns", publicDNS(c.region, str(c.out, "publicIp")))
		},
	},
	{
		Token: catalog.EC2EIPAssociation, ID: "eipassoc-{hex17}",
		Refs:  []Ref{{Path: "allocationId", To: catalog.EC2EIP}, {Path: "instanceId", To: catalog.EC2Instance}},
		Rules: []Rule{exactlyOne("allocationId", "publicIp"), exactlyOne("instanceId", "networkInterfaceId")},
		Apply: associateAddress,
		Fill: func(c *change) {
			if eip := c.cloud.Get(catalog.EC2EIP, str(c.out, "allocationId")); eip != nil {
				c.set("publicIp", eip.Str("publicIp"))
			}
			if server := c.cloud.Get(catalog.EC2Instance, str(c.out, "instanceId")); server != nil {
				c.set("networkInterfaceId", server.Str("primaryNetworkInterfaceId"))
				c.set("privateIpAddress", server.Str("privateIp"))
			}
		},
	},
}

// placeSubnet refuses a subnet outside its VPC or over another one.
func placeSubnet(c *change) error {
	zones := zonesOf(c.region)
	if name := str(c.in, "availabilityZone"); name != "" && !slices.ContainsFunc(zones, func(z zone) bool { return z.name == name }) {
		return refuse("InvalidParameterValue",
			"Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s", name, zoneNames(c.region))
	}
	mine, err := netip.ParsePrefix(str(c.in, "cidrBlock"))
	if err != nil {
		return refuse("InvalidParameterValue", "%v", err)
	}
	vpc, err := netip.ParsePrefix(c.cloud.Get(catalog.EC2VPC, str(c.in, "vpcId")).Str("cidrBlock"))
	if err != nil || mine.Bits() < vpc.Bits() || !vpc.Contains(mine.Addr()) {
		return refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid: it is not inside the VPC's %s.", mine, vpc)
	}
	for _, r := range c.cloud.OfType(catalog.EC2Subnet) {
		other, err := netip.ParsePrefix(r.Str("cidrBlock"))
		if err == nil && r.ID != c.id && r.Str("vpcId") == str(c.in, "vpcId") && other.Overlaps(mine) {
			return refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet (%s, %s)", mine, r.ID, other)
		}
	}
	return nil
}

// associateAddress refuses an address that is taken, or a server whose VPC the
// internet does not reach.
func associateAddress(c *change) error {
	if alloc := str(c.in, "allocationId"); addressInUse(c.cloud, alloc, c.id) && !yes(c.in, "allowReassociation") {
		return refuse("Resource.AlreadyAssociated", "resource %s is already associated", alloc)
	}
	server := c.cloud.Get(catalog.EC2Instance, str(c.in, "instanceId"))
	if server == nil {
		return nil
	}
	return needInternetGateway(c.cloud, c.subnet(server.Str("subnetId")).Str("vpcId"))
}

func addressInUse(c *cloud.Cloud, allocation, except string) bool {
	for _, typ := range []string{catalog.EC2EIPAssociation, catalog.EC2NATGateway} {
		for _, r := range c.OfType(typ) {
			if r.ID != except && r.Str("allocationId") == allocation {
				return true
			}
		}
	}
	return false
}

func needInternetGateway(c *cloud.Cloud, vpc string) error {
	for _, r := range c.OfType(catalog.EC2InternetGateway) {
		if r.Str("vpcId") == vpc {
			return nil
		}
	}
	return refuse("Gateway.NotAttached", "Network %s is not attached to any internet gateway (depend on it)", vpc)
}

// refuseMappedAddresses keeps the gateway while addresses of its VPC need it.
func refuseMappedAddresses(c *change) error {
	vpc := c.old.Str("vpcId")
	inVpc := func(subnet string) bool {
		s := c.subnet(subnet)
		return s != nil && s.Str("vpcId") == vpc
	}
	mapped := false
	for _, r := range c.cloud.OfType(catalog.EC2NATGateway) {
		mapped = mapped || inVpc(r.Str("subnetId")) && r.Str("allocationId") != ""
	}
	for _, r := range c.cloud.OfType(catalog.EC2Instance) {
		mapped = mapped || inVpc(r.Str("subnetId")) && r.Str("publicIp") != ""
	}
	for _, r := range c.cloud.OfType(catalog.EC2EIPAssociation) {
		server := c.cloud.Get(catalog.EC2Instance, r.Str("instanceId"))
		mapped = mapped || server != nil && inVpc(server.Str("subnetId"))
	}
	if mapped {
		return refuse("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", vpc)
	}
	return nil
}
