package topology

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"oss.terrastruct.com/d2/d2target"
	"oss.terrastruct.com/d2/lib/geo"
	"oss.terrastruct.com/d2/lib/label"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// rect is where a box lies.
type rect struct{ left, top, right, bottom float64 }

func (r rect) middle() (x, y float64) { return (r.left + r.right) / 2, (r.top + r.bottom) / 2 }

type canvas struct {
	shapes map[string]*d2target.Shape
	taken  map[string]int // how many arrows a pair of boxes has, and has had
}

func (c *canvas) rect(id string) rect {
	s := c.shapes[id]
	return rect{float64(s.Pos.X), float64(s.Pos.Y), float64(s.Pos.X + s.Width), float64(s.Pos.Y + s.Height)}
}

func (c *canvas) move(id string, x, y float64) {
	c.shapes[id].Pos = d2target.NewPoint(int(x), int(y))
}

// finish moves what a grid cannot place, frames the group, and routes the arrows.
func (s *scene) finish(d *d2target.Diagram) {
	c := &canvas{shapes: map[string]*d2target.Shape{}, taken: map[string]int{}}
	for i := range d.Shapes {
		c.shapes[d.Shapes[i].ID] = &d.Shapes[i]
	}
	s.placeOutside(c)
	s.placeBeside(c)
	frame := s.frame(c)
	if frame != nil {
		d.Shapes = append(d.Shapes, *frame)
		for i := range d.Shapes {
			c.shapes[d.Shapes[i].ID] = &d.Shapes[i]
		}
	}
	pairs := map[string]int{}
	for _, a := range d.Connections {
		pairs[pair(a.Src, a.Dst)]++
	}
	for i := range d.Connections {
		a := &d.Connections[i]
		key := pair(a.Src, a.Dst)
		c.taken[key]++
		a.Route = c.route(a.Src, a.Dst, c.taken[key], pairs[key], frame != nil)
		a.LabelPosition = label.InsideMiddleCenter.String()
		a.BorderRadius = 8
		switch {
		case slices.Contains(a.Classes, part):
			a.DstArrow = d2target.NoArrowhead
		case slices.Contains(a.Classes, replica):
			a.Route = c.below(a.Src, a.Dst)
		}
	}
}

func pair(x, y string) string { return min(x, y) + "\x00" + max(x, y) }

// placeOutside centres the people above the internet gateway, and puts the
// office above the VPN gateway at the side.
func (s *scene) placeOutside(c *canvas) {
	const gap = 40
	width := -float64(gap)
	for _, o := range s.outside {
		if o.kind != reach.Office {
			width += c.rect(o.id).right - c.rect(o.id).left + gap
		}
	}
	x, _ := c.rect(gateway).middle()
	x -= width / 2
	for _, o := range s.outside {
		r := c.rect(o.id)
		if o.kind == reach.Office {
			at, _ := c.rect(vpnGateway).middle()
			c.move(o.id, at-(r.right-r.left)/2, r.top)
			continue
		}
		c.move(o.id, x, r.top)
		x += r.right - r.left + gap
	}
}

// placeBeside puts what stands at the side at the height of what it talks to.
func (s *scene) placeBeside(c *canvas) {
	servers := append(s.at(reach.Server), s.at(reach.Servers)...)
	if len(servers) == 0 {
		return
	}
	var services []box
	for _, b := range s.beside {
		left, at := c.rect(b.id).left, c.rect(gateway)
		switch {
		case b.kind == reach.Stranger:
			for _, balancer := range s.at(reach.Balancer) {
				at = c.rect(balancer.id)
			}
		case b.id != vpnGateway:
			services = append(services, b)
			continue
		}
		c.shapes[b.id].Height = int(at.bottom - at.top)
		c.move(b.id, left, at.top)
	}
	of := c.rect(servers[0].id)
	step := (of.bottom - of.top) / float64(max(1, len(services)))
	for i, b := range services {
		c.shapes[b.id].Height = int(step) - 8
		c.move(b.id, c.rect(b.id).left, of.top+float64(i)*step+4)
	}
}

// frameID is the frame around the servers of a group, across the zones.
const frameID = "frame"

