package timeline

import (
	"slices"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const (
	instanceType = catalog.EC2Instance
	groupType    = catalog.AutoScalingGroup
)

// chosen are inputs that take another resource's name although AWS would let one
// choose the name before that resource exists, and does not look for it: here
// AWS demands no order. Every other value of another resource it demands.
var chosen = []struct{ of, input, from, why string }{
	{catalog.EC2LaunchTemplate, "userData", catalog.SSMParameter, "a template may name a parameter that does not exist yet"},
	{catalog.IAMRolePolicy, "policy", catalog.CloudWatchLogGroup, "a policy may name a log group that does not exist yet"},
	{catalog.RDSInstance, "finalSnapshotIdentifier", catalog.RandomID, "the name of a later snapshot"},
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
	catalog.SSMParameter, catalog.SecretsManagerSecretVersion, catalog.EFSMountTarget, catalog.EFSAccessPoint,
}

// demandedOrder is the table of these classes.
var demandedOrder = []demand{
	{catalog.EC2NATGateway, catalog.EC2InternetGateway, "a NAT gateway starts only in a VPC with an internet gateway", nil},
	{catalog.EC2FlowLog, catalog.IAMRolePolicy, "delivery of flow logs fails without its permission", nil},
	{catalog.LBLoadBalancer, catalog.S3BucketPolicy, "switching access logs on writes a test file", nil},
	{catalog.EC2AMIFromInstance, catalog.SSMAssociation, "the image is of the baked disk", nil},
	{catalog.SSMAssociation, catalog.IAMRolePolicyAttachment, "the agent's permission to take a command", nil},
	{catalog.SSMAssociation, catalog.AutoScalingAttachment, "a server proves that the load balancer finds it healthy", nil},
	{catalog.CloudFrontVPCOrigin, catalog.EC2InternetGateway, "AWS wants one in the VPC, though nothing passes it", nil},
	{catalog.LogDeliveryDestination, catalog.S3BucketPolicy, "AWS asks whether it may write", nil},
	{catalog.S3BucketLoggingV2, catalog.S3BucketPolicy, "S3 asks whether it may write", nil},
	{catalog.EC2EIPAssociation, catalog.SSMAssociation, "visitors would meet a server that does not serve yet", nil},

	{instanceType, catalog.EC2Route, "a booting server installs packages and reports to AWS: its way to the internet", (*demands).onTheWay},
	{instanceType, catalog.EC2RouteTableAssociation, "its way to the internet", (*demands).onTheWay},
	{instanceType, catalog.EC2NetworkACLRule, "its way to the internet", (*demands).onTheWay},
	{instanceType, catalog.VPCSecurityGroupEgressRule, "its way to the internet", (*demands).onTheWay},
	{instanceType, catalog.IAMRolePolicyAttachment, "the agent's permission to report to AWS", nil},
	{instanceType, catalog.IAMRolePolicy, "a server reads its secret at boot; a builder does not", (*demands).serves},
	{instanceType, catalog.SSMParameter, "a server reads its settings at boot", (*demands).serves},
	{instanceType, catalog.SecretsManagerSecretVersion, "a server reads its secret at boot", (*demands).serves},
	{instanceType, catalog.EFSMountTarget, "a server mounts the file system at boot", (*demands).serves},
	{instanceType, catalog.EFSAccessPoint, "a server mounts the file system at boot", (*demands).serves},

	{groupType, catalog.LBListener, "AWS checks the health of targets only if a listener uses them", nil},
	{groupType, catalog.EC2Route, "the servers' way to the internet", (*demands).onTheWay},
	{groupType, catalog.EC2RouteTableAssociation, "the servers' way to the internet", (*demands).onTheWay},
	{groupType, catalog.EC2NetworkACLRule, "no server becomes healthy unless load balancer, database and file system reach each other", nil},
	{groupType, catalog.VPCSecurityGroupIngressRule, "no server becomes healthy without", nil},
	{groupType, catalog.VPCSecurityGroupEgressRule, "no server becomes healthy without", nil},
	{groupType, catalog.IAMRolePolicyAttachment, "the agent's permission to report to AWS", nil},
	{groupType, catalog.IAMRolePolicy, "a server reads its secret at boot", nil},
	{groupType, catalog.SSMParameter, "a server reads its settings, with the database's address, at boot", nil},
	{groupType, catalog.SecretsManagerSecretVersion, "a server reads its secret at boot", nil},
	{groupType, catalog.EFSMountTarget, "a server mounts the file system at boot", nil},
	{groupType, catalog.EFSAccessPoint, "a server mounts the file system at boot", nil},
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
	return d.g.With(catalog.EC2AMIFromInstance, "sourceInstanceId", instance.ID) == nil
}

// onTheWay says that packets between the server and the internet pass there: the
// route tables and ACLs of its subnets, those of the NAT gateway's, and its own
// security groups.
func (d *demands) onTheWay(server, on *graph.Resource) bool {
	if on.Type == catalog.VPCSecurityGroupEgressRule {
		return slices.Contains(server.Texts("vpcSecurityGroupIds"), on.Str("securityGroupId"))
	}
	subnets := append(server.Texts("vpcZoneIdentifiers"), server.Str("subnetId"))
	subnets = append(subnets, d.gatewaySubnets(subnets)...)
	switch on.Type {
	case catalog.EC2RouteTableAssociation:
		return slices.Contains(subnets, on.Str("subnetId"))
	case catalog.EC2Route:
		return slices.ContainsFunc(subnets, func(s string) bool { return d.table(s) == on.Str("routeTableId") })
	default:
		acl := d.g.With(catalog.EC2NetworkACL, "id", on.Str("networkAclId"))
		return acl != nil && slices.ContainsFunc(subnets, func(s string) bool { return slices.Contains(acl.Texts("subnetIds"), s) })
	}
}

// table is the route table of a subnet, or "".
func (d *demands) table(subnet string) string {
	if a := d.g.With(catalog.EC2RouteTableAssociation, "subnetId", subnet); a != nil {
		return a.Str("routeTableId")
	}
	return ""
}

// gatewaySubnets are the subnets of the NAT gateways that the subnets use.
func (d *demands) gatewaySubnets(subnets []string) []string {
	var found []string
	for _, route := range d.g.OfType(catalog.EC2Route) {
		used := slices.ContainsFunc(subnets, func(s string) bool { return s != "" && d.table(s) == route.Str("routeTableId") })
		if nat := d.g.With(catalog.EC2NATGateway, "id", route.Str("natGatewayId")); used && nat != nil {
			found = append(found, nat.Str("subnetId"))
		}
	}
	return found
}
