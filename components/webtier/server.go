package webtier

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ServerArgs describes the one server of phases 1 and 2.
type ServerArgs struct {
	Protect bool // refuse to delete or replace it: it holds the data
	// Holder is the ID of the server that holds the data while they move off it.
	// The migration then runs before the server's protection is lifted.
	Holder string
}

// makeServer makes the server with an encrypted volume that goes when it goes.
func (w *WebTier) makeServer(ctx *pulumi.Context) error {
	needs := w.backing()
	if w.args.Server.Holder != "" {
		moved, err := w.migrate(ctx, pulumi.String(w.args.Server.Holder), slices.Concat(w.args.Egress, needs)...)
		if err != nil {
			return err
		}
		needs = append(needs, moved)
	}
	args := w.instance(w.userData())
	args.DisableApiTermination = pulumi.Bool(w.args.Server.Protect)
	made, err := ec2.NewInstance(ctx, w.built("server"), args, pulumi.Parent(w), pulumi.Protect(w.args.Server.Protect), w.ignored(), w.needs(needs...))
	if err != nil {
		return fmt.Errorf("creating the server: %w", err)
	}
	w.ServerID, w.ImageID = made.ID().ToStringOutput(), made.Ami
	w.Shell = pulumi.Sprintf("aws ssm start-session --region %s --target %s", w.args.Region, made.ID())
	return nil
}

// backing is what a server reads when it sets itself up.
func (w *WebTier) backing(more ...pulumi.Resource) []pulumi.Resource {
	return slices.Concat(w.args.Backing, []pulumi.Resource{w.params}, more)
}

// instance is what a server and a builder have in common.
func (w *WebTier) instance(userData pulumi.StringInput) *ec2.InstanceArgs {
	return &ec2.InstanceArgs{
		Ami: pulumi.String(w.args.Image.ID), InstanceType: pulumi.String(w.args.InstanceType), KeyName: w.key,
		SubnetId: w.args.SubnetIDs[0].ToStringOutput(), VpcSecurityGroupIds: pulumi.StringArray{w.args.SecurityGroupID},
		IamInstanceProfile: w.profile.Name, UserData: userData.ToStringOutput(),
		MetadataOptions: ec2.InstanceMetadataOptionsArgs{
			// Version 2 only: a request that a visitor tricks WordPress into making
			// cannot fetch the role's credentials.
			HttpEndpoint: pulumi.String("enabled"), HttpTokens: pulumi.String("required"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		RootBlockDevice: ec2.InstanceRootBlockDeviceArgs{
			VolumeType: pulumi.String("gp3"), VolumeSize: pulumi.Int(w.args.RootVolumeSize),
			Encrypted: pulumi.Bool(true), DeleteOnTermination: pulumi.Bool(true), Tags: pulumi.ToStringMap(w.args.Tags),
		},
	}
}

// makeAddress gives the server an address that outlives it.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
func (w *WebTier) makeAddress(ctx *pulumi.Context) error {
	address, err := ec2.NewEip(ctx, w.name+"-address", &ec2.EipArgs{Domain: pulumi.String("vpc")}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allocating the Elastic IP: %w", err)
	}
	association, err := ec2.NewEipAssociation(ctx, w.name+"-address", &ec2.EipAssociationArgs{
		AllocationId: address.AllocationId, InstanceId: w.ServerID,
		AllowReassociation: pulumi.Bool(true), // a new server takes the address over from the old one
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("associating the Elastic IP: %w", err)
	}
	w.Address = address.PublicIp
	w.Serving = []pulumi.Resource{association}
	return nil
}

// migrateTimeout is how long moving the data may take, in seconds.
const migrateTimeout = 7200

// settle runs migrate on a server that this update did not find holding data. It
// does nothing on a server that never did, and finishes what was interrupted.
func (w *WebTier) settle(ctx *pulumi.Context) error {
	if w.args.Settings.Database == nil {
		return w.reconfigure(ctx, "InstanceIds", w.ServerID)
	}
	if w.args.Server.Holder != "" {
		return nil
	}
	moved, err := w.migrate(ctx, w.ServerID, w.Serving...)
	if err != nil {
		return err
	}
	w.Serving = append(w.Serving, moved)
	return nil
}

// migrate moves what is still on the server to RDS and EFS, and waits for it. It
// ends in configure, so a new revision of the settings runs it again.
func (w *WebTier) migrate(ctx *pulumi.Context, server pulumi.StringInput, after ...pulumi.Resource) (pulumi.Resource, error) {
	return w.run(ctx, "migrate", w.revised("migrate"), "InstanceIds", server, migrateTimeout, after...)
}
