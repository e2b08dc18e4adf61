package verify

import (
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// kind is a type of resource as the state and as AWS know it.
type kind struct {
	token string // Pulumi's
	kind  string // that AWS is asked for
	id    string // property with the ID to ask for; "": the resource's own
	specs []spec
	more  func(*graph.Graph, *graph.Resource) []fact
}

// spec says which input promises which fact.
type spec struct {
	name, input string
	or          string // another input that says it, if the first is not set
	// otherwise is promised if the input is not set: what the program relies on.
	otherwise string
	form      func(string) string // nil: plain
	mark      func(string) string // makes the input's value a promise; nil: as it is
}

func least(value string) string     { return atLeast + value }
func beginning(value string) string { return value + andMore }

// exact are the sets of which a kind may hold nothing but what is promised.
var exact = map[string][]string{
	"security group": {"rule"},
	"route table":    {"route", "subnet"},
	"network ACL":    {"entry", "subnet"},
	"role":           {"policy"},
	"VPC endpoint":   {"table"},
}

var kinds = append(networkKinds, append(serverKinds, append(dataKinds, managementKinds...)...)...)

var networkKinds = []kind{
	{token: catalog.EC2VPC, kind: "VPC", specs: []spec{
		{name: "range", input: "cidrBlock"},
		{name: "DNS names", input: "enableDnsHostnames"},
		{name: "DNS resolution", input: "enableDnsSupport"},
	}},
	{token: catalog.EC2Subnet, kind: "subnet", specs: []spec{
		{name: "VPC", input: "vpcId"},
		{name: "range", input: "cidrBlock"},
		{name: "zone", input: "availabilityZone"},
		{name: "public addresses", input: "mapPublicIpOnLaunch", otherwise: "false"},
	}},
	{
		token: catalog.EC2InternetGateway,
		kind:  "internet gateway",
		specs: []spec{
			{name: "VPC", input: "vpcId"},
		},
	},
	{token: catalog.EC2NATGateway, kind: "NAT gateway", specs: []spec{
		{name: "subnet", input: "subnetId"},
		{name: "address", input: "allocationId"},
		{name: "state", otherwise: "available"},
	}},
	{
		token: catalog.EC2EIP,
		kind:  "address",
		id:    "allocationId",
		specs: []spec{
			{name: "domain", input: "domain"},
		},
	},
	{
		token: catalog.EC2EIPAssociation,
		kind:  "address",
		id:    "allocationId",
		specs: []spec{
			{name: "server", input: "instanceId"},
		},
	},
	{token: catalog.EC2VPCEndpoint, kind: "VPC endpoint", more: endpointTables, specs: []spec{
		{name: "service", input: "serviceName"},
		{name: "type", input: "vpcEndpointType"},
		{name: "state", otherwise: "available"},
	}},
	{token: catalog.EC2FlowLog, kind: "flow log", specs: []spec{
		{name: "traffic", input: "trafficType"},
		{name: "VPC", input: "vpcId"},
		{name: "destination", input: "logDestination"},
		{name: "state", otherwise: "ACTIVE"},
	}},
	{token: catalog.EC2RouteTable, kind: "route table", more: routes},
	{token: catalog.EC2NetworkACL, kind: "network ACL", more: entries},
	{
		token: catalog.EC2SecurityGroup,
		kind:  "security group",
		more:  rules,
		specs: []spec{
			{name: "VPC", input: "vpcId"},
		},
	},
	{
		token: catalog.EC2DefaultSecurityGroup,
		kind:  "security group",
		more:  rules,
		specs: []spec{
			{name: "VPC", input: "vpcId"},
		},
	},
}

// Of every server: version 2 of the metadata service alone, at one hop.
var serverKinds = []kind{
	{token: catalog.EC2Instance, kind: "server", more: serverState, specs: []spec{
		{name: "type", input: "instanceType"},
		{name: "image", input: "ami"},
		{name: "subnet", input: "subnetId"},
		{name: "security groups", input: "vpcSecurityGroupIds"},
		{name: "metadata tokens", input: "metadataOptions.httpTokens", otherwise: "required"},
		{name: "metadata hops", input: "metadataOptions.httpPutResponseHopLimit", otherwise: "1"},
		{name: "role", input: "iamInstanceProfile"},
		{name: "disk encrypted", input: "rootBlockDevice.encrypted", otherwise: "true"},
		{name: "disk deleted with it", input: "rootBlockDevice.deleteOnTermination"},
		{name: "termination protection", input: "disableApiTermination", otherwise: "false"},
	}},
	{token: catalog.EC2AMIFromInstance, kind: "image", specs: []spec{
		{name: "name", input: "name"},
		{name: "public", otherwise: "false"},
		{name: "state", otherwise: "available"},
	}},
	{token: catalog.EC2LaunchTemplate, kind: "launch template", specs: []spec{
		{name: "type", input: "instanceType"},
		{name: "image", input: "imageId"},
		{name: "security groups", input: "vpcSecurityGroupIds"},
		{name: "metadata tokens", input: "metadataOptions.httpTokens", otherwise: "required"},
		{name: "metadata hops", input: "metadataOptions.httpPutResponseHopLimit", otherwise: "1"},
		{name: "disks encrypted", input: "blockDeviceMappings.0.ebs.encrypted", otherwise: "true"},
		{name: "user data", input: "userData", form: digest},
	}},
	{token: catalog.AutoScalingGroup, kind: "Auto Scaling group", more: groupSize, specs: []spec{
		{name: "least size", input: "minSize"},
		{name: "largest size", input: "maxSize"},
		{name: "subnets", input: "vpcZoneIdentifiers"},
		{name: "health check", input: "healthCheckType"},
		{name: "template", input: "launchTemplate.id", or: catalog.MixedTemplate + ".launchTemplateId"},
		{name: "template version", input: "launchTemplate.version", or: catalog.MixedTemplate + ".version"},
		{name: "refresh under way", otherwise: "none"},
	}},
	{token: catalog.LBLoadBalancer, kind: "load balancer", specs: []spec{
		{name: "internal", input: "internal", otherwise: "false"},
		{name: "security groups", input: "securityGroups"},
		{name: "subnets", input: "subnets"},
		{name: "deletion protection", input: "enableDeletionProtection", otherwise: "false"},
		{name: "drops invalid headers", input: "dropInvalidHeaderFields"},
		{name: "access logs", input: "accessLogs.enabled"},
		{name: "state", otherwise: "active"},
	}},
	{token: catalog.LBListener, kind: "listener", specs: []spec{
		{name: "port", input: "port"},
		{name: "protocol", input: "protocol"},
		{name: "TLS policy", input: "sslPolicy"},
		{name: "certificate", input: "certificateArn"},
		{name: "action", input: "defaultActions.0.type"},
		{name: "redirects to", input: "defaultActions.0.redirect.protocol"},
		{name: "target group", input: "defaultActions.0.targetGroupArn"},
	}},
	{token: catalog.LBTargetGroup, kind: "target group", more: healthyTargets, specs: []spec{
		{name: "port", input: "port"},
		{name: "protocol", input: "protocol"},
		{name: "health check", input: "healthCheck.path"},
		{name: "deregistration delay", input: "deregistrationDelay"},
	}},
}
