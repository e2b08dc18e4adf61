package stack

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/backups"
	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/domain"
	"github.com/webphases/webphases/components/edge"
	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/components/monitoring"
	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
)

func (s *site) makeNetwork() (err error) {
	s.network, err = network.New(s.ctx, "network", s.cfg.NetworkArgs(s.zones), s.tagged("Network"))
	return err
}

func (s *site) makeFirewall() (err error) {
	args := firewall.Args{
		VPCID:        s.network.VPCID.ToStringOutput(),
		LoadBalanced: s.cfg.Phase == 3,
		TLS:          s.cfg.BalancerTLS(),
		Database:     s.cfg.Phase >= 2,
		DatabasePort: s.cfg.Database.Port,
		ClientCIDRs:  s.cfg.Clients(),
		SSHCIDRs:     s.cfg.Web.SSHCIDRs,
		Resolver:     s.network.Resolver,
		DNSServers:   s.cfg.Network.DNSServers,
		MailPort:     s.cfg.Mail.TCPPort(),
		Endpoints:    len(s.cfg.Network.InterfaceEndpoints) > 0,
	}
	if s.cfg.Edged() {
		if args.CloudFrontList, err = cloudFrontList(s.ctx); err != nil {
			return err
		}
	}
	s.firewall, err = firewall.New(s.ctx, "firewall", args, s.tagged("Firewall"))
	if err == nil && s.firewall.Endpoints != nil {
		s.endpoints, err = s.network.AddInterfaceEndpoints(s.ctx, s.firewall.Endpoints.ID())
	}
	return err
}

func (s *site) makeCredentials() (err error) {
	s.credentials, err = credentials.New(s.ctx, "credentials", credentials.Args{
		Settings: s.cfg.Credentials,
		Username: s.cfg.Database.MasterUsername,

		MailPassword: s.cfg.Mail.Password,
	}, s.tagged("Credentials"))
	return err
}

// publishCredentials comes after the database has its password.
func (s *site) publishCredentials() (err error) {
	var after []pulumi.Resource
	if s.database != nil {
		after = append(after, s.database.Instance)
	}
	s.secret, err = s.credentials.Publish(s.ctx, after...)
	return err
}

func (s *site) makeDatabase() (err error) {
	s.database, err = database.New(s.ctx, "database", database.Args{
		Settings:         s.cfg.Database,
		SubnetIDs:        network.IDs(s.network.Database),
		SecurityGroupID:  s.firewall.Database.ID(),
		IdentifierPrefix: identifierPrefix(s.ctx.Project(), s.ctx.Stack()),
		Password:         s.credentials.Password,
		MultiAZ:          s.cfg.Phase == 3,
		KeepName:         s.last.namesDatabase(),
		Protect:          s.cfg.Protect,
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
		Settings:        s.cfg.Storage,
		Subnets:         subnets,
		SecurityGroupID: s.firewall.Storage.ID(),
		Protect:         s.cfg.Protect,
	}, s.tagged("SharedStorage"))
	return err
}

func (s *site) makeLoadBalancer() (err error) {
	s.cfg.LoadBalancer.DeletionProtection = s.cfg.LoadBalancer.DeletionProtection && s.cfg.Protect
	args := loadbalancer.Args{
		Settings:        s.cfg.LoadBalancer,
		VPCID:           s.network.VPCID.ToStringOutput(),
		SubnetIDs:       network.IDs(s.network.Public),
		SecurityGroupID: s.firewall.LoadBalancer.ID(),
		Routes:          network.Egress(s.network.Public),
	}
	args.Internal = s.cfg.InternalBalancer()
	if s.cfg.Edged() { // which takes a balancer in private subnets
		args.SubnetIDs, args.Routes = network.IDs(s.network.Web), nil
	}
	if s.cfg.BalancerTLS() {
		args.Domain, args.HostedZoneID = s.cfg.Domain.Name, s.cfg.Domain.HostedZoneID
		args.ProofBefore = s.recordOf(edge.Type, "edge")
	}
	if args.AccessLogs {
		caller, err := aws.GetCallerIdentity(s.ctx, &aws.GetCallerIdentityArgs{})
		if err != nil {
			return err
		}
		args.LogBucket = &loadbalancer.LogBucketArgs{
			AccountID: caller.AccountId,
			Region:    s.cfg.Region,
			Delete:    !s.cfg.Protect,
		}
	}
	s.balancer, err = loadbalancer.New(s.ctx, "entry", args, s.tagged("LoadBalancer"))
	return err
}

