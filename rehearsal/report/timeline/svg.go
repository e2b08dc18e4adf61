package timeline

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
)

// The chart's measures, in pixels of its own view box.
const (
	chartWidth  = 960
	labelWidth  = 260
	rightMargin = 64 // a duration may stand right of the longest bar
	rowHeight   = 24
	headHeight  = 30
	barHeight   = 14
)

// longTask is how long a task must take to have a row of its own.
const longTask = 10 * time.Second

// SVG draws the schedule as a Gantt chart, the critical path highlighted. What
// takes less than ten seconds shares one row. It follows the reader's choice of
// a light or dark display, and takes the font of the page around it.
func SVG(s Schedule) string {
	var long, brief []Task
	for _, t := range s.Tasks {
		if t.Duration >= longTask {
			long = append(long, t)
		} else {
			brief = append(brief, t)
		}
	}
	height := headHeight + rowHeight*(len(long)+1) + 8
	c := canvas{scale: float64(chartWidth-labelWidth-rightMargin) / max(s.Total.Seconds(), 1)}
	c.write(`<svg class="gantt" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		chartWidth, height, html.EscapeString(fmt.Sprintf("Gantt chart: %s in all, %d rows", Minutes(s.Total), len(long)+1)))
	c.write("%s", ganttStyle)
	c.axis(s.Total, height)
	for i, t := range long {
		y := headHeight + i*rowHeight
		c.label(y, t.Name, catalog.Short(t.Type), t.Critical)
		c.bar(y, t)
		c.write(`<text class="time" x="%.1f" y="%d">%s</text>`, c.x(t.End())+5, y+17, Minutes(t.Duration))
	}
	y := headHeight + len(long)*rowHeight
	c.label(y, fmt.Sprintf("and %d more within %g s each", len(brief), longTask.Seconds()), "", false)
	for _, t := range brief {
		c.bar(y, t)
	}
	c.write("</svg>")
	return c.String()
}

const ganttStyle = `<style>
.gantt{font:12px system-ui,sans-serif;--ink:#1b1f24;--quiet:#6b7280;--line:#d9dee5;--bar:#7aa7d9;--critical:#d1495b}
@media (prefers-color-scheme:dark){.gantt{--ink:#e6e9ee;--quiet:#9aa4b2;--line:#323943;--bar:#4f83bd;--critical:#ef6f7f}}
@media print{.gantt{--ink:#000;--quiet:#444;--line:#ccc;--bar:#7aa7d9;--critical:#d1495b}}
.gantt text{fill:var(--ink)}.gantt .time,.gantt .tick{fill:var(--quiet);font-size:11px}.gantt line{stroke:var(--line)}
.gantt rect{fill:var(--bar)}.gantt .critical{fill:var(--critical)}.gantt text.critical{font-weight:600;fill:var(--ink)}.gantt .time{font-weight:400}
</style>`

type canvas struct {
	strings.Builder
	scale float64 // pixels per second
}

func (c *canvas) write(format string, values ...any) { fmt.Fprintf(c, format+"\n", values...) }

func (c *canvas) x(at time.Duration) float64 { return labelWidth + at.Seconds()*c.scale }

// axis draws a line every so many minutes: at most ten of them.
func (c *canvas) axis(total time.Duration, height int) {
	step := 10 * time.Second
	for _, next := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour} {
		if total/step <= 9 {
			break
		}
		step = next
	}
	for at := time.Duration(0); at <= total; at += step {
		c.write(`<line x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, c.x(at), c.x(at), headHeight-8, height-6)
		c.write(`<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>`, c.x(at), headHeight-14, Minutes(at))
	}
}

// label writes a row's name and the kind of resource; a name that is too long
// for both is cut.
func (c *canvas) label(y int, name, kind string, critical bool) {
	const longest = 36
	if room := longest - len(kind); len(name) > room {
		name = name[:max(room-1, 1)] + "…"
	}
	class := ""
	if critical {
		class = ` class="critical"`
	}
	c.write(`<text%s x="%d" y="%d" text-anchor="end">%s <tspan class="time">%s</tspan></text>`, class, labelWidth-10, y+17, html.EscapeString(name), html.EscapeString(kind))
}

func (c *canvas) bar(y int, t Task) {
	class := ""
	if t.Critical {
		class = ` class="critical"`
	}
	kind := catalog.Short(t.Type)
	c.write(`<rect%s x="%.1f" y="%d" width="%.1f" height="%d" rx="2"><title>%s</title></rect>`, class,
		c.x(t.Start), y+(rowHeight-barHeight)/2, max(t.Duration.Seconds()*c.scale, 1.5), barHeight,
		html.EscapeString(fmt.Sprintf("%s %s: starts after %s, takes %s", kind, t.Name, Minutes(t.Start), Minutes(t.Duration))))
}

// Minutes writes a time as exactly as is known, for most are estimates: 16m from ten
// minutes on, 2m 30s from one on, 45s below.
func Minutes(d time.Duration) string {
	switch {
	case d >= 10*time.Minute:
		d = d.Round(time.Minute)
	case d >= time.Minute:
		d = d.Round(10 * time.Second)
	default:
		d = d.Round(time.Second)
	}
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%dh %dm", h, m)
	case m > 0 && s > 0:
		return fmt.Sprintf("%dm %ds", m, s)
	case m > 0:
		return fmt.Sprintf("%dm", m)
	default:
		return fmt.Sprintf("%ds", s)
	}
}
