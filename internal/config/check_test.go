package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/webphases/webphases/components/domain"
	"github.com/webphases/webphases/components/webtier"
)

// valid is a configuration of the phase without mistakes.
func valid(phase int) Config {
	c := Defaults("ap-northeast-1")
	c.Phase = phase
	return c
}

func TestDefaultsAreValidInEveryPhase(t *testing.T) {
	t.Parallel()
	for phase := 1; phase <= 3; phase++ {
		require.NoError(t, valid(phase).Check("webphases"))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		key    string
		want   error
		mutate func(*Config)
	}{
		{"no region", "aws:region", ErrValue, func(c *Config) { c.Region = "" }},
		{"a zone as region", "aws:region", ErrValue, func(c *Config) { c.Region = "ap-northeast-1a" }},
		{"China", "aws:region", ErrValue, func(c *Config) { c.Region = "cn-north-1" }},
		{"GovCloud", "aws:region", ErrValue, func(c *Config) { c.Region = "us-gov-west-1" }},
		{"phase 0", "phase", ErrValue, func(c *Config) { c.Phase = 0 }},
		{"rotated less than never", "credentials.rotation", ErrValue, func(c *Config) { c.Credentials.Rotation = -1 }},
		{"phase 4", "phase", ErrValue, func(c *Config) { c.Phase = 4 }},

		{"e-mail", "monitoring.email", ErrValue, func(c *Config) { c.Monitoring.Email = "operators" }},
		{"a mail server without a sender", "mail.host", ErrConflict, func(c *Config) { c.Mail.Host = "mail.example.com" }},
		{"a sender without a mail server", "mail.from", ErrConflict, func(c *Config) { c.Mail.From = "site@example.com" }},
		{"a login without a password", "mail.username", ErrConflict, func(c *Config) {
			c.Mail.Host, c.Mail.From, c.Mail.Username = "mail.example.com", "site@example.com", "site"
		}},
		{"a password without a login", "mail.password", ErrConflict, func(c *Config) {
			c.Mail.Host, c.Mail.From, c.Mail.Password = "mail.example.com", "site@example.com", "x"
		}},
		{"a mail port of its own", "mail.port", ErrValue, func(c *Config) { c.Mail.Port = 25 }},
		{"e-mail of nobody", "monitoring.email", ErrConflict, func(c *Config) { c.Monitoring.Enabled, c.Monitoring.Email = false, "operators@example.com" }},
		{"negative budget", "monitoring.monthlyBudget", ErrValue, func(c *Config) { c.Monitoring.MonthlyBudget = -1 }},
		{"budget of nobody", "monitoring.monthlyBudget", ErrConflict, func(c *Config) { c.Monitoring.Enabled, c.Monitoring.MonthlyBudget = false, 100 }},

		{"role path", "roles.path", ErrValue, func(c *Config) { c.Roles.Path = "webphases" }},
		{"role path with a hole", "roles.path", ErrValue, func(c *Config) { c.Roles.Path = "/a//" }},
		{"boundary by name", "roles.permissionsBoundary", ErrValue, func(c *Config) { c.Roles.PermissionsBoundary = "webphases" }},
		{"AWS's boundary", "roles.permissionsBoundary", ErrValue, func(c *Config) { c.Roles.PermissionsBoundary = "arn:aws:iam::aws:policy/AdministratorAccess" }},

		{"VPC too large", "network.vpcCidr", ErrValue, func(c *Config) { c.Network.VPCCIDR = "10.0.0.0/8" }},
		{"VPC too small", "network.vpcCidr", ErrValue, func(c *Config) { c.Network.VPCCIDR = "10.0.0.0/24" }},
		{"VPC of public addresses", "network.vpcCidr", ErrValue, func(c *Config) { c.Network.VPCCIDR = "8.8.0.0/16" }},
		{"no zones", "network.zoneCount", ErrValue, func(c *Config) { c.Network.ZoneCount = 0 }},
		{"too many zones", "network.zoneCount", ErrValue, func(c *Config) { c.Network.ZoneCount = 7 }},
		{"one zone for a subnet group", "network.zoneCount", ErrConflict, func(c *Config) { c.Phase, c.Network.ZoneCount = 2, 1 }},
		{"one zone with Multi-AZ", "network.zones", ErrConflict, func(c *Config) { c.Network.Zones = []string{"ap-northeast-1a"} }},
		{"zone of another region", "network.zones", ErrConflict, func(c *Config) { c.Network.Zones = []string{"us-east-1a", "ap-northeast-1a"} }},
		{"zone twice", "network.zones", ErrConflict, func(c *Config) { c.Network.Zones = []string{"ap-northeast-1a", "ap-northeast-1a"} }},
		{"no zone", "network.zones", ErrValue, func(c *Config) { c.Network.Zones = []string{"a", "ap-northeast-1a"} }},
		{"tenancy", "network.tenancy", ErrValue, func(c *Config) { c.Network.Tenancy = "host" }},
		{"host names without DNS", "network.dnsHostnames", ErrConflict, func(c *Config) { c.Phase, c.Network.DNSSupport = 1, false }},
		{"EFS without DNS", "network.dnsSupport", ErrConflict, func(c *Config) { c.Network.DNSSupport, c.Network.DNSHostnames = false, false }},
		{"endpoints that nobody finds", "network.interfaceEndpoints", ErrConflict, func(c *Config) {
			c.Network.InterfaceEndpoints, c.Network.DNSServers = []string{"ssm"}, []string{"10.0.0.53"}
		}},
		{"an endpoint of no service", "network.interfaceEndpoints", ErrValue, func(c *Config) { c.Network.InterfaceEndpoints = []string{"sms"} }},
		{"five DNS servers", "network.dnsServers", ErrValue, func(c *Config) { c.Network.DNSServers = strings.Split("1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5", " ") }},
		{"DNS server by name", "network.dnsServers", ErrValue, func(c *Config) { c.Network.DNSServers = []string{"dns.example.com"} }},
		{"search domain", "network.domainName", ErrValue, func(c *Config) { c.Network.DomainName = "not a name" }},
		{"NAT", "network.nat", ErrValue, func(c *Config) { c.Network.NAT = "two" }},
		{"no NAT in phase 3", "network.nat", ErrConflict, func(c *Config) { c.Network.NAT = NATNone }},
		{"log retention", "network.flowLogRetentionDays", ErrValue, func(c *Config) { c.Network.FlowLogRetentionDays = 8 }},
		{"client range with host bits", "network.clientCidrs", ErrValue, func(c *Config) { c.Network.ClientCIDRs = []string{"192.0.2.7/24"} }},
		{"client in IPv6", "network.clientCidrs", ErrValue, func(c *Config) { c.Network.ClientCIDRs = []string{"::/0"} }},
		{"Let's Encrypt shut out", "network.clientCidrs", ErrConflict, func(c *Config) {
			c.Phase, c.Network.ClientCIDRs, c.Domain = 2, []string{"192.0.2.0/24"}, domain.Settings{Name: "example.com", HostedZoneID: "Z0123"}
		}},
		{"Route 53's checkers shut out", "domain.healthCheck", ErrConflict, func(c *Config) {
			c.Network.ClientCIDRs, c.Domain = []string{"192.0.2.0/24"}, domain.Settings{Name: "example.com", HostedZoneID: "Z0123", HealthCheck: true}
		}},
		{"no Elastic IPs", "network.elasticIpQuota", ErrValue, func(c *Config) { c.Network.ElasticIPQuota = 0 }},
		{"six NAT gateways", "network.elasticIpQuota", ErrConflict, func(c *Config) { c.Network.ZoneCount = 6 }},
		{"VPN to a private address", "network.vpnCustomerGatewayIp", ErrValue, func(c *Config) { c.Network.VPNCustomerGatewayIP = "10.1.2.3" }},
		{"Amazon's ASN", "network.vpnBgpAsn", ErrValue, func(c *Config) { c.Network.VPNCustomerGatewayIP, c.Network.VPNBGPASN = "198.51.100.1", 7224 }},
		{"VPN routes without a VPN", "network.vpnStaticRoutes", ErrConflict, func(c *Config) { c.Network.VPNStaticRoutes = []string{"192.168.0.0/16"} }},
		{"office inside the VPC", "network.vpnStaticRoutes", ErrConflict, func(c *Config) {
			c.Network.VPNCustomerGatewayIP, c.Network.VPNStaticRoutes = "198.51.100.1", []string{"10.0.0.0/8"}
		}},

		{"a key by its alias", "encryption.kmsKeyArn", ErrValue, func(c *Config) { c.Encryption.KMSKeyARN = "alias/mine" }},
		{"a key of another region", "encryption.kmsKeyArn", ErrConflict, func(c *Config) { c.Encryption.KMSKeyARN = "arn:aws:kms:us-east-1:123456789012:key/1-2" }},
		{"more servers than the database serves", "web.maxSize", ErrConflict, func(c *Config) { c.Web.MaxSize = 6 }},
		{"servers too large for the database", "web.instanceType", ErrConflict, func(c *Config) { c.Phase, c.Web.InstanceType = 2, "m7i.2xlarge" }},
		{"kept for no day", "backup.retentionDays", ErrValue, func(c *Config) { c.Backup.RetentionDays = 0 }},
		{"no time of day", "backup.time", ErrValue, func(c *Config) { c.Backup.Time = "24:00" }},
		{"a backup before RDS's own", "backup.time", ErrConflict, func(c *Config) { c.Backup.Time = "15:01" }},
		{"a backup in RDS's own window", "backup.time", ErrConflict, func(c *Config) { c.Backup.Time, c.Database.MaintenanceWindow = "17:59", "sun:20:30-sun:21:30" }},
		{"a backup across midnight", "backup.time", ErrConflict, func(c *Config) {
			c.Backup.Time, c.Database.BackupWindow, c.Database.MaintenanceWindow = "23:30", "00:00-00:30", "sun:12:00-sun:13:00"
		}},
		{"a backup before the maintenance", "backup.time", ErrConflict, func(c *Config) { c.Backup.Time, c.Database.BackupWindow = "16:31", "03:00-04:00" }},
		{"a copy at home", "backup.copyRegion", ErrValue, func(c *Config) { c.Backup.CopyRegion = c.Region }},
		{"a copy in China", "backup.copyRegion", ErrValue, func(c *Config) { c.Backup.CopyRegion = "cn-north-1" }},
		{"a copy of nothing", "backup.copyRegion", ErrConflict, func(c *Config) { c.Backup.Enabled, c.Backup.CopyRegion = false, "us-east-1" }},

		{"image", "web.image", ErrValue, func(c *Config) { c.Web.Image = "ubuntu" }},
		{"Marketplace after phase 1", "web.image", ErrConflict, func(c *Config) { c.Web.Image = webtier.ImageMarketplace }},
		{"generation 0", "web.imageGeneration", ErrValue, func(c *Config) { c.Web.ImageGeneration = 0 }},
		{"instance type", "web.instanceType", ErrValue, func(c *Config) { c.Web.InstanceType = "small" }},
		{"another processor", "web.otherInstanceTypes", ErrConflict, func(c *Config) { c.Web.OtherInstanceTypes = []string{"t4g.small"} }},
		{"a type twice", "web.otherInstanceTypes", ErrValue, func(c *Config) { c.Web.OtherInstanceTypes = []string{"t3a.small", "t3a.small"} }},
		{"a port of the system's", "database.port", ErrValue, func(c *Config) { c.Database.Port = 443 }},
		{"T2 on dedicated hardware", "web.instanceType", ErrConflict, func(c *Config) { c.Web.InstanceType, c.Network.Tenancy = "t2.micro", "dedicated" }},
		{"Marketplace on Arm", "web.instanceType", ErrConflict, func(c *Config) { c.Phase, c.Web.Image, c.Web.InstanceType = 1, webtier.ImageMarketplace, "t4g.small" }},
		{"the first name that is tried", "web.adminUser", ErrValue, func(c *Config) { c.Web.AdminUser = "Admin" }},
		{"no name", "web.adminUser", ErrValue, func(c *Config) { c.Web.AdminUser = "" }},
		{"an address without a domain", "web.adminEmail", ErrValue, func(c *Config) { c.Web.AdminEmail = "webmaster" }},
		{"WordPress' own user", "database.masterUsername", ErrValue, func(c *Config) { c.Phase, c.Database.MasterUsername = 2, "wp_app" }},
		{"private key", "web.sshPublicKey", ErrValue, func(c *Config) { c.Web.SSHPublicKey = "-----BEGIN OPENSSH PRIVATE KEY-----" }},
		{"SSH from everywhere", "web.sshCidrs", ErrValue, func(c *Config) { c.Web.SSHCIDRs, c.Web.SSHPublicKey = []string{"0.0.0.0/0"}, "ssh-ed25519 AAAA" }},
		{"SSH from half of everywhere", "web.sshCidrs", ErrValue, func(c *Config) { c.Web.SSHCIDRs, c.Web.SSHPublicKey = []string{"128.0.0.0/1"}, "ssh-ed25519 AAAA" }},
		{"SSH without a key", "web.sshCidrs", ErrConflict, func(c *Config) { c.Web.SSHCIDRs = []string{"192.0.2.7/32"} }},
		{"disk too small", "web.rootVolumeSize", ErrValue, func(c *Config) { c.Web.RootVolumeSize = 7 }},
		{"no servers", "web.minSize", ErrValue, func(c *Config) { c.Web.MinSize = 0 }},
		{"max below min", "web.maxSize", ErrConflict, func(c *Config) { c.Web.MaxSize = 1 }},
		{"desired above max", "web.desiredSize", ErrConflict, func(c *Config) { c.Web.DesiredSize = 9 }},
		{"desired below min", "web.desiredSize", ErrConflict, func(c *Config) { c.Web.DesiredSize = 1 }},
		{"CPU", "web.targetCpuPercent", ErrValue, func(c *Config) { c.Web.TargetCPUPercent = 101 }},
		{"requests", "web.targetRequestsPerMinute", ErrValue, func(c *Config) { c.Web.TargetRequestsPerMinute = -1 }},
		{"a forecast in another mode", "web.predictiveScaling", ErrValue, func(c *Config) { c.Web.PredictiveScaling = "on" }},
		{"a forecast of no load", "web.predictiveScaling", ErrConflict, func(c *Config) { c.Web.PredictiveScaling, c.Web.TargetCPUPercent = "forecast", 0 }},
		{"throughput mode", "storage.throughputMode", ErrValue, func(c *Config) { c.Storage.ThroughputMode = "maxIO" }},
		{"provisioned, but nothing", "storage.provisionedThroughput", ErrConflict, func(c *Config) { c.Storage.ThroughputMode = "provisioned" }},
		{"throughput that is not provisioned", "storage.provisionedThroughput", ErrConflict, func(c *Config) { c.Storage.ProvisionedThroughput = 50 }},
		{"more throughput than there is", "storage.provisionedThroughput", ErrValue, func(c *Config) {
			c.Storage.ThroughputMode, c.Storage.ProvisionedThroughput = "provisioned", 3415
		}},
		{"grace", "web.healthCheckGraceSeconds", ErrValue, func(c *Config) { c.Web.HealthCheckGraceSeconds = -1 }},

		{"engine", "database.engineVersion", ErrValue, func(c *Config) { c.Database.EngineVersion = "5.7" }},
		{"minor version that AWS upgrades", "database.engineVersion", ErrConflict, func(c *Config) { c.Database.EngineVersion = "8.4.6" }},
		{"class", "database.instanceClass", ErrValue, func(c *Config) { c.Database.InstanceClass = "t3.micro" }},
		{"class without MySQL 8.4", "database.instanceClass", ErrValue, func(c *Config) { c.Database.InstanceClass = "db.m4.large" }},
		{"class too small for io2", "database.instanceClass", ErrConflict, func(c *Config) {
			c.Database.StorageType, c.Database.AllocatedStorage, c.Database.MaxAllocatedStorage, c.Database.IOPS = "io2", 100, 0, 1000
		}},
		{"storage type", "database.storageType", ErrValue, func(c *Config) { c.Database.StorageType = "magnetic" }},
		{"storage too small", "database.allocatedStorage", ErrValue, func(c *Config) { c.Database.AllocatedStorage = 5 }},
		{"io2 too small", "database.allocatedStorage", ErrValue, func(c *Config) {
			c.Database.StorageType, c.Database.IOPS, c.Database.InstanceClass = "io2", 1000, "db.m7g.large"
		}},
		{"io2 without IOPS", "database.iops", ErrValue, func(c *Config) {
			c.Database.StorageType, c.Database.AllocatedStorage, c.Database.MaxAllocatedStorage, c.Database.InstanceClass = "io2", 100, 0, "db.m7g.large"
		}},
		{"IOPS on a small gp3", "database.iops", ErrConflict, func(c *Config) { c.Database.IOPS = 12000 }},
		{"limit too near", "database.maxAllocatedStorage", ErrConflict, func(c *Config) { c.Database.MaxAllocatedStorage = 21 }},
		{"no backups", "database.backupRetentionDays", ErrValue, func(c *Config) { c.Database.BackupRetentionDays = 0 }},
		{"36 days of backups", "database.backupRetentionDays", ErrValue, func(c *Config) { c.Database.BackupRetentionDays = 36 }},
		{"backup window", "database.backupWindow", ErrValue, func(c *Config) { c.Database.BackupWindow = "25:00-26:00" }},
		{"backup window too short", "database.backupWindow", ErrValue, func(c *Config) { c.Database.BackupWindow = "17:00-17:29" }},
		{"maintenance window", "database.maintenanceWindow", ErrValue, func(c *Config) { c.Database.MaintenanceWindow = "18:30-19:30" }},
		{"windows overlap", "database.maintenanceWindow", ErrConflict, func(c *Config) { c.Database.MaintenanceWindow = "sun:17:30-sun:18:30" }},
		{"windows overlap at midnight", "database.maintenanceWindow", ErrConflict, func(c *Config) {
			c.Database.BackupWindow, c.Database.MaintenanceWindow = "23:45-00:45", "sun:00:30-sun:01:00"
		}},
		{"database name", "database.name", ErrValue, func(c *Config) { c.Database.Name = "1st" }},
		{"reserved user", "database.masterUsername", ErrValue, func(c *Config) { c.Database.MasterUsername = "Admin" }},
		{"snapshot", "database.snapshotIdentifier", ErrValue, func(c *Config) { c.Database.SnapshotIdentifier = "my snapshot" }},
		{"log", "database.logExports", ErrValue, func(c *Config) { c.Database.LogExports = []string{"slow"} }},
		{"monitoring interval", "database.monitoringIntervalSeconds", ErrValue, func(c *Config) { c.Database.MonitoringIntervalSeconds = 2 }},

		{"old TLS", "loadBalancer.sslPolicy", ErrValue, func(c *Config) { c.LoadBalancer.SSLPolicy = "ELBSecurityPolicy-2016-08" }},
		{"path", "loadBalancer.healthCheckPath", ErrValue, func(c *Config) { c.LoadBalancer.HealthCheckPath = "healthz" }},
		{"healthy threshold", "loadBalancer.healthyThreshold", ErrValue, func(c *Config) { c.LoadBalancer.HealthyThreshold = 1 }},
		{"unhealthy threshold", "loadBalancer.unhealthyThreshold", ErrValue, func(c *Config) { c.LoadBalancer.UnhealthyThreshold = 11 }},
		{"interval", "loadBalancer.healthCheckInterval", ErrValue, func(c *Config) { c.LoadBalancer.HealthCheckInterval = 301 }},
		{"timeout", "loadBalancer.healthCheckTimeout", ErrValue, func(c *Config) { c.LoadBalancer.HealthCheckTimeout = 1 }},
		{"timeout above interval", "loadBalancer.healthCheckTimeout", ErrConflict, func(c *Config) { c.LoadBalancer.HealthCheckTimeout = 15 }},
		{"drain", "loadBalancer.drainSeconds", ErrValue, func(c *Config) { c.LoadBalancer.DrainSeconds = 3601 }},
		{"web ACL", "loadBalancer.webAclArn", ErrValue, func(c *Config) { c.LoadBalancer.WebACLARN = "my-acl" }},
		{"web ACL elsewhere", "loadBalancer.webAclArn", ErrConflict, func(c *Config) {
			c.LoadBalancer.WebACLARN = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/name/id"
		}},

		{"domain", "domain.name", ErrValue, func(c *Config) { c.Domain.Name, c.Domain.HostedZoneID = "https://example.com", "Z0123" }},
		{"domain without zone", "domain.hostedZoneId", ErrConflict, func(c *Config) { c.Domain.Name = "example.com" }},
		{"zone by name", "domain.hostedZoneId", ErrValue, func(c *Config) { c.Domain.Name, c.Domain.HostedZoneID = "example.com", "example.com" }},
		{"zone without domain", "domain.hostedZoneId", ErrConflict, func(c *Config) { c.Domain.HostedZoneID = "Z0123" }},
		{"check without domain", "domain.healthCheck", ErrConflict, func(c *Config) { c.Domain.HealthCheck = true }},
		{"failover without domain", "domain.failoverAddress", ErrConflict, func(c *Config) { c.Domain.FailoverAddress = "198.51.100.7" }},
		{"failover without check", "domain.healthCheck", ErrConflict, func(c *Config) {
			c.Domain = domain.Settings{Name: "example.com", HostedZoneID: "Z0123", FailoverAddress: "198.51.100.7"}
		}},
		{"failover to a private address", "domain.failoverAddress", ErrValue, func(c *Config) {
			c.Domain = domain.Settings{Name: "example.com", HostedZoneID: "Z0123", FailoverAddress: "10.0.0.7", HealthCheck: true}
		}},
		{"check of an internal site", "domain.healthCheck", ErrConflict, func(c *Config) {
			c.LoadBalancer.Internal, c.Domain = true, domain.Settings{Name: "example.com", HostedZoneID: "Z0123", HealthCheck: true}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := valid(3)
			c.mutate(&cfg)
			var errs Errors
			require.ErrorAs(t, cfg.Check("webphases"), &errs)
			require.Len(t, errs, 1, "one mistake, one error: %v", errs)
			assert.ErrorIs(t, errs[0], c.want)
			assert.Equal(t, c.key, strings.TrimPrefix(errs[0].Key, "webphases:"))
			assert.NotEmpty(t, errs[0].Why)
			assert.NotEmpty(t, errs[0].Remedy)
		})
	}
}

