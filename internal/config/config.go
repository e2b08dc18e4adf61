// Package config is the only reader of the stack's configuration. It turns the
// keys of Pulumi.<stack>.yaml into typed values and checks all of them
// before anything is registered, so that every mistake is reported at once.
//
// docs/config.md describes the keys for users; Pulumi.yaml declares them for
// the Pulumi CLI. A test keeps the three in step.
package config

import (
	"fmt"
	"slices"
	"strconv"
)

// Config is the whole configuration of a stack. The key tag is the name under
// the project's namespace (web.minSize is the member minSize of the object web),
// the default tag what an absent key means.
type Config struct {
	Region string // of the AWS provider: aws:region

	Phase   int  `key:"phase" default:"1"`
	Protect bool `key:"protect" default:"true"`

	Roles Roles

	Network      Network
	Credentials  Credentials
	Web          Web
	Database     Database
	LoadBalancer LoadBalancer
	Domain       Domain
	Monitoring   Monitoring
}

// Roles bounds the IAM roles of the stack, so that whoever may make them can give
// them no more than the boundary allows.
type Roles struct {
	Path                string `key:"roles.path" default:"/"`
	PermissionsBoundary string `key:"roles.permissionsBoundary" default:""`
}

// Network is the VPC and what leads in and out of it.
type Network struct {
	VPCCIDR              string   `key:"network.vpcCidr" default:"10.0.0.0/16"`
	ZoneCount            int      `key:"network.zoneCount" default:"2"`
	Zones                []string `key:"network.zones" default:"[]"`
	Tenancy              string   `key:"network.tenancy" default:"default"`
	DNSSupport           bool     `key:"network.dnsSupport" default:"true"`
	DNSHostnames         bool     `key:"network.dnsHostnames" default:"true"`
	DNSServers           []string `key:"network.dnsServers" default:"[]"`
	DomainName           string   `key:"network.domainName" default:""`
	NAT                  string   `key:"network.nat" default:"auto"`
	S3Endpoint           bool     `key:"network.s3Endpoint" default:"true"`
	FlowLogs             bool     `key:"network.flowLogs" default:"true"`
	FlowLogRetentionDays int      `key:"network.flowLogRetentionDays" default:"30"`
	ClientCIDRs          []string `key:"network.clientCidrs" default:"[]"`
	ElasticIPQuota       int      `key:"network.elasticIpQuota" default:"5"`
	VPNCustomerGatewayIP string   `key:"network.vpnCustomerGatewayIp" default:""`
	VPNBGPASN            int      `key:"network.vpnBgpAsn" default:"65000"`
	VPNStaticRoutes      []string `key:"network.vpnStaticRoutes" default:"[]"`
}

// Credentials is the database password and WordPress' keys.
type Credentials struct {
	Rotation int `key:"credentials.rotation" default:"0"`
}

// Web is the servers.
type Web struct {
	Image                   string   `key:"web.image" default:"debian"`
	ImageGeneration         int      `key:"web.imageGeneration" default:"1"`
	InstanceType            string   `key:"web.instanceType" default:"t3.small"`
	AdminUser               string   `key:"web.adminUser" default:"webmaster"`
	AdminEmail              string   `key:"web.adminEmail" default:""`
	SSHPublicKey            string   `key:"web.sshPublicKey" default:""`
	SSHCIDRs                []string `key:"web.sshCidrs" default:"[]"`
	RootVolumeSize          int      `key:"web.rootVolumeSize" default:"20"`
	MinSize                 int      `key:"web.minSize" default:"2"`
	MaxSize                 int      `key:"web.maxSize" default:"4"`
	DesiredSize             int      `key:"web.desiredSize" default:"0"`
	TargetCPUPercent        int      `key:"web.targetCpuPercent" default:"50"`
	GoldenImageReboot       bool     `key:"web.goldenImageReboot" default:"true"`
	HealthCheckGraceSeconds int      `key:"web.healthCheckGraceSeconds" default:"300"`
}

// Database is RDS for MySQL, from phase 2 on.
type Database struct {
	EngineVersion             string   `key:"database.engineVersion" default:"8.4"`
	InstanceClass             string   `key:"database.instanceClass" default:"db.t4g.micro"`
	StorageType               string   `key:"database.storageType" default:"gp3"`
	AllocatedStorage          int      `key:"database.allocatedStorage" default:"20"`
	MaxAllocatedStorage       int      `key:"database.maxAllocatedStorage" default:"100"`
	IOPS                      int      `key:"database.iops" default:"0"`
	BackupRetentionDays       int      `key:"database.backupRetentionDays" default:"35"`
	BackupWindow              string   `key:"database.backupWindow" default:"17:00-18:00"`
	MaintenanceWindow         string   `key:"database.maintenanceWindow" default:"sun:18:30-sun:19:30"`
	AutoMinorVersionUpgrade   bool     `key:"database.autoMinorVersionUpgrade" default:"true"`
	FinalSnapshot             bool     `key:"database.finalSnapshot" default:"true"`
	SnapshotIdentifier        string   `key:"database.snapshotIdentifier" default:""`
	Name                      string   `key:"database.name" default:"wordpress"`
	MasterUsername            string   `key:"database.masterUsername" default:"wpadmin"`
	LogExports                []string `key:"database.logExports" default:"[\"error\",\"slowquery\"]"`
	MonitoringIntervalSeconds int      `key:"database.monitoringIntervalSeconds" default:"60"`
	ApplyImmediately          bool     `key:"database.applyImmediately" default:"true"`
}

