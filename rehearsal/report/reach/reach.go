// Package reach computes who can reach whom on which port in a stack: from
// routes, network ACLs both ways, security groups, public addresses and gateways.
// IPv4, tcp and udp.
//
// It answers for what the rules allow, whether or not anything listens there. A
// server whose address AWS picks is taken to have one that no rule names by
// itself. What crosses a VPN to networks that are learnt by BGP is taken to be
// any private range.
package reach

import (
	"errors"
	"fmt"
	"slices"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// ErrUnsupported says that a stack holds something that the answer would depend
// on and that this package does not read.
var ErrUnsupported = errors.New("reachability cannot be computed")

// Model is a stack's endpoints and what decides about their packets.
type Model struct {
	Endpoints []*Endpoint
	net       *network
	cells     []Cell
}

// Cell is one thing that is allowed: a stretch of ports from one endpoint to
// another. What has no cell is refused.
type Cell struct {
	From, To  *Endpoint
	Protocol  string // tcp or udp
	Ports     string // such as "80" or "1024-65535"
	AllowedBy []Rule // all that it needs, in the order of the way
}

func (c Cell) String() string {
	return fmt.Sprintf("%s → %s %s %s", c.From, c.To, c.Protocol, c.Ports)
}

// New reads a stack. It fails with ErrUnsupported if the stack holds what it
// does not read, such as peering or inline rules, or no VPC.
func New(g *graph.Graph) (*Model, error) {
	net, err := readNetwork(g)
	if err != nil {
		return nil, err
	}
	m := &Model{net: net, Endpoints: readEndpoints(g, net)}
	for _, from := range m.Endpoints {
		for _, to := range m.Endpoints {
			m.cells = append(m.cells, m.between(from, to)...)
		}
	}
	m.cells = slices.DeleteFunc(m.cells, m.repeated)
	return m, nil
}

// Cells are all that is allowed, in the order of the endpoints. What everybody on
// the internet may do is not repeated for ranges of it, nor for hosts of the VPC
// that the stack did not make.
func (m *Model) Cells() []Cell { return m.cells }

// Find returns the endpoint of that name in the zone, or nil. The zone of what
// belongs to none is "".
func (m *Model) Find(name, zone string) *Endpoint {
	for _, e := range m.Endpoints {
		if e.Name == name && e.Zone == zone {
			return e
		}
	}
	return nil
}

// Decide tells whether one endpoint reaches a port of another, and why.
// Protocol is tcp or udp.
func (m *Model) Decide(from, to *Endpoint, protocol string, port int) Verdict {
	return m.decide(from, to, protocol, span{port, port})
}

func (m *Model) decide(from, to *Endpoint, protocol string, ports span) Verdict {
	if to.Kind == CloudFront {
		return edge(to, protocol, ports)
	}
	if service, ok := services[to.Kind]; ok {
		return service.decide(m.net, from, to, protocol, ports)
	}
	return m.net.walk(from.host, to.host, protocol, ports)
}

// Asks tells whether the question is asked what one endpoint may do to another. A
// host of the VPC that the stack did not make is asked what it may do to what the
// stack made, never what may be done to it. CloudFront is asked by those outside, and
// asks what is in the VPC.
func (m *Model) Asks(from, to *Endpoint) bool {
	if to.Kind == CloudFront {
		return from.Kind == Internet || from.Kind == Range && from.Outside()
	}
	if from.Kind == CloudFront && to.Outside() {
		return false
	}
	if from == to || from.Kind.passive() || to.Kind == Stranger || from.host.at == nil && to.host.at == nil {
		return false
	}
	return from.Kind != Stranger || !to.Kind.outside()
}

// Ports are those at which some rule begins or ends to hold, so that what holds
// for them holds for all others. Protocol is tcp or udp.
func (m *Model) Ports(protocol string) []int {
	var ports []int
	for _, s := range m.net.ports(protocol) {
		ports = append(ports, max(s.from, 1), s.to)
	}
	return slices.Compact(ports)
}

func (m *Model) between(from, to *Endpoint) []Cell {
	if !m.Asks(from, to) {
		return nil
	}
	var cells []Cell
	for _, protocol := range []string{"tcp", "udp"} {
		open := span{-1, -1}
		for _, ports := range m.net.ports(protocol) {
			v := m.decide(from, to, protocol, ports)
			if !v.Allowed {
				continue
			}
			if n := len(cells) - 1; n >= 0 && open.to == ports.from-1 && cells[n].Protocol == protocol && slices.Equal(cells[n].AllowedBy, v.By) {
				open.to = ports.to
				cells[n].Ports = open.String()
				continue
			}
			open = ports
			cells = append(cells, Cell{From: from, To: to, Protocol: protocol, Ports: ports.String(), AllowedBy: v.By})
		}
	}
	return cells
}

// repeated tells whether a cell says nothing new: the wider endpoint that its
// end is part of has the same.
func (m *Model) repeated(c Cell) bool {
	has := func(from, to *Endpoint) bool {
		return slices.ContainsFunc(m.between(from, to), func(o Cell) bool { return o.Protocol == c.Protocol && o.Ports == c.Ports })
	}
	if c.From.wider != nil && has(c.From.wider, c.To) {
		return true
	}
	return c.To.wider != nil && has(c.From, c.To.wider)
}