func TestAMinorVersionCanBeKept(t *testing.T) {
	t.Parallel()
	cfg := valid(2)
	cfg.Database.EngineVersion, cfg.Database.AutoMinorVersionUpgrade = "8.4.6", false
	require.NoError(t, cfg.Check("webphases"))
}

// What only looks like the mistakes above.
func TestClientsAndAddressesThatFit(t *testing.T) {
	t.Parallel()
	named := domain.Settings{Name: "example.com", HostedZoneID: "Z0123", HealthCheck: true}
	for name, mutate := range map[string]func(*Config){
		"everybody, in halves":    func(c *Config) { c.Network.ClientCIDRs, c.Domain = []string{"0.0.0.0/1", "128.0.0.0/1"}, named },
		"everybody and an office": func(c *Config) { c.Network.ClientCIDRs, c.Domain = []string{"0.0.0.0/0", "192.0.2.0/24"}, named },
		"clients named, with a name": func(c *Config) {
			c.Network.ClientCIDRs, c.Domain = []string{"192.0.2.0/24"}, domain.Settings{Name: "example.com", HostedZoneID: "Z0123"}
		},
		"clients named, in phase 2":   func(c *Config) { c.Phase, c.Network.ClientCIDRs = 2, []string{"192.0.2.0/24"} },
		"six zones and one gateway":   func(c *Config) { c.Network.ZoneCount, c.Network.NAT = 6, NATOne },
		"six zones before phase 3":    func(c *Config) { c.Phase, c.Network.ZoneCount = 2, 6 },
		"six gateways and more quota": func(c *Config) { c.Network.ZoneCount, c.Network.ElasticIPQuota = 6, 6 },
	} {
		cfg := valid(3)
		mutate(&cfg)
		require.NoError(t, cfg.Check("webphases"), name)
	}
}

