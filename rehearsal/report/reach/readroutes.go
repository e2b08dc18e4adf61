package reach

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// readRoutes gives each subnet the routes of its table. A subnet without a table
// of its own has the VPC's main one, which leads nowhere else.
func (n *network) readRoutes(g *graph.Graph) {
	tables := map[string][]route{}
	for _, r := range g.OfType(routeType) {
		read := route{name: r.Name, to: prefix(r.Str("destinationCidrBlock"))}
		switch gateway := r.Str("gatewayId"); {
		case !read.to.IsValid():
			continue
		case g.With(igwType, "id", gateway) != nil:
			read.via = internet
		case g.With(vpnGatewayType, "id", gateway) != nil:
			read.via = office
		default:
			made := g.With(natType, "id", r.Str("natGatewayId"))
			if made == nil || n.subnet(made.Str("subnetId")) == nil || made.Str("connectivityType") == "private" {
				continue
			}
			read.via, read.home = nat, n.subnet(made.Str("subnetId"))
		}
		table := r.Str("routeTableId")
		tables[table] = append(tables[table], read)
	}
	for _, r := range g.OfType(endpointType) {
		if r.Str("vpcEndpointType") != "Gateway" {
			continue
		}
		for _, table := range r.Texts("routeTableIds") {
			tables[table] = append(tables[table], route{name: r.Name, list: prefixList(r), via: endpoint})
		}
	}
	for _, r := range g.OfType(propagationType) {
		for _, to := range officeRanges(g) {
			table := r.Str("routeTableId")
			tables[table] = append(tables[table], route{name: r.Name, to: to, via: office})
		}
	}
	for _, routes := range tables {
		slices.SortFunc(routes, func(x, y route) int { return strings.Compare(x.name, y.name) })
	}
	for _, r := range g.OfType(associationType) {
		if s := n.subnet(r.Str("subnetId")); s != nil {
			s.routes = tables[r.Str("routeTableId")]
		}
	}
}

// prefixList is the endpoint's list of addresses; the endpoint's own id stands
// for one that is not known.
func prefixList(r *graph.Resource) string {
	if list := r.Str("prefixListId"); list != "" {
		return list
	}
	return r.ID
}

// officeRanges are the networks behind the VPN connection: the static routes, or
// any private range where they are learnt by BGP.
func officeRanges(g *graph.Graph) []netip.Prefix {
	if len(g.OfType(vpnGatewayType)) == 0 {
		return nil
	}
	var ranges []netip.Prefix
	for _, r := range g.OfType(vpnRouteType) {
		if p := prefix(r.Str("destinationCidrBlock")); p.IsValid() {
			ranges = append(ranges, p)
		}
	}
	if len(ranges) == 0 {
		ranges = []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		}
	}
	return ranges
}
