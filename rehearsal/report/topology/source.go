package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// Sizes in pixels.
const (
	slotWidth    = 132
	slotHeight   = 64
	serverHeight = 136
	slotGap      = 18
	sideWidth    = 120
)

// sizes of the names of what holds others.
var sizes = map[string]int{"region": 18, "vpc": 16, "zone": 14, "public": 13, "private": 13}

// source is the diagram in d2's language.
//
// Source: https://d2lang.com/tour/grid-diagrams
func (s *scene) source() string {
	var b strings.Builder
	line := func(depth int, format string, args ...any) {
		fmt.Fprintf(&b, strings.Repeat("  ", depth)+format+"\n", args...)
	}
	line(0, "grid-columns: 1\nvertical-gap: 70")
	// The names of what holds others stand at the left, beside the arrows.
	for _, class := range slices.Sorted(maps.Keys(sizes)) {
		line(0, "classes.%s: { label.near: top-left; style.font-size: %d }", class, sizes[class])
	}
	line(0, `people: "" { class: ghost; grid-rows: 1; horizontal-gap: 40; vertical-gap: 4`)
	for _, o := range s.outside {
		line(1, "%s: %s { class: %s; width: 190; height: 52 }", last(o.id), strconv.Quote(o.label), o.class)
	}
	line(0, "}\nregion: %s { class: region; grid-columns: 1; horizontal-gap: 24; vertical-gap: 38", strconv.Quote(s.g.Region))
	s.writeVPC(line)
	for _, f := range s.below {
		line(1, "%s: %s { class: storage; height: 48 }", last(f.id), strconv.Quote(f.label))
	}
	line(0, "}")
	for _, a := range s.arrows {
		line(0, "%s -> %s: %s { class: [flow; %s] }", a.from, a.to, strconv.Quote(a.label), cmp.Or(a.class, "allowed"))
	}
	return b.String()
}

func last(id string) string { return id[strings.LastIndex(id, ".")+1:] }

func (s *scene) writeVPC(line func(int, string, ...any)) {
	name := "VPC"
	for _, r := range s.g.OfType(catalog.EC2VPC) {
		name += " " + r.Str("cidrBlock")
	}
	line(1, "vpc: %s { class: vpc; grid-rows: 1; horizontal-gap: 22; vertical-gap: 14", strconv.Quote(name))
	line(2, `main: "" { class: ghost; grid-columns: 1; horizontal-gap: 2; vertical-gap: 40`)
	line(3, "igw: Internet gateway { class: network; height: 40 }")
	line(3, `zones: "" { class: ghost; grid-rows: 1; horizontal-gap: 26; vertical-gap: 2`)
	for i, zone := range s.zones {
		line(4, "z%d: %s { class: zone; grid-columns: 1; horizontal-gap: 16; vertical-gap: 44", i, strconv.Quote(zone))
		for _, tier := range s.tiers {
			s.writeSubnet(line, zone, tier)
		}
		line(4, "}")
	}
	line(3, "}")
	line(2, "}")
	line(2, `side: "" { class: ghost; grid-columns: 1; horizontal-gap: 56; vertical-gap: 12`)
	for _, o := range s.beside {
		line(3, "%s: %s { class: %s; width: %d }", last(o.id), strconv.Quote(o.label), o.class, sideWidth)
	}
	line(2, "}")
	line(1, "}")
}

// writeSubnet draws a subnet, or leaves its place free in zones that lack it.
func (s *scene) writeSubnet(line func(int, string, ...any), zone, tier string) {
	label, class, name := "", "ghost", ""
	for _, subnet := range s.m.Subnets() {
		if subnet.Zone == zone && subnet.Tier == tier {
			name = subnet.Name
			class = map[reach.Way]string{reach.ByInternetGateway: "public"}[subnet.Out]
			if class == "" {
				class = "private"
			}
			label = strings.TrimPrefix(tier, commonPrefix(s.tiers)) + " " + subnet.CIDR
		}
	}
	if label == "" {
		label = " " // as high as the others
	}
	line(5, "%s: %s { class: %s; grid-rows: 1; horizontal-gap: %d; vertical-gap: 34", s.row(tier), strconv.Quote(label), class, slotGap)
	kinds := s.slots[tier]
	height := slotHeight
	for _, kind := range kinds {
		for _, boxes := range s.inside {
			height = max(height, boxes[kind].height)
		}
	}
	width := (s.widest()*(slotWidth+slotGap))/max(1, len(kinds)) - slotGap
	for _, kind := range kinds {
		b, ok := s.inside[name][kind]
		if !ok {
			b = box{class: "ghost"}
		}
		line(6, "%s: %s { class: [%s]; width: %d; height: %d }", slotID(kind), strconv.Quote(b.label), strings.TrimSuffix(b.class+"; "+b.also, "; "), width, height)
	}
	if len(kinds) == 0 {
		line(6, `empty: "" { class: ghost; width: %d; height: %d }`, width, height)
	}
	line(5, "}")
}

// widest is the largest number of slots in a tier.
func (s *scene) widest() int {
	most := 2
	for _, kinds := range s.slots {
		most = max(most, len(kinds))
	}
	return most
}

// commonPrefix is what the names of all tiers begin with, up to a hyphen: the
// name of the component.
func commonPrefix(names []string) string {
	prefix := names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix[:strings.LastIndex(prefix, "-")+1]
}
