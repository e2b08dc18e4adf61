// Package crowd says how many visitors a stack stands, where it breaks first, what it
// costs there and what to raise: from the plan, from figures that were measured on this
// repository's own servers (measured.json), and from assumptions that the page states.
//
// It is arithmetic, not a load test: it leaves out slow plugins, locks in the database,
// credits of burstable types that have run out, and AWS's own limits.
package crowd

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/webphases/webphases/internal/capacity"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

//go:embed measured.json
var embedded []byte

// Measured are the servers' own figures.
type Measured struct {
	AsOf          string  `json:"asOf"`
	How           string  `json:"how"`
	RenderedMs    float64 `json:"renderedMs"`    // of a processor, for a page that is made
	KeptPerSecond float64 `json:"keptPerSecond"` // pages from the server's cache, for a processor; a file counts as one
}

func measured() (m Measured, err error) {
	if err = json.Unmarshal(embedded, &m); err != nil {
		return m, fmt.Errorf("measured.json: %w", err)
	}
	return m, nil
}

// full is the share of a processor, a line or a pool that is used before it counts as
// broken: beyond it, answers wait for each other.
const full = 0.8

// databaseShare is how much of a page's work is the database's, where that is a server of
// its own. An estimate.
const databaseShare = 0.2

// Crowd is visitors as they come.
type Crowd struct {
	Hits  float64 // share of pages for strangers that CloudFront answers
	Known float64 // share of pages for visitors whom WordPress knows, each made anew
}

// Site is what a stack has for visitors.
type Site struct {
	Edge          bool
	Least, Most   int // servers
	InstanceType  string
	DatabaseClass string // "": on the server
	Measured      Measured

	pageKB, filesKB float64
	requests        float64 // for a page and its files
	graph           *graph.Graph
	assumptions     cost.Assumptions
}

// Read reads a stack; it fails only if measured.json is damaged.
func Read(g *graph.Graph, a cost.Assumptions) (*Site, error) {
	m, err := measured()
	if err != nil {
		return nil, err
	}
	s := &Site{
		Edge: len(g.OfType(catalog.CloudFrontDistribution)) > 0, Least: 1, Most: 1, Measured: m,
		pageKB: a.Get("crowd.kbPage"), filesKB: a.Get("crowd.kbFiles"), requests: a.Get("crowd.requests"), graph: g, assumptions: a,
	}
	for _, db := range g.OfType(catalog.RDSInstance) {
		s.DatabaseClass = db.Str("instanceClass")
	}
	groups := g.OfType(catalog.AutoScalingGroup)
	if len(groups) == 0 {
		for _, i := range g.OfType(catalog.EC2Instance) {
			s.InstanceType = i.Str("instanceType")
		}
		return s, nil
	}
	s.Least, s.Most = groups[0].Int("minSize"), groups[0].Int("maxSize")
	if template := g.Template(groups[0]); template != nil {
		s.InstanceType = template.Str("instanceType")
	}
	return s, nil
}

// Limit is one thing that a crowd uses up.
type Limit struct {
	What string
	// Views is how many pages a second it stands.
	Views float64
	// Raise is the key that raises it.
	Raise string
}

// Limits are all of them for a crowd at so many servers.
func (s *Site) Limits(c Crowd, servers int) []Limit {
	made, sent, kb := s.perView(c)
	processors := float64(servers * Processors(s.InstanceType))
	own := s.Measured.RenderedMs / 1000
	raise := "web.maxSize"
	if s.Most == 1 {
		raise = "phase"
	}
	limits := []Limit{}
	if s.DatabaseClass != "" {
		limits = append(limits, Limit{"the database's processors", per(full*float64(Processors(strings.TrimPrefix(s.DatabaseClass, "db."))), made*own*databaseShare), "database.instanceClass"})
		connections := capacity.Connections(s.DatabaseClass) * full
		limits = append(limits, Limit{"the database's connections", per(connections/(2*own), made), "database.instanceClass"})
		own *= 1 - databaseShare
	}
	limits = append(limits,
		Limit{"the servers' processors", per(full*processors, made*own+sent/s.Measured.KeptPerSecond), raise},
		Limit{"the servers' PHP processes", per(float64(servers*(capacity.PHPProcesses(s.InstanceType)-1))/(2*own), made), raise},
	)
	if line := Line(s.InstanceType); line > 0 {
		limits = append(limits, Limit{"the servers' network", per(full*float64(servers)*line*1e9/8/1e3, kb), raiseLine(s.Edge, raise)})
	}
	return limits
}

