package network

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
)

// aclQuota is how many rules AWS allows per network ACL and direction.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const aclQuota = 20

// The ephemeral ports that answers come back to. A network ACL knows no
// connections, so it must allow the answers by port. NAT gateways and load
// balancers use all of this range.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
const ephemeralFrom, ephemeralTo = 1024, 65535

// serversFrom is where those of a Debian server begin (net.ipv4.ip_local_port_range).
// Port 3389, which nobody should be able to try from the internet, is not among them.
const serversFrom, remoteDesktop = 32768, 3389

// aclRule allows one flow, in one direction.
type aclRule struct {
	purpose  string // part of the resource's name
	egress   bool
	number   int
	protocol string // tcp or udp
	from, to int
	cidr     string
}

// aclRules is what each tier's ACL allows; AWS refuses the rest. It is a pure
// function: who may reach a tier, and the way back.
func (a Args) aclRules(plan addressplan.Plan) map[addressplan.Tier][]aclRule {
	a.DatabasePort = cmp.Or(a.DatabasePort, 3306)
	rules := map[addressplan.Tier][]aclRule{addressplan.Public: a.publicRules()}
	if a.WebZones > 0 {
		rules[addressplan.Web] = a.webRules(plan)
	}
	if a.DatabaseZones > 0 {
		rules[addressplan.Database] = a.databaseRules(plan)
	}
	return rules
}

// publicRules: clients to the load balancer, or to the server while there is no
// web tier; and the way out of the NAT gateways.
func (a Args) publicRules() []aclRule {
	var r []aclRule
	sources := a.ClientCIDRs
	if a.WebZones > 0 && !slices.Contains(sources, everywhere) && !slices.Contains(sources, a.VPCCIDR) {
		sources = append([]string{a.VPCCIDR}, sources...) // the servers, on their way to a NAT gateway
	}
	for _, cidr := range sources {
		r = append(r, in("http", 1000+spread(cidr), 80, 80, cidr), in("https", 2000+spread(cidr), 443, 443, cidr))
	}
	r = append(r, a.sshRules()...)
	r = append(r, a.dnsRules(a.WebZones > 0)...)
	r = append(r, a.mailRules(a.WebZones > 0)...)
	if a.WebZones > 0 { // a NAT gateway whose own port would be 3389 gets no answer, and its client tries again
		r = append(r, in("answers-nat-low", 29100, ephemeralFrom, remoteDesktop-1, everywhere),
			in("answers-nat", 29200, remoteDesktop+1, serversFrom-1, everywhere))
	}
	return append(r, in("answers", 29000, serversFrom, ephemeralTo, everywhere),
		out("http", 1000, 80, 80, everywhere), out("https", 2000, 443, 443, everywhere),
		out("answers", 30000, ephemeralFrom, ephemeralTo, everywhere))
}

// webRules: the load balancer's subnets to port 80 of the servers; the servers
// to the database tier and to the internet.
func (a Args) webRules(plan addressplan.Plan) []aclRule {
	r := a.balancerRules(plan)
	for i, cidr := range subnets(plan, addressplan.Database, a.DatabaseZones) {
		r = append(r, out("mysql", a.mysqlNumber()+i, a.DatabasePort, a.DatabasePort, cidr), out("nfs", 4000+i, 2049, 2049, cidr))
	}
	if len(a.InterfaceEndpoints) > 0 { // in this tier, in every zone
		for i, cidr := range subnets(plan, addressplan.Web, a.WebZones) {
			r = append(r, in("endpoints", 4500+i, 443, 443, cidr))
		}
		r = append(r, out("endpoints-answers", 32000, serversFrom, ephemeralTo, a.VPCCIDR))
	}
	r = append(r, a.sshRules()...)
	for _, cidr := range a.SSHCIDRs {
		r = append(r, out("answers", 31000+spread(cidr), ephemeralFrom, ephemeralTo, cidr))
	}
	r = append(r, a.dnsRules(false)...)
	r = append(r, a.mailRules(false)...)
	return append(r, in("answers", 29000, serversFrom, ephemeralTo, everywhere),
		out("http", 1000, 80, 80, everywhere), out("https", 2000, 443, 443, everywhere))
}

// balancerRules: from the load balancer to the servers of all zones. In the web tier, what
// it is asked by and answers is there too.
func (a Args) balancerRules(plan addressplan.Plan) (r []aclRule) {
	if !a.BalancerInWeb {
		for i, cidr := range subnets(plan, addressplan.Public, a.PublicZones) {
			r = append(r, in("http", 1000+i, 80, 80, cidr), out("answers", 30000+i, ephemeralFrom, ephemeralTo, cidr))
		}
		return r
	}
	for i, cidr := range subnets(plan, addressplan.Web, a.WebZones) {
		i += 500 // while the balancer moves, the rules of both tiers exist side by side
		r = append(r, in("http", 1000+i, 80, 80, cidr), in("answers", 29000+i, ephemeralFrom, ephemeralTo, cidr),
			out("answers", 30000+i, ephemeralFrom, ephemeralTo, cidr))
	}
	return r
}

// databaseRules: the subnets that hold the servers to MySQL and NFS, and the
// answers to them. Nothing else, not even from within the VPC.
func (a Args) databaseRules(plan addressplan.Plan) []aclRule {
	tier, zones := addressplan.Web, a.WebZones
	if zones == 0 {
		tier, zones = addressplan.Public, a.PublicZones
	}
	var r []aclRule
	for i, cidr := range subnets(plan, tier, zones) {
		offset := i
		if tier == addressplan.Public {
			offset += 500 // while a stack grows, the rules of both tiers exist side by side
		}
		r = append(r, in("mysql", a.mysqlNumber()+offset, a.DatabasePort, a.DatabasePort, cidr), in("nfs", 4000+offset, 2049, 2049, cidr),
			out("answers", 30000+offset, ephemeralFrom, ephemeralTo, cidr))
	}
	return r
}

