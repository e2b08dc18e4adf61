package timeline

import (
	"slices"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	instanceType = "aws:ec2/instance:Instance"
	groupType    = "aws:autoscaling/group:Group"
)

// chosen are inputs that take another resource's name although AWS would let one
// choose the name before that resource exists, and does not look for it: here
// AWS demands no order. Every other value of another resource it demands.
var chosen = []struct{ of, input, from, why string }{
	{"aws:ec2/launchTemplate:LaunchTemplate", "userData", "aws:ssm/parameter:Parameter", "a template may name a parameter that does not exist yet"},
	{"aws:iam/rolePolicy:RolePolicy", "policy", "aws:cloudwatch/logGroup:LogGroup", "a policy may name a log group that does not exist yet"},
	{"aws:rds/instance:Instance", "finalSnapshotIdentifier", "random:index/randomId:RandomId", "the name of a later snapshot"},
}

// demand is a class of order that AWS demands beyond the values of inputs: what
// the service does with the resource fails, or never ends, without the other.
type demand struct {
	of, on string // types
	why    string
	// holds tells whether this one needs that one; nil: always.
	holds func(d *demands, of, on *graph.Resource) bool
}

// atBoot are the types whose content a serving server reads when it boots. AWS
// would start the server without; its boot would fail, or never become healthy.
var atBoot = []string{
	"aws:ssm/parameter:Parameter", "aws:secretsmanager/secretVersion:SecretVersion", "aws:efs/mountTarget:MountTarget", "aws:efs/accessPoint:AccessPoint",
}

// demandedOrder is the table of these classes.
var demandedOrder = []demand{
	{"aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway", "a NAT gateway starts only in a VPC with an internet gateway", nil},
	{"aws:ec2/flowLog:FlowLog", "aws:iam/rolePolicy:RolePolicy", "delivery of flow logs fails without its permission", nil},
	{"aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucketPolicy:BucketPolicy", "switching access logs on writes a test file", nil},
	{"aws:ec2/amiFromInstance:AmiFromInstance", "aws:ssm/association:Association", "the image is of the baked disk", nil},
	{"aws:ssm/association:Association", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "the agent's permission to take a command", nil},
	{"aws:ec2/eipAssociation:EipAssociation", "aws:ssm/association:Association", "visitors would meet a server that does not serve yet", nil},

	{instanceType, "aws:ec2/route:Route", "a booting server installs packages and reports to AWS: its way to the internet", (*demands).onTheWay},
	{instanceType, "aws:ec2/routeTableAssociation:RouteTableAssociation", "its way to the internet", (*demands).onTheWay},
	{instanceType, "aws:ec2/networkAclRule:NetworkAclRule", "its way to the internet", (*demands).onTheWay},
	{instanceType, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "its way to the internet", (*demands).onTheWay},
	{instanceType, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "the agent's permission to report to AWS", nil},
	{instanceType, "aws:iam/rolePolicy:RolePolicy", "a server reads its secret at boot; a builder does not", (*demands).serves},
	{instanceType, "aws:ssm/parameter:Parameter", "a server reads its settings at boot", (*demands).serves},
	{instanceType, "aws:secretsmanager/secretVersion:SecretVersion", "a server reads its secret at boot", (*demands).serves},
	{instanceType, "aws:efs/mountTarget:MountTarget", "a server mounts the file system at boot", (*demands).serves},
	{instanceType, "aws:efs/accessPoint:AccessPoint", "a server mounts the file system at boot", (*demands).serves},

	{groupType, "aws:lb/listener:Listener", "AWS checks the health of targets only if a listener uses them", nil},
	{groupType, "aws:ec2/route:Route", "the servers' way to the internet", (*demands).onTheWay},
	{groupType, "aws:ec2/routeTableAssociation:RouteTableAssociation", "the servers' way to the internet", (*demands).onTheWay},
	{groupType, "aws:ec2/networkAclRule:NetworkAclRule", "no server becomes healthy unless load balancer, database and file system reach each other", nil},
	{groupType, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "no server becomes healthy without", nil},
	{groupType, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "no server becomes healthy without", nil},
	{groupType, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "the agent's permission to report to AWS", nil},
	{groupType, "aws:iam/rolePolicy:RolePolicy", "a server reads its secret at boot", nil},
	{groupType, "aws:ssm/parameter:Parameter", "a server reads its settings, with the database's address, at boot", nil},
	{groupType, "aws:secretsmanager/secretVersion:SecretVersion", "a server reads its secret at boot", nil},
	{groupType, "aws:efs/mountTarget:MountTarget", "a server mounts the file system at boot", nil},
	{groupType, "aws:efs/accessPoint:AccessPoint", "a server mounts the file system at boot", nil},
}

