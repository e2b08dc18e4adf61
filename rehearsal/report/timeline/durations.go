package timeline

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/server"
)

//go:embed durations.json
var durationsJSON []byte

// Typical is how long AWS usually takes to create a resource of a type.
type Typical struct {
	Type     string
	When     string // a case of the type; "": all others
	Seconds  float64
	Source   string // what the figure comes from, in words
	Observed string // single observations, if there are any
	Page     string // AWS's page on what is waited for, if there is one
	Note     string
}

// short is what is taken for a type without an entry: one call of an API.
var short = Typical{Seconds: 1.5, Source: "one call of AWS's API: taken to be a second or two"}

// typical reads the committed table, once.
var typical = sync.OnceValues(func() ([]Typical, error) { return readTypical(durationsJSON) })

func readTypical(text []byte) ([]Typical, error) {
	var file struct {
		Sources   map[string]string
		Durations []Typical
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("reading durations.json: %w", err)
	}
	for i, d := range file.Durations {
		source, ok := file.Sources[d.Source]
		if !ok || d.Seconds <= 0 {
			return nil, fmt.Errorf("durations.json: %s: it needs seconds and one of the sources, not %q", d.Type, d.Source)
		}
		file.Durations[i].Source = source
	}
	return file.Durations, nil
}

// cases tells which case of its type a resource is; a type not named has none.
var cases = map[string]func(*graph.Resource) string{
	"aws:rds/instance:Instance": func(r *graph.Resource) string {
		if r.True("multiAz") {
			return "multiAz"
		}
		return ""
	},
	// A server that is there alone bakes itself first; one of a group has a golden image.
	"aws:ssm/association:Association": func(r *graph.Resource) string {
		script := r.Str("parameters.script")
		if script == server.Configure && r.Str("targets.0.key") == "InstanceIds" {
			return "boot"
		}
		return script
	},
}

// duration is how long the resource takes, and from where that is known.
func duration(table []Typical, g *graph.Graph, r *graph.Resource) (time.Duration, Typical) {
	basis, one := short, ""
	if which := cases[r.Type]; which != nil {
		one = which(r)
	}
	for _, t := range table {
		if t.Type == r.Type && (t.When == one || t.When == "" && basis.Type == "") {
			basis = t
		}
	}
	seconds := basis.Seconds
	switch {
	case strings.HasPrefix(r.Type, "random:"):
		seconds, basis = 0.1, Typical{Seconds: 0.1, Source: "computed on this machine"}
	case r.Type == groupType:
		seconds += healthCheck(g, r)
	}
	return time.Duration(seconds * float64(time.Second)), basis
}

// healthCheck is how many seconds pass before the load balancer takes a new
// server for healthy: the first check that it passes.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func healthCheck(g *graph.Graph, group *graph.Resource) float64 {
	for _, arn := range group.Texts("targetGroupArns") {
		if target := g.With("aws:lb/targetGroup:TargetGroup", "arn", arn); target != nil {
			return target.Num("healthCheck.interval")
		}
	}
	return 0
}