func (s *scene) frame(c *canvas) *d2target.Shape {
	servers := s.at(reach.Servers)
	if len(servers) == 0 {
		return nil
	}
	const margin, foot = 9, 24
	first, final := c.rect(servers[0].id), c.rect(servers[len(servers)-1].id)
	made := *c.shapes[servers[0].id]
	made.ID, made.Classes = frameID, []string{"group"}
	made.Pos = d2target.NewPoint(int(first.left)-margin, int(first.top)-margin)
	made.Width, made.Height = int(final.right-first.left)+2*margin, int(first.bottom-first.top)+margin+foot
	made.StrokeDash, made.Fill = 5, "transparent"
	made.Bold, made.FontSize = false, 14
	made.LabelPosition = label.InsideBottomLeft.String()
	for _, g := range s.g.OfType(catalog.AutoScalingGroup) {
		made.Label = fmt.Sprintf("Auto Scaling group %s: %d to %d servers", g.Name, g.Int("minSize"), g.Int("maxSize"))
	}
	made.LabelWidth, made.LabelHeight = 8*len(made.Label), 18
	made.ZIndex = 1
	return &made
}

// aside is how far from the boxes at the side lines run beside them.
const aside = 34

// route leads from one box to another: straight down, up or across where they
// face each other, else by an elbow in the gap between them. It is line number nth,
// from 1, of the lines between the same boxes.
func (c *canvas) route(from, to string, nth, lines int, framed bool) []*geo.Point {
	a, b := c.rect(from), c.rect(to)
	if framed {
		a = c.outOfFrame(from, a, b)
	}
	share := float64(nth) / float64(lines+1)
	left, right := math.Max(a.left, b.left), math.Min(a.right, b.right)
	top, bottom := math.Max(a.top, b.top), math.Min(a.bottom, b.bottom)
	switch {
	case right-left > 20: // one above the other
		if lines == 1 {
			share = 0.82 // beside the names of subnets and zones, which stand at the left
		}
		x := left + (right-left)*share
		if a.bottom <= b.top {
			return points(x, a.bottom, x, b.top)
		}
		return points(x, a.top, x, b.bottom)
	case bottom-top > 10 && strings.HasPrefix(from, columns) && strings.HasPrefix(to, columns) && math.Max(a.left, b.left)-math.Min(a.right, b.right) > slotGap:
		return c.below(from, to) // under what stands between
	case bottom-top > 10: // side by side
		y := top + (bottom-top)*share
		if a.right <= b.left {
			return points(a.right, y, b.left, y)
		}
		return points(a.left, y, b.right, y)
	}
	ax, _ := a.middle()
	bx, by := b.middle()
	switch {
	case a.right <= b.left && a.top >= b.bottom: // up at the side
		return points(a.right, a.top+4, b.left-aside, a.top+4, b.left-aside, by, b.left, by)
	case b.right <= a.left && b.top >= a.bottom: // down from the side
		return points(a.left, (a.top+a.bottom)/2, a.left-aside, (a.top+a.bottom)/2, a.left-aside, by, b.right, by)
	case a.bottom <= b.top:
		y := b.top - 50
		return points(ax, a.bottom, ax, y, bx, y, bx, b.top)
	}
	y := b.bottom + 50
	return points(ax, a.top, ax, y, bx, y, bx, b.bottom)
}

// below leads from the foot of one box to the foot of another.
func (c *canvas) below(from, to string) []*geo.Point {
	a, b := c.rect(from), c.rect(to)
	ax, _ := a.middle()
	bx, _ := b.middle()
	y := math.Max(a.bottom, b.bottom) + 19
	return points(ax, a.bottom, ax, y, bx, y, bx, b.bottom)
}

// outOfFrame lets arrows that go down or across begin at the group's frame: they
// are the whole group's.
func (c *canvas) outOfFrame(id string, a, b rect) rect {
	f := c.rect(frameID)
	if a.left > f.left && a.right < f.right && a.top > f.top && a.bottom < f.bottom && id != frameID {
		if b.top >= f.bottom {
			a.bottom = f.bottom
		}
		if b.left >= f.right {
			a.right = f.right
		}
	}
	return a
}

func points(xy ...float64) []*geo.Point {
	var all []*geo.Point
	for i := 0; i < len(xy); i += 2 {
		all = append(all, geo.NewPoint(xy[i], xy[i+1]))
	}
	return all
}
