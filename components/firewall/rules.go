package firewall

import "cmp"

// The names of the groups.
const (
	web          = "web"
	loadBalancer = "load-balancer"
	database     = "database"
	storage      = "storage"
	endpoints    = "endpoints"
)

// cloudFront stands for its prefix list.
const cloudFront = "cloudfront"

const (
	everywhere = "0.0.0.0/0"
	// The time service that AWS runs in every VPC.
	// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html
	timeService = "169.254.169.123/32"
)

type group struct{ name, description string }

// rule allows one port in one direction. The peer is another group's name or a
// range. Security groups are stateful: answers need no rule.
type rule struct {
	group    string
	egress   bool
	protocol string
	port     int
	peer     string
	why      string
}

func (a Args) groups() []group {
	all := []group{{web, "Web servers"}}
	if a.LoadBalanced {
		all = append(all, group{loadBalancer, "Load balancer"})
	}
	if a.Database {
		all = append(all,
			group{database, "Database: MySQL from the web servers"},
			group{storage, "Shared files: NFS from the web servers"},
		)
	}
	if a.Endpoints {
		all = append(all, group{endpoints, "Interface endpoints: AWS APIs for the web servers"})
	}
	return all
}

// rules is the whole list of what may talk to what.
func (a Args) rules() []rule {
	r := a.entryRules()
	if a.Database {
		port := cmp.Or(a.DatabasePort, 3306)
		r = append(r,
			rule{group: database, protocol: "tcp", port: port, peer: web, why: "MySQL from the web servers"},
			rule{group: storage, protocol: "tcp", port: 2049, peer: web, why: "NFS from the web servers"},
			rule{group: web, egress: true, protocol: "tcp", port: port, peer: database, why: "MySQL to the database"},
			rule{group: web, egress: true, protocol: "tcp", port: 2049, peer: storage, why: "NFS to the shared files"},
		)
	}
	if a.Endpoints {
		r = append(r, rule{group: endpoints, protocol: "tcp", port: 443, peer: web, why: "AWS APIs for the web servers"})
	}
	return append(r, a.outwardRules()...)
}

// entryRules: how clients and administrators come in.
func (a Args) entryRules() []rule {
	var r []rule
	clients := a.ClientCIDRs
	if a.CloudFrontList != "" {
		clients = []string{cloudFront}
	}
	for _, cidr := range clients {
		if !a.LoadBalanced {
			r = append(r,
				rule{group: web, protocol: "tcp", port: 80, peer: cidr, why: "HTTP from clients"},
				rule{group: web, protocol: "tcp", port: 443, peer: cidr, why: "HTTPS from clients"},
			)
			continue
		}
		r = append(r, rule{group: loadBalancer, protocol: "tcp", port: 80, peer: cidr, why: "HTTP from clients"})
		if a.TLS {
			r = append(r, rule{group: loadBalancer, protocol: "tcp", port: 443, peer: cidr, why: "HTTPS from clients"})
		}
	}
	if a.LoadBalanced {
		r = append(r,
			rule{group: loadBalancer, egress: true, protocol: "tcp", port: 80, peer: web, why: "HTTP to the web servers"},
			rule{group: web, protocol: "tcp", port: 80, peer: loadBalancer, why: "HTTP from the load balancer only"},
		)
	}
	for _, cidr := range a.SSHCIDRs {
		r = append(r, rule{group: web, protocol: "tcp", port: 22, peer: cidr, why: "SSH from web.sshCidrs"})
	}
	return r
}

// outwardRules: what the servers need of the world.
func (a Args) outwardRules() []rule {
	r := []rule{
		{group: web, egress: true, protocol: "tcp", port: 80, peer: everywhere, why: "Package mirrors"},
		{group: web, egress: true, protocol: "tcp", port: 443, peer: everywhere, why: "AWS APIs and package mirrors"},
		{group: web, egress: true, protocol: "udp", port: 123, peer: timeService, why: "Time"},
	}
	if a.MailPort > 0 {
		r = append(r, rule{group: web, egress: true, protocol: "tcp", port: a.MailPort, peer: everywhere, why: "E-mail"})
	}
	servers := a.DNSServers
	if len(servers) == 0 {
		servers = []string{a.Resolver}
	}
	for _, server := range servers {
		r = append(r,
			rule{group: web, egress: true, protocol: "udp", port: 53, peer: server + "/32", why: "DNS"},
			rule{group: web, egress: true, protocol: "tcp", port: 53, peer: server + "/32", why: "DNS"},
		)
	}
	return r
}
