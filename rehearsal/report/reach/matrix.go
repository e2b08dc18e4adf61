package reach

import (
	"html/template"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Nothing stands in a matrix where nothing is allowed.
const Nothing = "–"

// row is what the matrices show: a line per source, a column per destination.
type row struct {
	From  string
	Cells []square
}

type square struct {
	To    string
	Flows []Flow
}

// rows leaves out what has nothing in its whole line, and columns likewise.
func (m *Model) rows() (columns []string, rows []row) {
	flows := m.Flows()
	var sources []string
	for _, e := range m.Endpoints {
		if !slices.Contains(sources, e.Name) && slices.ContainsFunc(flows, func(f Flow) bool { return f.From == e.Name }) {
			sources = append(sources, e.Name)
		}
		if !slices.Contains(columns, e.Name) && slices.ContainsFunc(flows, func(f Flow) bool { return f.To == e.Name }) {
			columns = append(columns, e.Name)
		}
	}
	for _, from := range sources {
		r := row{From: from}
		for _, to := range columns {
			s := square{To: to}
			for _, f := range flows {
				if f.From == from && f.To == to {
					s.Flows = append(s.Flows, f)
				}
			}
			r.Cells = append(r.Cells, s)
		}
		rows = append(rows, r)
	}
	return columns, rows
}

// Text is the square's ports: "80, 443" or "53 tcp+udp"; tcp is not said.
func (s square) Text() string {
	if len(s.Flows) == 0 {
		return Nothing
	}
	return PortsText(s.Flows)
}

// PortsText is the ports of flows: "80, 443", "53 tcp+udp", "123 udp". That a
// port is tcp's is not said.
func PortsText(flows []Flow) string {
	var order []string
	protocols := map[string][]string{}
	for _, f := range flows {
		key := f.Ports + "\x00" + f.where()
		if protocols[key] == nil {
			order = append(order, key)
		}
		protocols[key] = append(protocols[key], f.Protocol)
	}
	texts := make([]string, 0, len(order))
	for _, key := range order {
		ports, where, _ := strings.Cut(key, "\x00")
		if protocol := strings.Join(protocols[key], "+"); protocol != "tcp" {
			ports += " " + protocol
		}
		texts = append(texts, ports+where)
	}
	return strings.Join(texts, ", ")
}

// WriteText writes the matrix, and below it what allows each cell, for a terminal.
func (m *Model) WriteText(to io.Writer) error {
	columns, rows := m.rows()
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, "from \\ to\t"+strings.Join(columns, "\t")+"\n"); err != nil {
		return err
	}
	for _, r := range rows {
		line := r.From
		for _, s := range r.Cells {
			line += "\t" + s.Text()
		}
		if _, err := io.WriteString(table, line+"\n"); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var below strings.Builder
	for _, f := range m.Flows() {
		below.WriteString("\n" + f.Key() + "\n")
		for _, r := range f.AllowedBy {
			below.WriteString("  " + r.String() + "\n")
		}
	}
	_, err := io.WriteString(to, below.String())
	return err
}

// WriteMarkdown writes the matrix as a table for GitHub.
func (m *Model) WriteMarkdown(to io.Writer) error {
	columns, rows := m.rows()
	var b strings.Builder
	b.WriteString("| from \\ to | " + strings.Join(columns, " | ") + " |\n| ---" + strings.Repeat(" | ---", len(columns)) + " |\n")
	for _, r := range rows {
		b.WriteString("| " + r.From)
		for _, s := range r.Cells {
			b.WriteString(" | " + s.Text())
		}
		b.WriteString(" |\n")
	}
	_, err := io.WriteString(to, b.String())
	return err
}

// WriteHTML writes the matrix as a table, with what allows each cell in a
// details element. Its classes are reach, reach-none and reach-rules.
func (m *Model) WriteHTML(to io.Writer) error {
	columns, rows := m.rows()
	return matrix.Execute(to, map[string]any{"Columns": columns, "Rows": rows, "Nothing": Nothing})
}

var matrix = template.Must(template.New("reach").Parse(`<table class="reach">
<thead><tr><th scope="col">from \ to</th>{{range .Columns}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>{{range .Rows}}
<tr><th scope="row">{{.From}}</th>
{{- range .Cells}}{{if .Flows}}<td><details><summary>{{.Text}}</summary>
{{- range .Flows}}<p>{{.Protocol}} {{.Ports}} is allowed by</p><ul class="reach-rules">{{range .AllowedBy}}<li>{{.Kind}} <b>{{.Name}}</b>: {{.Text}}</li>{{end}}</ul>{{end -}}
</details></td>{{else}}<td class="reach-none">{{$.Nothing}}</td>{{end}}{{end}}</tr>{{end}}
</tbody></table>
`))
