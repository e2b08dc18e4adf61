package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// compareReach computes who reaches whom twice: by the rules of the state and by
// those that AWS has. A rule too many is one line of the table; what it opens is
// another.
func (r *run) compareReach() error {
	if len(r.Graph.OfType(catalog.EC2VPC)) == 0 {
		return nil
	}
	want, err := flows(r.Graph)
	if err != nil {
		return fmt.Errorf("by the stack's state: %w", err)
	}
	seen, err := flows(r.held())
	if err != nil {
		return fmt.Errorf("by what AWS holds: %w", err)
	}
	for _, flow := range want {
		r.add("reach", Item{Subject: "reach", What: flow, Want: "allowed", Seen: word(slices.Contains(seen, flow))})
	}
	for _, flow := range seen {
		if !slices.Contains(want, flow) {
			r.add("reach", Item{Subject: "reach", What: flow, Want: word(false), Seen: "allowed"})
		}
	}
	return nil
}

func word(allowed bool) string {
	if allowed {
		return "allowed"
	}
	return "refused"
}

func flows(g *graph.Graph) ([]string, error) {
	m, err := reach.New(g)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, f := range m.Flows() {
		keys = append(keys, f.Key())
	}
	return keys, nil
}

// held is the state with the rules, routes and entries that AWS has in the place
// of its own.
func (r *run) held() *graph.Graph {
	g := *r.Graph
	g.Resources = nil
	for _, res := range r.Graph.Resources {
		switch res.Type {
		case ingressType, egressType, routeType, aclRuleType, associationType:
			continue
		case aclType:
			res = with(res, "subnetIds", r.associated("network ACL", res.ID))
		}
		g.Resources = append(g.Resources, res)
	}
	for _, key := range slices.Sorted(maps.Keys(r.seen)) {
		for name, value := range r.seen[key] {
			for kind, read := range readers {
				if id, ok := strings.CutPrefix(key, kind+" "); ok {
					g.Resources = append(g.Resources, read(id, strings.Fields(name), strings.Fields(value))...)
				}
			}
		}
	}
	return &g
}

func with(r *graph.Resource, property string, value any) *graph.Resource {
	changed := *r
	changed.Properties = maps.Clone(r.Properties)
	changed.Properties[property] = value
	return &changed
}

func (r *run) associated(kind, id string) []any {
	var all []any
	for name := range r.seen[kind+" "+id] {
		if subnet, ok := strings.CutPrefix(name, "subnet "); ok {
			all = append(all, subnet)
		}
	}
	return all
}

// readers turn facts of AWS back into the resources that would promise them.
var readers = map[string]func(id string, name, value []string) []*graph.Resource{
	"security group": readRule, "route table": readRoute, "network ACL": readEntry,
}

func made(token string, p graph.Properties) []*graph.Resource {
	return []*graph.Resource{{Type: token, Name: "in AWS", Custom: true, Properties: p}}
}

// readRule reads "rule in tcp 80 10.0.0.0/16".
func readRule(id string, name, _ []string) []*graph.Resource {
	if len(name) != 5 || name[0] != "rule" {
		return nil
	}
	token := map[string]string{"in": ingressType, "out": egressType}[name[1]]
	p := graph.Properties{"securityGroupId": id, "ipProtocol": name[2]}
	setPorts(p, name[3])
	switch peer := name[4]; {
	case strings.HasPrefix(peer, "sg-"):
		p["referencedSecurityGroupId"] = peer
	case strings.HasPrefix(peer, "pl-"):
		p["prefixListId"] = peer
	default:
		p["cidrIpv4"] = peer
	}
	return made(token, p)
}

func setPorts(p graph.Properties, ports string) {
	from, to, is := strings.Cut(ports, "-")
	if !is {
		to = from
	}
	if ports != "all" {
		p["fromPort"], p["toPort"] = from, to
	}
}

// readRoute reads "route 0.0.0.0/0" to "igw-1", and "subnet subnet-1".
func readRoute(id string, name, value []string) []*graph.Resource {
	switch {
	case len(name) != 2 || len(value) != 1:
		return nil
	case name[0] == "subnet":
		return made(associationType, graph.Properties{"routeTableId": id, "subnetId": name[1]})
	case name[0] != "route" || value[0] == "local":
		return nil
	}
	gateway := "gatewayId"
	if strings.HasPrefix(value[0], "nat-") {
		gateway = "natGatewayId"
	}
	return made(routeType, graph.Properties{"routeTableId": id, "destinationCidrBlock": name[1], gateway: value[0]})
}

// readEntry reads "entry in 1000": "allow tcp 80 0.0.0.0/0".
func readEntry(id string, name, value []string) []*graph.Resource {
	if len(name) != 3 || name[0] != "entry" || len(value) != 4 {
		return nil
	}
	p := graph.Properties{
		"networkAclId": id, "egress": name[1] == "out", "ruleNumber": name[2],
		"ruleAction": value[0], "protocol": value[1], "cidrBlock": value[3],
	}
	setPorts(p, value[2])
	return made(aclRuleType, p)
}
