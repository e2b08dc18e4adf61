package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// box is one thing in the picture. Its id is its path in the diagram.
type box struct {
	id, label, class string
	also             string // a second class: standby, or maybe where the standby may be
	kind             reach.Kind
	zone             string
	name             string // of the endpoint, if it has several of the kind
	height           int
}

// natKind is the slot of NAT gateways, which are no endpoints.
const natKind reach.Kind = "NAT gateway"

// scene is what the picture shows.
type scene struct {
	g *graph.Graph
	m *reach.Model

	zones   []string
	tiers   []string // from the internet inwards
	slots   map[string][]reach.Kind
	inside  map[string]map[reach.Kind]box // by subnet
	outside []box                         // people, above the region
	beside  []box                         // services, at the VPC's right
	below   []box                         // file systems, below the VPC
	arrows  []*arrow
}

// Boxes with a fixed place.
const (
	region     = "region"
	vpc        = "region.vpc"
	gateway    = "region.vpc.main.igw"
	columns    = "region.vpc.main.zones"
	side       = "region.vpc.side"
	vpnGateway = "region.vpc.side.vgw"
	people     = "people"
	files      = "region.files"
)

func newScene(g *graph.Graph, m *reach.Model) *scene {
	s := &scene{g: g, m: m, slots: map[string][]reach.Kind{}, inside: map[string]map[reach.Kind]box{}}
	s.readTiers()
	for _, e := range m.Endpoints {
		s.readEndpoint(e)
	}
	s.readNAT()
	s.readStandby()
	if len(s.at(reach.Office)) > 0 {
		s.beside = append(s.beside, box{id: vpnGateway, label: "VPN gateway", class: "network"})
	}
	for _, tier := range s.tiers {
		slices.SortFunc(s.slots[tier], func(x, y reach.Kind) int { return slices.Index(order, x) - slices.Index(order, y) })
	}
	s.connect()
	return s
}

// order is how things stand side by side in a subnet.
var order = []reach.Kind{natKind, reach.Balancer, reach.Server, reach.Servers, reach.Database, reach.FileSystem, reach.Interface}

// readTiers orders the tiers: public on top, then those with a way out, then the
// others.
func (s *scene) readTiers() {
	out := map[string]reach.Way{}
	for _, subnet := range s.m.Subnets() {
		if !slices.Contains(s.zones, subnet.Zone) {
			s.zones = append(s.zones, subnet.Zone)
		}
		if !slices.Contains(s.tiers, subnet.Tier) {
			s.tiers = append(s.tiers, subnet.Tier)
		}
		if out[subnet.Tier] == reach.Nowhere {
			out[subnet.Tier] = subnet.Out
		}
		s.inside[subnet.Name] = map[reach.Kind]box{}
	}
	slices.Sort(s.zones)
	rank := []reach.Way{reach.ByInternetGateway, reach.ByNAT, reach.Nowhere}
	slices.SortStableFunc(s.tiers, func(x, y string) int { return slices.Index(rank, out[x]) - slices.Index(rank, out[y]) })
}

func (s *scene) readEndpoint(e *reach.Endpoint) {
	switch e.Kind {
	case reach.Internet, reach.Range, reach.Office:
		if e.Subnet == "" && s.talks(e.Name) && !slices.ContainsFunc(s.outside, func(b box) bool { return b.name == e.Name }) {
			label := strings.ToUpper(e.Name[:1]) + e.Name[1:]
			s.outside = append(s.outside, box{id: fmt.Sprintf("%s.o%d", people, len(s.outside)), label: label, name: e.Name, class: "people", kind: e.Kind})
		}
	case reach.CloudFront:
		if len(s.at(e.Kind)) == 0 {
			s.outside = append(s.outside, box{id: people + ".edge", label: "CloudFront", name: e.Name, class: "network", kind: e.Kind})
		}
	case reach.Stranger:
		if s.talks(e.Name) && len(s.at(reach.Stranger)) == 0 {
			s.beside = append(s.beside, box{id: side + ".hosts", label: "Other hosts\nin the VPC", class: "compute", kind: e.Kind})
		}
	case reach.ObjectStore, reach.DNSResolver, reach.TimeService:
		label := map[reach.Kind]string{reach.ObjectStore: e.Name + " endpoint", reach.DNSResolver: "VPC DNS", reach.TimeService: "Time (NTP)"}[e.Kind]
		class := "network"
		if e.Kind == reach.ObjectStore {
			class = "storage"
		}
		s.beside = append(s.beside, box{id: fmt.Sprintf("%s.s%d", side, len(s.beside)), label: label, class: class, kind: e.Kind})
	case reach.Database:
		if e.Of.Str("availabilityZone") == e.Zone {
			s.put(e.Subnet, box{label: s.databaseLabel(e.Of), class: "database", kind: e.Kind})
		}
	case reach.FileSystem:
		s.put(e.Subnet, box{label: "EFS\nmount target", class: "storage", kind: e.Kind})
		if fs := e.Of.Str("fileSystemId"); len(s.below) == 0 {
			s.below = append(s.below, box{id: files, label: "EFS file system " + fs, class: "storage", kind: e.Kind})
		}
	case reach.Interface:
		s.put(e.Subnet, box{label: "AWS APIs", class: "network", kind: e.Kind})
	case reach.Balancer:
		s.put(e.Subnet, box{label: "Load balancer", class: "network", kind: e.Kind})
	case reach.Server:
		s.put(e.Subnet, box{label: "Server\n" + e.Of.Str("instanceType"), class: "compute", kind: e.Kind, height: serverHeight})
	case reach.Servers:
		s.put(e.Subnet, box{label: "Servers\n" + s.instanceType(e.Of), class: "compute", kind: e.Kind, height: serverHeight})
	}
}

