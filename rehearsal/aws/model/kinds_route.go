package model

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

var routeKinds = []Kind{
	{
		Token: catalog.EC2RouteTable, ID: "rtb-{hex17}",
		Outputs: []string{"arn", ec2Arn + "route-table/{id}", "ownerId", "{account}"},
		Refs: []Ref{
			vpcRef, {Path: "routes[*].gatewayId", To: catalog.EC2InternetGateway}, {Path: "routes[*].natGatewayId", To: catalog.EC2NATGateway},
			{Path: "propagatingVgws[*]", To: catalog.EC2VPNGateway},
		},
		Sets: []string{"routes", "propagatingVgws"},
	},
	{
		Token: catalog.EC2Route, ID: "r-{.routeTableId}{digits10}",
		Outputs: []string{"state", "active", "origin", "CreateRoute"},
		Refs: []Ref{
			{Path: "routeTableId", To: catalog.EC2RouteTable}, {Path: "natGatewayId", To: catalog.EC2NATGateway},
			{Path: "gatewayId", To: catalog.EC2InternetGateway, Outside: func(v string) bool { return !strings.HasPrefix(v, "igw-") }},
		},
		Rules: []Rule{
			exactlyOne("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
			exactlyOne("gatewayId", "natGatewayId", "networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
				"egressOnlyGatewayId", "carrierGatewayId", "localGatewayId", "coreNetworkArn"),
			cidr("destinationCidrBlock", 0, 32),
		},
		Unique: []Unique{{
			Paths: []string{"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"},
			Code:  "RouteAlreadyExists", What: "the route",
		}},
		Apply: sameNetworkForRoute,
	},
	{
		Token: catalog.EC2RouteTableAssociation, ID: "rtbassoc-{hex17}",
		Refs: []Ref{
			{Path: "routeTableId", To: catalog.EC2RouteTable}, {Path: "subnetId", To: catalog.EC2Subnet}, {Path: "gatewayId", To: catalog.EC2InternetGateway},
		},
		Rules:  []Rule{exactlyOne("subnetId", "gatewayId")},
		Unique: []Unique{{Paths: []string{"subnetId", "gatewayId"}, Code: "Resource.AlreadyAssociated", What: "a route table association"}},
		Apply: func(c *change) error {
			table := c.cloud.Get(catalog.EC2RouteTable, str(c.in, "routeTableId"))
			return sameVpc(c, table.Str("vpcId"), str(c.in, "subnetId"))
		},
	},
	{
		Token: catalog.EC2NATGateway, ID: "nat-{hex17}",
		Outputs:  []string{"networkInterfaceId", "eni-{hex17}", "associationId", "eipassoc-{hex17}"},
		Defaults: map[string]any{"connectivityType": "public"},
		Refs:     []Ref{{Path: "subnetId", To: catalog.EC2Subnet}, {Path: "allocationId", To: catalog.EC2EIP}},
		Rules: []Rule{
			oneOf("connectivityType", "public", "private"),
			when("connectivityType", "public", required("allocationId")),
		},
		Apply: func(c *change) error {
			if str(c.in, "connectivityType") == "private" {
				return nil
			}
			if alloc := str(c.in, "allocationId"); addressInUse(c.cloud, alloc, c.id) {
				return refuse("Resource.AlreadyAssociated", "resource %s is already associated", alloc)
			}
			return needInternetGateway(c.cloud, c.subnet(str(c.in, "subnetId")).Str("vpcId"))
		},
		Fill: func(c *change) {
			c.setIfAbsent("privateIp", freePrivateIP(c, "privateIp", str(c.out, "subnetId")))
			if eip := c.cloud.Get(catalog.EC2EIP, str(c.out, "allocationId")); eip != nil {
				c.set("publicIp", eip.Str("publicIp"))
			}
		},
	},
	{
		Token: catalog.EC2VPCEndpoint, ID: "vpce-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "vpc-endpoint/{id}", "ownerId", "{account}", "state", "available", "prefixListId", "pl-{hex8}", "ipAddressType", "ipv4"},
		Defaults: map[string]any{"vpcEndpointType": "Gateway"},
		Refs: []Ref{
			vpcRef, {Path: "routeTableIds[*]", To: catalog.EC2RouteTable}, {Path: "subnetIds[*]", To: catalog.EC2Subnet}, {Path: "securityGroupIds[*]", To: catalog.EC2SecurityGroup},
		},
		Sets: []string{"routeTableIds", "subnetIds", "securityGroupIds"},
		Rules: []Rule{
			required("serviceName"), matches("serviceName", `^com\.amazonaws(\.cn)?\.[a-z0-9-]+\..+`, "a service's full name, com.amazonaws.REGION.SERVICE"),
			oneOf("vpcEndpointType", "Gateway", "Interface"), isJSON("policy"),
			when("vpcEndpointType", "Gateway", matches("serviceName", `\.(s3|dynamodb)$`, "s3 or dynamodb for a gateway endpoint")),
		},
		Unique: []Unique{{Paths: []string{"vpcId", "serviceName", "vpcEndpointType"}, Code: "RouteAlreadyExists", What: "an endpoint for the service"}},
		Apply: func(c *change) error {
			if !strings.Contains(str(c.in, "serviceName"), "."+c.region+".") {
				return refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", str(c.in, "serviceName"))
			}
			return nil
		},
	},
	{
		Token: catalog.EC2FlowLog, ID: "fl-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "vpc-flow-log/{id}"},
		Defaults: map[string]any{"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
		Refs: []Ref{
			vpcRef, {Path: "subnetId", To: catalog.EC2Subnet}, {Path: "iamRoleArn", To: catalog.IAMRole, By: "arn", Loose: true},
			{Path: "logDestination", To: catalog.CloudWatchLogGroup, By: "arn", Loose: true, Outside: func(v string) bool { return strings.Contains(v, ":s3:") }},
		},
		Rules: []Rule{
			exactlyOne("vpcId", "subnetId", "eniId", "transitGatewayId", "transitGatewayAttachmentId"), oneOf("trafficType", "ACCEPT", "REJECT", "ALL"),
			oneOf("logDestinationType", "cloud-watch-logs", "s3", "kinesis-data-firehose"),
			when("logDestinationType", "cloud-watch-logs", required("iamRoleArn"), atLeastOne("logDestination", "logGroupName")),
			func(in resource.PropertyMap) []failure {
				if n := num(in, "maxAggregationInterval"); n != 60 && n != 600 {
					return fail("maxAggregationInterval", "expected 60 or 600, got %d", n)
				}
				return nil
			},
		},
		Unique: []Unique{{
			Paths: []string{"vpcId", "subnetId", "eniId", "trafficType", "logDestination"}, Code: "FlowLogAlreadyExists", What: "a flow log",
		}},
	},
}

func sameNetworkForRoute(c *change) error {
	table := c.cloud.Get(catalog.EC2RouteTable, str(c.in, "routeTableId"))
	if table == nil { // a VPC's own main route table
		return nil
	}
	vpc := table.Str("vpcId")
	if gw := c.cloud.Get(catalog.EC2InternetGateway, str(c.in, "gatewayId")); gw != nil && gw.Str("vpcId") != vpc {
		return refuse("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", table.ID, gw.ID)
	}
	if nat := c.cloud.Get(catalog.EC2NATGateway, str(c.in, "natGatewayId")); nat != nil {
		return sameVpc(c, vpc, nat.Str("subnetId"))
	}
	return nil
}

// sameVpc refuses subnets that are not in the VPC.
func sameVpc(c *change, vpc string, subnets ...string) error {
	for _, id := range subnets {
		if s := c.subnet(id); s != nil && vpc != "" && s.Str("vpcId") != vpc {
			return refuse("InvalidParameterValue", "subnet %s and VPC %s belong to different networks", id, vpc)
		}
	}
	return nil
}
