package reach

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

type reader struct {
	g      *graph.Graph
	n      *network
	family family
	found  []*Endpoint
}

func readEndpoints(g *graph.Graph, n *network) []*Endpoint {
	r := &reader{g: g, n: n}
	r.family = n.ranges().with(officeRanges(g)...)
	r.outside()
	r.strangers()
	r.edges()
	r.balancers()
	r.servers()
	r.databases()
	r.fileSystems()
	r.besides()
	r.tellApart()
	r.sort()
	return r.found
}

// sort puts what is of one kind in the order of names and zones.
func (r *reader) sort() {
	for from := 0; from < len(r.found); {
		to := from
		for to < len(r.found) && r.found[to].Kind == r.found[from].Kind {
			to++
		}
		slices.SortStableFunc(r.found[from:to], func(x, y *Endpoint) int {
			return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Zone, y.Zone))
		})
		from = to
	}
}

func (r *reader) add(e *Endpoint) *Endpoint {
	r.found = append(r.found, e)
	return e
}

// outside: the internet, the office, and the ranges that rules name.
func (r *reader) outside() {
	var everybody *Endpoint
	if a, ok := r.family.speaker(everywhere); ok {
		everybody = r.add(&Endpoint{Kind: Internet, Name: string(Internet), host: host{addr: a}})
	}
	offices := officeRanges(r.g)
	if len(r.g.OfType(vpnRouteType)) == 0 && len(offices) > 1 {
		offices = offices[:0:0] // any private address stands for all
		for _, p := range officeRanges(r.g) {
			if _, ok := r.family.speaker(p); ok && len(offices) == 0 {
				offices = append(offices, p)
			}
		}
	}
	for _, p := range offices {
		if a, ok := r.family.speaker(p); ok {
			r.add(&Endpoint{Kind: Office, Name: string(Office), host: host{addr: a}})
		}
	}
	for _, p := range r.n.named() {
		a, ok := r.family.speaker(p)
		if !ok || r.known(p) || slices.Contains(offices, p) {
			continue
		}
		e := &Endpoint{Kind: Range, Name: p.String(), host: host{addr: a, open: true}}
		if e.host.at = r.n.around(a); e.host.at == nil && !reserved(a) {
			e.wider = everybody
		}
		if e.host.at == nil && r.n.vpc[0].Contains(a) {
			continue // nothing has that address
		}
		r.add(e)
	}
}

// known tells whether the range is an endpoint of another kind.
func (r *reader) known(p netip.Prefix) bool {
	if p.IsSingleIP() && (p.Addr() == resolver(r.n.vpc[0]) || p.Addr() == clock) {
		return true
	}
	return slices.Contains(r.n.vpc, p) || slices.ContainsFunc(r.n.subnets, func(s *subnet) bool { return s.cidr == p })
}

func (n *network) around(a netip.Addr) *subnet {
	for _, s := range n.subnets {
		if s.cidr.Contains(a) {
			return s
		}
	}
	return nil
}

// strangers: in each subnet a host that the stack did not make, with security
// groups of its own that let everything through.
func (r *reader) strangers() {
	everybody := r.first(Internet)
	for _, s := range r.n.subnets {
		a, ok := r.family.speaker(s.cidr)
		if !ok {
			continue
		}
		e := r.add(&Endpoint{Kind: Stranger, Name: "other hosts in " + r.n.tier(s), Zone: s.zone, Subnet: s.name, host: host{addr: a, at: s, open: true, public: true, ports: ofTheServers}, wider: everybody})
		for _, inside := range r.found {
			if inside.Kind == Range && inside.host.at == s {
				inside.wider, inside.Zone, inside.Subnet = e, s.zone, s.name
			}
		}
	}
}

func (r *reader) first(kind Kind) *Endpoint {
	for _, e := range r.found {
		if e.Kind == kind {
			return e
		}
	}
	return nil
}

// place adds an endpoint in a subnet. Without an address of its own it has one
// that AWS picks.
func (r *reader) place(kind Kind, of *graph.Resource, subnetID, address string, groups []string, public bool) {
	s := r.n.subnet(subnetID)
	if s == nil {
		return
	}
	a, err := netip.ParseAddr(address)
	if err != nil || !s.cidr.Contains(a) {
		var ok bool
		if a, ok = r.family.speaker(s.cidr); !ok {
			a = s.cidr.Addr()
		}
	}
	if len(groups) == 0 { // AWS gives it the VPC's default group
		groups = []string{r.g.OfType(vpcType)[0].Str("defaultSecurityGroupId")}
	}
	at := host{addr: a, at: s, groups: groups, public: public}
	if kind == Server || kind == Servers {
		at.ports = ofTheServers
	}
	r.add(&Endpoint{Kind: kind, Name: string(kind), Zone: s.zone, Subnet: s.name, Of: of, host: at})
}

// tellApart adds the resource's name where a kind has several.
func (r *reader) tellApart() {
	several := map[Kind]map[*graph.Resource]bool{}
	for _, e := range r.found {
		if e.Of != nil {
			if several[e.Kind] == nil {
				several[e.Kind] = map[*graph.Resource]bool{}
			}
			several[e.Kind][r.owner(e)] = true
		}
	}
	for _, e := range r.found {
		if len(several[e.Kind]) > 1 {
			e.Name += " " + r.owner(e).Name
		}
	}
}

// owner of a mount target is its file system.
func (r *reader) owner(e *Endpoint) *graph.Resource {
	if fs := r.g.With(catalog.EFSFileSystem, "id", e.Of.Str("fileSystemId")); fs != nil {
		return fs
	}
	return e.Of
}
