package reach

import (
	"net/netip"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Kind is what an endpoint is.
type Kind string

// The kinds of endpoints.
const (
	Internet    Kind = "internet"
	Range       Kind = "range"         // a range that a rule names
	Office      Kind = "office"        // behind a VPN connection
	Stranger    Kind = "other hosts"   // hosts of a subnet that the stack did not make
	CloudFront  Kind = "CloudFront"    // where its VPC origin has interfaces: in each of the balancer's subnets
	Balancer    Kind = "load balancer" // in each of its subnets
	Server      Kind = "server"
	Servers     Kind = "servers"     // of an Auto Scaling group, in each of its subnets
	Database    Kind = "database"    // in each subnet where it may be
	FileSystem  Kind = "file system" // its mount targets
	ObjectStore Kind = "S3"          // by a gateway endpoint
	Interface   Kind = "AWS APIs"    // by interface endpoints, in each of their subnets
	DNSResolver Kind = "VPC DNS"
	TimeService Kind = "NTP"
)

// outside tells whether the endpoint is not in the VPC.
func (k Kind) outside() bool { return k == Internet || k == Range || k == Office || k.passive() }

// passive tells whether the endpoint only answers.
func (k Kind) passive() bool { return k == ObjectStore || k == DNSResolver || k == TimeService }

// Endpoint is one end of a connection. Things that are in several zones have one
// endpoint for each.
type Endpoint struct {
	Kind Kind
	// Name is the kind, with the resource's name if there are several of a kind.
	// Endpoints of one thing in several zones share it.
	Name   string
	Zone   string          // such as eu-west-1a; "" for what is in none
	Subnet string          // name of its subnet; "" outside the VPC
	Of     *graph.Resource // nil for what the stack did not make

	host  host
	wider *Endpoint // what it is a part of, if that is an endpoint too
}

// String is the name with the zone's letter: "servers (a)".
func (e *Endpoint) String() string {
	if e.Zone == "" {
		return e.Name
	}
	return e.Name + " (" + e.Letter() + ")"
}

// Letter is the last letter of the zone's name, or "".
func (e *Endpoint) Letter() string {
	if e.Zone == "" {
		return ""
	}
	return e.Zone[len(e.Zone)-1:]
}

// Address is the endpoint's own, or one that no rule tells from its own.
func (e *Endpoint) Address() netip.Addr { return e.host.addr }

// Groups are the ids of its security groups; none if they let everything through.
func (e *Endpoint) Groups() []string { return e.host.groups }

// Public tells whether it has a public address.
func (e *Endpoint) Public() bool { return e.host.public }

// PrefixList is the id of the list that its address is in, or "".
func (e *Endpoint) PrefixList() string { return e.host.list }

// Outside tells whether it is not in the VPC.
func (e *Endpoint) Outside() bool { return e.host.at == nil }

// service is what AWS runs beside the VPC's own addresses. Security groups and
// network ACLs do not filter it.
//
// Sources:
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
type service struct {
	name      string
	port      int
	protocols string
}

var services = map[Kind]service{
	DNSResolver: {"Route 53 Resolver", 53, "tcp udp"},
	TimeService: {"Amazon Time Sync Service", 123, "udp"},
}

// edge is CloudFront as visitors see it: before the VPC, and open to everybody.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
func edge(of *Endpoint, protocol string, ports span) Verdict {
	v := Verdict{}
	if protocol != "tcp" || ports != (span{80, 80}) && ports != (span{443, 443}) {
		v.refuse("CloudFront listens for HTTP and HTTPS only")
		return v
	}
	v.Allowed = true
	v.allow(AWS, of.Of.Name, "CloudFront takes HTTPS from everybody, and leads HTTP to it")
	return v
}

// decide answers for servers. What AWS itself runs in the VPC does not ask there.
func (s service) decide(n *network, from, to *Endpoint, protocol string, ports span) Verdict {
	v := Verdict{}
	switch {
	case from.Kind != Server && from.Kind != Servers && from.Kind != Stranger:
		v.refuse("only servers in the VPC ask %s", s.name)
	case ports != span{s.port, s.port} || !strings.Contains(s.protocols, protocol):
		v.refuse("%s answers on port %d only (%s)", s.name, s.port, s.protocols)
	default:
		v.Allowed = true
		n.pass(&v, from.host.groups, out, to.host, protocol, ports)
		v.Refused = ""
		v.allow(AWS, s.name, "neither security groups nor network ACLs filter it")
	}
	return v
}
