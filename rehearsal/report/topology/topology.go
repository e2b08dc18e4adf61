// Package topology draws a stack: its zones as columns, its subnets by tier, what
// is in them, the ways in and out, and what is allowed as arrows.
//
// d2 lays out the boxes, as nested grids, and renders them. Arrows are routed
// here: in a grid they are straight and short. A subnet shows one box for each
// kind of thing in it.
package topology

import (
	"context"
	"fmt"
	"log/slog"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2lib"
	"oss.terrastruct.com/d2/d2renderers/d2svg"
	"oss.terrastruct.com/d2/d2target"
	"oss.terrastruct.com/d2/d2themes/d2themescatalog"
	d2log "oss.terrastruct.com/d2/lib/log"
	"oss.terrastruct.com/d2/lib/textmeasure"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// SVG draws the stack as a self-contained SVG that follows the reader's light or
// dark scheme. The same stack gives the same bytes.
func SVG(ctx context.Context, g *graph.Graph, m *reach.Model) ([]byte, error) {
	s := newScene(g, m)
	diagram, err := layOut(ctx, s.source())
	if err != nil {
		return nil, fmt.Errorf("laying out the topology of %s: %w", g.Stack, err)
	}
	s.finish(diagram)
	pad, theme, plain, salt := int64(16), d2themescatalog.NeutralGrey.ID, true, "topology"
	drawn, err := d2svg.Render(diagram, &d2svg.RenderOpts{Pad: &pad, ThemeID: &theme, NoXMLTag: &plain, OmitVersion: &plain, Salt: &salt})
	if err != nil {
		return nil, fmt.Errorf("drawing the topology of %s: %w", g.Stack, err)
	}
	return s.dress(drawn)
}

// layOut places what the text describes. Everything in it is a grid, which d2
// lays out by itself: no layout engine is ever asked.
func layOut(ctx context.Context, source string) (*d2target.Diagram, error) {
	ruler, err := textmeasure.NewRuler()
	if err != nil {
		return nil, err
	}
	none := func(context.Context, *d2graph.Graph) error { return nil }
	ctx = d2log.With(ctx, slog.New(slog.DiscardHandler))
	diagram, _, err := d2lib.Compile(ctx, source, &d2lib.CompileOptions{
		Ruler: ruler, LayoutResolver: func(string) (d2graph.LayoutGraph, error) { return none, nil },
	}, &d2svg.RenderOpts{})
	return diagram, err
}
