package reach

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The network of the property test is small enough to send every packet: 32
// addresses in the VPC, 16 ports, of which the upper half is ephemeral.
const (
	lastPort       = 15
	firstEphemeral = 8
)

// packet is what the brute force sends, one at a time.
type packet struct {
	from, to netip.Addr
	protocol string
	port     int // of the destination
}

// connects sends the packet, and then an answer to each ephemeral port. It knows
// nothing of spans, representatives or paths: it asks hop by hop.
func connects(n *network, a, b host, protocol string, port int) bool {
	if !groupLets(n, a, out, b, protocol, port) || !groupLets(n, b, in, a, protocol, port) {
		return false
	}
	if !travels(a, b, packet{a.addr, b.addr, protocol, port}) || !mayOpen(a, b) {
		return false
	}
	for back := firstEphemeral; back <= lastPort; back++ {
		if !travelsBack(a, b, packet{b.addr, a.addr, protocol, back}) {
			return false
		}
	}
	return true
}

func groupLets(n *network, h host, d direction, peer host, protocol string, port int) bool {
	if h.at == nil || h.open {
		return true
	}
	for id, rules := range n.groups {
		if !slices.Contains(h.groups, id) {
			continue
		}
		for _, r := range rules {
			member := r.group != "" && slices.Contains(peer.groups, r.group)
			inRange := r.group == "" && r.cidr.IsValid() && r.cidr.Contains(peer.addr)
			if r.direction == d && (r.protocol == protocol || r.protocol == "-1") && r.ports.from <= port && port <= r.ports.to && (member || inRange) {
				return true
			}
		}
	}
	return false
}

// aclLets: the entry with the lowest number that matches decides.
func aclLets(s *subnet, d direction, peer netip.Addr, p packet) bool {
	if s.acl == nil {
		return true
	}
	number, lets := 1<<30, false
	for _, e := range s.acl.entries[d] {
		if (e.protocol == p.protocol || e.protocol == "-1") && e.cidr.Contains(peer) && e.ports.from <= p.port && p.port <= e.ports.to && e.number < number {
			number, lets = e.number, !e.deny
		}
	}
	return lets
}

func routed(s *subnet, to netip.Addr) (target, *subnet) {
	if netip.MustParsePrefix("10.0.0.0/27").Contains(to) {
		return local, nil
	}
	for bits := 32; bits >= 0; bits-- { // the most specific first
		for _, r := range s.routes {
			if r.to.Bits() == bits && r.to.Contains(to) {
				return r.via, r.home
			}
		}
	}
	return "", nil
}

// mayOpen: who may begin at all, by routes and public addresses.
func mayOpen(a, b host) bool {
	switch {
	case a.at != nil && b.at != nil:
		return true
	case a.at != nil: // out
		via, home := routed(a.at, b.addr)
		switch via {
		case internet:
			return a.public && !reserved(b.addr)
		case nat:
			onward, _ := routed(home, b.addr)
			return onward == internet && !reserved(b.addr)
		}
		return via == office
	case b.at != nil: // in
		via, _ := routed(b.at, a.addr)
		return via == office || via == internet && b.public && !reserved(a.addr)
	}
	return false
}

// travels passes the ACLs on the way from a to b.
func travels(a, b host, p packet) bool {
	if a.at != nil && a.at == b.at {
		return true
	}
	if a.at != nil && !aclLets(a.at, out, p.to, p) {
		return false
	}
	if a.at != nil && b.at == nil {
		if via, home := routed(a.at, p.to); via == nat && (!aclLets(home, in, p.from, p) || !aclLets(home, out, p.to, p)) {
			return false
		}
	}
	return b.at == nil || aclLets(b.at, in, p.from, p)
}

// travelsBack passes the ACLs on the way of the answer, from b to a.
func travelsBack(a, b host, p packet) bool {
	if a.at != nil && a.at == b.at {
		return true
	}
	if b.at != nil && !aclLets(b.at, out, p.to, p) {
		return false
	}
	if a.at != nil && b.at == nil {
		if via, home := routed(a.at, p.from); via == nat && (!aclLets(home, in, p.from, p) || !aclLets(home, out, p.to, p)) {
			return false
		}
	}
	return a.at == nil || aclLets(a.at, in, p.from, p)
}

var pool = []string{
	"0.0.0.0/0", "10.0.0.0/27", "10.0.0.0/29", "10.0.0.8/29", "10.0.0.16/29", "10.0.0.2/31", "10.0.0.9/32", "10.0.0.0/8",
	"8.8.8.0/30", "8.8.8.2/32", "192.168.0.0/30", "8.0.0.0/7",
}

