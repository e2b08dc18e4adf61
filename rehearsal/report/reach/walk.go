package reach

import (
	"net/netip"
	"slices"
)

// crossing is where a packet passes a network ACL, and who is at its other end.
// The answer passes the same places in the other direction.
type crossing struct {
	at        *subnet
	direction direction
	peer      host
}

// walk follows a connection from one host to a port of another. All ports of the
// span must be the same to every rule.
func (n *network) walk(from, to host, protocol string, ports span) Verdict {
	w := &Verdict{}
	if n.leave(w, from, to, protocol, ports) {
		if path, ok := n.path(w, from, to); ok {
			w.Allowed = n.cross(w, path, protocol, ports) && n.enter(w, from, to, protocol, ports) && n.answer(w, path, protocol, from.ports)
		}
	}
	if !w.Allowed {
		w.By = nil
	}
	return *w
}

func (n *network) leave(w *Verdict, from, to host, protocol string, ports span) bool {
	return from.at == nil || from.open || n.pass(w, from.groups, out, to, protocol, ports)
}

func (n *network) enter(w *Verdict, from, to host, protocol string, ports span) bool {
	return to.at == nil || to.open || n.pass(w, to.groups, in, from, protocol, ports)
}

// pass asks the security groups: one rule of one group is enough.
func (n *network) pass(w *Verdict, groups []string, d direction, peer host, protocol string, ports span) bool {
	for _, group := range groups {
		for _, r := range n.groups[group] {
			if r.direction == d && r.speaks(protocol) && r.ports.overlaps(ports) && r.names(peer) {
				w.allow(SecurityGroup, r.name, r.text())
				return true
			}
		}
	}
	return w.refuse("no rule of the security group allows %s %s %s", protocol, ports, d)
}

// path finds the way, there and back, and the ACLs on it.
func (n *network) path(w *Verdict, from, to host) ([]crossing, bool) {
	switch {
	case from.at != nil && from.at == to.at:
		return nil, true // within a subnet there is neither a route nor an ACL
	case from.at != nil && to.at != nil:
		if within, ok := n.toward(from.at, to); ok {
			w.follow(within)
		}
		return []crossing{{from.at, out, to}, {to.at, in, from}}, true
	case from.at != nil:
		return n.outward(w, from, to)
	case to.at != nil:
		return n.inward(w, from, to)
	}
	return nil, w.refuse("neither end is in the VPC")
}

// outward leads out of the VPC. A NAT gateway is one more hop: packets pass the
// ACL of its subnet too, from the server and with the far end's true address.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html
func (n *network) outward(w *Verdict, from, to host) ([]crossing, bool) {
	r, ok := n.toward(from.at, to)
	path := []crossing{{from.at, out, to}}
	if ok && r.via == nat {
		w.follow(r)
		path = append(path, crossing{r.home, in, from}, crossing{r.home, out, to})
		gateway := host{at: r.home, public: true}
		if r, ok = n.toward(r.home, to); ok && r.via != internet {
			ok = false
		}
		from = gateway
	}
	switch {
	case !ok:
		return nil, w.refuse("%s has no route to %s", from.at.name, to.addr)
	case r.via == internet && reserved(to.addr):
		return nil, w.refuse("%s is a private address, and %s leads to the internet", to.addr, r.name)
	case r.via == internet && !from.public:
		return nil, w.refuse("it has no public address, and %s leads to the internet gateway", r.name)
	}
	w.follow(r)
	return path, true
}

// inward leads into the VPC. The answer must find the same way out.
func (n *network) inward(w *Verdict, from, to host) ([]crossing, bool) {
	r, ok := n.toward(to.at, from)
	switch {
	case !ok:
		return nil, w.refuse("%s has no route back to %s", to.at.name, from.addr)
	case r.via == nat, r.via == endpoint:
		return nil, w.refuse("nothing comes in by a %s, where %s leads", r.via, r.name)
	case r.via == internet && reserved(from.addr):
		return nil, w.refuse("%s is a private address and not on the internet", from.addr)
	case r.via == internet && !to.public:
		return nil, w.refuse("it has no public address")
	}
	w.follow(r)
	return []crossing{{to.at, in, from}}, true
}

func (n *network) cross(w *Verdict, path []crossing, protocol string, ports span) bool {
	for _, c := range path {
		if !c.at.filter(w, c.direction, c.peer, protocol, ports) {
			return w.refuse("the network ACL of %s refuses %s %s %s", c.at.name, protocol, ports, c.direction)
		}
	}
	return true
}

// answer: a network ACL knows no connections, so the answer must pass too, on
// whatever port it goes to.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
func (n *network) answer(w *Verdict, path []crossing, protocol string, asker []span) bool {
	const beyondNAT = 2 // the place in the path where a NAT gateway asks in the server's name
	for i, c := range slices.Backward(path) {
		ports := asker
		if i == beyondNAT || ports == nil {
			ports = n.ephemeral
		}
		for _, p := range ports {
			if !c.at.filter(w, c.direction.back(), c.peer, protocol, p) {
				return w.refuse("the network ACL of %s refuses the answer: %s %s %s", c.at.name, protocol, p, c.direction.back())
			}
		}
	}
	return true
}

// filter tells whether the subnet's ACL lets all the ports through. Each port is
// decided by the first entry that names it. Without an ACL of its own a subnet
// has the VPC's default one, which lets everything through.
func (s *subnet) filter(w *Verdict, d direction, peer host, protocol string, ports span) bool {
	if s.acl == nil {
		w.allow(NetworkACL, "default network ACL", "allow "+string(d)+" all")
		return true
	}
	open := []span{ports}
	for _, e := range s.acl.entries[d] {
		if len(open) == 0 {
			break
		}
		if !e.speaks(protocol) || !e.names(peer) {
			continue
		}
		var left []span
		for _, o := range open {
			left = append(left, o.minus(e.ports)...)
		}
		if slices.Equal(left, open) {
			continue
		}
		if e.deny {
			return false
		}
		w.allow(NetworkACL, e.name, e.text())
		open = left
	}
	return len(open) == 0
}

// reserved tells whether an address is not one of the internet's.
//
// Source: https://www.iana.org/assignments/iana-ipv4-special-registry
func reserved(a netip.Addr) bool {
	return slices.ContainsFunc(reservedRanges, func(p netip.Prefix) bool { return p.Contains(a) })
}

var reservedRanges = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
}
