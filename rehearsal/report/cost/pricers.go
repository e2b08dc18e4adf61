package cost

import (
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// pricers says what a resource of each type costs.
var pricers = map[string]func(*counter, *graph.Resource){
	catalog.AutoScalingGroup:   (*counter).group,
	catalog.AutoScalingPolicy:  (*counter).scalingPolicy,
	catalog.CloudWatchLogGroup: (*counter).logGroup,
	catalog.CloudWatchMetricAlarm: func(c *counter, r *graph.Resource) {
		c.fixed(r, "alarm", "alarms", "alarm", 1)
		if !strings.HasPrefix(r.Str("namespace"), "AWS/") {
			c.fixed(r, "the metric, which AWS does not have by itself", "metrics", "detailed", 1)
		}
	},
	catalog.CloudWatchCompositeAlarm: func(c *counter, r *graph.Resource) {
		c.fixed(r, "composite alarm", "alarms", "composite", 1)
	},
	catalog.KMSKey: func(c *counter, r *graph.Resource) {
		c.fixed(r, "key", "kms", "key", 1)
	},
	catalog.CloudFrontDistribution: (*counter).distribution,
	catalog.EC2AMIFromInstance: func(c *counter, r *graph.Resource) {
		c.usage(r, "snapshot of the image", "ebs", "snapshot", "image.gb", 1)
	},
	catalog.BackupPlan: func(c *counter, r *graph.Resource) {
		if strings.Contains(r.Str("rules"), "destinationVaultArn") {
			c.usage(r, "copies in another region", "backup", "copy", "backup.gbCopied", 1)
			c.usage(r, "sent to another region", "backup", "sent", "backup.gbSent", 1)
		}
	},
	catalog.BackupSelection: (*counter).backedUp,
	catalog.EC2EIP: func(c *counter, r *graph.Resource) {
		c.fixed(r, "public IPv4 address", "vpc", "publicIpv4", 1)
	},
	catalog.EC2Instance:      (*counter).instance,
	catalog.EC2NATGateway:    (*counter).natGateway,
	catalog.EC2VPC:           (*counter).vpc,
	catalog.EC2VPCEndpoint:   (*counter).endpoint,
	catalog.EC2VPNConnection: (*counter).vpn,
	catalog.EFSBackupPolicy: func(c *counter, r *graph.Resource) {
		if r.Str("backupPolicy.status") == "ENABLED" {
			c.usage(r, "backups", "backup", "efs", "storage.gbBackup", 1)
		}
	},
	catalog.EFSFileSystem:      (*counter).fileSystem,
	catalog.LBLoadBalancer:     (*counter).loadBalancer,
	catalog.RDSInstance:        (*counter).database,
	catalog.Route53HealthCheck: (*counter).healthCheck,
	catalog.Route53Record:      (*counter).record,
	catalog.S3BucketV2: func(c *counter, r *graph.Resource) {
		if log := c.g.With(catalog.S3BucketLoggingV2, "bucket", r.ID); log != nil && log.Str("targetBucket") != r.ID {
			return // it holds no logs, but one page
		}
		c.usage(r, "logs kept", "s3", "standard", "accessLogs.gb", 1)
		c.usage(r, "log files written", "s3", "put", "accessLogs.thousandFiles", 1)
	},
	catalog.SecretsManagerSecret: func(c *counter, r *graph.Resource) {
		c.fixed(r, "secret", "secrets", "secret", 1)
		c.usage(r, "calls", "secrets", "calls", "secrets.tenThousandCalls", 1)
	},
	catalog.SSMParameter: func(c *counter, r *graph.Resource) {
		if tier := r.Str("tier"); tier != "" && tier != "Standard" {
			c.unpriced(r, "only standard parameters are free, this one is of the tier "+tier, "add the tier to rehearsal/report/cost")
		}
	},
}

// natGateway: what flows through all gateways is shared out among them.
func (c *counter) natGateway(r *graph.Resource) {
	c.fixed(r, "NAT gateway", "vpc", "natGateway", 1)
	c.usage(r, "data processed", "vpc", "natGatewayData", "nat.gb", 1/float64(len(c.g.OfType(r.Type))))
}

// vpc stands for the traffic that no single resource has: to visitors, and
// between zones if servers or databases are in more than one.
func (c *counter) vpc(r *graph.Resource) {
	if len(c.g.OfType(catalog.CloudFrontDistribution)) == 0 { // what goes to CloudFront is free
		c.usage(r, "data to visitors", "transfer", "internetOut", "internet.gbOut", 1)
	}
	zones := map[string]bool{}
	for _, s := range c.g.OfType(catalog.EC2Subnet) {
		zones[s.Str("availabilityZone")] = true
	}
	if len(zones) > 1 {
		c.usage(r, "data between zones, both ways", "transfer", "betweenZones", "zones.gb", 2)
	}
}

// What CloudFront gives each account free of charge every month.
//
// Source: https://aws.amazon.com/cloudfront/pricing/
const freeGB, freeMillions = 1024, 10

func (c *counter) distribution(r *graph.Resource) {
	above := func(assumption string, free float64) float64 { return max(0, c.bill.Assumptions.Get(assumption)-free) }
	c.add(r, "data to visitors above the free 1 TB", "cloudFront", "out", above("internet.gbOut", freeGB), "internet.gbOut")
	c.add(r, "HTTPS requests above the free 10 million", "cloudFront", "millionRequests", above("internet.millionRequests", freeMillions), "internet.millionRequests")
}

func (c *counter) endpoint(r *graph.Resource) {
	switch kind := r.Str("vpcEndpointType"); kind {
	case "Gateway", "":
	case "Interface":
		c.fixed(r, "interface endpoint, per zone", "vpc", "endpoint", float64(len(r.Texts("subnetIds"))))
	default:
		c.unpriced(r, "only gateway endpoints are free, this one is of the type "+kind, "add the type to rehearsal/report/cost")
	}
}

// vpn: each connection has two tunnels with an address each.
func (c *counter) vpn(r *graph.Resource) {
	c.fixed(r, "VPN connection", "vpn", "connection", 1)
	c.fixed(r, "2 public IPv4 addresses", "vpc", "publicIpv4", 2)
}

// loadBalancer: a balancer that faces the internet has an address per zone.
func (c *counter) loadBalancer(r *graph.Resource) {
	if kind := r.Str("loadBalancerType"); kind != "application" && kind != "" {
		c.unpriced(r, "only application load balancers have a price, this one is a "+kind+" load balancer", "add it to rehearsal/report/cost")
		return
	}
	c.fixed(r, "application load balancer", "alb", "hour", 1)
	if zones := len(r.Texts("subnets")); !r.True("internal") {
		c.fixed(r, fmt.Sprintf("%d public IPv4 addresses, one per zone", zones), "vpc", "publicIpv4", float64(zones))
	}
	c.usage(r, "capacity units", "alb", "lcu", "loadBalancer.lcu", 1)
}

func (c *counter) fileSystem(r *graph.Resource) {
	c.usage(r, "files kept", "efs", "standard", "storage.gb", 1)
	switch mode := r.Str("throughputMode"); mode {
	case "elastic":
		c.usage(r, "read", "efs", "elasticRead", "storage.gbRead", 1)
		c.usage(r, "written", "efs", "elasticWrite", "storage.gbWritten", 1)
	case "bursting", "":
	case "provisioned":
		c.fixed(r, r.Str("provisionedThroughputInMibps")+" MB/s, whatever is moved", "efs", "provisioned", r.Num("provisionedThroughputInMibps"))
	default:
		c.unpriced(r, "the throughput mode "+mode+" has no price", "add it to rehearsal/report/cost")
	}
}

// logGroup holds the flow logs or the servers'. A month's logs are kept for as long as the group keeps them.
const databaseLogs = "/aws/rds/"

func (c *counter) logGroup(r *graph.Resource) {
	volume, share := "logs.gbFlow", 1.0
	switch {
	case strings.HasPrefix(r.Str("name"), databaseLogs): // the database's row has what is written
		volume, share = "logs.gbDatabase", 0
		for _, other := range c.g.OfType(catalog.CloudWatchLogGroup) {
			if strings.HasPrefix(other.Str("name"), databaseLogs) {
				share++
			}
		}
		share = 1 / share
	case c.g.With(catalog.EC2FlowLog, "logDestination", r.Str("arn")) == nil:
		volume = "logs.gbServers"
		fallthrough
	default:
		c.usage(r, "logs written", "logs", "ingested", volume, 1)
	}
	days := r.Int("retentionInDays")
	if days == 0 {
		c.unpriced(r, "the logs are kept for ever, so what they cost grows every month", "set retentionInDays")
		return
	}
	c.usage(r, fmt.Sprintf("logs kept for %d days", days), "logs", "kept", volume, share*float64(days)*24/Hours)
}

// healthCheck: a check of a resource on AWS; HTTPS is an optional feature.
func (c *counter) healthCheck(r *graph.Resource) {
	c.fixed(r, "health check", "route53", "healthCheck", 1)
	if strings.HasPrefix(r.Str("type"), "HTTPS") {
		c.fixed(r, "HTTPS", "route53", "healthCheckFeature", 1)
	}
}

// record: queries for aliases of AWS resources are free, records are too.
func (c *counter) record(r *graph.Resource) {
	if len(r.Objects("aliases")) == 0 && r.Str("type") == "A" {
		c.usage(r, "queries", "route53", "queries", "dns.millionQueries", 1)
	}
}
