package timeline

import (
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/server"
)

// short is what is taken for a type without a time of its own: one call of an API.
var short = catalog.Time{Seconds: 1.5, Source: "one call of AWS's API: taken to be a second or two"}

// cases tells which case of its type a resource is; a type not named has none.
var cases = map[string]func(*graph.Resource) string{
	catalog.RDSInstance: func(r *graph.Resource) string {
		if r.True("multiAz") {
			return "multiAz"
		}
		return ""
	},
	catalog.EC2VPCEndpoint: func(r *graph.Resource) string {
		if r.Str("vpcEndpointType") == "Interface" {
			return "interface"
		}
		return ""
	},
	// A server that is there alone bakes itself first; one of a group has a golden image.
	catalog.SSMAssociation: func(r *graph.Resource) string {
		script := r.Str("parameters.script")
		if script == server.Configure && r.Str("targets.0.key") == "InstanceIds" {
			return "boot"
		}
		return script
	},
}

// duration is how long the resource takes, and from where that is known.
func duration(g *graph.Graph, r *graph.Resource) (time.Duration, catalog.Time) {
	if strings.HasPrefix(r.Type, "random:") {
		return time.Second / 10, catalog.Time{Seconds: 0.1, Source: "computed on this machine"}
	}
	which := ""
	if of := cases[r.Type]; of != nil {
		which = of(r)
	}
	basis, found := short, false
	known, _ := catalog.Get(r.Type)
	for _, t := range known.Times {
		if t.When == which || t.When == "" && !found {
			basis, found = t, true
		}
	}
	seconds := basis.Seconds
	if r.Type == catalog.AutoScalingAttachment {
		seconds += healthCheck(g, r)
	}
	return time.Duration(seconds * float64(time.Second)), basis
}

// healthCheck is how many seconds pass before the load balancer takes a new
// server for healthy: the first check that it passes.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func healthCheck(g *graph.Graph, attachment *graph.Resource) float64 {
	if target := g.With(catalog.LBTargetGroup, "arn", attachment.Str("lbTargetGroupArn")); target != nil {
		return target.Num("healthCheck.interval")
	}
	return 0
}