func TestElasticIPs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, phase, zones, want int }{
		{0, 1, 2, 1}, {1, 2, 2, 1}, {0, 3, 2, 2}, {3, 3, 5, 5}, {2, 3, 2, 3}, {2, 3, 5, 6}, {3, 2, 2, 3},
	} {
		cfg := valid(c.phase)
		cfg.Network.ZoneCount = c.zones
		assert.Equal(t, c.want, cfg.ElasticIPs(c.before), "%d to %d in %d zones", c.before, c.phase, c.zones)
	}
}

// Two windows overlap exactly if some minute of the week lies in both.
func TestOverlapAgreesWithCountingMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		daily := window{rapid.IntRange(0, minuteOfDay-1).Draw(t, "daily"), rapid.IntRange(30, 600).Draw(t, "daily length")}
		weekly := window{rapid.IntRange(0, minuteOfWeek-1).Draw(t, "weekly"), rapid.IntRange(30, 600).Draw(t, "weekly length")}
		var busy [minuteOfWeek]bool
		for day := range 7 {
			for m := range daily.length {
				busy[(day*minuteOfDay+daily.from+m)%minuteOfWeek] = true
			}
		}
		want := false
		for m := range weekly.length {
			want = want || busy[(weekly.from+m)%minuteOfWeek]
		}
		require.Equal(t, want, overlap(daily, weekly))
	})
}
