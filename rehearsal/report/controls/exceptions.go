package controls

import (
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
var exceptions = map[string]exception{
	"AutoScaling.6": {
		why:  "a mix of types makes capacity and cost of a server differ, so nobody gets one who has not named it",
		lift: "web.otherInstanceTypes",
	},
	"EC2.4": {
		why:  "the stopped builder is what a golden image was made from; it runs only while it is baked, and costs its disk",
		lift: "none: without it the next image would be made from nothing",
	},
	"EC2.9": {
		only: func(g *graph.Graph, _ Failure) bool { return len(g.OfType(groupType)) == 0 },
		why:  "the one server of phases 1 and 2 is the site's entry",
		lift: "phase 3: the load balancer is the entry, and servers have private addresses alone",
	},
	"EC2.10": {why: interfaceEndpoints, lift: "network.interfaceEndpoints"},
	"EC2.55": {why: interfaceEndpoints, lift: "network.interfaceEndpoints"},
	"EC2.56": {why: interfaceEndpoints, lift: "network.interfaceEndpoints"},
	"EC2.57": {why: interfaceEndpoints, lift: "network.interfaceEndpoints"},
	"EC2.171": {
		why:  "the tunnels' logs tell what the office's router logs as well",
		lift: "none",
	},
	"ELB.1": {
		only: plain,
		why:  noCertificate,
		lift: "domain.name",
	},
	"ELB.18": {
		only: plain,
		why:  noCertificate,
		lift: "domain.name",
	},
	"RDS.5": {
		only: func(g *graph.Graph, _ Failure) bool { return len(g.OfType(balancerType)) == 0 },
		why:  "phase 2 has one server in one zone, so a standby in another would wait for nobody",
		lift: "phase 3",
	},
	"RDS.9": {
		why:  "database.logExports names fewer logs than AWS knows",
		lift: "database.logExports",
	},
	"RDS.23": {
		why:  "another port hides nothing from who can reach it, and only the servers can",
		lift: "database.port",
	},
	"SecretsManager.1": {
		why:  "a rotation by Secrets Manager would leave Pulumi's state with a password that is not the database's",
		lift: "credentials.rotation, raised by one in a schedule of your own",
	},
}

const (
	interfaceEndpoints = "an interface endpoint costs about $10 a month in each zone; the servers reach the service by their NAT gateway, over TLS"
	noCertificate      = "without a domain there is no certificate that browsers accept"
)

// plain tells whether a stack has no certificate.
func plain(g *graph.Graph, _ Failure) bool {
	return len(g.OfType(catalog.ACMCertificate)) == 0
}

// except moves the failures that have a reason to the result's exceptions.
func (r *Result) except(g *graph.Graph) {
	e, ok := exceptions[r.ID]
	if !ok || len(r.Failures) == 0 {
		return
	}
	for _, f := range r.Failures {
		if e.only != nil && !e.only(g, f) {
			return
		}
	}
	r.Status, r.Reason, r.Lift = Excepted, e.why, e.lift
}
