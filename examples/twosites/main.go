// Command twosites makes two WordPress sites in one VPC, each with a server, logins and
// security groups of its own.
package main

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/components/transform"
	"github.com/webphases/webphases/components/webtier"
)

var everybody = []string{"0.0.0.0/0"}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		region := config.Require(ctx, "aws:region")
		args := network.Args{
			Settings:    network.Defaults(),
			Region:      region,
			Zones:       []string{region + "a"},
			PublicZones: 1,
			NAT:         network.NATNone,
		}
		args.ClientCIDRs = everybody
		net, err := network.New(ctx, "network", args)
		if err != nil {
			return err
		}
		settings := webtier.Defaults()
		image, err := webtier.FindImage(ctx, webtier.ImageDebian, settings.InstanceType)
		if err != nil {
			return err
		}
		for _, name := range []string{"blog", "shop"} {
			settings.AdminEmail = name + "@example.com"
			if err := makeSite(ctx, name, region, net, settings, image); err != nil {
				return fmt.Errorf("site %s: %w", name, err)
			}
		}
		return nil
	})
}

func makeSite(ctx *pulumi.Context, name, region string, net *network.Network, settings webtier.Settings, image webtier.Image) error {
	tags := map[string]string{"Project": ctx.Project(), "Stack": ctx.Stack(), "Site": name}
	tagged := pulumi.Transformations([]pulumi.ResourceTransformation{transform.Tags(ctx.Project()+"-", tags)})
	wall, err := firewall.New(ctx, name+"-firewall", firewall.Args{
		VPCID:       net.VPCID.ToStringOutput(),
		ClientCIDRs: everybody,
		Resolver:    net.Resolver,
	}, tagged)
	if err != nil {
		return err
	}
	logins, err := credentials.New(ctx, name+"-credentials", credentials.Args{Username: "wpadmin"}, tagged)
	if err != nil {
		return err
	}
	secret, err := logins.Publish(ctx)
	if err != nil {
		return err
	}
	web, err := webtier.New(ctx, name+"-web", webtier.Args{
		Settings:        settings,
		Region:          region,
		SubnetIDs:       network.IDs(net.Public),
		SecurityGroupID: wall.Web.ID(),
		Image:           image,
		Site: webtier.Site{
			SecretARN:     secret.ARN,
			SecretVersion: secret.VersionID,
			Network:       network.Defaults().VPCCIDR,
		},
		Egress:  slices.Concat(network.Egress(net.Public), net.PublicRules, wall.Rules),
		Backing: []pulumi.Resource{secret.Version},
		Tags:    tags,
		Server:  &webtier.ServerArgs{},
	}, tagged)
	if err != nil {
		return err
	}
	ctx.Export(name, pulumi.Sprintf("http://%s/", web.Address))
	return nil
}
