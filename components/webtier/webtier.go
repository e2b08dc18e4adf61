// Package webtier is the servers that run WordPress: one with an Elastic IP in
// phases 1 and 2, a group from a golden image behind a load balancer in phase 3.
package webtier

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/config"
)

// Type is the component's type token.
const Type = "webphases:index:WebTier"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid web tier arguments")

// Args describes the servers. Exactly one of Server and Group is set.
type Args struct {
	Region          string
	SubnetIDs       pulumi.StringArray // a server uses the first, a group all
	SecurityGroupID pulumi.StringInput

	Image          Image // see FindImage
	Generation     int   // raise it to build anew from the newest image; 1 or more
	InstanceType   string
	RootVolumeSize int    // GiB
	SSHPublicKey   string // "": no key pair

	Settings Settings
	// Revision of what the servers read at boot. Another one has the running servers
	// read it again; "": nothing has changed yet.
	Revision string
	Egress   []pulumi.Resource // the way to the internet: every server needs it from its first second
	// BuilderEgress is the part of Egress that a builder in the first subnet needs:
	// it must not wait for other zones, the database or the load balancer.
	BuilderEgress []pulumi.Resource
	Backing       []pulumi.Resource // what a serving server needs too: the secret's content, the mount targets
	// Tags go to what AWS makes on our behalf: volumes and the group's servers.
	Tags map[string]string

	Server *ServerArgs
	Group  *GroupArgs
}

// WebTier is the servers as the rest of the stack and its users see them.
type WebTier struct {
	pulumi.ResourceState

	Address  pulumi.StringOutput // of the server; empty for a group
	ServerID pulumi.StringOutput // empty for a group
	ImageID  pulumi.StringOutput // what the servers run
	Shell    pulumi.StringOutput // the command that opens a shell on a server
	// Serving is what must exist before the site answers.
	Serving []pulumi.Resource

	name    string
	args    Args
	profile *iam.InstanceProfile
	agent   pulumi.Resource // the role's permission to be reached by Systems Manager
	secret  pulumi.Resource // its permission to read the secret
	key     pulumi.StringPtrInput
	params  *ssm.Parameter

	groupName pulumi.StringOutput // of the Auto Scaling group
}

// New makes the web tier. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*WebTier, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	w := &WebTier{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, w, opts...); err != nil {
		return nil, fmt.Errorf("registering web tier %s: %w", name, err)
	}
	steps := []func(*pulumi.Context) error{w.makeRole, w.makeKeyPair, w.makeSettings}
	if args.Server != nil {
		steps = append(steps, w.makeServer, w.makeAddress, w.settle)
	} else {
		steps = append(steps, w.makeGoldenImage, w.makeGroup, w.reconfigureGroup)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("web tier %s: %w", name, err)
		}
	}
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{"imageId": w.ImageID, "shell": w.Shell})
}

func (a Args) check() error {
	var errs []error
	if len(a.SubnetIDs) == 0 || a.SecurityGroupID == nil || a.InstanceType == "" || a.Region == "" || a.Image.ID == "" {
		errs = append(errs, errors.New("Region, SubnetIDs, SecurityGroupID, Image and InstanceType are required"))
	}
	if a.Generation < 1 {
		errs = append(errs, fmt.Errorf("Generation is %d: it starts at 1", a.Generation))
	}
	if (a.Server == nil) == (a.Group == nil) {
		errs = append(errs, errors.New("exactly one of Server and Group is required"))
	}
	errs = append(errs, a.Settings.check())
	if a.Group != nil {
		errs = append(errs, a.Group.check())
		if a.Settings.Database == nil || a.Settings.Storage == nil {
			errs = append(errs, errors.New("a group keeps no data: it needs Settings.Database and Settings.Storage"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

func (w *WebTier) makeKeyPair(ctx *pulumi.Context) error {
	if w.args.SSHPublicKey == "" {
		return nil
	}
	pair, err := ec2.NewKeyPair(ctx, w.name, &ec2.KeyPairArgs{PublicKey: pulumi.String(w.args.SSHPublicKey)}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("importing the public key: %w", err)
	}
	w.key = pair.KeyName
	return nil
}

// built names what is made from one generation of the image. Another processor
// needs another image, so it is part of the name too: what was made for the
// first stays until its successor is there.
func (w *WebTier) built(what string) string {
	name := fmt.Sprintf("%s-%s-g%d", w.name, what, w.args.Generation)
	if config.Arm(w.args.InstanceType) {
		name += "-arm64"
	}
	return name
}

// revised names what runs once per revision of the settings.
func (w *WebTier) revised(what string) string {
	if w.args.Revision == "" {
		return w.name + "-" + what
	}
	return w.name + "-" + what + "-" + w.args.Revision
}

// needs is what must exist before any server starts, and what more is named.
func (w *WebTier) needs(more ...pulumi.Resource) pulumi.ResourceOption {
	return pulumi.DependsOn(slices.Concat(w.args.Egress, []pulumi.Resource{w.agent, w.secret}, more))
}
