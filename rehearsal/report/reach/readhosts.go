package reach

import (
	"net/netip"
	"slices"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// clock is the address of the time service.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html
var clock = netip.MustParseAddr("169.254.169.123")

// resolver is the base of the VPC's range plus two.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
func resolver(vpc netip.Prefix) netip.Addr { return vpc.Addr().Next().Next() }

// edges: CloudFront has an interface in each subnet of the balancer that its VPC origin
// leads to, at an address that no server has. It comes from the list of its addresses,
// the only list that the balancer's group can name.
func (r *reader) edges() {
	for _, distribution := range r.g.OfType(catalog.CloudFrontDistribution) {
		for _, origin := range r.g.OfType(catalog.CloudFrontVPCOrigin) {
			uses := func(o graph.Properties) bool { return o.Str("vpcOriginConfig.vpcOriginId") == origin.ID }
			if !slices.ContainsFunc(distribution.Objects("origins"), uses) {
				continue
			}
			lb := r.g.With(catalog.LBLoadBalancer, "arn", origin.Str("vpcOriginEndpointConfig.arn"))
			if lb == nil {
				continue
			}
			for _, id := range lb.Texts("subnets") {
				if s := r.n.subnet(id); s != nil {
					r.add(&Endpoint{
						Kind: CloudFront, Name: string(CloudFront), Zone: s.zone, Subnet: s.name, Of: distribution,
						host: host{addr: aside(s.cidr, 251), at: s, open: true, list: r.listOf(lb)},
					})
				}
			}
		}
	}
}

// listOf is the prefix list that may reach a balancer, or "".
func (r *reader) listOf(lb *graph.Resource) string {
	for _, rule := range r.g.OfType(ingressType) {
		if list := rule.Str("prefixListId"); list != "" && slices.Contains(lb.Texts("securityGroups"), rule.Str("securityGroupId")) {
			return list
		}
	}
	return ""
}

// aside is an address near the end of a subnet's first 256.
func aside(subnet netip.Prefix, n byte) netip.Addr {
	address := subnet.Addr().As4()
	address[3] += n
	return netip.AddrFrom4(address)
}

func (r *reader) balancers() {
	for _, lb := range r.g.OfType(catalog.LBLoadBalancer) {
		for _, id := range lb.Texts("subnets") {
			r.place(Balancer, lb, id, "", lb.Texts("securityGroups"), !lb.True("internal"))
		}
	}
}

// servers: instances, and the groups' servers, which have no records of their
// own. A server that the stack keeps stopped talks to nobody.
func (r *reader) servers() {
	for _, i := range r.g.OfType(catalog.EC2Instance) {
		if state := r.g.With(catalog.EC2InstanceState, "instanceId", i.ID); state != nil && state.Str("state") == "stopped" {
			continue
		}
		public := i.True("associatePublicIpAddress") || i.Str("publicIp") != "" ||
			r.g.With(catalog.EC2EIPAssociation, "instanceId", i.ID) != nil
		r.place(Server, i, i.Str("subnetId"), i.Str("privateIp"), i.Texts("vpcSecurityGroupIds"), public)
	}
	for _, group := range r.g.OfType(catalog.AutoScalingGroup) {
		template := r.g.Template(group)
		if template == nil {
			continue
		}
		groups := append(template.Texts("vpcSecurityGroupIds"), template.Texts("networkInterfaces.0.securityGroups")...)
		for _, id := range group.Texts("vpcZoneIdentifiers") {
			public := template.True("networkInterfaces.0.associatePublicIpAddress")
			if subnet := r.g.With(subnetType, "id", id); subnet != nil {
				public = public || subnet.True("mapPublicIpOnLaunch")
			}
			r.place(Servers, group, id, "", groups, public)
		}
	}
}

func (r *reader) databases() {
	for _, db := range r.g.OfType(catalog.RDSInstance) {
		subnets := r.g.With(catalog.RDSSubnetGroup, "name", db.Str("dbSubnetGroupName"))
		if subnets == nil {
			continue
		}
		for _, id := range subnets.Texts("subnetIds") {
			r.place(Database, db, id, "", db.Texts("vpcSecurityGroupIds"), db.True("publiclyAccessible"))
		}
	}
}

func (r *reader) fileSystems() {
	for _, target := range r.g.OfType(catalog.EFSMountTarget) {
		r.place(FileSystem, target, target.Str("subnetId"), target.Str("ipAddress"), target.Texts("securityGroups"), false)
	}
}

// besides: what AWS runs beside the VPC.
func (r *reader) besides() {
	for _, e := range r.g.OfType(endpointType) {
		if e.Str("vpcEndpointType") == "Interface" {
			r.interfaces(e)
		}
		if e.Str("vpcEndpointType") == "Gateway" {
			if everybody := r.first(Internet); everybody != nil {
				r.add(&Endpoint{Kind: ObjectStore, Name: storeName(e), Of: e, host: host{addr: everybody.host.addr, list: prefixList(e)}})
			}
		}
	}
	if r.g.OfType(vpcType)[0].Str("enableDnsSupport") != "false" {
		r.add(&Endpoint{Kind: DNSResolver, Name: string(DNSResolver), host: host{addr: resolver(r.n.vpc[0])}})
	}
	r.add(&Endpoint{Kind: TimeService, Name: string(TimeService), host: host{addr: clock}})
}

// interfaces: those of several services have the same group, so one stands for all in a
// subnet, at an address that no server has.
func (r *reader) interfaces(e *graph.Resource) {
	for _, id := range e.Texts("subnetIds") {
		subnet := r.n.subnet(id)
		if subnet == nil || slices.ContainsFunc(r.found, func(o *Endpoint) bool { return o.Kind == Interface && o.Subnet == subnet.name }) {
			continue
		}
		r.place(Interface, e, id, aside(subnet.cidr, 250).String(), e.Texts("securityGroupIds"), false)
	}
}

// storeName: the two services that have gateway endpoints are S3 and DynamoDB.
func storeName(e *graph.Resource) string {
	service := e.Str("serviceName")
	if len(service) > 8 && service[len(service)-8:] == "dynamodb" {
		return "DynamoDB"
	}
	return string(ObjectStore)
}
