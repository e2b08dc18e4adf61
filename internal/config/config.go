// Package config is the only reader of the stack's configuration. It turns the
// keys of Pulumi.<stack>.yaml into typed values and checks all of them
// before anything is registered, so that every mistake is reported at once.
//
// A key, its type, default, bounds and description are one field of Config or of a
// component's Settings; `make docs` writes Pulumi.yaml, for the Pulumi CLI, and
// docs/config.md, for users, from them.
package config

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/webphases/webphases/components/backups"
	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/domain"
	"github.com/webphases/webphases/components/edge"
	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/components/monitoring"
	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/components/webtier"
)

// Config is the whole configuration of a stack; see the package setting for the tags.
type Config struct {
	Region string // of the AWS provider: aws:region

	// How far the lab goes: 1 one server, 2 its database on RDS, 3 a load balancer and a group of
	// servers.
	Phase int `key:"phase" default:"1" least:"1" most:"3"`
	// Protect what holds data: Pulumi and AWS refuse to delete the server (phase 1), the database and
	// the file system (from phase 2). Set false and run `pulumi up` before `pulumi destroy`.
	Protect bool `key:"protect" default:"true"`

	Roles        Roles                  `key:"roles"`
	Encryption   Encryption             `key:"encryption"`
	Network      Network                `key:"network"`
	Credentials  credentials.Settings   `key:"credentials"`
	Web          Web                    `key:"web"`
	Database     database.Settings      `key:"database"`
	Storage      sharedstorage.Settings `key:"storage"`
	LoadBalancer loadbalancer.Settings  `key:"loadBalancer"`
	Edge         Edge                   `key:"edge"`
	Domain       domain.Settings        `key:"domain"`
	Backup       Backup                 `key:"backup"`
	Monitoring   Monitoring             `key:"monitoring"`
	Mail         webtier.Mail           `key:"mail"`
}

// Roles bounds the IAM roles of the stack, so that whoever may make them can give them no more
// than the boundary allows.
type Roles struct {
	// Path of the IAM roles that the stack makes, such as /webphases/. A deploy role may be limited to
	// it.
	Path string `key:"path" default:"/" form:"rolePath" example:"/webphases/"`
	// ARN of the policy that bounds the IAM roles that the stack makes. Empty: none.
	PermissionsBoundary string `key:"permissionsBoundary" default:"" form:"permissionsPolicy" example:"arn:aws:iam::123456789012:policy/bounds"`
}

// Encryption says whose key encrypts what the stack keeps.
type Encryption struct {
	// ARN of a KMS key of your own, in the stack's region, for the database, the files, the disks, the secret and the logs;
	// its policy has to let the deploy role, CloudWatch Logs and the service role of Auto Scaling use it. Empty: AWS's keys,
	// free of charge. It cannot change later.
	KMSKeyARN string `key:"kmsKeyArn" default:"" form:"kmsKey" example:"arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"`
}

// Network is the VPC's settings, and which zones and gateways it gets.
type Network struct {
	network.Settings

	// How many availability zones, from the first that the region offers: 1 to 6, and 2 or more from
	// phase 2.
	ZoneCount int `key:"zoneCount" default:"2"`
	// The availability zones by name, instead of zoneCount. Append only: a zone's place in the list
	// fixes its addresses.
	Zones []string `key:"zones" default:"[]" form:"zone" example:"[\"ap-northeast-1a\",\"ap-northeast-1d\"]"`
	// NAT gateways of the private servers: none, one, perZone, or auto (perZone in phase 3, else
	// none).
	NAT string `key:"nat" default:"auto" oneOf:"auto,none,one,perZone" example:"one"`
	// Elastic IPs that the account may have in the region. AWS gives 5 at first and raises quota
	// L-0263D0A3 on request.
	ElasticIPQuota int `key:"elasticIpQuota" default:"5"`
}

