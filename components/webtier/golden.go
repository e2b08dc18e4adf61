package webtier

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2transitgateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// bakeTimeout is how long baking may take, in seconds. It takes about five
// minutes.
const bakeTimeout = 1800

// makeGoldenImage starts a builder, waits until State Manager reports that it is
// baked, makes an image of it and stops it. A change of the scripts changes the
// builder's user data, so it is made anew and the new image rolls through the
// group. It reads neither settings nor secret, so it waits for neither database
// nor file system: all this happens while the database rises.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
func (w *WebTier) makeGoldenImage(ctx *pulumi.Context) error {
	userData, err := server.UserData(server.Boot{Mode: server.ModeBuild})
	if err != nil {
		return fmt.Errorf("writing the builder's user data: %w", err)
	}
	args := w.instance(pulumi.String(userData))
	args.UserDataReplaceOnChange = pulumi.Bool(true)
	// The size that the servers have is nothing to the builder, once it has baked:
	// AWS would start it to change its own.
	ignored := []string{"instanceType"}
	if w.args.Image.Pinned {
		ignored = append(ignored, "ami")
	}
	builder, err := ec2.NewInstance(ctx, w.built("builder"), args, pulumi.Parent(w), pulumi.IgnoreChanges(ignored),
		pulumi.DependsOn(append(slices.Clone(w.args.BuilderEgress), w.agent)))
	if err != nil {
		return fmt.Errorf("creating the builder: %w", err)
	}
	baked, err := w.run(ctx, "bake", w.built("bake"), "InstanceIds", builder.ID().ToStringOutput(), bakeTimeout)
	if err != nil {
		return err
	}
	golden, err := ec2.NewAmiFromInstance(ctx, w.built("image"), &ec2.AmiFromInstanceArgs{
		SourceInstanceId: builder.ID(), SnapshotWithoutReboot: pulumi.Bool(!w.args.Group.RebootForImage),
	}, pulumi.Parent(w), pulumi.DependsOn([]pulumi.Resource{baked}))
	if err != nil {
		return fmt.Errorf("making the golden image: %w", err)
	}
	if _, err := ec2transitgateway.NewInstanceState(ctx, w.built("builder"), &ec2transitgateway.InstanceStateArgs{
		InstanceId: builder.ID(), State: pulumi.String("stopped"),
	}, pulumi.Parent(w), pulumi.DependsOn([]pulumi.Resource{golden})); err != nil {
		return fmt.Errorf("stopping the builder: %w", err)
	}
	w.ImageID = golden.ID().ToStringOutput()
	return nil
}
