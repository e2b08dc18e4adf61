// Package verify compares what AWS holds with what a stack promises: what its
// state asked for, and what the program adds to that, such as that a server has
// proven that it serves. It reads and changes nothing.
//
// docs/verify.md describes it; `make verify` calls it.
package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

var (
	// ErrDiffers says that AWS does not hold what the stack promises; the table
	// says where.
	ErrDiffers = errors.New("AWS does not hold what the stack promises")
	// ErrAccount says that the credentials are of another account than the stack.
	ErrAccount = errors.New("the credentials are of another account")
	// ErrEmpty says that the state holds nothing on AWS that could be compared.
	ErrEmpty = errors.New("the stack has nothing on AWS")
)

// Facts are what is known of a thing, by name, in words. A list is sorted and
// joined by ", ".
type Facts map[string]string

// AWS says what the cloud holds.
type AWS interface {
	// Account is the ID of the account that the credentials are of.
	Account(ctx context.Context) (string, error)
	// Facts are those of a thing of a kind, such as a "security group"; nil if there
	// is no such thing.
	Facts(ctx context.Context, kind, id string) (map[string]string, error)
}

// Lack is a fact that a cloud cannot know, such as the health of servers that do
// not run. It is shown as such and not counted.
type Lack struct {
	Kind, What, Why string
}

// Check is what is compared, and with what.
type Check struct {
	Graph *graph.Graph
	AWS   AWS
	Site  Asker // how the site is asked; nil: not at all, which Lacks has to say
	Lacks []Lack
}

// Run compares everything. An error is a reason for which nothing could be
// compared; differences are in the report.
func (c Check) Run(ctx context.Context) (*Report, error) {
	if err := c.sameAccount(ctx); err != nil {
		return nil, err
	}
	r := &run{Check: c, seen: map[string]Facts{}, report: &Report{Stack: c.Graph.Stack}}
	for _, p := range promises(c.Graph) {
		if err := r.compare(ctx, p); err != nil {
			return nil, err
		}
	}
	if len(r.report.Items) == 0 {
		return nil, fmt.Errorf("%w: the state of %s holds none of the program's resources; bring it up first", ErrEmpty, c.Graph.Stack)
	}
	if err := r.compareProofs(ctx); err != nil {
		return nil, err
	}
	if err := r.compareReach(); err != nil {
		return nil, err
	}
	r.compareSite(ctx)
	r.report.Unread = unread(c.Graph)
	r.nameThings()
	return r.report, nil
}

// sameAccount compares the accounts first: in another one everything would be
// missing, which says nothing.
func (c Check) sameAccount(ctx context.Context) error {
	want := ""
	for _, r := range c.Graph.Resources {
		if fields := strings.Split(r.Str("arn"), ":"); len(fields) > 4 && fields[4] != "" && fields[4] != "aws" {
			want = fields[4]
			break
		}
	}
	got, err := c.AWS.Account(ctx)
	if err != nil {
		return err
	}
	if want != "" && got != want {
		return fmt.Errorf("%w: they are of %s, and %s is in %s; choose others with AWS_PROFILE", ErrAccount, got, c.Graph.Stack, want)
	}
	return nil
}

// run is one comparison.
type run struct {
	Check
	seen   map[string]Facts // by kind and ID
	report *Report
}

// facts asks for each thing once.
func (r *run) facts(ctx context.Context, kind, id string) (Facts, error) {
	key := kind + " " + id
	if f, known := r.seen[key]; known {
		return f, nil
	}
	f, err := r.AWS.Facts(ctx, kind, id)
	if err != nil {
		return nil, fmt.Errorf("asking AWS for the %s %s: %w", kind, id, err)
	}
	r.seen[key] = f
	return f, nil
}

func (r *run) compare(ctx context.Context, p promise) error {
	seen, err := r.facts(ctx, p.kind, p.id)
	if err != nil {
		return err
	}
	subject := p.kind + " " + p.name
	if seen == nil {
		r.add(p.kind, Item{Subject: subject, What: "exists", Want: "yes", Seen: "no"})
		return nil
	}
	for _, f := range p.facts {
		r.add(p.kind, Item{Subject: subject, What: f.name, Want: f.form(f.want), Seen: f.form(seen[f.name])})
	}
	for _, set := range exact[p.kind] {
		r.add(p.kind, Item{Subject: subject, What: "no other " + set, Want: "none", Seen: others(set, p.facts, seen)})
	}
	if len(p.tags) > 0 {
		r.add(p.kind, Item{Subject: subject, What: "tags", Want: tagsText(p.tags), Seen: tagsText(seenTags(p.tags, seen))})
	}
	return nil
}

// others lists what AWS has of a set and the stack does not promise.
func others(set string, promised []fact, seen Facts) string {
	var more []string
	for name, value := range seen {
		known := slices.ContainsFunc(promised, func(f fact) bool { return f.name == name })
		if strings.HasPrefix(name, set+" ") && !known {
			more = append(more, strings.TrimPrefix(name, set+" ")+suffix(value))
		}
	}
	if len(more) == 0 {
		return "none"
	}
	return list(more)
}

// suffix is the value of what is more than there.
func suffix(value string) string {
	if value == there {
		return ""
	}
	return " (" + value + ")"
}

// add judges an item and puts it into the report.
func (r *run) add(kind string, i Item) {
	for _, l := range r.Lacks {
		if l.Kind == kind && (l.What == "" || l.What == i.What) {
			i.Seen, i.Verdict = "not to be had here: "+l.Why, Unseen
		}
	}
	if i.Verdict == "" {
		i.Verdict = judge(i.Want, i.Seen)
	}
	r.report.Items = append(r.report.Items, i)
}

func list(values []string) string {
	values = slices.Clone(values)
	slices.Sort(values)
	return strings.Join(values, ", ")
}