// Web is the servers' settings, and what they are built from and who may reach them.
type Web struct {
	// Image of the servers: debian (Debian 13), an AMI ID (a Debian 13 of your own), or marketplace
	// (the lab's WordPress of AWS Marketplace, phase 1 only).
	Image string `key:"image" default:"debian" form:"image" example:"ami-0123456789abcdef1"`
	// Who may reach port 22 of the servers. Empty: nobody.
	SSHCIDRs []string `key:"sshCidrs" default:"[]" form:"ipv4Range" example:"[\"192.0.2.7/32\"]"`
	// CloudWatch agent on the servers, for their memory, disk and logs: on, off, or auto (on from phase 2;
	// it costs about $2 a month and what is logged).
	CloudWatchAgent string `key:"cloudWatchAgent" default:"auto" oneOf:"auto,on,off" example:"on"`

	webtier.Settings
}

// Edge is the settings of CloudFront, and whether there is any.
type Edge struct {
	// Phase 3: CloudFront before the load balancer, which then has no public address: HTTPS with or without a domain, and
	// pages from a cache near the visitors.
	Enabled bool `key:"enabled" default:"false"`

	edge.Settings
}

// Backup is the settings of AWS Backup, and whether there is any.
type Backup struct {
	// AWS Backup, once a day: the server in phase 1, the database and the files from phase 2 on.
	Enabled bool `key:"enabled" default:"true"`

	backups.Settings
}

// Monitoring is the settings of the alarms, and whether there are any.
type Monitoring struct {
	// Alarms on what the stack holds, and two topics that tell of them: one wakes somebody, for the
	// site is down, the other only tells.
	Enabled bool `key:"enabled" default:"true"`

	monitoring.Settings
}

// The choices of network.nat.
const (
	NATAuto    = "auto"                     // perZone in phase 3, none before it
	NATNone    = string(network.NATNone)    // no gateway
	NATOne     = string(network.NATOne)     // one gateway, in the first zone
	NATPerZone = string(network.NATPerZone) // one gateway in every zone
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

// NetworkArgs is what the phase has of the network in these zones.
func (c Config) NetworkArgs(zones []string) network.Args {
	args := network.Args{
		Settings:      c.Network.Settings,
		Region:        c.Region,
		Zones:         zones,
		PublicZones:   1,
		NAT:           network.NAT(c.EffectiveNAT()),
		SSHCIDRs:      c.Web.SSHCIDRs,
		MailPort:      c.Mail.TCPPort(),
		DatabasePort:  c.Database.Port,
		BalancerInWeb: c.Edged(),
	}
	args.ClientCIDRs = c.Clients()
	if c.Phase >= 2 {
		args.DatabaseZones = len(zones)
	}
	if c.Phase == 3 {
		args.PublicZones, args.WebZones = len(zones), len(zones)
	}
	return args
}

// Watched tells whether the servers have a CloudWatch agent.
func (c Config) Watched() bool {
	return c.Web.CloudWatchAgent == "on" || c.Web.CloudWatchAgent == "auto" && c.Phase > 1
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

// ForEverybody tells whether the whole internet may reach the site.
func (c Config) ForEverybody() bool {
	clients := c.Clients()
	return slices.Contains(clients, everywhere) ||
		slices.Contains(clients, "0.0.0.0/1") && slices.Contains(clients, "128.0.0.0/1")
}

// Edged tells whether CloudFront is before the load balancer.
func (c Config) Edged() bool { return c.Phase == 3 && c.Edge.Enabled }

// BalancerTLS tells whether the load balancer ends TLS for the domain: CloudFront does
// where it is, and a single server by itself.
func (c Config) BalancerTLS() bool { return c.Phase == 3 && c.Domain.Name != "" && !c.Edged() }

// InternalBalancer tells whether the load balancer has no public address.
func (c Config) InternalBalancer() bool { return c.LoadBalancer.Internal || c.Edged() }

// Clients is who may reach the VPC from outside, or else from within: network.clientCidrs,
// or else the VPC if the load balancer is internal, or else everybody.
func (c Config) Clients() []string {
	switch {
	case len(c.Network.ClientCIDRs) > 0:
		return c.Network.ClientCIDRs
	case c.Phase == 3 && c.InternalBalancer():
		return []string{c.Network.VPCCIDR}
	default:
		return []string{everywhere}
	}
}
