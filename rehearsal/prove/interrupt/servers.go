package interrupt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/run/engine"
	"github.com/webphases/webphases/server"
)

// proofInput is the input by which a proof parameter is known: a program that
// ignores its changes lets servers write it.
const proofInput = "insecureValue"

// forgetProof takes out of a parameter's properties what servers write.
func forgetProof(properties any) {
	if all, ok := properties.(map[string]any); ok {
		for _, name := range []string{proofInput, "value", "version"} {
			delete(all, name)
		}
	}
}

// forgetAgain takes out of an association's properties what has it run once more.
func forgetAgain(properties any) {
	all, _ := properties.(map[string]any)
	if parameters, ok := all["parameters"].(map[string]any); ok {
		delete(parameters, server.ParameterAgain)
	}
}

// timeless is what servers have proven, without when.
func timeless(text string) (any, error) {
	record, err := server.ParseRecord(text)
	if err != nil || record.OK == nil {
		return nil, err
	}
	record.OK.Time = time.Time{}
	if record.OK.Moved != nil {
		record.OK.Moved.Time = time.Time{}
	}
	raw, err := json.Marshal(record.OK)
	if err != nil {
		return nil, err
	}
	var proof any
	return proof, json.Unmarshal(raw, &proof)
}

// renamed is the picture with the names that AWS gave to a replacement exchanged
// for those that the first one would have had.
func (p *picture) renamed(undisturbed *picture, urn string) (*picture, error) {
	var pairs []string
	want, got := p.one(undisturbed, urn)
	for name, value := range got.names {
		if other := want.names[name]; other != "" && other != value && value != "" {
			pairs = append(pairs, value, other)
		}
	}
	// A longer name may hold a shorter one.
	exchange := strings.NewReplacer(pairs...)
	out := &picture{orphans: p.orphans}
	for _, part := range []struct {
		from map[string]any
		to   *map[string]any
	}{{p.state, &out.state}, {p.cloud, &out.cloud}} {
		raw, err := json.Marshal(part.from)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(exchange.Replace(string(raw))), part.to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// named is a record with what AWS, and not the program, has called it.
type named struct{ names map[string]string }

// one finds the record of a resource in both pictures' clouds.
func (p *picture) one(undisturbed *picture, urn string) (want, got named) {
	find := func(in map[string]any) named {
		n := named{map[string]string{}}
		for key, entry := range in {
			record, _ := entry.(map[string]any)
			if fmt.Sprint(record["urn"]) != urn {
				continue
			}
			_, n.names["id"], _ = strings.Cut(key, " ")
			inputs, _ := record["inputs"].(map[string]any)
			outputs, _ := record["outputs"].(map[string]any)
			for name, value := range outputs {
				text, ok := value.(string)
				if _, asked := inputs[name]; ok && (!asked || name == "name") {
					n.names[name] = text
				}
			}
		}
		return n
	}
	return find(undisturbed.cloud), find(p.cloud)
}

// letGo lists what an update that servers have failed has let go of though it
// should not have: what it deleted, unprotected, or took the site's name from. A
// run of State Manager may go, for another takes its place, and so may the tie
// between an address and a server, which the address outlives.
func letGo(before, broken engine.State) (differences []string) {
	gone := func(r *cloud.Record) bool { return broken.Cloud.Get(r.Type, r.ID) == nil }
	for _, r := range before.Cloud.All() {
		switch {
		case r.URN == "" || r.Type == catalog.SSMAssociation:
		case gone(r):
			differences = append(differences, fmt.Sprintf("LET GO: %s %s is deleted", r.Type, r.ID))
		default:
			now := broken.Cloud.Get(r.Type, r.ID)
			for _, name := range []string{"disableApiTermination", "deletionProtection", "records", "aliases", "instanceId"} {
				was, is := fmt.Sprint(r.Outputs.Mappable()[name]), fmt.Sprint(now.Outputs.Mappable()[name])
				if was != is {
					differences = append(differences, fmt.Sprintf("LET GO: %s of %s %s is %s instead of %s", name, r.Type, r.ID, is, was))
				}
			}
		}
	}
	for _, r := range resourcesOf(before) {
		still := slices.ContainsFunc(resourcesOf(broken), func(other apitype.ResourceV3) bool {
			return other.URN == r.URN && other.ID == r.ID && other.Protect
		})
		if r.Protect && !still {
			differences = append(differences, fmt.Sprintf("LET GO: %s %s is not protected any more", r.Type, r.ID))
		}
	}
	return differences
}

func resourcesOf(s engine.State) []apitype.ResourceV3 {
	if s.Deployment == nil {
		return nil
	}
	return s.Deployment.Resources
}
