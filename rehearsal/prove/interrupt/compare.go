package interrupt

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// picture is a stack at rest in a form that can be compared. Left out is what
// differs between two runs that are the same: the ids that the engine draws for
// providers, times, positions in the source, the order in which resources and
// dependencies are listed, and of what servers write the times and failures.
type picture struct {
	state   map[string]any // by URN, id and whether it waits for its deletion
	cloud   map[string]any // by type and id
	orphans []string       // made by a resource, and unknown to the state
}

func look(ctx context.Context, s engine.State) (*picture, error) {
	deployment, err := s.Plain(ctx)
	if err != nil {
		return nil, err
	}
	return paint(deployment, s.Cloud.All())
}

// paint makes a picture of a state with plain secrets and of a cloud.
func paint(deployment *apitype.DeploymentV3, records []*cloud.Record) (*picture, error) {
	p := &picture{state: map[string]any{}, cloud: map[string]any{}}
	known, proofs := map[string]bool{}, map[string]bool{}
	for _, r := range deployment.Resources {
		entry, err := plain(r)
		if err != nil {
			return nil, err
		}
		if slices.Contains(r.IgnoreChanges, proofInput) {
			proofs[string(r.URN)] = true
			forgetProof(entry["inputs"])
			forgetProof(entry["outputs"])
		}
		forgetAgain(entry["inputs"])
		forgetAgain(entry["outputs"])
		name := fmt.Sprintf("%s %s", r.URN, r.ID)
		if r.Delete {
			name += " (waits for its deletion)"
		}
		if strings.HasPrefix(string(r.Type), "pulumi:providers:") {
			name = string(r.URN)
			delete(entry, "id")
		}
		p.state[name] = entry
		known[string(r.Type)+" "+string(r.ID)] = true
	}
	for n, operation := range deployment.PendingOperations {
		p.state[fmt.Sprintf("pending operation %d: %s %s", n, operation.Type, operation.Resource.URN)] = nil
	}
	for _, r := range records {
		name := r.Type + " " + r.ID
		inputs, outputs := r.Inputs.Mappable(), r.Outputs.Mappable()
		forgetAgain(inputs)
		forgetAgain(outputs)
		entry := map[string]any{"urn": r.URN, "inputs": inputs, "outputs": outputs}
		if proofs[r.URN] {
			proof, err := timeless(r.Str(proofInput))
			if err != nil {
				return nil, err
			}
			forgetProof(inputs)
			forgetProof(outputs)
			entry["proof"] = proof
		}
		p.cloud[name] = entry
		if r.URN != "" && !known[name] {
			p.orphans = append(p.orphans, name)
		}
	}
	return p, nil
}

// plain is a resource of the state as JSON has it.
func plain(r apitype.ResourceV3) (map[string]any, error) {
	r.Created, r.Modified = nil, nil
	r.SourcePosition, r.StackTrace = "", nil // relative to where the stack is rehearsed
	if at := strings.LastIndex(r.Provider, "::"); at >= 0 {
		r.Provider = r.Provider[:at] // the rest is the provider's id
	}
	slices.Sort(r.Dependencies)
	for _, urns := range r.PropertyDependencies {
		slices.Sort(urns)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var entry map[string]any
	return entry, json.Unmarshal(raw, &entry)
}

// compare lists what differs in the other picture, what is lost or orphaned first. What
// the undisturbed update leaves behind on purpose is no orphan.
func (p *picture) compare(other *picture) (differences []string) {
	for _, name := range other.orphans {
		if slices.Contains(p.orphans, name) {
			continue
		}
		differences = append(differences, "orphaned, in the cloud and not in the state: "+name)
	}
	compare := func(where string, want, got map[string]any) {
		for _, name := range union(want, got) {
			w, inWant := want[name]
			g, inGot := got[name]
			switch {
			case !inGot:
				differences = append(differences, fmt.Sprintf("missing in the %s: %s", where, name))
			case !inWant:
				differences = append(differences, fmt.Sprintf("too much in the %s: %s", where, name))
			default:
				for _, d := range deep("", w, g) {
					differences = append(differences, fmt.Sprintf("different in the %s: %s: %s", where, name, d))
				}
			}
		}
	}
	compare("state", p.state, other.state)
	compare("cloud", p.cloud, other.cloud)
	return differences
}

// deep lists the paths at which two values differ.
func deep(path string, want, got any) (differences []string) {
	w, ok1 := want.(map[string]any)
	g, ok2 := got.(map[string]any)
	if ok1 && ok2 {
		for _, name := range union(w, g) {
			differences = append(differences, deep(path+"."+name, w[name], g[name])...)
		}
		return differences
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v instead of %v", strings.TrimPrefix(path, "."), got, want)}
}

// union returns the keys of both maps, sorted by how they are written.
func union[K comparable, V any](a, b map[K]V) []K {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.SortedFunc(maps.Keys(all), func(x, y K) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
}
