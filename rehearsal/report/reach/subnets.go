package reach

// Subnet is a subnet with its way out.
type Subnet struct {
	Name, Zone, CIDR string
	Tier             string // what subnets with the same network ACL have in common: its name
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
		read := Subnet{Name: s.name, Zone: s.zone, CIDR: s.cidr.String(), Tier: m.net.tier(s)}
		for _, r := range s.routes {
			if r.to == everywhere && r.list == "" {
				read.Out = Way(r.via)
			}
		}
		all = append(all, read)
	}
	return all
}

// tier is the name of the subnet's network ACL. A subnet that shares its ACL with
// another one of its zone, or has none, is a tier of its own.
func (n *network) tier(s *subnet) string {
	if s.acl == nil {
		return s.name
	}
	for _, other := range n.subnets {
		if other != s && other.acl == s.acl && other.zone == s.zone {
			return s.name
		}
	}
	return s.acl.name
}
