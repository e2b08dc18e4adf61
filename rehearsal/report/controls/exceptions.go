package controls

import (
	"slices"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// exception is a control that a stack fails on purpose.
type exception struct {
	// only tells which failures it is for; nil: all of the control's.
	only func(g *graph.Graph, f Failure) bool
	// why is the reason, and lift what meets the control all the same.
	why, lift string
}

// exceptions by control. A failure that none of them explains fails the report.
var exceptions = map[string][]exception{
	"AutoScaling.6": {{
		why:  "a mix of types makes capacity and cost of a server differ, so nobody gets one who has not named it",
		lift: "web.otherInstanceTypes",
	}},
	"CloudFront.1": {{
		why:  "the front page is WordPress': a root object would ask for /index.php, which WordPress leads back to the front page",
		lift: "none",
	}},
	"CloudFront.4": {{
		why:  "the site is in one region; while it fails, visitors get the last good page or a plain one",
		lift: "none",
	}},
	"CloudFront.5": {{
		only: delivered,
		why:  "AWS's rule looks for the older logs, which want a bucket with ACLs; CloudWatch delivers the logs",
		lift: "none",
	}},
	"CloudFront.6": {{
		why:  "a web ACL costs from $5 a month, and its rules are for the site's owner to choose",
		lift: "edge.webAclArn",
	}},
	"CloudFront.7": {{
		only: plain,
		why:  noDomain,
		lift: "domain.name",
	}},
	"CloudFront.9": {{
		why:  "by the VPC origin the way is AWS's own network, as that from the balancer to the servers",
		lift: "none",
	}},
	"CloudFront.15": {{
		only: plain,
		why:  noDomain + ", and its certificate speaks old TLS too; the servers answer nobody who does",
		lift: "domain.name",
	}},
	"EC2.4": {{
		why:  "the stopped builder is what a golden image was made from; it runs only while it is baked, and costs its disk",
		lift: "none: without it the next image would be made from nothing",
	}},
	"EC2.9": {{
		only: func(g *graph.Graph, _ Failure) bool { return len(g.OfType(groupType)) == 0 },
		why:  "the one server of phases 1 and 2 is the site's entry",
		lift: "phase 3: the load balancer is the entry, and servers have private addresses alone",
	}},
	"EC2.10": {{why: interfaceEndpoints, lift: "network.interfaceEndpoints"}},
	"EC2.55": {{why: interfaceEndpoints, lift: "network.interfaceEndpoints"}},
	"EC2.56": {{why: interfaceEndpoints, lift: "network.interfaceEndpoints"}},
	"EC2.57": {{why: interfaceEndpoints, lift: "network.interfaceEndpoints"}},
	"EC2.171": {{
		why:  "the tunnels' logs tell what the office's router logs as well",
		lift: "none",
	}},
	"ELB.1": {{
		only: edged,
		why:  behindEdge,
		lift: "edge.enabled false, with domain.name",
	}, {
		only: plain,
		why:  noCertificate,
		lift: "domain.name",
	}},
	"ELB.18": {{
		only: edged,
		why:  behindEdge,
		lift: "edge.enabled false, with domain.name",
	}, {
		only: plain,
		why:  noCertificate,
		lift: "domain.name",
	}},
	"RDS.5": {{
		only: func(g *graph.Graph, _ Failure) bool { return len(g.OfType(balancerType)) == 0 },
		why:  "phase 2 has one server in one zone, so a standby in another would wait for nobody",
		lift: "phase 3",
	}},
	"RDS.9": {{
		why:  "database.logExports names fewer logs than AWS knows",
		lift: "database.logExports",
	}},
	"RDS.23": {{
		why:  "another port hides nothing from who can reach it, and only the servers can",
		lift: "database.port",
	}},
	"SecretsManager.1": {{
		why:  "a rotation by Secrets Manager would leave Pulumi's state with a password that is not the database's",
		lift: "credentials.rotation, raised by one in a schedule of your own",
	}},
}

const (
	interfaceEndpoints = "an interface endpoint costs about $10 a month in each zone; the servers reach the service by their NAT gateway, over TLS"
	behindEdge         = "nobody but CloudFront reaches the balancer, and it leads HTTP to HTTPS; between them is AWS's own network"
	noDomain           = "without a domain the site has CloudFront's name"
	noCertificate      = "without a domain there is no certificate that browsers accept"
)

// plain tells whether a stack has no certificate.
func plain(g *graph.Graph, _ Failure) bool {
	return len(g.OfType(catalog.ACMCertificate)) == 0
}

// edged tells whether CloudFront is before the balancer, and delivered whether its logs
// are delivered.
func edged(g *graph.Graph, _ Failure) bool { return len(g.OfType(catalog.CloudFrontVPCOrigin)) > 0 }

func delivered(g *graph.Graph, _ Failure) bool { return len(g.OfType(catalog.LogDelivery)) > 0 }

// except moves the failures that have a reason to the result's exceptions.
func (r *Result) except(g *graph.Graph) {
	if len(r.Failures) == 0 {
		return
	}
	for _, e := range exceptions[r.ID] {
		others := func(f Failure) bool { return e.only != nil && !e.only(g, f) }
		if !slices.ContainsFunc(r.Failures, others) {
			r.Status, r.Reason, r.Lift = Excepted, e.why, e.lift
			return
		}
	}
}
