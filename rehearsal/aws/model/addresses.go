package model

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
)

// publicPools are the networks that RFC 5737 keeps for documentation: no
// address of a rehearsal belongs to anybody.
var publicPools = []string{"203.0.113", "198.51.100", "192.0.2"}

// freePublicIP picks an address that nothing in the cloud has.
func freePublicIP(c *change) string {
	taken := map[string]bool{}
	for _, typ := range []string{catalog.EC2EIP, catalog.EC2Instance} {
		for _, r := range c.cloud.OfType(typ) {
			taken[r.Str("publicIp")] = true
		}
	}
	start := int(binary.BigEndian.Uint32(c.seed("publicIp")) % 254)
	for _, pool := range publicPools {
		for i := range 254 {
			ip := pool + "." + strconv.Itoa(1+(start+i)%254)
			if !taken[ip] {
				return ip
			}
		}
	}
	return ""
}

// freePrivateIP picks an address of the subnet that nothing in it has, or "".
// AWS keeps the first four and the last for itself.
func freePrivateIP(c *change, label, subnet string) string {
	s := c.subnet(subnet)
	if s == nil {
		return ""
	}
	network, err := netip.ParsePrefix(s.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	taken := map[string]bool{}
	for _, r := range c.cloud.All() {
		if r.Str("subnetId") == subnet {
			taken[r.Str("privateIp")+r.Str("ipAddress")] = true
		}
	}
	size := uint32(1)<<(32-network.Bits()) - 5
	first := network.Addr().As4()
	start := binary.BigEndian.Uint32(c.seed(label)) % size
	for i := range size {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(first[:])+4+(start+i)%size)
		if ip := netip.AddrFrom4(b).String(); !taken[ip] {
			return ip
		}
	}
	return ""
}

func publicDNS(region, ip string) string {
	return "ec2-" + strings.ReplaceAll(ip, ".", "-") + "." + computeDomain(region, "compute", "compute-1") + ".amazonaws.com"
}

func privateDNS(region, ip string) string {
	name := "ip-" + strings.ReplaceAll(ip, ".", "-") + "."
	if region == "us-east-1" {
		return name + "ec2.internal"
	}
	return name + region + ".compute.internal"
}

func computeDomain(region, elsewhere, first string) string {
	if region == "us-east-1" {
		return first
	}
	return region + "." + elsewhere
}
