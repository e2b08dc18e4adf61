// Package addressplan lays out the subnets of a VPC. It is a pure function of
// the VPC's range: a subnet's address depends on its tier and zone alone, so
// adding a zone or a tier later never moves an existing subnet. AWS cannot
// change the range of a subnet, it can only replace the subnet.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
package addressplan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Tier is a row of subnets with one purpose and one network ACL.
type Tier string

// The tiers, from the internet inwards.
const (
	Public   Tier = "public"
	Web      Tier = "web"
	Database Tier = "database"
)

// MaxZones is the number of zones that a plan has room for. No AWS region has
// more availability zones than this.
const MaxZones = 6

const (
	smallestVPC   = 20 // prefix length: a /20 still holds three tiers in six zones
	largestVPC    = 16 // AWS allows no VPC range larger than a /16
	subnetBits    = 24 // the lab's subnets
	minSubnetBits = 5  // slots for two interleaved tiers and one tier in the upper half
)

// ErrVPC says that a range cannot be the VPC's.
var ErrVPC = errors.New("not a usable VPC range")

// Plan gives the ranges of the subnets of one VPC.
type Plan struct {
	vpc    netip.Prefix
	subnet int // prefix length of each subnet
}

// New reads a VPC range such as "10.0.0.0/16". It must be an IPv4 range of
// private addresses (RFC 1918 or RFC 6598), from /16 to /20, with no host bits.
func New(cidr string) (Plan, error) {
	vpc, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return Plan{}, fmt.Errorf("%w: not CIDR notation such as 10.0.0.0/16", ErrVPC)
	case !vpc.Addr().Is4():
		return Plan{}, fmt.Errorf("%w: not IPv4", ErrVPC)
	case vpc.Bits() < largestVPC || vpc.Bits() > smallestVPC:
		return Plan{}, fmt.Errorf("%w: the size must be from /%d to /%d", ErrVPC, largestVPC, smallestVPC)
	case vpc != vpc.Masked():
		return Plan{}, fmt.Errorf("%w: it has host bits set; the network address is %s", ErrVPC, vpc.Masked())
	case !private(vpc):
		return Plan{}, fmt.Errorf("%w: outside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10", ErrVPC)
	}
	return Plan{vpc: vpc, subnet: max(subnetBits, vpc.Bits()+minSubnetBits)}, nil
}

func private(p netip.Prefix) bool {
	for _, block := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"} {
		b := netip.MustParsePrefix(block)
		if b.Contains(p.Addr()) && p.Bits() >= b.Bits() {
			return true
		}
	}
	return false
}

// VPC is the range of the whole VPC.
func (p Plan) VPC() netip.Prefix { return p.vpc }

// Subnet is the range of the tier's subnet in the zone with that index, from 0.
// In a /16: public 10.0.(2i).0/24, database 10.0.(2i+1).0/24 and web
// 10.0.(128+i).0/24.
func (p Plan) Subnet(tier Tier, zone int) (netip.Prefix, error) {
	if zone < 0 || zone >= MaxZones {
		return netip.Prefix{}, fmt.Errorf("zone index %d: a plan has room for zones 0 to %d", zone, MaxZones-1)
	}
	slots := 1 << (p.subnet - p.vpc.Bits())
	var slot int
	switch tier {
	case Public:
		slot = 2 * zone
	case Database:
		slot = 2*zone + 1
	case Web:
		slot = slots/2 + zone
	default:
		return netip.Prefix{}, fmt.Errorf("unknown tier %q", tier)
	}
	base := binary.BigEndian.Uint32(p.vpc.Addr().AsSlice())
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], base+uint32(slot)<<(32-p.subnet))
	return netip.PrefixFrom(netip.AddrFrom4(raw), p.subnet), nil
}

// Slug is a range or an address as part of a resource's name: 192-0-2-0-24.
func Slug(cidr string) string { return strings.NewReplacer(".", "-", "/", "-").Replace(cidr) }

// Resolver is the address of the DNS resolver that AWS runs in every VPC: the
// base of the range plus two.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
func (p Plan) Resolver() netip.Addr { return p.vpc.Addr().Next().Next() }
