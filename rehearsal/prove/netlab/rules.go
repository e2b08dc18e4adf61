package netlab

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Rules is the router's nftables ruleset: network ACLs look at each packet that enters
// or leaves a subnet, security groups at new connections.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html
func (p *Plan) Rules() string {
	w := &rules{}
	w.line("flush ruleset")
	w.line("table ip vpc {")
	p.sets(w)
	p.networkACLs(w)
	p.securityGroups(w)
	w.line("	chain forward {")
	w.line("		type filter hook forward priority 0; policy drop;")
	var within, leave, enter []string
	for _, s := range p.subnets {
		within = append(within, fmt.Sprintf("%q . %q", s.device(), s.device()))
		leave = append(leave, fmt.Sprintf("%q : jump %s_egress", s.device(), s.device()))
		enter = append(enter, fmt.Sprintf("%q : jump %s_ingress", s.device(), s.device()))
	}
	w.line("		iifname . oifname { %s } goto groups", strings.Join(within, ", "))
	w.line("		iifname vmap { %s }", strings.Join(leave, ", "))
	w.line("		oifname vmap { %s }", strings.Join(enter, ", "))
	w.line("		goto groups")
	w.line("	}")
	w.line("}")
	return w.String()
}

type rules struct{ strings.Builder }

func (w *rules) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// sets are the members of each security group and prefix list that a rule names.
func (p *Plan) sets(w *rules) {
	members := map[string][]string{}
	for _, r := range slices.Concat(p.Graph.OfType(catalog.VPCSecurityGroupIngressRule), p.Graph.OfType(catalog.VPCSecurityGroupEgressRule)) {
		for _, named := range []string{r.Str("referencedSecurityGroupId"), r.Str("prefixListId")} {
			if named != "" {
				members[named] = nil
			}
		}
	}
	for _, h := range p.Hosts {
		if h.Endpoint == nil {
			continue
		}
		for _, named := range append(slices.Clone(h.Endpoint.Groups()), h.Endpoint.PrefixList()) {
			if _, ok := members[named]; ok {
				members[named] = append(members[named], h.Address.String())
			}
		}
	}
	for _, named := range slices.Sorted(maps.Keys(members)) {
		elements := ""
		if len(members[named]) > 0 {
			elements = " elements = { " + strings.Join(members[named], ", ") + " };"
		}
		w.line("	set %s { type ipv4_addr;%s }", word(named), elements)
	}
}

// networkACLs are two chains for each subnet, in the order of the entries' numbers.
func (p *Plan) networkACLs(w *rules) {
	for _, s := range p.subnets {
		acl := p.aclOf(s)
		for _, d := range directions {
			w.line("	chain %s_%s {", s.device(), d.name)
			for _, entry := range p.entries(acl, d) {
				verdict := "return"
				if entry.Str("ruleAction") == "deny" {
					verdict = "drop"
				}
				w.line("		%s%s%s", peer(entry.Str("cidrBlock"), d), ports(entry, entry.Str("protocol")), verdict)
			}
			if acl != nil { // the VPC's own ACL lets everything through
				w.line("		drop")
			}
			w.line("	}")
		}
	}
}

// direction has the words for one.
type direction struct{ name, peer, rules string }

var directions = []direction{
	{"egress", "daddr", catalog.VPCSecurityGroupEgressRule},
	{"ingress", "saddr", catalog.VPCSecurityGroupIngressRule},
}

func (p *Plan) aclOf(s *subnet) *graph.Resource {
	for _, acl := range p.Graph.OfType(catalog.EC2NetworkACL) {
		if slices.Contains(acl.Texts("subnetIds"), s.resource.ID) {
			return acl
		}
	}
	return nil
}

func (p *Plan) entries(acl *graph.Resource, d direction) []*graph.Resource {
	var entries []*graph.Resource
	for _, r := range p.Graph.OfType(catalog.EC2NetworkACLRule) {
		if acl != nil && r.Str("networkAclId") == acl.ID && r.True("egress") == (d.name == "egress") {
			entries = append(entries, r)
		}
	}
	slices.SortFunc(entries, func(x, y *graph.Resource) int { return cmp.Compare(x.Int("ruleNumber"), y.Int("ruleNumber")) })
	return entries
}