// makeEdge puts CloudFront before the balancer.
func (s *site) makeEdge() error {
	if !s.cfg.Edged() {
		return nil
	}
	caller, err := aws.GetCallerIdentity(s.ctx, &aws.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}
	args := edge.Args{
		Settings:   s.cfg.Edge.Settings,
		Prefix:     monitoringPrefix(s.ctx.Project(), s.ctx.Stack()),
		AccountID:  caller.AccountId,
		DeleteLogs: !s.cfg.Protect,
		Balancer: edge.Balancer{
			ARN:       s.balancer.ARN,
			DNSName:   s.balancer.DNSName,
			Listening: s.balancer.Listening,
		},
	}
	if s.cfg.Region != edge.Region && (args.AccessLogs || s.cfg.Domain.Name != "") {
		if args.Global, err = s.providerOf(edge.Region); err != nil {
			return err
		}
	}
	if s.cfg.Domain.Name != "" {
		args.Domain = &edge.Domain{
			Name:         s.cfg.Domain.Name,
			HostedZoneID: s.cfg.Domain.HostedZoneID,
			ProofBefore:  s.recordOf(loadbalancer.Type, "entry"),
		}
	}
	s.edge, err = edge.New(s.ctx, "edge", args, s.tagged("Edge"))
	return err
}

// recordOf is the record by which a component proved the domain before another has the
// certificate.
func (s *site) recordOf(component, name string) []pulumi.Alias {
	urn := fmt.Sprintf("urn:pulumi:%s::%s::%s$%s::%s-certificate", s.ctx.Stack(), s.ctx.Project(), component, catalog.Route53Record, name)
	return []pulumi.Alias{{URN: pulumi.URN(urn)}}
}

// cloudFrontList finds the list of addresses that CloudFront asks from.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
func cloudFrontList(ctx *pulumi.Context) (string, error) {
	found, err := ec2.LookupManagedPrefixList(ctx, &ec2.LookupManagedPrefixListArgs{Name: pulumi.StringRef("com.amazonaws.global.cloudfront.origin-facing")})
	if err != nil {
		return "", fmt.Errorf("finding CloudFront's addresses: %w", err)
	}
	return found.Id, nil
}

func (s *site) makeWebTier() (err error) {
	args := webtier.Args{
		Settings:        s.cfg.Web.Settings,
		Region:          s.cfg.Region,
		SecurityGroupID: s.firewall.Web.ID(),
		Image:           s.image,
		Site: webtier.Site{
			SecretARN:     s.secret.ARN,
			SecretVersion: s.secret.VersionID,
			SecretKeyARN:  s.cfg.Encryption.KMSKeyARN,
			Domain:        s.cfg.Domain.Name,
			Network:       s.cfg.Network.VPCCIDR,
			Mail:          s.cfg.Mail,
		},
		Backing: []pulumi.Resource{s.secret.Version},
		Tags:    s.tags("WebTier"),
	}
	args.AdminEmail = s.cfg.AdminEmail()
	args.MetricsNamespace = s.metricsNamespace()
	if s.cfg.Phase >= 2 {
		args.Site.Database = &webtier.SiteDatabase{
			Host: s.database.Host,
			Port: s.database.Port,
			Name: s.database.Name,
		}
		args.Site.Storage = &webtier.SiteStorage{
			FileSystemID:  s.storage.FileSystemID,
			AccessPointID: s.storage.AccessPointID,
		}
		args.Backing = slices.Concat(args.Backing, s.storage.Ready)
	}
	n := s.network
	subnets := n.Public
	if s.cfg.Phase < 3 {
		args.Server = &webtier.ServerArgs{
			Protect: s.cfg.Protect && s.cfg.Phase == 1,
			Holder:  s.holder(),
		}
	} else {
		subnets = n.Web
		args.Site.TLS, args.Site.Edge = s.cfg.BalancerTLS(), s.cfg.Edged()
		args.BuilderEgress = slices.Concat(n.Web[0].Egress, n.WebRules, n.PublicRules, s.firewall.WebEgress, s.endpoints)
		args.Group = &webtier.GroupArgs{
			Images:         s.last.images,
			TargetGroupARN: s.balancer.TargetGroupARN,
			Requests:       pulumi.Sprintf("%s/%s", s.balancer.ARNSuffix, s.balancer.TargetGroupARNSuffix),
			Address:        s.balancer.DNSName,
			Listening:      s.balancer.Listening,
		}
		if s.edge != nil {
			args.Group.Address = s.edge.DomainName
		}
	}
	args.SubnetIDs = network.IDs(subnets)
	args.Egress = slices.Concat(network.Egress(subnets), n.PublicRules, n.WebRules, n.DatabaseRules, s.firewall.Rules, s.endpoints)
	s.web, err = webtier.New(s.ctx, "web", args, s.tagged("WebTier"))
	return err
}

