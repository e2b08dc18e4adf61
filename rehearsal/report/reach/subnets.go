package reach

import "strings"

// Subnet is a subnet with its way out.
type Subnet struct {
	Name, Zone, CIDR string
	Tier             string // the name without the zone's letter
	Out              Way    // where its default route leads
}

// Way is a way out of the VPC.
type Way string

// The ways out.
const (
	Nowhere           Way = ""
	ByInternetGateway     = Way(internet)
	ByNAT                 = Way(nat)
)

// Subnets are the VPC's subnets in the order of their addresses.
func (m *Model) Subnets() []Subnet {
	all := make([]Subnet, 0, len(m.net.subnets))
	for _, s := range m.net.subnets {
		read := Subnet{Name: s.name, Zone: s.zone, CIDR: s.cidr.String(), Tier: s.tier()}
		for _, r := range s.routes {
			if r.to == everywhere && r.list == "" {
				read.Out = Way(r.via)
			}
		}
		all = append(all, read)
	}
	return all
}

// tier is the subnet's name without its zone's letter.
func (s *subnet) tier() string {
	return strings.TrimSuffix(s.name, "-"+s.zone[max(0, len(s.zone)-1):])
}