// securityGroups are two chains for each host that has any: one rule of one group is
// enough for a connection to begin, and then it goes on.
func (p *Plan) securityGroups(w *rules) {
	var ask []string
	for _, d := range directions {
		var chains []string
		for _, h := range p.Hosts {
			if h.at == nil || h.Endpoint == nil || len(h.Endpoint.Groups()) == 0 {
				continue
			}
			chain := name("h", h.Address) + "_" + d.name
			chains = append(chains, fmt.Sprintf("%s : jump %s", h.Address, chain))
			w.line("	chain %s {", chain)
			for _, r := range p.Graph.OfType(d.rules) {
				if slices.Contains(h.Endpoint.Groups(), r.Str("securityGroupId")) {
					w.line("		%s%sreturn", p.groupPeer(r, d), ports(r, r.Str("ipProtocol")))
				}
			}
			w.line("		drop")
			w.line("	}")
		}
		own := map[string]string{"egress": "saddr", "ingress": "daddr"}[d.name]
		if len(chains) > 0 {
			ask = append(ask, fmt.Sprintf("ip %s vmap { %s }", own, strings.Join(chains, ", ")))
		}
	}
	w.line("	chain groups {")
	w.line("		ct state established,related accept")
	for _, line := range ask {
		w.line("		%s", line)
	}
	w.line("		accept")
	w.line("	}")
}

func (p *Plan) groupPeer(r *graph.Resource, d direction) string {
	for _, named := range []string{r.Str("referencedSecurityGroupId"), r.Str("prefixListId")} {
		if named != "" {
			return fmt.Sprintf("ip %s @%s ", d.peer, word(named))
		}
	}
	return peer(r.Str("cidrIpv4"), d)
}

// peer matches a range. What names no IPv4 range matches nothing here.
func peer(cidr string, d direction) string {
	p, err := netip.ParsePrefix(cidr)
	if err != nil || !p.Addr().Is4() {
		return fmt.Sprintf("ip %s 0.0.0.0 ", d.peer)
	}
	return fmt.Sprintf("ip %s %s ", d.peer, p.Masked())
}

// ports matches a rule's protocol and ports.
func ports(r *graph.Resource, protocol string) string {
	switch protocol {
	case "-1", "all":
		return ""
	case "6":
		protocol = "tcp"
	case "17":
		protocol = "udp"
	}
	from, to := r.Int("fromPort"), r.Int("toPort")
	switch {
	case protocol != "tcp" && protocol != "udp":
		return "meta l4proto " + protocol + " "
	case from < 0 || from == 0 && to == 65535:
		return "meta l4proto " + protocol + " "
	case from == to:
		return fmt.Sprintf("%s dport %d ", protocol, from)
	}
	return fmt.Sprintf("%s dport %d-%d ", protocol, from, to)
}

// gateway is the internet gateway's ruleset: public addresses stand for private ones
// one by one, and nothing else of the VPC is on the internet.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (p *Plan) gateway() string {
	var in, out, mapped []string
	for _, h := range p.Hosts {
		if h.Public.IsValid() {
			in = append(in, fmt.Sprintf("%s : %s", h.Public, h.Address))
			out = append(out, fmt.Sprintf("%s : %s", h.Address, h.Public))
			mapped = append(mapped, h.Address.String())
		}
	}
	w := &rules{}
	w.line("flush ruleset")
	w.line("table ip gateway {")
	w.line("	map inside { type ipv4_addr : ipv4_addr; %s }", elements(in))
	w.line("	map outside { type ipv4_addr : ipv4_addr; %s }", elements(out))
	w.line("	set mapped { type ipv4_addr; %s }", elements(mapped))
	w.line("	chain prerouting { type nat hook prerouting priority dstnat; iifname != vpc dnat to ip daddr map @inside; }")
	w.line("	chain postrouting { type nat hook postrouting priority srcnat; iifname vpc snat to ip saddr map @outside; }")
	w.line("	chain forward {")
	w.line("		type filter hook forward priority 0; policy accept;")
	w.line("		iifname vpc ip daddr { %s } drop", strings.Join(reserved, ", "))
	w.line("		iifname != vpc ip saddr { %s } drop", strings.Join(reserved, ", "))
	w.line("		ct state established,related accept")
	w.line("		iifname vpc ip saddr @mapped accept")
	w.line("		oifname vpc ct status dnat accept")
	w.line("		drop")
	w.line("	}")
	w.line("}")
	return w.String()
}

