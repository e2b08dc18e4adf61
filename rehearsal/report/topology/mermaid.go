package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// maxEdges is how many lines GitHub draws; it refuses a picture with more.
//
// Source: https://mermaid.js.org/config/schema-docs/config.html#maxedges
const maxEdges = 500

// Mermaid is a small flowchart of what is allowed, for a pull request: things in
// several zones are drawn once, and DNS and time are left out.
func Mermaid(g *graph.Graph, m *reach.Model) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	flows := slices.DeleteFunc(m.Flows(), func(f reach.Flow) bool { return f.ToKind == reach.DNSResolver || f.ToKind == reach.TimeService })
	ids := map[string]string{}
	var inside []string
	for _, e := range m.Endpoints {
		used := slices.ContainsFunc(flows, func(f reach.Flow) bool { return f.From == e.Name || f.To == e.Name })
		if ids[e.Name] != "" || !used {
			continue
		}
		ids[e.Name] = fmt.Sprintf("n%d", len(ids))
		node := ids[e.Name] + shape(e)
		if e.Subnet == "" || e.Kind == reach.CloudFront {
			b.WriteString("  " + node + "\n")
		} else {
			inside = append(inside, node)
		}
	}
	name := g.Region
	for _, vpc := range g.OfType(catalog.EC2VPC) {
		name += ", VPC " + vpc.Str("cidrBlock")
	}
	fmt.Fprintf(&b, "  subgraph vpc [\"%s\"]\n", quote(name))
	for _, node := range inside {
		b.WriteString("    " + node + "\n")
	}
	b.WriteString("  end\n")
	drawn := 0
	for len(flows) > 0 && drawn < maxEdges {
		first := flows[0]
		var same []reach.Flow
		flows = slices.DeleteFunc(flows, func(f reach.Flow) bool {
			if f.From == first.From && f.To == first.To {
				same = append(same, f)
				return true
			}
			return false
		})
		fmt.Fprintf(&b, "  %s -- \"%s\" --> %s\n", ids[first.From], quote(reach.PortsText(same)), ids[first.To])
		drawn++
	}
	return b.String()
}

// shape draws data as a cylinder and the world outside with round ends.
func shape(e *reach.Endpoint) string {
	name := quote(e.Name)
	switch {
	case e.Kind == reach.Database || e.Kind == reach.FileSystem:
		return `[("` + name + `")]`
	case e.Subnet == "" || e.Kind == reach.CloudFront:
		return `(["` + name + `"])`
	}
	return `["` + name + `"]`
}

// quote keeps a text from ending Mermaid's quotes.
func quote(text string) string { return strings.ReplaceAll(text, `"`, "#quot;") }
