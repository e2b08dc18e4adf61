package firewall

// The names of the groups.
const (
	web          = "web"
	loadBalancer = "load-balancer"
	database     = "database"
	storage      = "storage"
)

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
		all = append(all, group{database, "Database: MySQL from the web servers"}, group{storage, "Shared files: NFS from the web servers"})
	}
	return all
}

// rules is the whole list of what may talk to what.
func (a Args) rules() []rule {
	r := a.entryRules()
	if a.Database {
		r = append(r,
			rule{database, false, "tcp", 3306, web, "MySQL from the web servers"},
			rule{storage, false, "tcp", 2049, web, "NFS from the web servers"},
			rule{web, true, "tcp", 3306, database, "MySQL to the database"},
			rule{web, true, "tcp", 2049, storage, "NFS to the shared files"})
	}
	return append(r, a.outwardRules()...)
}

// entryRules: how clients and administrators come in.
func (a Args) entryRules() []rule {
	var r []rule
	for _, cidr := range a.ClientCIDRs {
		if !a.LoadBalanced {
			r = append(r, rule{web, false, "tcp", 80, cidr, "HTTP from clients"}, rule{web, false, "tcp", 443, cidr, "HTTPS from clients"})
			continue
		}
		r = append(r, rule{loadBalancer, false, "tcp", 80, cidr, "HTTP from clients"})
		if a.TLS {
			r = append(r, rule{loadBalancer, false, "tcp", 443, cidr, "HTTPS from clients"})
		}
	}
	if a.LoadBalanced {
		r = append(r,
			rule{loadBalancer, true, "tcp", 80, web, "HTTP to the web servers"},
			rule{web, false, "tcp", 80, loadBalancer, "HTTP from the load balancer only"})
	}
	for _, cidr := range a.SSHCIDRs {
		r = append(r, rule{web, false, "tcp", 22, cidr, "SSH from web.sshCidrs"})
	}
	return r
}

// outwardRules: what the servers need of the world.
func (a Args) outwardRules() []rule {
	r := []rule{
		{web, true, "tcp", 80, everywhere, "Package mirrors"},
		{web, true, "tcp", 443, everywhere, "AWS APIs and package mirrors"},
		{web, true, "udp", 123, timeService, "Time"},
	}
	servers := a.DNSServers
	if len(servers) == 0 {
		servers = []string{a.Resolver}
	}
	for _, server := range servers {
		r = append(r, rule{web, true, "udp", 53, server + "/32", "DNS"}, rule{web, true, "tcp", 53, server + "/32", "DNS"})
	}
	return r
}
