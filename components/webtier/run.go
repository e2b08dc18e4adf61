package webtier

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// How long scripts may take. Baking takes about five minutes; moving the data as
// long as there are data.
const (
	bakeLimit      = 30 * time.Minute
	configureLimit = 15 * time.Minute
	migrateLimit   = 2 * time.Hour
)

// makeDocument makes an SSM document that is fixed by its content: a changed one is
// another document. State Manager runs an association on all its targets at once
// when the document that it has changes.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-about.html
func (w *WebTier) makeDocument(ctx *pulumi.Context, what string, content func() (string, error)) (*ssm.Document, error) {
	text, err := content()
	if err != nil {
		return nil, fmt.Errorf("writing the SSM document %s: %w", what, err)
	}
	made, err := ssm.NewDocument(ctx, w.name+"-"+what, &ssm.DocumentArgs{
		DocumentType:   pulumi.String("Command"),
		DocumentFormat: pulumi.String("JSON"),
		TargetType:     pulumi.String("/AWS::EC2::Instance"),
		Content:        pulumi.String(text),
	}, pulumi.Parent(w), pulumi.ReplaceOnChanges([]string{"content"}))
	if err != nil {
		return nil, fmt.Errorf("creating the SSM document %s: %w", what, err)
	}
	return made, nil
}

// run describes a run of one of the server's scripts by State Manager.
type run struct {
	script   string
	document *ssm.Document
	proof    *ssm.Parameter
	key      string // of the target: InstanceIds or a tag
	value    pulumi.StringInput
	settings pulumi.StringInput // name of the settings' parameter; nil: none
	want     pulumi.StringInput // version of the settings; nil: none
	limit    time.Duration
	// concurrency is on how many servers it may run at once; 0: all. The first failure
	// ends a run that is limited so.
	concurrency int
}

// run has State Manager run a script once, and again whenever something that it
// is given changes. It waits until State Manager reports success, which proves
// nothing: see proven. The provider waits for new associations only, so a change
// makes a new one, and so does a wait that has failed: an update of what failed
// would not wait again.
//
// Sources:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state.html
// https://github.com/hashicorp/terraform-provider-aws/issues/31175
func (w *WebTier) run(ctx *pulumi.Context, name string, r run, after ...pulumi.Resource) (*ssm.Association, error) {
	parameters := pulumi.StringMap{
		server.ParameterScript:   pulumi.String(r.script),
		server.ParameterSettings: pulumi.String(server.None),
		server.ParameterProof:    r.proof.Name,
		server.ParameterWant:     pulumi.String(server.None),
		server.ParameterAgain:    lastFailure(ctx, r.proof),
		server.ParameterTimeout:  pulumi.String(strconv.Itoa(int(r.limit.Seconds()))),
	}
	if r.settings != nil {
		parameters[server.ParameterSettings], parameters[server.ParameterWant] = r.settings, r.want
	}
	args := &ssm.AssociationArgs{
		Name:       r.document.Name,
		Parameters: parameters,
		Targets: ssm.AssociationTargetArray{ssm.AssociationTargetArgs{
			Key:    pulumi.String(r.key),
			Values: pulumi.StringArray{r.value},
		}},
		WaitForSuccessTimeoutSeconds: pulumi.Int(int(r.limit.Seconds())),
	}
	if r.concurrency > 0 {
		args.MaxConcurrency, args.MaxErrors = pulumi.String(strconv.Itoa(r.concurrency)), pulumi.String("0")
	}
	made, err := ssm.NewAssociation(ctx, w.name+"-"+name, args, pulumi.Parent(w), pulumi.DependsOn(after),
		pulumi.ReplaceOnChanges([]string{"name", "targets", "parameters", initError}),
		pulumi.DeleteBeforeReplace(true)) // never two runs side by side
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", r.script, err)
	}
	return made, nil
}

// initError stands, in ReplaceOnChanges, for the error of a creation or update that
// failed after the resource was there. The engine would only send it an update
// without changes, which waits for nothing.
const initError = "#initerror"
