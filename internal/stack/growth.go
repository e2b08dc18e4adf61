package stack

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/config"
)

// lastUpdate is what the stack's last complete update exported. It is zero for a
// new stack, and for one that was destroyed.
type lastUpdate struct {
	phase  int
	server string         // the instance that holds, or held, the data
	images webtier.Images // the golden images of phase 3
	zones  []string       // that have subnets, in their order
	// logged: the database has a name and log groups of the program's.
	logged bool
	// protected: AWS refuses to delete the balancer, which is internal or not; edged: it is
	// behind CloudFront.
	protected, internal, edged bool
	key                        string // that encrypts what the stack keeps; "" AWS's
	// snapshot is what the database was made of; "" if of nothing.
	snapshot string
}

// imagesOutput is the form in which the outputs keep the golden images.
func imagesOutput(i webtier.Images) pulumi.Map {
	return pulumi.Map{"slot": pulumi.String(i.Slot), "content": pulumi.String(i.Content), "previous": pulumi.Bool(i.Previous)}
}

func readImages(output any) (i webtier.Images) {
	given, _ := output.(map[string]any)
	i.Slot, _ = given["slot"].(string)
	i.Content, _ = given["content"].(string)
	i.Previous, _ = given["previous"].(bool)
	return i
}

// outputsLookup is how the SDKs' stack references read a stack's outputs. A
// reference would add a resource to every stack; the lookup adds none.
const outputsLookup = "pulumi:pulumi:readStackOutputs"

// The engine writes the state while the program runs. A state that is kept in
// files may be caught half written, and is whole a moment later.
const (
	tries    = 10
	patience = 50 * time.Millisecond
)

// readLastUpdate asks Pulumi's state for what this stack was before this update.
func readLastUpdate(ctx *pulumi.Context) (lastUpdate, error) {
	args := struct {
		Name string `pulumi:"name"`
	}{fmt.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), ctx.Stack())}
	var result struct {
		Outputs map[string]any `pulumi:"outputs"`
	}
	err := ctx.Invoke(outputsLookup, &args, &result)
	for try := 1; err != nil && try < tries; try++ {
		time.Sleep(time.Duration(try) * patience)
		err = ctx.Invoke(outputsLookup, &args, &result)
	}
	if err != nil {
		return lastUpdate{}, fmt.Errorf("reading the outputs of %s's last update: %w", args.Name, err)
	}
	var last lastUpdate
	if phase, ok := result.Outputs["phase"].(float64); ok {
		last.phase = int(phase)
	}
	last.logged, _ = result.Outputs["databaseLogs"].(bool)
	last.key, _ = result.Outputs["kmsKeyArn"].(string)
	last.server, _ = result.Outputs["server"].(string)
	last.snapshot, _ = result.Outputs["snapshot"].(string)
	zones, _ := result.Outputs["zones"].([]any)
	for _, zone := range zones {
		last.zones = append(last.zones, fmt.Sprint(zone))
	}
	last.images = readImages(result.Outputs["images"])
	balancer, _ := result.Outputs["balancer"].(map[string]any)
	last.protected, _ = balancer["protected"].(bool)
	last.internal, _ = balancer["internal"].(bool)
	last.edged, _ = balancer["edge"].(bool)
	return last, nil
}

// namesDatabase: it was made with a name of the provider's, which it keeps.
func (l lastUpdate) namesDatabase() bool { return l.phase >= 2 && !l.logged }

// check refuses the steps that would lose data, and those that AWS would refuse when
// all others are done. A stack grows by one phase at a time, and from phase 2 on its
// data never goes back to a server.
func (l lastUpdate) check(project string, cfg config.Config) error {
	var errs config.Errors
	refuse := func(key, value, why, remedy string) {
		errs = append(errs, &config.FieldError{
			Kind:   config.ErrConflict,
			Key:    project + ":" + key,
			Value:  value,
			Why:    why,
			Remedy: remedy,
		})
	}
	if err := cfg.AddressError(project, l.phase); err != nil {
		errs = append(errs, err)
	}
	if key := cfg.Encryption.KMSKeyARN; l.phase > 0 && l.key != key {
		refuse("encryption.kmsKeyArn", key, fmt.Sprintf("the stack's data is encrypted with %q, and AWS encrypts nothing anew in place", l.key),
			"set the key as it was; a copy of a snapshot with another key can start another stack (`database.snapshotIdentifier`)")
	}
	const (
		stays = "the load balancer would go, and AWS refuses to delete it while it is protected"
		lift  = "first run `pulumi config set --path loadBalancer.deletionProtection false && pulumi up` with this key as it was"
	)
	phase := strconv.Itoa(cfg.Phase)
	switch {
	case l.phase == 1 && cfg.Phase == 3:
		refuse("phase", phase, "the stack is in phase 1 and its data still lies on the server, which phase 3 deletes",
			"first run `pulumi config set phase 2 && pulumi up`, which moves the data, then set phase 3")
	case l.phase > 1 && cfg.Phase == 1:
		refuse("phase", phase, fmt.Sprintf("the stack is in phase %d and its data lies on RDS and EFS, which phase 1 deletes", l.phase),
			"stay in phase 2, the smallest that keeps the data, or use another stack for phase 1")
	case l.protected && cfg.Phase == 2:
		refuse("phase", phase, stays, lift)
	case l.protected && cfg.InternalBalancer() != l.internal && cfg.Edged() != l.edged:
		refuse("edge.enabled", strconv.FormatBool(cfg.Edge.Enabled), stays, lift)
	case l.protected && cfg.InternalBalancer() != l.internal:
		refuse("loadBalancer.internal", strconv.FormatBool(cfg.LoadBalancer.Internal), stays, lift)
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// holder is the server that still holds the data while this update moves it:
// from phase 1 to 2. Otherwise it is "".
func (s *site) holder() string {
	if s.last.phase == 1 && s.cfg.Phase == 2 {
		return s.last.server
	}
	return ""
}
