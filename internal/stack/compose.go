package stack

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/domain"
	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/components/monitoring"
	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/addressplan"
)

func (s *site) makeNetwork() (err error) {
	c := s.cfg.Network
	args := network.Args{
		Region: s.cfg.Region, CIDR: c.VPCCIDR, Zones: s.zones, PublicZones: 1,
		DedicatedTenancy: c.Tenancy == "dedicated", DNSSupport: c.DNSSupport, DNSHostnames: c.DNSHostnames,
		DNSServers: c.DNSServers, DomainName: c.DomainName,
		NAT: network.NAT(s.cfg.EffectiveNAT()), S3Endpoint: c.S3Endpoint,
		ClientCIDRs: s.cfg.Clients(), SSHCIDRs: s.cfg.Web.SSHCIDRs,
	}
	if s.cfg.Phase >= 2 {
		args.DatabaseZones = len(s.zones)
	}
	if s.cfg.Phase == 3 {
		args.PublicZones, args.WebZones = len(s.zones), len(s.zones)
	}
	if c.FlowLogs {
		args.FlowLogRetentionDays = c.FlowLogRetentionDays
	}
	if c.VPNCustomerGatewayIP != "" {
		args.VPN = &network.VPNArgs{CustomerGatewayIP: c.VPNCustomerGatewayIP, BGPASN: c.VPNBGPASN, StaticRoutes: c.VPNStaticRoutes}
	}
	s.network, err = network.New(s.ctx, "network", args, s.tagged("Network"))
	return err
}

func (s *site) makeFirewall() (err error) {
	plan, err := addressplan.New(s.cfg.Network.VPCCIDR)
	if err != nil {
		return err
	}
	s.firewall, err = firewall.New(s.ctx, "firewall", firewall.Args{
		VPCID: s.network.VPCID.ToStringOutput(), LoadBalanced: s.cfg.Phase == 3, TLS: s.cfg.Phase == 3 && s.cfg.Domain.Name != "",
		Database: s.cfg.Phase >= 2, ClientCIDRs: s.cfg.Clients(), SSHCIDRs: s.cfg.Web.SSHCIDRs,
		Resolver: plan.Resolver().String(), DNSServers: s.cfg.Network.DNSServers,
	}, s.tagged("Firewall"))
	return err
}

func (s *site) makeCredentials() (err error) {
	s.credentials, err = credentials.New(s.ctx, "credentials", credentials.Args{
		Username: s.cfg.Database.MasterUsername, Rotation: s.cfg.Credentials.Rotation,
	}, s.tagged("Credentials"))
	return err
}

// publishCredentials comes after the database has its password.
func (s *site) publishCredentials() error {
	if s.database == nil {
		return s.credentials.Publish(s.ctx)
	}
	return s.credentials.Publish(s.ctx, s.database.Instance)
}

func (s *site) makeDatabase() (err error) {
	c := s.cfg.Database
	s.database, err = database.New(s.ctx, "database", database.Args{
		SubnetIDs: network.IDs(s.network.Database), SecurityGroupID: s.firewall.Database.ID(),
		EngineVersion: c.EngineVersion, InstanceClass: c.InstanceClass, StorageType: c.StorageType,
		AllocatedStorage: c.AllocatedStorage, MaxAllocatedStorage: c.MaxAllocatedStorage, IOPS: c.IOPS,
		IdentifierPrefix: identifierPrefix(s.ctx.Project(), s.ctx.Stack()), Name: c.Name, Username: s.credentials.Username, Password: s.credentials.Password,
		BackupRetentionDays: c.BackupRetentionDays, BackupWindow: c.BackupWindow, MaintenanceWindow: c.MaintenanceWindow,
		AutoMinorVersionUpgrade: c.AutoMinorVersionUpgrade, ApplyImmediately: c.ApplyImmediately,
		MultiAZ: s.cfg.Phase == 3, Protect: s.cfg.Protect, FinalSnapshot: c.FinalSnapshot, SnapshotIdentifier: c.SnapshotIdentifier,
		LogExports: c.LogExports, MonitoringIntervalSeconds: c.MonitoringIntervalSeconds,
	}, s.tagged("Database"))
	return err
}

