package config

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/webphases/webphases/internal/addressplan"
)

func (k *checker) checkNetwork() {
	if n := k.cfg.Network; len(n.InterfaceEndpoints) > 0 && (!n.DNSSupport || !n.DNSHostnames || len(n.DNSServers) > 0) {
		k.add(ErrConflict, "network.interfaceEndpoints", n.InterfaceEndpoints, "AWS's resolver leads to them, with DNS support and host names in the VPC", "set network.dnsSupport and network.dnsHostnames to true and leave network.dnsServers empty, or remove this key")
	}
	n := k.cfg.Network
	if _, err := addressplan.New(n.VPCCIDR); err != nil {
		k.add(ErrValue, "network.vpcCidr", n.VPCCIDR, err.Error(), "use a private range from /16 to /20, such as 10.0.0.0/16")
	}
	k.checkZones()
	k.checkDNS()
	if n.NAT == NATNone && k.cfg.Phase == 3 {
		k.add(ErrConflict, "network.nat", n.NAT, "the servers of phase 3 have no public address and need a way to AWS's APIs and to security updates",
			"choose one or perZone")
	}
	k.checkClients()
	k.checkAddresses()
	k.checkRules()
}

// checkRules counts the rules of network ACLs. Each zone and each range that is named has some.
func (k *checker) checkRules() {
	n := k.cfg.Network
	count := n.ZoneCount
	if len(n.Zones) > 0 {
		count = len(n.Zones)
	}
	if count < 1 || count > addressplan.MaxZones {
		return // reported with the zones
	}
	if err := k.cfg.NetworkArgs(make([]string, count)).RulesError(); err != nil {
		key, value := "network.clientCidrs", n.ClientCIDRs
		for other, list := range map[string][]string{"network.dnsServers": n.DNSServers, "web.sshCidrs": k.cfg.Web.SSHCIDRs} {
			if len(list) > len(value) || len(list) == len(value) && other < key {
				key, value = other, list
			}
		}
		k.add(ErrConflict, key, value, err.Error(), "name fewer ranges, servers or zones")
	}
}

// checkClients refuses to shut out those whom the site needs and whose addresses
// nobody can name.
//
// Source: https://letsencrypt.org/docs/faq/ (what IP addresses does Let's Encrypt use)
func (k *checker) checkClients() {
	c := k.cfg
	if len(c.Network.ClientCIDRs) == 0 || c.ForEverybody() {
		return
	}
	if c.Phase < 3 && c.Domain.Name != "" {
		k.add(ErrConflict, "network.clientCidrs", c.Network.ClientCIDRs,
			"the server's certificate for domain.name comes from Let's Encrypt, which asks it on port 80 from addresses that it does not publish",
			"admit 0.0.0.0/0, or leave domain.name away, or use phase 3, where the certificate needs nobody to come in")
	}
	if c.Domain.HealthCheck {
		k.add(ErrConflict, "domain.healthCheck", true,
			"Route 53 checks the site from addresses of its own all over the world, which network.clientCidrs shuts out",
			"set it to false, or admit 0.0.0.0/0")
	}
}

// checkAddresses counts the Elastic IPs of the phase; what a step between phases takes
// more is counted when it is taken.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html#using-instance-addressing-limit
func (k *checker) checkAddresses() {
	c := k.cfg
	if c.Network.ElasticIPQuota < 1 {
		k.add(ErrValue, "network.elasticIpQuota", c.Network.ElasticIPQuota, "a stack needs an Elastic IP or more", "set what Service Quotas says for quota L-0263D0A3, at first 5")
		return
	}
	if c.Network.ZoneCount > addressplan.MaxZones || len(c.Network.Zones) > addressplan.MaxZones {
		return // reported with the zones
	}
	if err := c.AddressError(k.project, c.Phase); err != nil {
		k.errs = append(k.errs, err)
	}
}

func (k *checker) checkZones() {
	n, phase := k.cfg.Network, k.cfg.Phase
	key, value, count := "network.zoneCount", any(n.ZoneCount), n.ZoneCount
	if len(n.Zones) > 0 {
		key, value, count = "network.zones", any(n.Zones), len(n.Zones)
	}
	switch {
	case count < 1 || count > addressplan.MaxZones:
		k.add(ErrValue, key, value, fmt.Sprintf("the address plan has room for 1 to %d zones", addressplan.MaxZones), "choose 2 or 3 zones")
	case count < 2 && phase == 2:
		k.add(ErrConflict, key, value, "a database subnet group spans at least two zones", "choose two zones or more from phase 2 on")
	case count < 2 && phase == 3:
		k.add(ErrConflict, key, value, "phase 3 is Multi-AZ: the standby and the second server live in another zone", "choose two zones or more")
	}
	seen := map[string]bool{}
	for _, zone := range n.Zones {
		switch {
		case !strings.HasPrefix(zone, k.cfg.Region):
			k.add(ErrConflict, "network.zones", zone, "the zone is not in the region "+k.cfg.Region, "choose zones of that region, or change aws:region")
		case seen[zone]:
			k.add(ErrConflict, "network.zones", zone, "the zone is named twice", "name each zone once")
		}
		seen[zone] = true
	}
}

func (k *checker) checkDNS() {
	n := k.cfg.Network
	if n.DNSHostnames && !n.DNSSupport {
		k.add(ErrConflict, "network.dnsHostnames", true, "AWS gives host names only where network.dnsSupport is true", "set both, or neither")
	}
	if k.cfg.Phase >= 2 && (!n.DNSSupport || !n.DNSHostnames) {
		k.add(ErrConflict, "network.dnsSupport", n.DNSSupport, "the mount targets of EFS are found by the VPC's DNS", "set network.dnsSupport and network.dnsHostnames to true from phase 2 on")
	}
	if len(n.DNSServers) > 4 {
		k.add(ErrValue, "network.dnsServers", n.DNSServers, "DHCP options take at most four servers", "name four or fewer")
	}
}

func (k *checker) checkVPN() {
	n := k.cfg.Network
	if n.VPNCustomerGatewayIP == "" {
		if len(n.VPNStaticRoutes) > 0 {
			k.add(ErrConflict, "network.vpnStaticRoutes", n.VPNStaticRoutes, "there is no VPN connection to route to", "set network.vpnCustomerGatewayIp too")
		}
		return
	}
	if n.VPNBGPASN < 1 || n.VPNBGPASN > 2147483647 || n.VPNBGPASN == 7224 || n.VPNBGPASN == 9059 || n.VPNBGPASN == 10124 || n.VPNBGPASN == 17943 {
		k.add(ErrValue, "network.vpnBgpAsn", n.VPNBGPASN, "not an autonomous system number that a customer gateway may have", "keep 65000 unless the office network has its own")
	}
	plan, err := addressplan.New(n.VPCCIDR)
	if err != nil {
		return // reported with network.vpcCidr
	}
	for _, cidr := range n.VPNStaticRoutes {
		if p, err := netip.ParsePrefix(cidr); err == nil && p.Overlaps(plan.VPC()) {
			k.add(ErrConflict, "network.vpnStaticRoutes", cidr, "the office network overlaps the VPC "+n.VPCCIDR, "choose another network.vpcCidr")
		}
	}
}
