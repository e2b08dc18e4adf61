package reach

import (
	"fmt"
	"slices"
	"strings"
)

// Flow is cells that say the same for several zones.
type Flow struct {
	From, To         string // names of endpoints
	FromKind, ToKind Kind
	Protocol, Ports  string
	AllowedBy        []Rule // of all its cells, each once
	// Zones says between which zones, such as "a → c", if not between all.
	Zones []string
}

// Key names the flow: flows of two models with the same key are the same.
func (f Flow) Key() string {
	return fmt.Sprintf("%s → %s %s %s", f.From, f.To, f.Protocol, f.Ports) + f.where()
}

func (f Flow) where() string {
	if len(f.Zones) == 0 {
		return ""
	}
	return " (" + strings.Join(f.Zones, ", ") + ")"
}

// Flows are the cells, zones put together, in the order of the endpoints.
func (m *Model) Flows() []Flow {
	var flows []Flow
	var cells [][]Cell
	for _, c := range m.cells {
		i := slices.IndexFunc(flows, func(f Flow) bool {
			return f.From == c.From.Name && f.To == c.To.Name && f.Protocol == c.Protocol && f.Ports == c.Ports
		})
		if i < 0 {
			i = len(flows)
			flows = append(flows, Flow{From: c.From.Name, To: c.To.Name, FromKind: c.From.Kind, ToKind: c.To.Kind, Protocol: c.Protocol, Ports: c.Ports})
			cells = append(cells, nil)
		}
		cells[i] = append(cells[i], c)
		for _, r := range c.AllowedBy {
			if !slices.Contains(flows[i].AllowedBy, r) {
				flows[i].AllowedBy = append(flows[i].AllowedBy, r)
			}
		}
	}
	for i := range flows {
		if len(cells[i]) == m.pairs(flows[i].From, flows[i].To) {
			continue
		}
		for _, c := range cells[i] {
			flows[i].Zones = append(flows[i].Zones, way(c))
		}
	}
	return flows
}

// way is from which zone to which.
func way(c Cell) string {
	zone := func(e *Endpoint) string {
		if e.Zone == "" {
			return e.Name
		}
		return e.Letter()
	}
	return zone(c.From) + " → " + zone(c.To)
}

// pairs is how many pairs of endpoints have these names.
func (m *Model) pairs(from, to string) int {
	n := 0
	for _, f := range m.Endpoints {
		for _, t := range m.Endpoints {
			if f.Name == from && t.Name == to && f != t {
				n++
			}
		}
	}
	return n
}