func (s *site) makeDomain() error {
	if s.cfg.Domain.Name == "" {
		return nil
	}
	args := domain.Args{
		Settings:        s.cfg.Domain,
		HealthCheckPath: s.cfg.LoadBalancer.HealthCheckPath,
	}
	switch {
	case s.edge != nil:
		args.Alias = &domain.Alias{DNSName: s.edge.DomainName, ZoneID: s.edge.ZoneID}
	case s.balancer != nil:
		args.Alias = &domain.Alias{DNSName: s.balancer.DNSName, ZoneID: s.balancer.ZoneID, Health: true}
	default:
		args.Address = s.web.Address
	}
	// The name moves to what serves. A server asks for its certificate by itself,
	// once the name has come.
	_, err := domain.New(s.ctx, "domain", args, s.web.Serving, s.tagged("Domain"))
	return err
}

// makeBackups keeps what a phase's data is in.
func (s *site) makeBackups() (err error) {
	if !s.cfg.Backup.Enabled {
		return nil
	}
	args := backups.Args{Settings: s.cfg.Backup.Settings}
	if s.cfg.Phase == 1 {
		args.Resources = map[string]pulumi.StringInput{"server": s.web.ServerARN}
	} else {
		args.Resources = map[string]pulumi.StringInput{"database": s.database.ARN, "files": s.storage.ARN}
	}
	if args.CopyRegion != "" {
		if args.Copies, err = s.providerOf(args.CopyRegion); err != nil {
			return err
		}
	}
	s.backups, err = backups.New(s.ctx, "backups", args, s.tagged("Backups"))
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

// metricsNamespace is where the servers put what only they can measure; "" if they do not.
func (s *site) metricsNamespace() string {
	if !s.cfg.Watched() {
		return ""
	}
	return monitoringPrefix(s.ctx.Project(), s.ctx.Stack())
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
		Settings: s.cfg.Monitoring.Settings,
		Prefix:   monitoringPrefix(s.ctx.Project(), s.ctx.Stack()),
		Region:   s.cfg.Region,
		Account:  caller.AccountId,
		NAT:      s.network.NAT,
		Scripts:  s.web.Scripts,

		ServersNamespace: s.metricsNamespace(),
		Serving:          s.web.Serving,
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
		args.Storage = &monitoring.Storage{
			FileSystemID:   s.storage.FileSystemID,
			ThroughputMode: s.cfg.Storage.ThroughputMode,
			Provisioned:    s.cfg.Storage.ProvisionedThroughput,
		}
	}
	if s.backups != nil {
		args.BackupRoleARN = s.backups.RoleARN
	}
	s.monitoring, err = monitoring.New(s.ctx, "monitoring", args, s.tagged("Monitoring"))
	return err
}