// identifierPrefix names the database after the project and stack.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateDBInstance.Settings.html
func identifierPrefix(project, stack string) string {
	const longest = 36 // AWS takes 63, and the provider's suffix has 26
	name := plain(project, stack)
	return strings.TrimRight(name[:min(len(name), longest)], "-") + "-"
}

// plain is the project's and stack's names in the letters that every service takes.
func plain(project, stack string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(project+"-"+stack), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// makeStorage puts the mount targets into the database tier: it exists in every
// zone from phase 2 on, so growing to phase 3 moves none.
func (s *site) makeStorage() (err error) {
	subnets := map[string]pulumi.StringInput{}
	for _, subnet := range s.network.Database {
		subnets[subnet.Letter()] = subnet.ID.ToStringOutput()
	}
	s.storage, err = sharedstorage.New(s.ctx, "storage", sharedstorage.Args{
		Subnets: subnets, SecurityGroupID: s.firewall.Storage.ID(), Protect: s.cfg.Protect,
	}, s.tagged("SharedStorage"))
	return err
}

func (s *site) makeLoadBalancer() (err error) {
	c := s.cfg.LoadBalancer
	args := loadbalancer.Args{
		VPCID: s.network.VPCID.ToStringOutput(), SubnetIDs: network.IDs(s.network.Public), SecurityGroupID: s.firewall.LoadBalancer.ID(),
		Internal: c.Internal, Routes: network.Egress(s.network.Public), Domain: s.cfg.Domain.Name, HostedZoneID: s.cfg.Domain.HostedZoneID, SSLPolicy: c.SSLPolicy,
		HealthCheck: loadbalancer.HealthCheck{
			Path: c.HealthCheckPath, HealthyThreshold: c.HealthyThreshold, UnhealthyThreshold: c.UnhealthyThreshold,
			IntervalSeconds: c.HealthCheckInterval, TimeoutSeconds: c.HealthCheckTimeout,
		},
		DrainSeconds: c.DrainSeconds, WebACLARN: c.WebACLARN,
	}
	if c.AccessLogs {
		caller, err := aws.GetCallerIdentity(s.ctx, &aws.GetCallerIdentityArgs{})
		if err != nil {
			return err
		}
		args.AccessLogs = &loadbalancer.AccessLogsArgs{AccountID: caller.AccountId, Region: s.cfg.Region, Delete: !s.cfg.Protect}
	}
	s.balancer, err = loadbalancer.New(s.ctx, "entry", args, s.tagged("LoadBalancer"))
	return err
}

func (s *site) makeWebTier() (err error) {
	c, rules := s.cfg.Web, s.network.Rules
	args := webtier.Args{
		Region: s.cfg.Region, SecurityGroupID: s.firewall.Web.ID(),
		Image: s.image, Generation: c.ImageGeneration, InstanceType: c.InstanceType, RootVolumeSize: c.RootVolumeSize, SSHPublicKey: c.SSHPublicKey,
		Settings: webtier.Settings{
			SecretARN:     s.credentials.SecretARN,
			SecretVersion: s.credentials.VersionID,
			Domain:        s.cfg.Domain.Name,
			Network:       s.cfg.Network.VPCCIDR,
			AdminUser:     c.AdminUser,
			AdminEmail:    s.cfg.AdminEmail(),
		},
		Backing: []pulumi.Resource{s.credentials.Version}, Tags: s.tags("WebTier"),
	}
	if s.cfg.Phase >= 2 {
		args.Settings.Database = &webtier.DatabaseSettings{Host: s.database.Host, Port: s.database.Port, Name: s.database.Name}
		args.Settings.Storage = &webtier.StorageSettings{FileSystemID: s.storage.FileSystemID, AccessPointID: s.storage.AccessPointID}
		args.Backing = slices.Concat(args.Backing, s.storage.Ready)
	}
	if s.cfg.Phase < 3 {
		args.SubnetIDs, args.Egress = network.IDs(s.network.Public), network.Egress(s.network.Public)
		args.Server = &webtier.ServerArgs{Protect: s.cfg.Protect && s.cfg.Phase == 1, Holder: s.holder()}
	} else {
		args.SubnetIDs, args.Egress = network.IDs(s.network.Web), network.Egress(s.network.Web)
		args.BuilderEgress = slices.Concat(s.network.Web[0].Egress, rules[addressplan.Web], rules[addressplan.Public], s.firewall.WebEgress)
		args.Settings.TLS = s.cfg.Domain.Name != ""
		args.Group = &webtier.GroupArgs{
			MinSize: c.MinSize, MaxSize: c.MaxSize, DesiredSize: c.DesiredSize, TargetCPUPercent: c.TargetCPUPercent,
			GraceSeconds: c.HealthCheckGraceSeconds, RebootForImage: c.GoldenImageReboot, Images: s.last.images,
			TargetGroupARN: s.balancer.TargetGroupARN, Address: s.balancer.DNSName, Listening: s.balancer.Listening,
		}
	}
	args.Egress = slices.Concat(args.Egress, rules[addressplan.Public], rules[addressplan.Web], rules[addressplan.Database], s.firewall.Rules)
	s.web, err = webtier.New(s.ctx, "web", args, s.tagged("WebTier"))
	return err
}

func (s *site) makeDomain() error {
	c := s.cfg.Domain
	if c.Name == "" {
		return nil
	}
	args := domain.Args{Name: c.Name, HostedZoneID: c.HostedZoneID, FailoverAddress: c.FailoverAddress}
	if c.HealthCheck {
		args.HealthCheckPath = s.cfg.LoadBalancer.HealthCheckPath
	}
	if s.cfg.Phase == 3 {
		args.Alias = &domain.Alias{DNSName: s.balancer.DNSName, ZoneID: s.balancer.ZoneID}
	} else {
		args.Address = s.web.Address
	}
	// The name moves to what serves. A server asks for its certificate by itself,
	// once the name has come.
	_, err := domain.New(s.ctx, "domain", args, s.web.Serving, s.tagged("Domain"))
	return err
}

// monitoringPrefix names what belongs to one stack and gets no suffix from anybody:
// where the names are too long, a sum of them keeps two stacks apart.
func monitoringPrefix(project, stack string) string {
	const longest = 40
	name := plain(project, stack)
	if len(name) <= longest {
		return name
	}
	return fmt.Sprintf("%s-%x", name[:longest-9], sha256.Sum256([]byte(project+"/"+stack)))[:longest]
}

func (s *site) makeMonitoring() (err error) {
	if !s.cfg.Monitoring.Enabled {
		return nil
	}
	caller, err := aws.GetCallerIdentity(s.ctx, &aws.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}
	args := monitoring.Args{
		Prefix:        monitoringPrefix(s.ctx.Project(), s.ctx.Stack()),
		Region:        s.cfg.Region,
		Account:       caller.AccountId,
		Email:         s.cfg.Monitoring.Email,
		MonthlyBudget: s.cfg.Monitoring.MonthlyBudget,
		NAT:           s.network.NAT,
		Scripts:       s.web.Scripts,
		Serving:       s.web.Serving,
	}
	if s.cfg.Phase < 3 {
		args.Server = &monitoring.Server{
			ID:        s.web.ServerID,
			Burstable: s.cfg.Web.Burstable(),
		}
	} else {
		args.Group = &monitoring.Group{
			Name:      s.web.Group,
			MaxSize:   s.cfg.Web.MaxSize,
			Grows:     s.cfg.Web.Grows(),
			Burstable: s.cfg.Web.Burstable(),
		}
		args.Balancer = &monitoring.Balancer{
			ARNSuffix:            s.balancer.ARNSuffix,
			TargetGroupARNSuffix: s.balancer.TargetGroupARNSuffix,
			CertificateARN:       s.balancer.CertificateARN,
		}
	}
	if s.database != nil {
		args.Database = &monitoring.Database{
			Identifier:       s.database.Identifier,
			InstanceClass:    s.cfg.Database.InstanceClass,
			AllocatedStorage: s.cfg.Database.AllocatedStorage,
		}
		args.Storage = &monitoring.Storage{FileSystemID: s.storage.FileSystemID}
	}
	s.monitoring, err = monitoring.New(s.ctx, "monitoring", args, s.tagged("Monitoring"))
	return err
}
