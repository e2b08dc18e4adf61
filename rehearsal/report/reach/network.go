package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// network is what decides about packets: subnets with their routes and ACLs,
// and security groups. IPv4 only; lists are in the order of creation.
type network struct {
	vpc     []netip.Prefix
	subnets []*subnet
	groups  map[string][]rule // by group id; a group without rules lets nothing through
	// ephemeral is what ports answers come back to, if the host has none of its own.
	ephemeral []span
}

type subnet struct {
	name, zone, id string
	cidr           netip.Prefix
	acl            *acl
	routes         []route
}

// acl is a network ACL: the entries of a direction in the order of their
// numbers, of which the first that matches decides.
type acl struct {
	name    string
	entries map[direction][]rule
}

func (a *acl) sort() {
	for _, entries := range a.entries {
		slices.SortStableFunc(entries, func(x, y rule) int { return cmp.Compare(x.number, y.number) })
	}
}

type direction string

const (
	in  direction = "in"
	out direction = "out"
)

func (d direction) back() direction {
	if d == in {
		return out
	}
	return in
}

// span is a range of ports, both ends included.
type span struct{ from, to int }

var everyPort = span{0, 65535}

// What answers come back to: load balancers, NAT gateways and clients use all ports from
// 1024 on, and a Debian server its own. 3389 counts as none, for the network ACLs keep
// it closed to everybody: who happens to ask from there asks again.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
var (
	ephemeral    = []span{{1024, 3388}, {3390, 65535}}
	ofTheServers = []span{{32768, 60999}}
)

func (s span) String() string {
	switch {
	case s == everyPort:
		return "all"
	case s.from == s.to:
		return fmt.Sprint(s.from)
	}
	return fmt.Sprintf("%d-%d", s.from, s.to)
}

func (s span) overlaps(o span) bool { return s.from <= o.to && o.from <= s.to }

// minus is what is left of s without o.
func (s span) minus(o span) []span {
	if !s.overlaps(o) {
		return []span{s}
	}
	var left []span
	if s.from < o.from {
		left = append(left, span{s.from, o.from - 1})
	}
	if o.to < s.to {
		left = append(left, span{o.to + 1, s.to})
	}
	return left
}

// rule is a rule of a security group or an entry of a network ACL. Its peer is
// a range, a group or a prefix list.
type rule struct {
	name      string // of the resource
	direction direction
	number    int    // an ACL's
	deny      bool   // an ACL's
	protocol  string // tcp, udp or -1 for every protocol
	ports     span
	cidr      netip.Prefix
	group     string
	list      string
	note      string
}

func (r rule) speaks(protocol string) bool {
	return r.protocol == protocol || r.protocol == anyProtocol
}

// names tells whether the rule's peer is the host.
func (r rule) names(h host) bool {
	switch {
	case r.group != "":
		return slices.Contains(h.groups, r.group)
	case r.list != "":
		return r.list == h.list
	}
	return r.cidr.IsValid() && r.cidr.Contains(h.addr)
}

func (r rule) text() string {
	peer := r.note
	if r.cidr.IsValid() {
		peer = r.cidr.String()
	}
	word, verb := map[direction]string{in: "from", out: "to"}[r.direction], "allow "
	if r.deny {
		verb = "deny "
	}
	protocol := r.protocol + " "
	if r.protocol == anyProtocol {
		protocol = ""
	}
	return fmt.Sprintf("%s%s %s%s %s %s", verb, r.direction, protocol, r.ports, word, peer)
}

const anyProtocol = "-1"

// Where a route leads.
type target string

const (
	local    target = "local"
	internet target = "internet gateway"
	nat      target = "NAT gateway"
	office   target = "virtual private gateway"
	endpoint target = "gateway endpoint"
)

type route struct {
	name string
	to   netip.Prefix
	list string // the prefix list of a gateway endpoint
	via  target
	home *subnet // of a NAT gateway
}

func (r route) text() string {
	if r.list != "" {
		return r.list + " to the " + string(r.via)
	}
	if r.via == local {
		return r.to.String() + " is within the VPC"
	}
	return r.to.String() + " to the " + string(r.via)
}

// host is one address with all that decides about its packets.
type host struct {
	addr   netip.Addr
	at     *subnet // nil outside the VPC
	groups []string
	open   bool   // its own security groups, whatever they are, let everything through
	public bool   // it has a public address
	list   string // the prefix list that it belongs to
	ports  []span // that it asks from; nil: the network's ephemeral ones
}

// toward is the route that packets from the subnet to the host take: the most
// specific one. Nothing is more specific than the VPC itself.
func (n *network) toward(from *subnet, to host) (route, bool) {
	for _, vpc := range n.vpc {
		if vpc.Contains(to.addr) && to.list == "" {
			return route{name: "local", to: vpc, via: local}, true
		}
	}
	best, found := route{}, false
	for _, r := range from.routes {
		switch {
		case r.list != "":
			if r.list == to.list {
				return r, true
			}
		case r.to.Contains(to.addr) && (!found || r.to.Bits() > best.to.Bits()):
			best, found = r, true
		}
	}
	return best, found
}