// demands answers what AWS demands of a stack's resources.
type demands struct {
	g     *graph.Graph
	cache map[*graph.Resource][]*graph.Resource
	// bare leaves out what servers read at boot.
	bare bool
}

func newDemands(g *graph.Graph, bare bool) *demands {
	return &demands{g: g, cache: map[*graph.Resource][]*graph.Resource{}, bare: bare}
}

// of lists what must exist before the resource can, of what the program says
// that it needs.
func (d *demands) of(r *graph.Resource) []*graph.Resource {
	if known, ok := d.cache[r]; ok {
		return known
	}
	var needs []*graph.Resource
	for _, on := range r.Needs {
		if d.value(r, on) || d.order(r, on) {
			needs = append(needs, on)
		}
	}
	d.cache[r] = needs
	return needs
}

// value says that an input takes a value that exists only when the other does.
func (d *demands) value(r, on *graph.Resource) bool {
	for input, from := range r.NeedsFor {
		if !slices.Contains(from, on) {
			continue
		}
		free := d.bare && r.Type == instanceType && input == "userData"
		for _, c := range chosen {
			free = free || c.of == r.Type && c.input == input && c.from == on.Type
		}
		if !free {
			return true
		}
	}
	return false
}

func (d *demands) order(r, on *graph.Resource) bool {
	if d.bare && slices.Contains(atBoot, on.Type) {
		return false
	}
	return slices.ContainsFunc(demandedOrder, func(o demand) bool {
		return o.of == r.Type && o.on == on.Type && (o.holds == nil || o.holds(d, r, on))
	})
}

// serves says that an instance is a server and not a builder, of which an image
// is made.
func (d *demands) serves(instance, _ *graph.Resource) bool {
	return d.g.With("aws:ec2/amiFromInstance:AmiFromInstance", "sourceInstanceId", instance.ID) == nil
}

// onTheWay says that packets between the server and the internet pass there: the
// route tables and ACLs of its subnets, those of the NAT gateway's, and its own
// security groups.
func (d *demands) onTheWay(server, on *graph.Resource) bool {
	if on.Type == "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule" {
		return slices.Contains(server.Texts("vpcSecurityGroupIds"), on.Str("securityGroupId"))
	}
	subnets := append(server.Texts("vpcZoneIdentifiers"), server.Str("subnetId"))
	subnets = append(subnets, d.gatewaySubnets(subnets)...)
	switch on.Type {
	case "aws:ec2/routeTableAssociation:RouteTableAssociation":
		return slices.Contains(subnets, on.Str("subnetId"))
	case "aws:ec2/route:Route":
		return slices.ContainsFunc(subnets, func(s string) bool { return d.table(s) == on.Str("routeTableId") })
	default:
		acl := d.g.With("aws:ec2/networkAcl:NetworkAcl", "id", on.Str("networkAclId"))
		return acl != nil && slices.ContainsFunc(subnets, func(s string) bool { return slices.Contains(acl.Texts("subnetIds"), s) })
	}
}

// table is the route table of a subnet, or "".
func (d *demands) table(subnet string) string {
	if a := d.g.With("aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", subnet); a != nil {
		return a.Str("routeTableId")
	}
	return ""
}

// gatewaySubnets are the subnets of the NAT gateways that the subnets use.
func (d *demands) gatewaySubnets(subnets []string) []string {
	var found []string
	for _, route := range d.g.OfType("aws:ec2/route:Route") {
		used := slices.ContainsFunc(subnets, func(s string) bool { return s != "" && d.table(s) == route.Str("routeTableId") })
		if nat := d.g.With("aws:ec2/natGateway:NatGateway", "id", route.Str("natGatewayId")); used && nat != nil {
			found = append(found, nat.Str("subnetId"))
		}
	}
	return found
}