// mysqlNumber is another one for another port, so that the new rule can come before the
// old one goes.
func (a Args) mysqlNumber() int { return 3000 + 10*(((a.DatabasePort-3306)%37+37)%37) }

func (a Args) sshRules() []aclRule {
	var r []aclRule
	for _, cidr := range a.SSHCIDRs {
		r = append(r, in("ssh", 5000+spread(cidr), 22, 22, cidr))
	}
	return r
}

// dnsRules lets the servers ask DNS servers of their own; AWS's resolver needs
// no rule. With forward, also what comes from the web tier towards NAT.
func (a Args) dnsRules(forward bool) []aclRule {
	var r []aclRule
	for _, server := range a.DNSServers {
		cidr := server + "/32"
		r = append(r, out("dns", 6000+spread(cidr), 53, 53, cidr), udp(out("dns-udp", 7000+spread(cidr), 53, 53, cidr)),
			udp(in("dns-answers", 8000+spread(cidr), ephemeralFrom, ephemeralTo, cidr)))
	}
	if forward && len(r) > 0 {
		r = append(r, in("dns", 6000, 53, 53, a.VPCCIDR), udp(in("dns-udp", 7000, 53, 53, a.VPCCIDR)),
			udp(out("dns-answers", 8000, ephemeralFrom, ephemeralTo, a.VPCCIDR)))
	}
	return r
}

// mailRules lets the servers' e-mail out. With forward, also what comes from the web
// tier towards NAT.
func (a Args) mailRules(forward bool) []aclRule {
	if a.MailPort == 0 {
		return nil
	}
	number := 9000 + a.MailPort%999 // another port, another number
	r := []aclRule{out("mail", number, a.MailPort, a.MailPort, everywhere)}
	if forward {
		r = append(r, in("mail", number, a.MailPort, a.MailPort, a.VPCCIDR))
	}
	return r
}

func in(purpose string, number, from, to int, cidr string) aclRule {
	return aclRule{purpose: purpose, number: number, protocol: "tcp", from: from, to: to, cidr: cidr}
}

func out(purpose string, number, from, to int, cidr string) aclRule {
	r := in(purpose, number, from, to, cidr)
	r.egress = true
	return r
}

func udp(r aclRule) aclRule {
	r.protocol = "udp"
	return r
}

// spread turns a range into a number below 500. A rule's number follows from
// its range and not from its place in a list: AWS cannot renumber a rule, and
// two rules cannot share a number even while one replaces the other.
func spread(cidr string) int {
	h := fnv.New32a()
	h.Write([]byte(cidr))
	return int(h.Sum32() % 499)
}

func subnets(plan addressplan.Plan, tier addressplan.Tier, zones int) []string {
	list := make([]string, 0, zones)
	for i := range zones {
		if s, err := plan.Subnet(tier, i); err == nil { // zones were checked
			list = append(list, s.String())
		}
	}
	return list
}

func count(rules []aclRule) map[bool]int {
	n := map[bool]int{}
	for _, r := range rules {
		n[r.egress]++
	}
	return n
}

// clash finds two rules of one direction with the same number.
func clash(rules []aclRule) (one, other string, found bool) {
	type place struct {
		egress bool
		number int
	}
	seen := map[place]string{}
	for _, r := range rules {
		at := place{r.egress, r.number}
		if first, ok := seen[at]; ok {
			return first, r.cidr, true
		}
		seen[at] = r.cidr
	}
	return "", "", false
}

func (n *Network) makeACLs(ctx *pulumi.Context) error {
	rules := n.args.aclRules(n.plan)
	for _, t := range []struct {
		tier    addressplan.Tier
		subnets []Subnet
		made    *[]pulumi.Resource
	}{
		{addressplan.Public, n.Public, &n.PublicRules},
		{addressplan.Web, n.Web, &n.WebRules},
		{addressplan.Database, n.Database, &n.DatabaseRules},
	} {
		if len(t.subnets) == 0 {
			continue
		}
		name := fmt.Sprintf("%s-%s", n.name, t.tier)
		acl, err := ec2.NewNetworkAcl(ctx, name, &ec2.NetworkAclArgs{
			VpcId:     n.VPCID,
			SubnetIds: IDs(t.subnets),
		}, n.child())
		if err != nil {
			return fmt.Errorf("creating the network ACL of the %s tier: %w", t.tier, err)
		}
		for _, r := range rules[t.tier] {
			rule, err := n.makeACLRule(ctx, name, acl, r)
			if err != nil {
				return fmt.Errorf("allowing %s in the network ACL of the %s tier: %w", r.purpose, t.tier, err)
			}
			*t.made = append(*t.made, rule)
		}
	}
	return nil
}

func (n *Network) makeACLRule(ctx *pulumi.Context, name string, acl *ec2.NetworkAcl, r aclRule) (pulumi.Resource, error) {
	direction := "in"
	if r.egress {
		direction = "out"
	}
	return ec2.NewNetworkAclRule(ctx, fmt.Sprintf("%s-%s-%s-%s", name, direction, r.purpose, addressplan.Slug(r.cidr)), &ec2.NetworkAclRuleArgs{
		NetworkAclId: acl.ID(),
		Egress:       pulumi.Bool(r.egress),
		RuleNumber:   pulumi.Int(r.number),
		RuleAction:   pulumi.String("allow"),
		Protocol:     pulumi.String(r.protocol),
		FromPort:     pulumi.Int(r.from),
		ToPort:       pulumi.Int(r.to),
		CidrBlock:    pulumi.String(r.cidr),
	}, n.child())
}
