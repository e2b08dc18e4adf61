//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/prove/e2e/inspect"
	scripts "github.com/webphases/webphases/server"
)

// fails is the life of one stack that grows while its servers fail: it goes on
// only with their proof, and until then lets go of nothing.
func (r *run) fails(ctx context.Context) error {
	one, two, three := set("phase 1", "phase=1"), set("phase 1 to 2", "phase=2"), set("phase 2 to 3", "phase=3")
	lift := Edit{Name: lifted.Name, Set: slices.Concat([]string{"phase=3"}, lifted.Set)}
	held := func(e Edit, script string, fault model.Fault) func() error {
		return func() error { return r.held(ctx, e, script, fault) }
	}
	return r.through(
		func() error { return r.alone(ctx, one) },
		held(two, scripts.Migrate, model.FaultFails),
		held(two, scripts.Migrate, model.FaultFails), // `pulumi up` once more does not go on either
		func() error {
			return r.refused(ctx, set("phase 3 while migrate fails", "phase=3"), "webphases:phase", "up", "--skip-preview")
		},
		held(two, scripts.Migrate, model.FaultHangs),
		held(two, scripts.Migrate, model.FaultEarlyFails),
		held(two, scripts.Migrate, model.FaultEarly),
		func() error { return r.alone(ctx, two) },
		held(three, scripts.Bake, model.FaultFails),
		held(three, scripts.Bake, model.FaultFails),
		held(three, scripts.Bake, model.FaultEarly),
		held(three, scripts.Configure, model.FaultFails),
		held(three, scripts.Configure, model.FaultHangs),
		func() error { return r.alone(ctx, three) },
		func() error { return r.verify(ctx) },
		func() error { return r.tagged(ctx) },
		func() error { return r.alone(ctx, lift) },
		func() error { return r.destroy(ctx, lift) },
	)
}

// alone updates the real stack only, with servers that do their work; a second
// time changes nothing.
func (r *run) alone(ctx context.Context, e Edit) error {
	return r.try(ctx, "up: "+e.Name+", mended", func() (string, []string, error) {
		done := r.real.one(ctx, e, "up", "--yes", "--skip-preview")
		if err := failed("the real provider", done); err != nil {
			return "", nil, err
		}
		again := r.real.one(ctx, e, "up", "--yes", "--skip-preview")
		return counts(done.done), changed(again.done), failed("the second time", again)
	})
}

// held updates the real stack while a script goes wrong. The update must fail for
// want of the proof, and what there was before must be there as it was.
func (r *run) held(ctx context.Context, e Edit, script string, fault model.Fault) error {
	return r.try(ctx, fmt.Sprintf("%s: %s %s, nothing let go", e.Name, script, fault), func() (string, []string, error) {
		before, err := r.holdings(ctx)
		if err != nil {
			return "", nil, err
		}
		r.server.servers.Break(script, fault)
		defer r.server.servers.Break(script, model.NoFault)
		done := r.real.one(ctx, e, "up", "--yes", "--skip-preview")
		var wrong []string
		unproven := strings.Contains(done.said, webtier.ErrUnproven.Error()) || strings.Contains(done.said, "unexpected state 'Failed'")
		switch {
		case done.err == nil:
			wrong = append(wrong, "the update succeeded")
		case !unproven:
			wrong = append(wrong, "it failed for another reason:\n"+done.said)
		}
		after, err := r.holdings(ctx)
		return counts(done.done), append(wrong, before.letGo(after)...), errors.Join(err, r.server.servers.Settle())
	})
}

// holdings are what a stack has, by its own state and by the API.
type holdings struct {
	state     apitype.DeploymentV3
	census    inspect.Census
	protected []string // servers
}

func (r *run) holdings(ctx context.Context) (h holdings, err error) {
	if h.state, err = r.real.export(ctx); err != nil {
		return h, err
	}
	if h.census, err = r.api.Census(ctx); err != nil {
		return h, err
	}
	var servers []string
	for _, one := range h.state.Resources {
		if one.Type == catalog.EC2Instance {
			servers = append(servers, string(one.ID))
		}
	}
	h.protected, err = r.api.Protected(ctx, servers)
	return h, err
}

// letGo lists what is not there, or not protected, any more. A run of State
// Manager may go: another takes its place.
func (h holdings) letGo(after holdings) (wrong []string) {
	for _, thing := range h.census.Since(after.census) {
		if thing.Kind == "association" {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("LET GO: the API lacks %s %s", thing.Kind, thing.ID))
	}
	for _, id := range h.protected {
		if !slices.Contains(after.protected, id) {
			wrong = append(wrong, "LET GO: AWS would terminate "+id)
		}
	}
	for _, was := range h.state.Resources {
		is := slices.IndexFunc(after.state.Resources, func(r apitype.ResourceV3) bool { return r.URN == was.URN && r.ID == was.ID && !r.Delete })
		switch {
		case is < 0 && was.Custom && was.Type != catalog.SSMAssociation:
			wrong = append(wrong, fmt.Sprintf("LET GO: %s %s is not in the state", was.URN, was.ID))
		case is >= 0 && was.Protect && !after.state.Resources[is].Protect:
			wrong = append(wrong, fmt.Sprintf("LET GO: %s is not protected", was.URN))
		case is >= 0 && was.Type == "pulumi:pulumi:Stack" && was.Outputs["phase"] != after.state.Resources[is].Outputs["phase"]:
			wrong = append(wrong, fmt.Sprintf("the phase is %v instead of %v", after.state.Resources[is].Outputs["phase"], was.Outputs["phase"]))
		}
	}
	return wrong
}

// export reads the stack's state.
func (s side) export(ctx context.Context) (state apitype.DeploymentV3, err error) {
	var out, said bytes.Buffer
	r := s.Runner
	r.Stdout, r.Stderr = &out, &said
	if err := r.Query(ctx, "stack", "export"); err != nil {
		return state, fmt.Errorf("exporting the state: %w\n%s", err, said.String())
	}
	var exported apitype.UntypedDeployment
	if err := json.Unmarshal(out.Bytes(), &exported); err != nil {
		return state, err
	}
	return state, json.Unmarshal(exported.Deployment, &state)
}
