// Command existingvpc makes the third phase in a VPC that is there already: a load
// balancer, servers from a golden image in two zones, a Multi-AZ database and shared
// files. The private subnets need a way to the internet, such as a NAT gateway.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/components/webtier"
)

// vpc is what the stack's configuration says of the network.
type vpc struct {
	ID       string
	CIDR     string
	Resolver string   // the base of the range plus two
	Public   []string // IDs of subnets in two zones or more, as for the others
	Web      []string
	Database []string
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		var net vpc
		if err := config.New(ctx, "").GetObject("vpc", &net); err != nil {
			return fmt.Errorf("reading vpc: %w", err)
		}
		s := &site{ctx: ctx, region: config.Require(ctx, "aws:region"), net: net}
		for _, step := range []func() error{s.makeFirewall, s.makeData, s.makeEntry, s.makeServers} {
			if err := step(); err != nil {
				return err
			}
		}
		ctx.Export("url", pulumi.Sprintf("http://%s/", s.entry.DNSName))
		return nil
	})
}

type site struct {
	ctx    *pulumi.Context
	region string
	net    vpc

	firewall *firewall.Firewall
	secret   *credentials.Secret
	database *database.Database
	files    *sharedstorage.SharedStorage
	entry    *loadbalancer.LoadBalancer
}

func (s *site) makeFirewall() (err error) {
	s.firewall, err = firewall.New(s.ctx, "firewall", firewall.Args{
		VPCID:        pulumi.String(s.net.ID),
		LoadBalanced: true,
		Database:     true,
		ClientCIDRs:  []string{"0.0.0.0/0"},
		Resolver:     s.net.Resolver,
	})
	return err
}

func (s *site) makeData() error {
	settings := database.Defaults()
	logins, err := credentials.New(s.ctx, "credentials", credentials.Args{Username: settings.MasterUsername})
	if err != nil {
		return err
	}
	s.database, err = database.New(s.ctx, "database", database.Args{
		Settings:         settings,
		SubnetIDs:        pulumi.ToStringArray(s.net.Database),
		SecurityGroupID:  s.firewall.Database.ID(),
		IdentifierPrefix: "existingvpc-",
		Password:         logins.Password,
		MultiAZ:          true,
	})
	if err != nil {
		return err
	}
	subnets := map[string]pulumi.StringInput{}
	for i, id := range s.net.Database {
		subnets[fmt.Sprint(i)] = pulumi.String(id)
	}
	s.files, err = sharedstorage.New(s.ctx, "storage", sharedstorage.Args{
		Settings:        sharedstorage.Defaults(),
		Subnets:         subnets,
		SecurityGroupID: s.firewall.Storage.ID(),
	})
	if err != nil {
		return err
	}
	s.secret, err = logins.Publish(s.ctx, s.database.Instance)
	return err
}

func (s *site) makeEntry() (err error) {
	settings := loadbalancer.Defaults()
	settings.AccessLogs = false         // true needs a LogBucket
	settings.DeletionProtection = false // `pulumi destroy` takes it along
	s.entry, err = loadbalancer.New(s.ctx, "entry", loadbalancer.Args{
		Settings:        settings,
		VPCID:           pulumi.String(s.net.ID),
		SubnetIDs:       pulumi.ToStringArray(s.net.Public),
		SecurityGroupID: s.firewall.LoadBalancer.ID(),
	})
	return err
}

func (s *site) makeServers() error {
	settings := webtier.Defaults()
	settings.AdminEmail = "webmaster@example.com"
	image, err := webtier.FindImage(s.ctx, webtier.ImageDebian, settings.InstanceType)
	if err != nil {
		return err
	}
	_, err = webtier.New(s.ctx, "web", webtier.Args{
		Settings:        settings,
		Region:          s.region,
		SubnetIDs:       pulumi.ToStringArray(s.net.Web),
		SecurityGroupID: s.firewall.Web.ID(),
		Image:           image,
		Site: webtier.Site{
			SecretARN:     s.secret.ARN,
			SecretVersion: s.secret.VersionID,
			Network:       s.net.CIDR,
			Database: &webtier.SiteDatabase{
				Host: s.database.Host,
				Port: s.database.Port,
				Name: s.database.Name,
			},
			Storage: &webtier.SiteStorage{
				FileSystemID:  s.files.FileSystemID,
				AccessPointID: s.files.AccessPointID,
			},
		},
		Egress:        s.firewall.Rules,
		BuilderEgress: s.firewall.WebEgress,
		Backing:       append(s.files.Ready, s.secret.Version),
		Tags:          map[string]string{"Project": s.ctx.Project()},
		Group: &webtier.GroupArgs{
			TargetGroupARN: s.entry.TargetGroupARN,
			Requests:       pulumi.Sprintf("%s/%s", s.entry.ARNSuffix, s.entry.TargetGroupARNSuffix),
			Address:        s.entry.DNSName,
			Listening:      s.entry.Listening,
		},
	})
	return err
}
