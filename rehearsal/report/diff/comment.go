package diff

import (
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
)

// Limit is how long a comment may be, in bytes. GitHub takes 65,536 characters,
// of which there are never more than bytes; the rest is room for what the workflow
// adds when it posts the comment.
const Limit = 65536 - 2000

// Sizes in bytes that the parts of a comment may have; what is left of Limit
// goes to the folded part.
const (
	errorSize  = 6000
	tableSize  = 14000
	extraSize  = 8000
	sketchSize = 8000
	// lostNames is how many lost data holders are named; all are counted.
	lostNames = 40
)

// Result is what a comparison has found.
type Result struct {
	Stack string
	// Base and Head name the revisions for people.
	Base, Head string
	Plan       Plan
	// From and To are the phases of the base and of the head; 0 if unknown.
	From, To int
	// BaseError says why the base cannot be rehearsed, Refusal why the head
	// cannot be planned or applied on top of it.
	BaseError, Refusal string
	// AllowLoss says that somebody has allowed this change to lose data.
	AllowLoss bool
	// Sections say what the change means: who reaches whom, cost, time, sketch.
	Sections []Section
}

// Section is a part of a comment: Markdown under a heading.
type Section struct{ Title, Text string }

// OK tells whether the change may be merged as far as this comparison can tell.
func (r Result) OK() bool {
	return r.BaseError == "" && r.Refusal == "" && (r.AllowLoss || len(r.lost()) == 0)
}

func (r Result) lost() []Change { return r.Plan.Lost(r.From, r.To) }

// unchanged tells whether there is nothing to say.
func (r Result) unchanged() bool {
	return r.BaseError == "" && r.Refusal == "" && r.Plan.Empty()
}

// Marker begins the first line of every comment on a stack, by which a workflow
// finds the one to update.
func Marker(stack string) string { return "<!-- webphases-diff stack=" + stack + " " }

// Comment is the whole comment, in GitHub's Markdown: the verdict first, then
// the numbers, then the full diff, folded. It is never longer than Limit; only
// the folded part is cut, and says so.
func (r Result) Comment() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%schanges=%t -->\n", Marker(r.Stack), !r.unchanged())
	b.WriteString(r.verdict())
	if r.BaseError == "" && !r.unchanged() {
		b.WriteString(r.counts())
		b.WriteString(r.properties())
		for _, s := range r.Sections {
			if s.Text != "" {
				fmt.Fprintf(&b, "### %s\n\n%s\n", s.Title, s.Text)
			}
		}
	}
	footer := fmt.Sprintf("\n<sub>%s on top of %s, rehearsed on the Pulumi engine with a modelled AWS. No account was asked.</sub>\n",
		code(r.Head, 80), code(r.Base, 80))
	b.WriteString(r.fold(Limit - b.Len() - len(footer)))
	b.WriteString(footer)
	return b.String()
}

// Headline is the verdict in one line of plain text.
func (r Result) Headline() string {
	lost := len(r.lost())
	switch {
	case r.BaseError != "":
		return "the base cannot be rehearsed"
	case r.Refusal != "" && lost > 0:
		return fmt.Sprintf("refused; %s would be replaced or deleted", count(lost, "data holder"))
	case r.Refusal != "":
		return "refused"
	case lost > 0 && r.AllowLoss:
		return fmt.Sprintf("%s replaced or deleted, as allowed", count(lost, "data holder"))
	case lost > 0:
		return fmt.Sprintf("%s would be replaced or deleted", count(lost, "data holder"))
	case r.Plan.Empty():
		return "No changes"
	default:
		return "nothing that holds data is replaced or deleted"
	}
}

func (r Result) verdict() string {
	var b strings.Builder
	sign := map[bool]string{true: "✅", false: "❌"}[r.OK()]
	lost := r.lost()
	if len(lost) > 0 && r.OK() {
		sign = "⚠️"
	}
	fmt.Fprintf(&b, "## %s %s: %s\n\n", sign, code(r.Stack, 100), r.Headline())
	for _, reason := range []string{r.BaseError, r.Refusal} {
		if reason != "" {
			b.WriteString(block("text", strings.Split(clip(reason, errorSize), "\n")) + "\n")
		}
	}
	for i, c := range lost {
		if i == lostNames {
			fmt.Fprintf(&b, "- **and %d more**, in the full diff\n", len(lost)-i)
			break
		}
		fmt.Fprintf(&b, "- **%s %s is %s: what it holds is lost**%s\n", code(short(c), 60), code(c.URN.Name(), 80), r.fate(c), because(c))
	}
	switch {
	case len(lost) == 0:
	case strings.Contains(r.Refusal, "protect"):
		b.WriteString("\nPulumi refuses it while the resource is protected. If it is meant: first lift the protection, by a pull request of its own.\n")
	case r.AllowLoss:
		b.WriteString("\nThis pull request is allowed to lose data.\n")
	default:
		b.WriteString("\nIf that is meant, add the label `allow-data-loss` (`make diff ALLOW=data-loss`).\n")
	}
	if len(lost) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// fate says what happens to a lost resource.
func (r Result) fate(c Change) string {
	for _, replaced := range r.Plan.Replaced {
		if replaced.URN == c.URN {
			return "replaced"
		}
	}
	return "deleted"
}

// because names the properties that make the replacement necessary.
func because(c Change) string {
	var names []string
	for _, p := range c.Props {
		if p.Replaces && len(names) < 3 {
			names = append(names, code(p.Path, 60))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (by " + strings.Join(names, ", ") + ")"
}

// short is aws:ec2:Vpc for the token aws:ec2/vpc:Vpc, as the CLI shows it.
func short(c Change) string { return catalog.Display(string(c.URN.Type())) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// clip shortens text to a number of bytes at the end of a line, if it has one.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := strings.ToValidUTF8(s[:most], "")
	if i := strings.LastIndexByte(cut, '\n'); i > 0 {
		cut = cut[:i]
	}
	return cut + "\n…"
}