// LoadBalancer is the entry of phase 3.
type LoadBalancer struct {
	Internal            bool   `key:"loadBalancer.internal" default:"false"`
	SSLPolicy           string `key:"loadBalancer.sslPolicy" default:"ELBSecurityPolicy-TLS13-1-2-2021-06"`
	AccessLogs          bool   `key:"loadBalancer.accessLogs" default:"false"`
	WebACLARN           string `key:"loadBalancer.webAclArn" default:""`
	HealthCheckPath     string `key:"loadBalancer.healthCheckPath" default:"/healthz"`
	HealthyThreshold    int    `key:"loadBalancer.healthyThreshold" default:"3"`
	UnhealthyThreshold  int    `key:"loadBalancer.unhealthyThreshold" default:"2"`
	HealthCheckInterval int    `key:"loadBalancer.healthCheckInterval" default:"15"`
	HealthCheckTimeout  int    `key:"loadBalancer.healthCheckTimeout" default:"5"`
	DrainSeconds        int    `key:"loadBalancer.drainSeconds" default:"60"`
}

// Domain is the site's name, if it has one.
type Domain struct {
	Name            string `key:"domain.name" default:""`
	HostedZoneID    string `key:"domain.hostedZoneId" default:""`
	HealthCheck     bool   `key:"domain.healthCheck" default:"false"`
	FailoverAddress string `key:"domain.failoverAddress" default:""`
}

// Monitoring is the alarms and who hears of them.
type Monitoring struct {
	Enabled       bool   `key:"monitoring.enabled" default:"true"`
	Email         string `key:"monitoring.email" default:""`
	MonthlyBudget int    `key:"monitoring.monthlyBudget" default:"0"`
}

// The choices of network.nat.
const (
	NATAuto    = "auto"    // perZone in phase 3, none before it
	NATNone    = "none"    // no gateway
	NATOne     = "one"     // one gateway, in the first zone
	NATPerZone = "perZone" // one gateway in every zone
)

// The images that web.image knows by name. Anything else is an AMI ID.
const (
	ImageDebian      = "debian"      // Debian 13, published by the Debian project
	ImageMarketplace = "marketplace" // the lab's WordPress of AWS Marketplace
)

const everywhere = "0.0.0.0/0"

// EffectiveNAT is network.nat with "auto" resolved for the phase.
func (c Config) EffectiveNAT() string {
	switch {
	case c.Network.NAT != NATAuto:
		return c.Network.NAT
	case c.Phase == 3:
		return NATPerZone
	default:
		return NATNone
	}
}

// NATGateways is how many NAT gateways the phase has; each takes an Elastic IP.
func (c Config) NATGateways() int {
	switch {
	case c.Phase < 3 || c.EffectiveNAT() == NATNone:
		return 0
	case c.EffectiveNAT() == NATOne:
		return 1
	case len(c.Network.Zones) > 0:
		return len(c.Network.Zones)
	default:
		return c.Network.ZoneCount
	}
}

// ElasticIPs is how many Elastic IPs the stack has at once, coming from the phase
// before; 0: a new stack. Between a server and a group, both exist for a while.
func (c Config) ElasticIPs(before int) int {
	group := c
	group.Phase = 3
	switch {
	case c.Phase == 3 && (before == 1 || before == 2), c.Phase < 3 && before == 3:
		return group.NATGateways() + 1
	case c.Phase == 3:
		return group.NATGateways()
	default:
		return 1
	}
}

// AddressError says that the stack needs more Elastic IPs than there are; nil if it
// does not.
func (c Config) AddressError(project string, before int) *FieldError {
	needed := c.ElasticIPs(before)
	if needed <= c.Network.ElasticIPQuota {
		return nil
	}
	return &FieldError{
		Kind:  ErrConflict,
		Key:   project + ":network.elasticIpQuota",
		Value: strconv.Itoa(c.Network.ElasticIPQuota),
		Why:   fmt.Sprintf("the stack needs %d Elastic IPs at once, for NAT gateways and a server, and the account has no more in the region", needed),
		Remedy: "have quota L-0263D0A3 raised (`aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3`) " +
			"and set the key to it, or choose network.nat one",
	}
}

// Burstable tells whether the servers' type has CPU credits.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
func (w Web) Burstable() bool {
	m := instanceForm.FindStringSubmatch(w.InstanceType)
	return m != nil && m[1] == "t"
}

// AdminEmail is web.adminEmail, or else one at the domain, or else one that no letter reaches.
func (c Config) AdminEmail() string {
	switch {
	case c.Web.AdminEmail != "":
		return c.Web.AdminEmail
	case c.Domain.Name != "":
		return c.Web.AdminUser + "@" + c.Domain.Name
	default:
		return c.Web.AdminUser + "@example.invalid"
	}
}

// Grows tells whether the group adds servers by itself.
func (w Web) Grows() bool { return w.TargetCPUPercent > 0 && w.MinSize < w.MaxSize }

// ForEverybody tells whether the whole internet may reach the site.
func (c Config) ForEverybody() bool {
	clients := c.Clients()
	return slices.Contains(clients, everywhere) ||
		slices.Contains(clients, "0.0.0.0/1") && slices.Contains(clients, "128.0.0.0/1")
}

// Clients is who may reach the site: network.clientCidrs, or else the VPC if
// the load balancer is internal, or else everybody.
func (c Config) Clients() []string {
	switch {
	case len(c.Network.ClientCIDRs) > 0:
		return c.Network.ClientCIDRs
	case c.Phase == 3 && c.LoadBalancer.Internal:
		return []string{c.Network.VPCCIDR}
	default:
		return []string{everywhere}
	}
}
