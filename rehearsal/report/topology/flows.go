package topology

import (
	"slices"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/reach"
)

// arrow is one line of the picture.
type arrow struct {
	from, to string
	label    string
	class    string // replica or part; "" for a flow
}

// What a line is if it is no flow.
const (
	replica = "replica"
	part    = "part"
)

// connect turns what is allowed into arrows, through the gateways: one in every
// zone that has both ends, else one from the last zone.
func (s *scene) connect() {
	done := map[[2]string]bool{}
	for _, f := range s.m.Flows() {
		if ends := [2]string{f.From, f.To}; !done[ends] {
			done[ends] = true
			s.draw(f)
		}
	}
	s.replicate()
	for _, target := range s.at(reach.FileSystem) {
		for _, f := range s.below {
			s.add(&arrow{from: target.id, to: f.id, class: part})
		}
	}
}

// anywhere stands for all zones.
const anywhere = "*"

// ports is what is allowed between the ends of a flow in these zones, or "".
func (s *scene) ports(f reach.Flow, fromZone, toZone string) string {
	var found []reach.Flow
	for _, c := range s.m.Cells() {
		one := reach.Flow{Protocol: c.Protocol, Ports: c.Ports}
		if c.From.Name == f.From && c.To.Name == f.To && (fromZone == anywhere || fromZone == c.From.Zone) &&
			(toZone == anywhere || toZone == c.To.Zone) &&
			!slices.ContainsFunc(found, func(o reach.Flow) bool { return o.Protocol == one.Protocol && o.Ports == one.Ports }) {
			found = append(found, one)
		}
	}
	return reach.PortsText(found)
}

func (s *scene) draw(f reach.Flow) {
	outside := func(k reach.Kind) bool { return k == reach.Internet || k == reach.Range || k == reach.Office }
	from, to := s.boxes(f.FromKind, f.From), s.boxes(f.ToKind, f.To)
	if len(from) == 0 || len(to) == 0 {
		return
	}
	switch {
	case f.FromKind == reach.Servers && f.ToKind == reach.Balancer:
		// It is a part of the internet, which they may talk to.
	case f.ToKind == reach.CloudFront, f.FromKind == reach.CloudFront: // not by the internet gateway
		for _, t := range to {
			s.add(&arrow{from: from[0].id, to: t.id, label: s.ports(f, anywhere, anywhere)})
		}
	case outside(f.FromKind):
		by := entrance(f.FromKind)
		s.add(&arrow{from: from[0].id, to: by, label: s.ports(f, anywhere, anywhere)})
		for _, t := range to {
			s.add(&arrow{from: by, to: t.id, label: s.ports(f, anywhere, t.zone)})
		}
	case outside(f.ToKind):
		s.drawOut(from, to[0], f)
	default:
		s.drawWithin(from, to, f)
	}
}

// entrance is how the people outside come in.
func entrance(kind reach.Kind) string {
	if kind == reach.Office {
		return vpnGateway
	}
	return gateway
}

// boxes of a flow's end. A range has the box with its name.
func (s *scene) boxes(kind reach.Kind, name string) []box {
	found := s.at(kind)
	if kind == reach.Range {
		found = slices.DeleteFunc(found, func(b box) bool { return b.name != name })
	}
	return found
}

func (s *scene) drawOut(from []box, to box, f reach.Flow) {
	nat := slices.ContainsFunc(f.AllowedBy, func(r reach.Rule) bool {
		return r.Via == reach.ByNAT
	})
	by, label := entrance(to.kind), s.ports(f, anywhere, anywhere)
	switch {
	case by == vpnGateway: // from the group as a whole
		s.add(&arrow{from: from[len(from)-1].id, to: by, label: label})
	case nat:
		for _, n := range s.at(natKind) {
			for _, b := range from {
				if n.zone == b.zone {
					s.add(&arrow{from: b.id, to: n.id, label: s.ports(f, b.zone, anywhere)})
				}
			}
			s.add(&arrow{from: n.id, to: gateway, label: label})
		}
	default:
		for _, b := range from {
			s.add(&arrow{from: b.id, to: by, label: s.ports(f, b.zone, anywhere)})
		}
	}
	s.add(&arrow{from: by, to: to.id, label: label})
}

func (s *scene) drawWithin(from, to []box, f reach.Flow) {
	drawn := false
	for _, a := range from {
		for _, b := range to {
			if label := s.ports(f, a.zone, b.zone); a.id != b.id && a.zone == b.zone && label != "" {
				s.add(&arrow{from: a.id, to: b.id, label: label})
				drawn = true
			}
		}
	}
	if drawn {
		return
	}
	// What stands at the side is nearest to the last zone.
	a, b := from[len(from)-1], to[len(to)-1]
	if a.id == b.id {
		a = from[0] // things of one kind in several zones
	}
	if a.id != b.id {
		s.add(&arrow{from: a.id, to: b.id, label: s.ports(f, anywhere, anywhere)})
	}
}

// replicate joins the primary and its standby.
func (s *scene) replicate() {
	primary := s.at(reach.Database)
	for _, subnet := range s.m.Subnets() {
		if b, ok := s.inside[subnet.Name][reach.Database]; ok && b.also == "standby" && len(primary) == 1 {
			s.add(&arrow{from: primary[0].id, to: b.id, label: "replicates", class: replica})
		}
	}
}

// add puts the labels of one line together.
func (s *scene) add(a *arrow) {
	if a.label == "" && a.class == "" {
		return // nothing is allowed there
	}
	for _, b := range s.arrows {
		if b.from == a.from && b.to == a.to {
			for port := range strings.SplitSeq(a.label, ", ") {
				if !slices.Contains(strings.Split(b.label, ", "), port) {
					b.label += ", " + port
				}
			}
			return
		}
	}
	s.arrows = append(s.arrows, a)
}
