package webtier

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2transitgateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// Images says which of two slots holds the golden image, and what it was made of.
// The image before it stays in the other slot for one generation: a group that
// still replaces its servers can start more of the old ones, and who goes back to
// what was goes back to an image that is there.
type Images struct {
	Slot     string // slotBlue or slotGreen; "" before the first image
	Content  string // what the image in the slot was made of
	Previous bool   // the other slot holds the image before it
}

const slotBlue, slotGreen = "blue", "green"

func (i Images) other() string {
	if i.Slot == slotBlue {
		return slotGreen
	}
	return slotBlue
}

// next is where the image of a content goes.
func (i Images) next(content string) Images {
	switch {
	case i.Slot == "":
		return Images{Slot: slotBlue, Content: content}
	case i.Content == content:
		return i
	default:
		return Images{Slot: i.other(), Content: content, Previous: true}
	}
}

// content names what a golden image is made of.
func (w *WebTier) content() string {
	content := w.built(w.revision)
	if !w.args.Image.Pinned {
		content += "-" + w.args.Image.ID
	}
	return content
}

// makeGoldenImage starts a builder, has State Manager bake it, and makes an image of
// it once the builder has proven that it is baked. The builder reads neither settings
// nor secret, so it waits for neither database nor file system: all this happens
// while the database rises.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
func (w *WebTier) makeGoldenImage(ctx *pulumi.Context) error {
	w.Images = w.args.Group.Images.next(w.content())
	builder, err := w.makeBuilder(ctx, w.name+"-builder-"+w.Images.Slot)
	if err != nil {
		return err
	}
	baked, err := w.run(ctx, "bake-"+w.Images.Slot, run{
		script:   server.Bake,
		document: w.scripts,
		proof:    w.baked,
		key:      "InstanceIds",
		value:    builder.ID().ToStringOutput(),
		limit:    bakeLimit,
	})
	if err != nil {
		return err
	}
	proof := w.proven(ctx, w.baked, wanted{
		what:     "the golden image's bake",
		script:   server.Bake,
		instance: builder.ID().ToStringOutput(),
		limit:    bakeLimit,
		remedy:   "See why on the builder (the command's output in Systems Manager), mend it and run `pulumi up` again.",
	}, baked)
	golden, err := w.makeImage(ctx, w.Images.Slot, builder, pulumi.DependsOnInputs(once(proof, baked)))
	if err != nil {
		return err
	}
	if _, err := ec2transitgateway.NewInstanceState(ctx, w.name+"-builder-"+w.Images.Slot, &ec2transitgateway.InstanceStateArgs{
		InstanceId: builder.ID(),
		State:      pulumi.String("stopped"),
	}, pulumi.Parent(w), pulumi.DependsOn([]pulumi.Resource{golden})); err != nil {
		return fmt.Errorf("stopping the builder: %w", err)
	}
	w.ImageID = golden.ID().ToStringOutput()
	if !w.Images.Previous {
		return nil
	}
	// It is there already, and stays what it is.
	_, err = w.makeImage(ctx, w.Images.other(), builder, pulumi.IgnoreChanges([]string{"sourceInstanceId", "snapshotWithoutReboot"}))
	return err
}

func (w *WebTier) makeImage(ctx *pulumi.Context, slot string, of *ec2.Instance, opts ...pulumi.ResourceOption) (*ec2.AmiFromInstance, error) {
	// An image that AWS had not finished when the provider gave up is none.
	opts = append(opts, pulumi.Parent(w), pulumi.ReplaceOnChanges([]string{initError}))
	made, err := ec2.NewAmiFromInstance(ctx, w.name+"-image-"+slot, &ec2.AmiFromInstanceArgs{
		SourceInstanceId:      of.ID(),
		SnapshotWithoutReboot: pulumi.Bool(!w.args.GoldenImageReboot),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("making the golden image: %w", err)
	}
	return made, nil
}

// makeBuilder makes a builder anew for every revision of the scripts, which its user
// data names.
func (w *WebTier) makeBuilder(ctx *pulumi.Context, name string) (*ec2.Instance, error) {
	userData, err := server.UserData(server.Boot{Revision: w.content()})
	if err != nil {
		return nil, fmt.Errorf("writing the builder's user data: %w", err)
	}
	args := w.instance(pulumi.String(userData))
	args.UserDataReplaceOnChange = pulumi.Bool(true)
	// The size that the servers have is nothing to the builder, once it has baked:
	// AWS would start it to change its own.
	ignored := []string{"instanceType"}
	if w.args.Image.Pinned {
		ignored = append(ignored, "ami")
	}
	made, err := ec2.NewInstance(ctx, name, args, pulumi.Parent(w), pulumi.IgnoreChanges(ignored),
		pulumi.ReplaceOnChanges([]string{initError}), // AWS may have ended it at once
		pulumi.DependsOn(append(slices.Clone(w.args.BuilderEgress), w.permissions...)))
	if err != nil {
		return nil, fmt.Errorf("creating the builder: %w", err)
	}
	return made, nil
}
