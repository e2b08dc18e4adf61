// Package webtier is the servers that run WordPress: one with an Elastic IP in
// phases 1 and 2, a group from a golden image behind a load balancer in phase 3.
package webtier

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/inputs"
	"github.com/webphases/webphases/internal/setting"
	"github.com/webphases/webphases/server"
)

// Type is the component's type token.
const Type = "webphases:index:WebTier"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid web tier arguments")

// Settings of the servers; see docs/config.md, web.
type Settings struct {
	// Raise by one to build from the newest image. Without it a new release of the image replaces
	// nothing.
	ImageGeneration int `key:"imageGeneration" default:"1" least:"1" most:"9999"`
	// Instance type; a Graviton type such as t4g.small takes the Arm image.
	InstanceType string `key:"instanceType" default:"t3.small" form:"instanceType" example:"t3.large"`
	// Login of the administrator that WordPress is installed with; the password is admin_password in
	// the secret. No effect on an installed site.
	AdminUser string `key:"adminUser" default:"webmaster" form:"adminUser" example:"keeper"`
	// The administrator's e-mail address. Empty: web.adminUser at the domain, or at example.invalid.
	// No effect on an installed site.
	AdminEmail string `key:"adminEmail" default:"" form:"email" example:"keeper@example.org"`
	// OpenSSH public key for a key pair. Empty: none; Session Manager needs none.
	SSHPublicKey string `key:"sshPublicKey" default:"" form:"sshPublicKey" example:"ssh-ed25519 AAAA"`
	// Size of each server's disk in GiB.
	RootVolumeSize int `key:"rootVolumeSize" default:"20" least:"8" most:"16384" unit:"GiB"`
	// Phase 3: further types with the same processor, in order of preference, for when AWS has none of
	// web.instanceType left.
	OtherInstanceTypes []string `key:"otherInstanceTypes" default:"[]" form:"instanceType" example:"[\"t3a.small\"]"`
	// Phase 3: the least number of servers.
	MinSize int `key:"minSize" default:"2" least:"1" most:"500" unit:"servers"`
	// Phase 3: the largest number of servers.
	MaxSize int `key:"maxSize" default:"4" least:"1" most:"500" unit:"servers"`
	// Phase 3: number of servers now. 0 leaves it to the scaling policy.
	DesiredSize int `key:"desiredSize" default:"0" least:"0" most:"500" unit:"servers" example:"3"`
	// Phase 3: average CPU load that a scaling policy keeps. 0: no such policy.
	TargetCPUPercent int `key:"targetCpuPercent" default:"50" least:"0" most:"100" unit:"percent"`
	// Phase 3: requests a minute and server that a second scaling policy keeps: they rise before the load does. 1200 are
	// what two processors make pages for, if none is kept; without edge.enabled files count too. 0: no such policy.
	TargetRequestsPerMinute int `key:"targetRequestsPerMinute" default:"1200" least:"0" most:"1000000" unit:"requests"`
	// Phase 3: learn from the load of the last two weeks: forecast only shows what it would do, scale starts servers ahead
	// of the load.
	PredictiveScaling string `key:"predictiveScaling" default:"off" oneOf:"off,forecast,scale" example:"scale"`
	// Phase 3: restart the builder for a consistent image. false: faster, but the image may hold
	// half-written files.
	GoldenImageReboot bool `key:"goldenImageReboot" default:"true"`
	// Phase 3: how long a new server may take before its health counts.
	HealthCheckGraceSeconds int `key:"healthCheckGraceSeconds" default:"300" least:"0" most:"7200" unit:"seconds"`
	// How long the servers' logs are kept, in days; a value that CloudWatch Logs takes.
	LogRetentionDays int `key:"logRetentionDays" default:"30" oneOf:"@logRetentionDays"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes the servers. Exactly one of Server and Group is set.
type Args struct {
	Settings

	Region          string
	SubnetIDs       pulumi.StringArrayInput // a server uses the first, a group all
	SecurityGroupID pulumi.StringInput

	Image  Image // see FindImage
	Site   Site
	Egress []pulumi.Resource // the way to the internet: every server needs it from its first second
	// BuilderEgress is the part of Egress that a builder in the first subnet needs:
	// it must not wait for other zones, the database or the load balancer.
	BuilderEgress []pulumi.Resource
	Backing       []pulumi.Resource // what a serving server needs too: the secret's content, the mount targets
	// MetricsNamespace is where the servers' CloudWatch agent puts memory, disk and swap;
	// "" if they have no agent, and write no logs there either.
	MetricsNamespace string
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
	// ServerARN is the server's too.
	ServerARN pulumi.StringOutput
	Group     pulumi.StringOutput // name of the group; empty for a server
	Scripts   pulumi.StringOutput // name of the SSM document that runs the servers' scripts
	ImageID   pulumi.StringOutput // what the servers run
	Shell     pulumi.StringOutput // the command that opens a shell on a server
	// Serving is what must exist before the site answers. It resolves once the servers
	// have proven that they serve, and fails with ErrUnproven if they do not.
	Serving pulumi.ResourceArrayOutput
	// Images is what the next update has to know of this one's golden images.
	Images Images

	name        string
	args        Args
	revision    string // of the servers' scripts
	role        *iam.Role
	logs        *cloudwatch.LogGroup // nil without the CloudWatch agent
	profile     *iam.InstanceProfile
	permissions []pulumi.Resource // the role's, to be reached by Systems Manager and to write proofs
	secret      pulumi.Resource   // its permission to read the secret
	key         pulumi.StringPtrInput
	params      *ssm.Parameter      // what servers read at boot
	version     pulumi.StringOutput // of the settings and the secret, see server.Version
	serving     *ssm.Parameter      // takes the servers' proof
	baked       *ssm.Parameter      // takes the builder's; nil without a group
	scripts     *ssm.Document
	proof       pulumi.StringOutput // that the servers serve
	address     *ec2.Eip            // nil with a group
}

// New makes the web tier. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*WebTier, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	revision, err := server.Revision()
	if err != nil {
		return nil, err
	}
	w := &WebTier{name: name, args: args, revision: revision}
	if err := ctx.RegisterComponentResource(Type, name, w, opts...); err != nil {
		return nil, fmt.Errorf("registering web tier %s: %w", name, err)
	}
	steps := []func(*pulumi.Context) error{w.makeProofs, w.makeRole, w.makeWatch, w.makeKeyPair}
	if args.Server != nil {
		steps = append(steps, w.makeAddress)
	}
	steps = append(steps, w.makeSettings, w.makeScripts)
	if args.Server != nil {
		steps = append(steps, w.makeServer, w.moveAddress)
	} else {
		steps = append(steps, w.makeGoldenImage, w.makeGroup)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("web tier %s: %w", name, err)
		}
	}
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{"imageId": w.ImageID, "shell": w.Shell})
}

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if inputs.Fewer(a.SubnetIDs, 1) || a.SecurityGroupID == nil || a.Region == "" || a.Image.ID == "" || a.AdminEmail == "" {
		errs = append(errs, errors.New("Region, SubnetIDs, SecurityGroupID, Image and AdminEmail are required"))
	}
	if (a.Server == nil) == (a.Group == nil) {
		errs = append(errs, errors.New("exactly one of Server and Group is required"))
	}
	errs = append(errs, a.Site.check())
	if a.Group != nil {
		errs = append(errs, a.Group.check(a.Settings))
		if a.Site.Database == nil || a.Site.Storage == nil {
			errs = append(errs, errors.New("a group keeps no data: it needs Site.Database and Site.Storage"))
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
	name := fmt.Sprintf("%s-%s-g%d", w.name, what, w.args.ImageGeneration)
	if Arm(w.args.InstanceType) {
		name += "-arm64"
	}
	return name
}

// makeProofs makes the parameters that servers and builder write.
func (w *WebTier) makeProofs(ctx *pulumi.Context) (err error) {
	about := " of " + ctx.Project() + " " + ctx.Stack()
	if w.serving, err = w.makeProof(ctx, "serving", "What the servers"+about+" have proven"); err != nil {
		return err
	}
	if w.args.Group != nil {
		w.baked, err = w.makeProof(ctx, "baked", "What the builder of the golden image"+about+" has proven")
	}
	return err
}

// makeScripts makes the document that brings the scripts of this version.
func (w *WebTier) makeScripts(ctx *pulumi.Context) (err error) {
	if w.scripts, err = w.makeDocument(ctx, "scripts", server.Document); err != nil {
		return err
	}
	w.Scripts = w.scripts.Name
	return nil
}

// Once is the value, once the servers have proven that they serve; it fails with
// ErrUnproven if they do not.
func (w *WebTier) Once(value int) pulumi.IntOutput {
	return w.proof.ApplyT(func(string) int { return value }).(pulumi.IntOutput)
}

// needs is what must exist before any server starts, and what more is named.
func (w *WebTier) needs(more ...pulumi.Resource) pulumi.ResourceOption {
	return pulumi.DependsOn(slices.Concat(w.args.Egress, w.permissions, []pulumi.Resource{w.secret}, more))
}