// talks tells whether an endpoint takes part in anything that is allowed.
func (s *scene) talks(name string) bool {
	return slices.ContainsFunc(s.m.Flows(), func(f reach.Flow) bool { return f.From == name || f.To == name })
}

func (s *scene) instanceType(group *graph.Resource) string {
	if template := s.g.Template(group); template != nil {
		return template.Str("instanceType")
	}
	return ""
}

func (s *scene) databaseLabel(db *graph.Resource) string {
	label := "RDS " + strings.NewReplacer("mysql", "MySQL", "mariadb", "MariaDB", "postgres", "PostgreSQL").Replace(db.Str("engine"))
	if db.True("multiAz") {
		return label + "\nprimary"
	}
	return label
}

// put places a box into a subnet.
func (s *scene) put(subnet string, b box) {
	for _, in := range s.m.Subnets() {
		if in.Name != subnet {
			continue
		}
		if !slices.Contains(s.slots[in.Tier], b.kind) {
			s.slots[in.Tier] = append(s.slots[in.Tier], b.kind)
		}
		b.zone = in.Zone
		b.id = fmt.Sprintf("%s.%s.%s", s.column(in.Zone), s.row(in.Tier), slotID(b.kind))
		s.inside[subnet][b.kind] = b
	}
}

func (s *scene) column(zone string) string {
	return fmt.Sprintf("%s.z%d", columns, slices.Index(s.zones, zone))
}
func (s *scene) row(tier string) string { return fmt.Sprintf("t%d", slices.Index(s.tiers, tier)) }
func slotID(kind reach.Kind) string     { return fmt.Sprintf("k%d", slices.Index(order, kind)) }

func (s *scene) readNAT() {
	for _, nat := range s.g.OfType(catalog.EC2NATGateway) {
		if subnet := s.g.With(catalog.EC2Subnet, "id", nat.Str("subnetId")); subnet != nil {
			s.put(subnet.Name, box{label: "NAT gateway", class: "network", kind: natKind})
		}
	}
}

// readStandby places the standby of a Multi-AZ database. With two zones it is in
// the other one; with more, AWS does not say in which.
func (s *scene) readStandby() {
	for _, db := range s.g.OfType(catalog.RDSInstance) {
		if !db.True("multiAz") {
			continue
		}
		var others []*reach.Endpoint
		for _, e := range s.m.Endpoints {
			if e.Of == db && e.Zone != db.Str("availabilityZone") {
				others = append(others, e)
			}
		}
		for i, e := range others {
			switch {
			case len(others) == 1:
				s.put(e.Subnet, box{label: "RDS standby", class: "database", also: "standby", kind: reach.Database})
			case i == 0:
				s.put(e.Subnet, box{label: "RDS standby,\nhere …", class: "database", also: "standby", kind: reach.Database})
			default:
				s.put(e.Subnet, box{label: "… or here", class: "database", also: "maybe", kind: reach.Database})
			}
		}
	}
}

// at returns the boxes of a kind, in the order of the zones.
func (s *scene) at(kind reach.Kind) []box {
	var found []box
	for _, list := range [][]box{s.outside, s.beside} {
		for _, b := range list {
			if b.kind == kind {
				found = append(found, b)
			}
		}
	}
	for _, zone := range s.zones {
		for _, subnet := range s.m.Subnets() {
			if b, ok := s.inside[subnet.Name][kind]; ok && subnet.Zone == zone && b.also == "" {
				found = append(found, b)
			}
		}
	}
	return found
}
