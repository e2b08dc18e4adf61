package webtier

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/inputs"
	"github.com/webphases/webphases/server"
)

// ServerArgs describes the one server of phases 1 and 2.
type ServerArgs struct {
	Protect bool // refuse to delete or replace it: it holds the data
	// Holder is the ID of the server that holds the data while they move off it. The
	// server has to prove that they have moved before its protection is lifted.
	Holder string
}

// makeServer makes the server with an encrypted volume that goes when it goes, and
// wants the proof that it serves. A server that holds data which have to move is
// only touched after that.
func (w *WebTier) makeServer(ctx *pulumi.Context) error {
	holder := w.args.Server.Holder
	opts := []pulumi.ResourceOption{pulumi.Parent(w), pulumi.Protect(w.args.Server.Protect), w.ignored(), w.needs(w.backing()...)}
	if holder != "" {
		if err := w.setUp(ctx, pulumi.String(holder), slices.Concat(w.args.Egress, w.backing())...); err != nil {
			return err
		}
		opts = append(opts, pulumi.DependsOnInputs(w.Serving))
	}
	args := w.instance(w.userData())
	args.DisableApiTermination = pulumi.Bool(w.args.Server.Protect)
	// Until it has proven that it serves, it has an address of its own: the site's may
	// still be another server's.
	args.AssociatePublicIpAddress = pulumi.Bool(true)
	made, err := ec2.NewInstance(ctx, w.built("server"), args, opts...)
	if err != nil {
		return fmt.Errorf("creating the server: %w", err)
	}
	w.ServerID, w.ServerARN, w.ImageID = made.ID().ToStringOutput(), made.Arn, made.Ami
	w.Shell = pulumi.Sprintf("aws ssm start-session --region %s --target %s", w.args.Region, made.ID())
	if holder != "" {
		return nil
	}
	return w.setUp(ctx, w.ServerID, w.backing()...)
}

// backing is what a server reads when it sets itself up.
func (w *WebTier) backing(more ...pulumi.Resource) []pulumi.Resource {
	return slices.Concat(w.args.Backing, []pulumi.Resource{w.params}, more)
}

// instance is what a server and a builder have in common.
func (w *WebTier) instance(userData pulumi.StringInput) *ec2.InstanceArgs {
	return &ec2.InstanceArgs{
		Ami:                 pulumi.String(w.args.Image.ID),
		InstanceType:        pulumi.String(w.args.InstanceType),
		KeyName:             w.key,
		SubnetId:            inputs.First(w.args.SubnetIDs),
		VpcSecurityGroupIds: pulumi.StringArray{w.args.SecurityGroupID},
		IamInstanceProfile:  w.profile.Name,
		UserData:            userData.ToStringOutput(),
		MetadataOptions: ec2.InstanceMetadataOptionsArgs{
			// Version 2 only: a request that a visitor tricks WordPress into making
			// cannot fetch the role's credentials.
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		RootBlockDevice: ec2.InstanceRootBlockDeviceArgs{
			VolumeType:          pulumi.String("gp3"),
			VolumeSize:          pulumi.Int(w.args.RootVolumeSize),
			Encrypted:           pulumi.Bool(true),
			DeleteOnTermination: pulumi.Bool(true),
			Tags:                pulumi.ToStringMap(w.args.Tags),
		},
	}
}

// makeAddress allocates an address that outlives the server.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
func (w *WebTier) makeAddress(ctx *pulumi.Context) (err error) {
	w.address, err = ec2.NewEip(ctx, w.name+"-address", &ec2.EipArgs{Domain: pulumi.String("vpc")}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("allocating the Elastic IP: %w", err)
	}
	w.Address = w.address.PublicIp
	return nil
}

// moveAddress gives the address to the server, once it has proven that it serves.
func (w *WebTier) moveAddress(ctx *pulumi.Context) error {
	association, err := ec2.NewEipAssociation(ctx, w.name+"-address", &ec2.EipAssociationArgs{
		AllocationId:       w.address.AllocationId,
		InstanceId:         w.ServerID,
		AllowReassociation: pulumi.Bool(true), // a new server takes the address over from the old one
	}, pulumi.Parent(w), pulumi.DependsOnInputs(w.Serving))
	if err != nil {
		return fmt.Errorf("associating the Elastic IP: %w", err)
	}
	w.Serving = once(w.proof, association)
	return nil
}

// setUp has State Manager bring the scripts of this version to a server and run
// them there: configure, or from phase 2 on migrate, which first moves what is
// still on the server and ends in configure. It wants the proof that the server
// serves then.
func (w *WebTier) setUp(ctx *pulumi.Context, on pulumi.StringInput, after ...pulumi.Resource) error {
	script, limit := server.Configure, configureLimit
	if w.args.Site.Database != nil {
		script, limit = server.Migrate, migrateLimit
	}
	// One name for both scripts: the run of one phase takes the place of the other's.
	done, err := w.run(ctx, "setup", run{
		script:   script,
		document: w.scripts,
		proof:    w.serving,
		key:      "InstanceIds",
		value:    on,
		settings: w.params.Name,
		want:     w.version,
		limit:    limit,
	}, append(slices.Clone(after), w.permissions...)...)
	if err != nil {
		return err
	}
	w.proof = w.proven(ctx, w.serving, wanted{
		what:     "the server's " + script,
		script:   server.Configure,
		instance: on,
		settings: w.version,
		moved:    w.args.Server.Holder != "",
		limit:    limit,
		remedy: fmt.Sprintf("See why on the server (journalctl -u webphases-boot, or the command's output in Systems Manager), "+
			"mend it and run `pulumi up` again; `pulumi up --replace` with the URN of %s-setup runs it again at once.", w.name),
	}, done)
	w.Serving = once(w.proof, done)
	return nil
}
