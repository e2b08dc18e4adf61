package crowd

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// Row is one crowd and how much of it the stack stands.
type Row struct {
	Who        string
	Limit      Limit
	Month      cost.Money // if it came all the time
	PerMillion cost.Money
}

// Page is all that a report shows of crowds.
type Page struct {
	Site   *Site
	Rows   []Row
	Usual  Row // the crowd of the assumptions
	Rush   Rush
	Advice Advice
}

// New computes the page.
func New(g *graph.Graph, a cost.Assumptions) (*Page, error) {
	s, err := Read(g, a)
	if err != nil {
		return nil, err
	}
	p := &Page{Site: s}
	usual := Crowd{Hits: a.Get("crowd.hitPercent") / 100, Known: a.Get("crowd.knownPercent") / 100}
	hits := []float64{0}
	if s.Edge {
		hits = []float64{0, 0.5, 0.9, 0.95, 0.99}
	}
	for _, h := range hits {
		who := "strangers"
		if s.Edge {
			who = fmt.Sprintf("strangers, %.0f %% of their pages from CloudFront", 100*h)
		}
		if err := p.add(who, Crowd{Hits: h}); err != nil {
			return nil, err
		}
	}
	if err := p.add(fmt.Sprintf("as assumed: %.0f %% are known", 100*usual.Known), usual); err != nil {
		return nil, err
	}
	p.Usual = p.Rows[len(p.Rows)-1]
	if err := p.add("all are known: every page is made", Crowd{Known: 1}); err != nil {
		return nil, err
	}
	p.Rush, p.Advice = s.Rush(usual), s.Advise(usual)
	return p, nil
}

func (p *Page) add(who string, c Crowd) error {
	limit := p.Site.Carries(c)
	month, err := p.Site.Cost(limit.Views)
	if err != nil {
		return err
	}
	millions := limit.Views * cost.Hours * 3600 / 1e6
	p.Rows = append(p.Rows, Row{who, limit, month, cost.Money(float64(month) / millions)})
	return nil
}

// Line is the page in one line.
func (p *Page) Line() string {
	return fmt.Sprintf("%.0f views a second; first to break: %s", p.Usual.Limit.Views, p.Usual.Limit.What)
}

// Verdict says what a million views an hour are to the stack.
func (p *Page) Verdict() string {
	if p.Rush.Failed == 0 {
		return "a million views an hour: all are served"
	}
	text := fmt.Sprintf("a million views an hour: %.0f %% fail, first for want of %s", 100*p.Rush.Failed, p.Rush.Limit.What)
	if len(p.Advice.Keys) > 0 {
		text += "; set " + strings.Join(p.Advice.Keys, ", ")
	}
	if p.Advice.Rush.Failed > 0 {
		return text + fmt.Sprintf(": %.0f %% fail still", 100*p.Advice.Rush.Failed)
	}
	return text + ": all are served then"
}

// WriteText writes the page for a terminal.
func (p *Page) WriteText(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "visitors\tviews a second\tfirst to break\traise\tcost a month, if they come all the time\ta million views")
	for _, r := range p.Rows {
		fmt.Fprintf(table, "%s\t%.0f\t%s\t%s\t%s\t%s\n", r.Who, r.Limit.Views, r.Limit.What, r.Limit.Raise, r.Month.Whole(), r.PerMillion)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(to, "\nfrom 1,000 to a million views an hour within %d minutes, then %d minutes of it:\n", growing, staying)
	table = tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "minute\tviews a second\tservers\tload\tfailed a second")
	for i, m := range p.Rush.Minutes {
		if i%10 == 0 || i == len(p.Rush.Minutes)-1 {
			fmt.Fprintf(table, "%d\t%.0f\t%d\t%.0f %%\t%.0f\n", m.At, m.Asked, m.Servers, 100*full*m.Load, m.Failed)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, "%s\nmeasured  %s, %s\n", p.Verdict(), p.Site.Measured.AsOf, p.Site.Measured.How)
	return err
}

var page = template.Must(template.New("crowd").Funcs(template.FuncMap{
	"whole":   func(f float64) string { return fmt.Sprintf("%.0f", f) },
	"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*full*f) },
	"tenth":   func(i int) bool { return i%5 == 0 },
}).Parse(`<table>
<thead><tr><th scope="col">visitors</th><th scope="col">views a second</th><th scope="col">first to break</th><th scope="col">raise</th><th scope="col">cost a month, if they come all the time</th><th scope="col">a million views</th></tr></thead>
<tbody>{{range .Rows}}<tr><th scope="row">{{.Who}}</th><td>{{whole .Limit.Views}}</td><td>{{.Limit.What}}</td><td><code>{{.Limit.Raise}}</code></td><td>{{.Month.Whole}}</td><td>{{.PerMillion}}</td></tr>
{{end}}</tbody></table>
<p>{{.Verdict}}.</p>
<details><summary>From 1,000 to a million views an hour, minute by minute</summary><table>
<thead><tr><th scope="col">minute</th><th scope="col">views a second</th><th scope="col">servers</th><th scope="col">load</th><th scope="col">failed a second</th></tr></thead>
<tbody>{{range .Rush.Minutes}}{{if tenth .At}}<tr><th scope="row">{{.At}}</th><td>{{whole .Asked}}</td><td>{{.Servers}}</td><td>{{percent .Load}}</td><td>{{whole .Failed}}</td></tr>
{{end}}{{end}}</tbody></table></details>
<p>Measured on {{.Site.Measured.AsOf}}: {{.Site.Measured.RenderedMs}} ms of a processor for a page that WordPress makes, {{whole .Site.Measured.KeptPerSecond}} kept pages a second for each. {{.Site.Measured.How}}. The rest is assumed (<code>crowd.*</code>).</p>
`))

// WriteHTML writes the page as tables.
func (p *Page) WriteHTML(to io.Writer) error { return page.Execute(to, p) }
