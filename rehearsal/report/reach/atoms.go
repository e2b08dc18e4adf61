package reach

import (
	"cmp"
	"net/netip"
	"slices"
)

// family is the ranges that rules, routes and subnets name. Ranges are nested or
// apart, never half over each other. So all addresses whose smallest range is the
// same lie in the same ranges, and one of them speaks for all.
type family []netip.Prefix

func (f family) with(p ...netip.Prefix) family {
	all := append(slices.Clone(f), p...)
	slices.SortFunc(all, func(x, y netip.Prefix) int {
		return cmp.Or(cmp.Compare(x.Bits(), y.Bits()), x.Addr().Compare(y.Addr()))
	})
	return slices.Compact(all)
}

// smallest is the smallest range that holds the address. The whole address space
// is a range too.
func (f family) smallest(a netip.Addr) netip.Prefix {
	found := everywhere
	for _, p := range f {
		if p.Contains(a) && p.Bits() > found.Bits() {
			found = p
		}
	}
	return found
}

// speaker is an address of the range that lies in no smaller one; there is none
// if the smaller ones fill it.
func (f family) speaker(of netip.Prefix) (netip.Addr, bool) {
	for _, a := range append([]netip.Addr{of.Addr()}, f.ends()...) {
		if a.IsValid() && of.Contains(a) && f.smallest(a) == of {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// ends is the first address after each range.
func (f family) ends() []netip.Addr {
	var all []netip.Addr
	for _, p := range f {
		all = append(all, last(p).Next())
	}
	return all
}

func last(p netip.Prefix) netip.Addr {
	raw := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		raw[i/8] |= 1 << (7 - i%8)
	}
	return netip.AddrFrom4(raw)
}

var everywhere = netip.MustParsePrefix("0.0.0.0/0")

// ranges are all that the network names.
func (n *network) ranges() family {
	f := family(reservedRanges).with(n.vpc...)
	for _, s := range n.subnets {
		f = append(f, s.cidr)
		for _, r := range s.routes {
			if r.to.IsValid() {
				f = append(f, r.to)
			}
		}
	}
	return f.with(n.named()...)
}

// named are the ranges that rules name, the internet aside.
func (n *network) named() []netip.Prefix {
	var f []netip.Prefix
	add := func(rules []rule) {
		for _, r := range rules {
			if r.cidr.IsValid() && r.cidr != everywhere {
				f = append(f, r.cidr)
			}
		}
	}
	for _, rules := range n.groups {
		add(rules)
	}
	for _, s := range n.subnets {
		if s.acl != nil {
			add(s.acl.entries[in])
			add(s.acl.entries[out])
		}
	}
	return family(nil).with(f...)
}

// ports are the stretches of ports that are the same to every rule.
func (n *network) ports(protocol string) []span {
	starts := []int{everyPort.from}
	for _, s := range services {
		starts = append(starts, s.port, s.port+1)
	}
	add := func(rules []rule) {
		for _, r := range rules {
			if r.speaks(protocol) {
				starts = append(starts, r.ports.from, r.ports.to+1)
			}
		}
	}
	for _, rules := range n.groups {
		add(rules)
	}
	for _, s := range n.subnets {
		if s.acl != nil {
			add(s.acl.entries[in])
			add(s.acl.entries[out])
		}
	}
	slices.Sort(starts)
	var spans []span
	for i, from := range slices.Compact(starts) {
		if from > everyPort.to {
			break
		}
		if i > 0 {
			spans[i-1].to = from - 1
		}
		spans = append(spans, span{from, everyPort.to})
	}
	return spans
}
