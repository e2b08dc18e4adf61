// Command datatier makes a VPC and a database in it, for servers of your own.
package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/network"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")
		region := config.Require(ctx, "aws:region")
		net, err := network.New(ctx, "network", network.Args{
			Settings:      network.Defaults(),
			Region:        region,
			Zones:         []string{region + "a", region + "c"},
			PublicZones:   1,
			DatabaseZones: 2,
			NAT:           network.NATNone,
		})
		if err != nil {
			return err
		}
		group, err := ec2.NewSecurityGroup(ctx, "database", &ec2.SecurityGroupArgs{
			VpcId:       net.VPCID,
			Description: pulumi.String("MySQL from whoever gets a rule here"),
		})
		if err != nil {
			return err
		}
		settings := database.Defaults()
		logins, err := credentials.New(ctx, "credentials", credentials.Args{Username: settings.MasterUsername})
		if err != nil {
			return err
		}
		db, err := database.New(ctx, "database", database.Args{
			Settings:         settings,
			SubnetIDs:        network.IDs(net.Database),
			SecurityGroupID:  group.ID(),
			IdentifierPrefix: "datatier-",
			Password:         logins.Password,
			Protect:          cfg.GetBool("protect"),
		})
		if err != nil {
			return err
		}
		secret, err := logins.Publish(ctx, db.Instance)
		if err != nil {
			return err
		}
		ctx.Export("endpoint", db.Endpoint)
		ctx.Export("secretArn", secret.ARN)
		ctx.Export("securityGroupId", group.ID())
		return nil
	})
}
