package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	vpcType      = catalog.EC2VPC
	subnetType   = catalog.EC2Subnet
	instanceType = catalog.EC2Instance
	templateType = catalog.EC2LaunchTemplate
	ingressType  = catalog.VPCSecurityGroupIngressRule
	everywhere   = "0.0.0.0/0"
)

var ec2 = []control{
	{"EC2.2", "VPC default security groups should not allow inbound or outbound traffic", []string{vpcType}, emptyDefaultGroup},
	{"EC2.3", "Attached Amazon EBS volumes should be encrypted at-rest", []string{instanceType},
		must("rootBlockDevice.encrypted", "true", "its root volume is not encrypted")},
	{"EC2.4", "Stopped EC2 instances should be removed after a specified time period", []string{catalog.EC2InstanceState},
		mustNot("state", "stopped", "it stays stopped; AWS allows 30 days")},
	{"EC2.6", "VPC flow logging should be enabled in all VPCs", []string{vpcType}, flowLogs},
	{"EC2.8", "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)", []string{instanceType},
		must("metadataOptions.httpTokens", "required", "it answers version 1 too")},
	{"EC2.9", "Amazon EC2 instances should not have a public IPv4 address", []string{instanceType}, noPublicAddress},
	{"EC2.10", "Amazon EC2 should be configured to use VPC endpoints that are created for the Amazon EC2 service", []string{vpcType}, interfaceEndpoint("ec2")},
	{"EC2.15", "Amazon EC2 subnets should not automatically assign public IP addresses", []string{subnetType},
		mustNot("mapPublicIpOnLaunch", "true", "every server in it gets a public address")},
	{"EC2.16", "Unused Network Access Control Lists should be removed", []string{catalog.EC2NetworkACL}, usedACL},
	{"EC2.17", "Amazon EC2 instances should not use multiple ENIs", []string{instanceType}, func(_ *graph.Graph, r *graph.Resource) string {
		if len(r.Objects("networkInterfaces")) > 1 {
			return "it has several network interfaces"
		}
		return ""
	}},
	{"EC2.18", "Security groups should only allow unrestricted incoming traffic for authorized ports", []string{ingressType}, authorizedPorts},
	{"EC2.19", "Security groups should not allow unrestricted access to ports with high risk", []string{ingressType}, riskyPorts},
	{"EC2.21", "Network ACLs should not allow ingress from 0.0.0.0/0 to port 22 or port 3389", []string{catalog.EC2NetworkACLRule}, adminPorts},
	{"EC2.24", "Amazon EC2 paravirtual instance types should not be used", []string{instanceType}, func(_ *graph.Graph, r *graph.Resource) string {
		if family, _, _ := strings.Cut(r.Str("instanceType"), "."); slices.Contains([]string{"c1", "hi1", "hs1", "m1", "m2", "m3", "t1"}, family) {
			return family + " is a paravirtual type"
		}
		return ""
	}},
	{"EC2.25", "Amazon EC2 launch templates should not assign public IPs to network interfaces", []string{templateType},
		mustNot("networkInterfaces.0.associatePublicIpAddress", "true", "its servers get public addresses")},
	{"EC2.55", "VPCs should be configured with an interface endpoint for ECR API", []string{vpcType}, interfaceEndpoint("ecr.api")},
	{"EC2.56", "VPCs should be configured with an interface endpoint for Docker Registry", []string{vpcType}, interfaceEndpoint("ecr.dkr")},
	{"EC2.57", "VPCs should be configured with an interface endpoint for Systems Manager", []string{vpcType}, interfaceEndpoint("ssm")},
	{"EC2.170", "EC2 launch templates should use Instance Metadata Service Version 2 (IMDSv2)", []string{templateType},
		must("metadataOptions.httpTokens", "required", "its servers answer version 1 too")},
	{"EC2.171", "EC2 VPN connections should have logging enabled", []string{catalog.EC2VPNConnection}, vpnLogs},
	{"EC2.180", "EC2 network interfaces should have source/destination checking enabled", []string{instanceType},
		mustNot("sourceDestCheck", "false", "it takes packets that are not for it")},
	{"EC2.181", "EC2 launch templates should enable encryption for attached EBS volumes", []string{templateType}, encryptedTemplate},
}

