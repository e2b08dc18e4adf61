package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/server"
)

const parameterType = catalog.SSMParameter

// enough is how many healthy servers of a larger group a record has to name, as in
// package webtier: it has no room for all.
const enough = 10

// isProof tells whether servers write the parameter: it is made with an empty
// record.
func isProof(parameter *graph.Resource) bool { return parameter.Inputs.Str("insecureValue") == "{}" }

// wanted is the record that a proof parameter has to hold, and the group, if any,
// whose servers it is about.
type wanted struct {
	server.Wanted
	group *graph.Resource
}

// compareProofs reads what the servers have recorded.
func (r *run) compareProofs(ctx context.Context) error {
	for _, parameter := range r.Graph.OfType(parameterType) {
		if !isProof(parameter) {
			continue
		}
		seen, err := r.facts(ctx, "parameter", parameter.ID)
		if err != nil {
			return err
		}
		if seen == nil {
			continue // said already
		}
		if err := r.compareProof(ctx, parameter, seen["value"]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) compareProof(ctx context.Context, parameter *graph.Resource, value string) error {
	subject := "proof " + parameter.Name
	want, ok := proofOf(r.Graph, parameter)
	if !ok {
		r.add("proof", Item{Subject: subject, What: "who writes it", Want: "a script of the stack", Seen: "none"})
		return nil
	}
	if want.group != nil {
		group, err := r.facts(ctx, "Auto Scaling group", want.group.ID)
		if err != nil {
			return err
		}
		want.Among = split(group["servers"])
	}
	seen := want.String()
	record, unread := server.ParseRecord(value)
	if unread != nil {
		seen = unread.Error()
	} else if missing := want.Missing(record); missing != "" {
		seen = missing
	}
	r.add("proof", Item{Subject: subject, What: "record", Want: want.String(), Seen: seen})
	r.add("proof", Item{Subject: subject, What: "failure since", Want: "none", Seen: failureSince(record)})
	return nil
}

func failureSince(record server.Record) string {
	f := record.Failed
	if f == nil || record.OK != nil && !f.Time.After(record.OK.Time) {
		return "none"
	}
	return fmt.Sprintf("%s on %s at %s: %s", f.Script, f.Instance, f.Time.Format(time.RFC3339), f.Why)
}

func (w wanted) String() string {
	text := w.Script
	for _, part := range []struct{ word, value string }{{" on ", w.Instance}, {", scripts ", w.Revision}, {", settings ", w.Settings}} {
		if part.value != "" {
			text += part.word + part.value
		}
	}
	if w.Healthy > 0 {
		text += fmt.Sprintf(", %d healthy servers of the group", w.Healthy)
	}
	return text
}

// proofOf finds the association whose script writes the record, and from it what
// the record has to say: the rules are those by which the program waits for it.
func proofOf(g *graph.Graph, parameter *graph.Resource) (wanted, bool) {
	for _, a := range g.OfType(catalog.SSMAssociation) {
		if a.Inputs.Str("parameters."+server.ParameterProof) != parameter.ID {
			continue
		}
		want := wanted{Wanted: server.Wanted{Script: server.Configure, Revision: revision(g, a)}}
		if a.Inputs.Str("parameters."+server.ParameterScript) == server.Bake {
			want.Script = server.Bake
		}
		if version := a.Inputs.Str("parameters." + server.ParameterWant); version != server.None && version != graph.Secret {
			want.Settings = version
		}
		target := a.Inputs.Str("targets.0.values.0")
		if a.Inputs.Str("targets.0.key") == "InstanceIds" {
			want.Instance = target
			return want, true
		}
		if want.group = g.With(groupType, "name", target); want.group != nil {
			want.Healthy = min(want.group.Int("minSize"), enough)
			want.Revision = groupRevision(g, parameter)
		}
		return want, want.group != nil
	}
	return wanted{}, false
}

// revision is that of the scripts that an association's document brings, or "".
func revision(g *graph.Graph, association *graph.Resource) string {
	document := g.With(catalog.SSMDocument, "name", association.Inputs.Str("name"))
	if document == nil {
		return ""
	}
	return server.RevisionOf(unescaped(document.Inputs.Str("content")))
}

// groupRevision is that of the scripts on the image of a group's servers: those
// that its builder has proven.
func groupRevision(g *graph.Graph, serving *graph.Resource) string {
	for _, parameter := range g.OfType(parameterType) {
		if parameter == serving || !isProof(parameter) {
			continue
		}
		if want, ok := proofOf(g, parameter); ok && want.Script == server.Bake {
			return want.Revision
		}
	}
	return ""
}