func drawRules(t *rapid.T, label string, groups []string, directions ...direction) []rule {
	var rules []rule
	for i := range rapid.IntRange(0, 5).Draw(t, label) {
		from := rapid.IntRange(0, lastPort).Draw(t, "from")
		r := rule{
			name: label, number: i, direction: rapid.SampledFrom(directions).Draw(t, "direction"),
			protocol: rapid.SampledFrom([]string{"tcp", "udp", "-1"}).Draw(t, "protocol"),
			ports:    span{from, rapid.IntRange(from, lastPort).Draw(t, "to")},
		}
		// Wide rules, so that often something is allowed.
		if rapid.IntRange(0, 2).Draw(t, "wide") > 0 {
			r.ports, r.cidr = span{0, lastPort}, everywhere
		} else {
			r.cidr = netip.MustParsePrefix(rapid.SampledFrom(pool).Draw(t, "cidr"))
		}
		if len(groups) > 0 && rapid.Bool().Draw(t, "by group") {
			r.group, r.cidr = rapid.SampledFrom(groups).Draw(t, "peer"), netip.Prefix{}
		}
		if len(groups) == 0 {
			r.deny = rapid.IntRange(0, 3).Draw(t, "deny") == 0
		}
		rules = append(rules, r)
	}
	return rules
}

func drawNetwork(t *rapid.T) *network {
	n := &network{vpc: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/27")}, groups: map[string][]rule{}, ephemeral: []span{{firstEphemeral, lastPort}}}
	for _, cidr := range []string{"10.0.0.0/29", "10.0.0.8/29", "10.0.0.16/29"} {
		s := &subnet{name: cidr, cidr: netip.MustParsePrefix(cidr)}
		if rapid.IntRange(0, 3).Draw(t, "own ACL") > 0 {
			s.acl = &acl{entries: map[direction][]rule{in: drawRules(t, "acl in", nil, in), out: drawRules(t, "acl out", nil, out)}}
			s.acl.sort()
		}
		n.subnets = append(n.subnets, s)
	}
	for i, s := range n.subnets {
		for _, to := range []string{"0.0.0.0/0", "192.168.0.0/30", "8.8.8.0/30"} {
			via := rapid.SampledFrom([]target{internet, nat, office, ""}).Draw(t, "via "+to)
			if via != "" {
				s.routes = append(s.routes, route{name: to, to: netip.MustParsePrefix(to), via: via, home: n.subnets[(i+1)%3]})
			}
		}
	}
	names := []string{"g0", "g1"}
	for _, g := range names {
		n.groups[g] = drawRules(t, g, names, in, out)
	}
	return n
}

func drawHost(t *rapid.T, n *network, label string) host {
	addresses := []string{
		"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.6", "10.0.0.8", "10.0.0.9", "10.0.0.15", "10.0.0.17", "10.0.0.22",
		"8.8.8.1", "8.8.8.2", "8.8.9.1", "9.9.9.9", "1.2.3.4", "192.168.0.1", "192.168.9.9", "10.9.9.9",
	}
	a := netip.MustParseAddr(rapid.SampledFrom(addresses).Draw(t, label))
	h := host{addr: a, at: n.around(a)}
	if h.at == nil {
		return h
	}
	h.public = rapid.Bool().Draw(t, label+" public")
	h.open = rapid.IntRange(0, 3).Draw(t, label+" open") == 0
	if !h.open {
		h.groups = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"g0", "g1"}), 0, 2, rapid.ID).Draw(t, label+" groups")
	}
	return h
}

func TestAgainstBruteForce(t *testing.T) {
	t.Parallel()
	allowed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		a, b := drawHost(t, n, "from"), drawHost(t, n, "to")
		for _, protocol := range []string{"tcp", "udp"} {
			for _, ports := range n.ports(protocol) {
				// The evaluator asks once, by speakers, for a whole stretch.
				v := n.walk(speakFor(t, n, a), speakFor(t, n, b), protocol, ports)
				for port := ports.from; port <= min(ports.to, lastPort); port++ {
					want := connects(n, a, b, protocol, port)
					require.Equal(t, want, v.Allowed, "%s → %s %s %d: %+v", a.addr, b.addr, protocol, port, v)
					if want {
						allowed++
					} else {
						refused++
					}
				}
				require.Equal(t, v.Allowed, v.Refused == "", "either a refusal or a way")
			}
		}
	})
	require.Greater(t, allowed, refused/200, "the networks must allow and refuse: %d and %d", allowed, refused)
	require.Greater(t, refused, allowed/50)
}

// speakFor puts the address that speaks for all of its atom in the host's place.
func speakFor(t *rapid.T, n *network, h host) host {
	f := n.ranges()
	a, ok := f.speaker(f.smallest(h.addr))
	require.True(t, ok, "the atom of %s has a speaker", h.addr)
	h.addr = a
	return h
}

// Every address has the same smallest range as the one that speaks for it.
func TestSpeakers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var f family
		for range rapid.IntRange(0, 8).Draw(t, "ranges") {
			bits := rapid.IntRange(1, 32).Draw(t, "bits")
			raw := rapid.Uint32().Draw(t, "address")
			f = f.with(netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(raw >> 24), byte(raw >> 16), byte(raw >> 8), byte(raw)}), bits).Masked())
		}
		for _, p := range append(f, everywhere) {
			a, ok := f.speaker(p)
			if ok {
				require.Equal(t, p, f.smallest(a))
			}
		}
		raw := rapid.Uint32().Draw(t, "any")
		address := netip.AddrFrom4([4]byte{byte(raw >> 24), byte(raw >> 16), byte(raw >> 8), byte(raw)})
		_, ok := f.speaker(f.smallest(address))
		require.True(t, ok, "the smallest range of %s is not empty", address)
	})
}
