// Package netlab is a stack's network on this machine: subnets are bridges, what has
// an address is a network namespace, and route tables, network ACLs and security
// groups are Linux routes and nftables rules, made from the plan's resources. Packets
// then show who reaches whom.
//
// Needs root on Linux with iproute2 and nftables. Nothing of the machine's own
// network is touched.
package netlab

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// ErrPlan says that a plan holds what the lab cannot build.
var ErrPlan = errors.New("the network cannot be built")

// Plan is what a lab is built from.
type Plan struct {
	Graph *graph.Graph
	Model *reach.Model
	Hosts []*Host

	vpc     netip.Prefix
	subnets []*subnet
	outward []*Host // NAT gateways
}

// Host is a namespace with one address.
type Host struct {
	Endpoint *reach.Endpoint // nil for a NAT gateway
	Address  netip.Addr
	// Public is what the internet gateway translates to Address, if that is valid.
	Public netip.Addr

	at     *subnet // nil outside the VPC
	office bool    // behind the VPN connection
}

// subnet is one bridge.
type subnet struct {
	resource *graph.Resource
	cidr     netip.Prefix
}

// device is the name of the subnet's bridge.
func (s *subnet) device() string { return name("s", s.cidr.Addr()) }

func (s *subnet) gateway() netip.Addr { return s.cidr.Addr().Next() }

// name is a letter and an address, short enough for a network device.
func name(letter string, a netip.Addr) string { return fmt.Sprintf("%s%x", letter, a.As4()) }

// NewPlan reads a stack. Hosts that were in the plan before keep their addresses;
// before may be nil.
func NewPlan(g *graph.Graph, m *reach.Model, before *Plan) (*Plan, error) {
	vpc, err := netip.ParsePrefix(g.OfType(catalog.EC2VPC)[0].Str("cidrBlock"))
	if err != nil {
		return nil, fmt.Errorf("%w: range of the VPC: %w", ErrPlan, err)
	}
	p := &Plan{Graph: g, Model: m, vpc: vpc}
	for _, r := range g.OfType(catalog.EC2Subnet) {
		cidr, err := netip.ParsePrefix(r.Str("cidrBlock"))
		if err != nil {
			return nil, fmt.Errorf("%w: range of %s: %w", ErrPlan, r.Name, err)
		}
		p.subnets = append(p.subnets, &subnet{resource: r, cidr: cidr})
	}
	for _, e := range m.Endpoints {
		if e.Kind == reach.DNSResolver || e.Kind == reach.TimeService {
			continue // the router's own
		}
		h := &Host{Endpoint: e, Address: e.Address(), at: p.subnet(e.Subnet)}
		if h.at == nil && e.PrefixList() != "" {
			h.Address = storeAddress
		}
		h.office = h.at == nil && p.behindVPN(h.Address)
		p.Hosts = append(p.Hosts, h)
	}
	for _, r := range g.OfType(catalog.EC2NATGateway) {
		if s := g.With(catalog.EC2Subnet, "id", r.Str("subnetId")); s != nil {
			h := &Host{Address: p.subnet(s.Name).cidr.Addr(), at: p.subnet(s.Name)}
			p.Hosts, p.outward = append(p.Hosts, h), append(p.outward, h)
		}
	}
	p.address(before)
	return p, nil
}

// storeAddress stands for those of a gateway endpoint's prefix list.
var storeAddress = netip.MustParseAddr("52.219.0.10")

// behindVPN tells whether an address is one of the office's: those of the static
// routes, or any private one where routes are learnt by BGP.
func (p *Plan) behindVPN(a netip.Addr) bool {
	static := p.Graph.OfType(catalog.EC2VPNConnectionRoute)
	if len(static) == 0 {
		return a.IsPrivate() && len(p.Graph.OfType(catalog.EC2VPNGateway)) > 0
	}
	return slices.ContainsFunc(static, func(r *graph.Resource) bool {
		to, err := netip.ParsePrefix(r.Str("destinationCidrBlock"))
		return err == nil && to.Contains(a)
	})
}

func (p *Plan) subnet(name string) *subnet {
	for _, s := range p.subnets {
		if s.resource.Name == name {
			return s
		}
	}
	return nil
}

// Find returns the hosts of a kind, in the order of the zones.
func (p *Plan) Find(kind reach.Kind) []*Host {
	var found []*Host
	for _, h := range p.Hosts {
		if h.Endpoint != nil && h.Endpoint.Kind == kind {
			found = append(found, h)
		}
	}
	return found
}

// key tells hosts apart, in this plan and in the next.
func (h *Host) key() string {
	if h.Endpoint == nil {
		return "NAT gateway in " + h.at.resource.Name
	}
	of := h.Endpoint.Name
	if h.Endpoint.Of != nil {
		of = h.Endpoint.Of.URN
	}
	return string(h.Endpoint.Kind) + " " + of + " in " + h.Endpoint.Subnet
}

// address gives addresses to those for which the plan has none that can be used: it
// names the subnet itself, or another host has it. The first ten are AWS' own or the
// lab's.
func (p *Plan) address(before *Plan) {
	taken := map[netip.Addr]bool{}
	kept := map[string]*Host{}
	if before != nil {
		for _, h := range before.Hosts {
			kept[h.key()] = h
		}
	}
	var open []*Host
	for _, h := range p.Hosts {
		was := kept[h.key()]
		switch {
		case was != nil:
			h.Address = was.Address
		case taken[h.Address], h.at != nil && h.Address == h.at.cidr.Addr():
			open = append(open, h)
			continue
		}
		taken[h.Address] = true
	}
	for _, h := range open {
		h.Address = h.Address.Next()
		for n := 1; taken[h.Address] || h.at != nil && n < 10; n++ {
			h.Address = h.Address.Next()
		}
		taken[h.Address] = true
	}
	public := netip.MustParseAddr("198.18.0.10") // for those whose address AWS picks
	for _, h := range p.Hosts {
		switch {
		case h.at == nil, h.Endpoint != nil && (!h.Endpoint.Public() || h.Endpoint.Kind == reach.Stranger):
		case p.elasticIP(h).IsValid():
			h.Public = p.elasticIP(h)
		default:
			h.Public = public
			public = public.Next()
		}
	}
}

// elasticIP is a server's, or not valid.
func (p *Plan) elasticIP(h *Host) netip.Addr {
	if h.Endpoint == nil || h.Endpoint.Of == nil {
		return netip.Addr{}
	}
	association := p.Graph.With(catalog.EC2EIPAssociation, "instanceId", h.Endpoint.Of.ID)
	if association == nil {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(association.Str("publicIp"))
	return a
}

// NewServer adds a host beside one of a group's, in the same subnet and with the same
// rules: the group starts it.
func (p *Plan) NewServer(beside *Host) *Host {
	h := &Host{Endpoint: beside.Endpoint, Address: beside.Address, at: beside.at}
	for slices.ContainsFunc(p.Hosts, func(o *Host) bool { return o.Address == h.Address }) {
		h.Address = h.Address.Next()
	}
	p.Hosts = append(p.Hosts, h)
	return h
}

// Remove takes a host out of the plan.
func (p *Plan) Remove(h *Host) {
	p.Hosts = slices.DeleteFunc(p.Hosts, func(o *Host) bool { return o == h })
}