// natRules let the VPC out under the gateway's own address; nobody begins a connection
// to it, nor through it from outside.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
func natRules(own netip.Addr, vpc netip.Prefix) string {
	return fmt.Sprintf(`table ip nat {
	chain out { type nat hook postrouting priority srcnat; snat to %s; }
	chain in { type filter hook input priority 0; policy drop; }
	chain through {
		type filter hook forward priority 0; policy drop;
		ct state established,related accept
		ip saddr %s ct state new accept
	}
}
`, own, vpc)
}

func elements(of []string) string {
	if len(of) == 0 {
		return ""
	}
	return "elements = { " + strings.Join(of, ", ") + " };"
}

// reserved are the ranges that nobody has on the internet.
//
// Source: https://www.iana.org/assignments/iana-ipv4-special-registry
var reserved = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
}

// ways are the routes of a subnet, as "ip route" takes them after "add".
func (p *Plan) ways(s *subnet) []string {
	table := ""
	for _, r := range p.Graph.OfType(catalog.EC2RouteTableAssociation) {
		if r.Str("subnetId") == s.resource.ID {
			table = r.Str("routeTableId")
		}
	}
	if table == "" {
		return nil
	}
	var ways []string
	for _, r := range p.Graph.OfType(catalog.EC2Route) {
		if r.Str("routeTableId") != table || r.Str("destinationCidrBlock") == "" {
			continue
		}
		to := r.Str("destinationCidrBlock")
		if p.Graph.With(catalog.EC2VPNGateway, "id", r.Str("gatewayId")) != nil {
			ways = append(ways, p.toOffice(to)...)
		} else if via := p.via(r); via != "" {
			ways = append(ways, to+" "+via)
		}
	}
	for _, r := range p.Graph.OfType(catalog.EC2VPCEndpoint) {
		if slices.Contains(r.Texts("routeTableIds"), table) {
			ways = append(ways, fmt.Sprintf("%s dev store", storeAddress))
		}
	}
	for _, r := range p.Graph.OfType(catalog.EC2VPNGatewayRoutePropagation) {
		if r.Str("routeTableId") == table {
			ways = append(ways, p.toOffice("0.0.0.0/0")...)
		}
	}
	return ways
}

// toOffice are routes to those in the range who are behind the VPN connection.
func (p *Plan) toOffice(cidr string) []string {
	within := netip.MustParsePrefix(cidr)
	var ways []string
	for _, h := range p.Hosts {
		if h.office && within.Contains(h.Address) {
			ways = append(ways, fmt.Sprintf("%s dev %s", h.Address, name("p", h.Address)))
		}
	}
	return ways
}

func (p *Plan) via(r *graph.Resource) string {
	if p.Graph.With(catalog.EC2InternetGateway, "id", r.Str("gatewayId")) != nil {
		return "via 192.0.2.2 dev igw"
	}
	nat := p.Graph.With(catalog.EC2NATGateway, "id", r.Str("natGatewayId"))
	if nat == nil {
		return ""
	}
	for _, h := range p.outward {
		if h.at.resource.ID == nat.Str("subnetId") {
			return fmt.Sprintf("via %s dev %s", h.Address, h.at.device())
		}
	}
	return ""
}

// word makes a name for nftables of an AWS id.
func word(id string) string { return strings.ReplaceAll(id, "-", "_") }