func raiseLine(edge bool, otherwise string) string {
	if !edge && otherwise != "phase" {
		return "edge.enabled"
	}
	return otherwise
}

// per is how often a thing goes into what there is; for ever if it needs nothing.
func per(there, each float64) float64 {
	if each <= 0 {
		return math.Inf(1)
	}
	return there / each
}

// perView is what one view asks of the servers: pages to make, kept pages and files to
// send, and KB. CloudFront has the files that a page shows, all but one in a hundred.
func (s *Site) perView(c Crowd) (made, sent, kb float64) {
	hits, files := 0.0, 1.0
	if s.Edge {
		hits, files = c.Hits, 0.01
	}
	made = c.Known
	kept := (1 - c.Known) * (1 - hits)
	return made, kept + files*(s.requests-1), (made+kept)*s.pageKB + files*s.filesKB
}

// Carries is how many views a second the stack stands at its most servers, and what
// breaks first.
func (s *Site) Carries(c Crowd) Limit { return first(s.Limits(c, s.Most)) }

func first(limits []Limit) Limit {
	least := limits[0]
	for _, l := range limits[1:] {
		if l.Views < least.Views {
			least = l
		}
	}
	return least
}

// Cost is what a month costs in which so many views come every second.
func (s *Site) Cost(views float64) (cost.Money, error) {
	const month = cost.Hours * 3600
	a, err := s.assumptions.With(
		"group.servers="+strconv.Itoa(s.Most),
		number("internet.gbOut", views*month*(s.pageKB+s.filesKB)/1e6),
		number("internet.millionRequests", views*month*s.requests/1e6),
	)
	if err != nil {
		return 0, err
	}
	bill, err := cost.Estimate(s.graph, a)
	return bill.Total(), err
}

func number(key string, value float64) string {
	return fmt.Sprintf("%s=%.3f", key, min(value, 1e9))
}

// Processors of an instance type, from its name.
//
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
func Processors(name string) int {
	_, size, _ := strings.Cut(name, ".")
	switch size {
	case "medium":
		if strings.HasPrefix(name, "t") {
			return 2
		}
		return 1
	case "nano", "micro", "small", "large":
		return 2
	}
	n, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge"))
	if err != nil {
		n = 1
	}
	return 4 * n
}

// Line is the network of an instance type in Gbit/s that it has all the time; 0 if this
// table does not have it.
//
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html#gp_network
func Line(name string) float64 {
	return map[string]float64{
		"t3.nano": 0.032, "t3.micro": 0.064, "t3.small": 0.128, "t3.medium": 0.256, "t3.large": 0.512, "t3.xlarge": 1.024, "t3.2xlarge": 2.048,
		"t4g.nano": 0.032, "t4g.micro": 0.064, "t4g.small": 0.128, "t4g.medium": 0.256, "t4g.large": 0.512, "t4g.xlarge": 1.024, "t4g.2xlarge": 2.048,
		"m6i.large": 0.781, "m6i.xlarge": 1.562, "m7g.medium": 0.52, "m7g.large": 0.937, "m7g.xlarge": 1.876, "m7i.large": 0.781, "m7i.xlarge": 1.562,
		"c7g.medium": 0.52, "c7g.large": 0.937, "c7g.xlarge": 1.876,
	}[name]
}