func emptyDefaultGroup(g *graph.Graph, vpc *graph.Resource) string {
	group := g.With(catalog.EC2DefaultSecurityGroup, "vpcId", vpc.ID)
	switch {
	case group == nil:
		return "its default security group is AWS' own, whose members may talk to each other and to everybody"
	case len(group.Objects("ingress"))+len(group.Objects("egress")) > 0:
		return "its default security group has rules"
	}
	return ""
}

func flowLogs(g *graph.Graph, vpc *graph.Resource) string {
	log := g.With(catalog.EC2FlowLog, "vpcId", vpc.ID)
	if log == nil || log.Str("trafficType") == "ACCEPT" {
		return "no flow log records what it refuses"
	}
	return ""
}

func noPublicAddress(g *graph.Graph, instance *graph.Resource) string {
	if g.With(catalog.EC2EIPAssociation, "instanceId", instance.ID) != nil {
		return "it has an Elastic IP"
	}
	if instance.True("associatePublicIpAddress") {
		return "it asks for a public address"
	}
	return ""
}

func interfaceEndpoint(service string) func(*graph.Graph, *graph.Resource) string {
	return func(g *graph.Graph, vpc *graph.Resource) string {
		for _, e := range g.OfType(catalog.EC2VPCEndpoint) {
			if e.Str("vpcId") == vpc.ID && e.Str("vpcEndpointType") == "Interface" && e.Str("serviceName") == "com.amazonaws."+g.Region+"."+service {
				return ""
			}
		}
		return "it has no interface endpoint for " + service
	}
}

func usedACL(_ *graph.Graph, acl *graph.Resource) string {
	if len(acl.Texts("subnetIds")) > 0 {
		return ""
	}
	return "no subnet uses it"
}

// spans says whether a rule's ports include the port; protocol -1 has them all.
func spans(r *graph.Resource, protocol string, port int) bool {
	return protocol == "-1" || r.Int("fromPort") <= port && port <= r.Int("toPort")
}

func open(r *graph.Resource) bool {
	return r.Str("cidrIpv4") == everywhere || r.Str("cidrIpv6") == "::/0"
}

// authorizedPorts takes AWS' default: 80 and 443.
func authorizedPorts(_ *graph.Graph, rule *graph.Resource) string {
	from, to := rule.Int("fromPort"), rule.Int("toPort")
	if !open(rule) || from == to && (from == 80 || from == 443) {
		return ""
	}
	return fmt.Sprintf("everybody may reach ports %d to %d", from, to)
}

// The ports that AWS calls risky.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19
var risky = []int{
	20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
}

func riskyPorts(_ *graph.Graph, rule *graph.Resource) string {
	i := slices.IndexFunc(risky, func(port int) bool { return open(rule) && spans(rule, rule.Str("ipProtocol"), port) })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("everybody may reach port %d", risky[i])
}

func adminPorts(_ *graph.Graph, rule *graph.Resource) string {
	if rule.True("egress") || rule.Str("ruleAction") != "allow" || rule.Str("cidrBlock") != everywhere || rule.Str("protocol") == "udp" || rule.Str("protocol") == "17" {
		return ""
	}
	for _, port := range []int{22, 3389} {
		if spans(rule, rule.Str("protocol"), port) {
			return fmt.Sprintf("it lets everybody's packets in to port %d", port)
		}
	}
	return ""
}

func vpnLogs(_ *graph.Graph, vpn *graph.Resource) string {
	for _, tunnel := range []string{"tunnel1LogOptions", "tunnel2LogOptions"} {
		if !vpn.True(tunnel + ".cloudwatchLogOptions.logEnabled") {
			return "its tunnels are not logged"
		}
	}
	return ""
}

func encryptedTemplate(_ *graph.Graph, template *graph.Resource) string {
	for _, device := range template.Objects("blockDeviceMappings") {
		if !device.True("ebs.encrypted") {
			return "a volume of its servers is not encrypted"
		}
	}
	return ""
}
