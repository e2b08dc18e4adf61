package webtier

import (
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// ErrUnproven says that no server has proven what the update depends on. What held
// the data, or the name, before the update still does.
var ErrUnproven = errors.New("not proven")

// Patience is how an update waits for what no resource of AWS waits for.
type Patience struct {
	Pause time.Duration // between two looks
	Tries int           // at most so many looks; 0: as many as the limit of the wait allows
}

type patienceKey struct{}

// WithPatience has the web tiers of a program wait in another way than 10 seconds
// at a time, for programs whose cloud does not take its time.
func WithPatience(ctx *pulumi.Context, p Patience) *pulumi.Context {
	return ctx.WithValue(patienceKey{}, p)
}

func patience(ctx *pulumi.Context, limit time.Duration) Patience {
	p, ok := ctx.Value(patienceKey{}).(Patience)
	if !ok {
		p.Pause = 10 * time.Second
	}
	if p.Tries == 0 {
		p.Tries = int(limit/p.Pause) + 1
	}
	return p
}

// await looks until nothing is missing, or fails with ErrUnproven. A preview looks
// once and warns: what is missing may come with the update.
func (w *WebTier) await(ctx *pulumi.Context, what string, limit time.Duration, look func() (missing string, final bool, err error)) error {
	p := patience(ctx, limit)
	about := &pulumi.LogArgs{Resource: w}
	for try := 1; ; try++ {
		missing, final, err := look()
		switch {
		case err != nil:
			return fmt.Errorf("looking for the proof of %s: %w", what, err)
		case missing == "":
			return nil
		case ctx.DryRun():
			return ctx.Log.Warn(fmt.Sprintf("%s is not proven yet, so `pulumi up` will wait for it: %s", what, missing), about)
		case final || try >= p.Tries:
			return fmt.Errorf("%w: %s: %s", ErrUnproven, what, missing)
		}
		if try == 1 {
			if err := ctx.Log.Info(fmt.Sprintf("waiting for the proof of %s, at most %s", what, limit), about); err != nil {
				return err
			}
		}
		time.Sleep(p.Pause)
	}
}

// makeProof makes a parameter that servers write and the program reads. What they
// have written is no drift. An update of anything else would write the value of the
// last read once more, over what a server may have written since: so it keeps the
// Phase that it was made in.
func (w *WebTier) makeProof(ctx *pulumi.Context, what, description string) (*ssm.Parameter, error) {
	made, err := ssm.NewParameter(ctx, w.name+"-"+what, &ssm.ParameterArgs{
		Type:          pulumi.String("String"),
		InsecureValue: pulumi.String("{}"),
		Description:   pulumi.String(description),
	}, pulumi.Parent(w), pulumi.IgnoreChanges([]string{"insecureValue", "value", "version", "tags.Phase"}))
	if err != nil {
		return nil, fmt.Errorf("making the parameter for the proof: %w", err)
	}
	return made, nil
}

func lookUp(ctx *pulumi.Context, parameter string) (server.Record, error) {
	found, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: parameter, WithDecryption: pulumi.BoolRef(false)})
	if err != nil {
		return server.Record{}, err
	}
	return server.ParseRecord(found.InsecureValue)
}

// lastFailure is when a script last failed, or server.None. Another value has
// State Manager run it once more: a success that it reported may have been none.
func lastFailure(ctx *pulumi.Context, proof *ssm.Parameter) pulumi.StringOutput {
	// Its ID is its name, but a preview knows it only if it is there.
	return proof.ID().ApplyT(func(name pulumi.ID) (string, error) {
		record, err := lookUp(ctx, string(name))
		if err != nil {
			return "", fmt.Errorf("reading the last failure from %s: %w", name, err)
		}
		if record.Failed == nil {
			return server.None, nil
		}
		return record.Failed.Time.UTC().Format("2006-01-02T15-04-05Z"), nil
	}).(pulumi.StringOutput)
}

// wanted is a server.Wanted whose values are not known yet.
type wanted struct {
	what     string // for messages
	script   string
	instance pulumi.StringInput // nil: any
	settings pulumi.StringInput // nil: any
	healthy  int
	among    pulumi.StringArrayInput // nil: any
	moved    bool                    // the data, off a server that held them
	limit    time.Duration
	remedy   string
}

// proven resolves once the parameter holds the proof that is wanted, after what it
// waits for exists; it fails with ErrUnproven if that does not happen in time.
func (w *WebTier) proven(ctx *pulumi.Context, proof *ssm.Parameter, want wanted, after pulumi.CustomResource) pulumi.StringOutput {
	var instance, settings pulumi.StringInput = pulumi.String(""), pulumi.String("")
	var among pulumi.StringArrayInput = pulumi.StringArray{}
	if want.instance != nil {
		instance = want.instance
	}
	if want.settings != nil {
		settings = want.settings
	}
	if want.among != nil {
		among = want.among
	}
	return pulumi.All(proof.ID(), instance, settings, among, after.ID()).ApplyT(func(v []any) (string, error) {
		exact := server.Wanted{
			Script:   want.script,
			Instance: v[1].(string),
			Revision: w.revision,
			Settings: v[2].(string),
			Healthy:  want.healthy,
			Among:    v[3].([]string),
			Moved:    want.moved,
		}
		return "proven", w.await(ctx, want.what, want.limit, func() (string, bool, error) {
			record, err := lookUp(ctx, string(v[0].(pulumi.ID)))
			if err != nil {
				return "", false, err
			}
			return explain(exact, record, want.remedy)
		})
	}).(pulumi.StringOutput)
}

// explain says what is missing and what to do. The failure of the very server and
// scripts that are waited for is final.
func explain(want server.Wanted, record server.Record, remedy string) (missing string, final bool, err error) {
	missing = want.Missing(record)
	if missing == "" {
		return "", false, nil
	}
	if f := record.Failed; f != nil {
		missing += fmt.Sprintf("; %s failed on %s at %s: %s", f.Script, f.Instance, f.Time.Format(time.RFC3339), f.Why)
		later := record.OK == nil || f.Time.After(record.OK.Time)
		final = later && want.Instance == f.Instance && want.Revision == f.Revision
	}
	return missing + ". Nothing was let go. " + remedy, final, nil
}

// once is what has to be there before others rely on it, with the proof of it.
func once(proof pulumi.StringOutput, resources ...pulumi.Resource) pulumi.ResourceArrayOutput {
	return proof.ApplyT(func(string) []pulumi.Resource { return resources }).(pulumi.ResourceArrayOutput)
}
