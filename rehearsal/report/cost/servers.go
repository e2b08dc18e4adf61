package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// detailedMetrics is how many metrics detailed monitoring of a server adds.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-detailed-monitoring.html
const detailedMetrics = 7

// instance is a server of its own. One that the program stops costs its volume.
func (c *counter) instance(r *graph.Resource) {
	if !c.sharedHardware(r, r.Str("tenancy")) {
		return
	}
	if c.stopped(r) {
		c.volume(r, "the stopped server's volume", r.Str("rootBlockDevice.volumeType"), r.Num("rootBlockDevice.volumeSize"), 1)
		return
	}
	c.fixed(r, r.Str("instanceType"), "ec2.instance", r.Str("instanceType"), 1)
	c.volume(r, "volume", r.Str("rootBlockDevice.volumeType"), r.Num("rootBlockDevice.volumeSize"), 1)
	if r.True("monitoring") {
		c.fixed(r, "detailed monitoring", "metrics", "detailed", detailedMetrics)
	}
	// An Elastic IP takes the place of the address that the server started with.
	if r.True("associatePublicIpAddress") && c.g.With(catalog.EC2EIPAssociation, "instanceId", r.ID) == nil {
		c.fixed(r, "public IPv4 address", "vpc", "publicIpv4", 1)
	}
}

func (c *counter) stopped(r *graph.Resource) bool {
	return slices.ContainsFunc(c.g.OfType(catalog.EC2InstanceState), func(s *graph.Resource) bool {
		return s.Str("instanceId") == r.ID && s.Str("state") == "stopped"
	})
}

// sharedHardware says whether the servers run on shared hardware; other prices
// are not in the table.
func (c *counter) sharedHardware(r *graph.Resource, tenancy string) bool {
	for _, vpc := range c.g.OfType(catalog.EC2VPC) {
		if vpc.Str("instanceTenancy") == "dedicated" {
			tenancy = "dedicated"
		}
	}
	if tenancy == "" || tenancy == "default" {
		return true
	}
	c.unpriced(r, "servers on "+tenancy+" hardware have other prices, and a fee per region", "see https://aws.amazon.com/ec2/pricing/dedicated-instances/")
	return false
}

// group is the servers of an Auto Scaling group: as many as are assumed, or else
// as many as it wants to begin with.
func (c *counter) group(r *graph.Resource) {
	template := c.g.Template(r)
	if template == nil {
		c.unpriced(r, "its launch template is not in the stack", "add the template to the stack")
		return
	}
	if !c.sharedHardware(r, template.Str("placement.tenancy")) {
		return
	}
	servers, assumption := c.bill.Assumptions.Get("group.servers"), "group.servers"
	if servers == 0 {
		servers, assumption = max(r.Num("desiredCapacity"), r.Num("minSize")), ""
	}
	kind := template.Str("instanceType")
	c.add(r, fmt.Sprintf("%s, %g servers", kind, servers), "ec2.instance", kind, servers, assumption)
	for _, device := range template.Objects("blockDeviceMappings") {
		c.volumes(r, fmt.Sprintf("%g volumes", servers), device.Str("ebs.volumeType"), device.Num("ebs.volumeSize"), servers, assumption)
	}
	if template.True("monitoring.enabled") {
		c.add(r, "detailed monitoring", "metrics", "detailed", servers*detailedMetrics, assumption)
	}
}

func (c *counter) volume(r *graph.Resource, what, kind string, gb, count float64) {
	c.volumes(r, what, kind, gb, count, "")
}

// volumes: gp3 as it comes, with 3,000 IOPS and 125 MB/s.
func (c *counter) volumes(r *graph.Resource, what, kind string, gb, count float64, assumption string) {
	if gb == 0 {
		c.unpriced(r, "the plan does not say how large its root volume is", "set the size of the root volume")
		return
	}
	c.add(r, fmt.Sprintf("%s, %s of %g GB", what, kind, gb), "ebs", kind, gb*count, assumption)
}

// scalingPolicy: target tracking makes two alarms.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
func (c *counter) scalingPolicy(r *graph.Resource) {
	if r.Str("policyType") == "TargetTrackingScaling" {
		c.fixed(r, "the two alarms that AWS makes", "alarms", "alarm", 2)
	}
}

// backedUp: recovery points of a database are snapshots, which the database's own row
// has.
func (c *counter) backedUp(r *graph.Resource) {
	for _, arn := range r.Texts("resources") {
		switch strings.Split(arn, ":")[2] {
		case "elasticfilesystem":
			c.usage(r, "backups", "backup", "efs", "storage.gbBackup", 1)
		case "ec2":
			c.usage(r, "backups", "ebs", "snapshot", "server.gbBackup", 1)
		}
	}
}

// gp3Free is how many IOPS gp3 storage of RDS for MySQL has without charge.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
func gp3Free(gb float64) float64 {
	if gb >= 400 {
		return 12000
	}
	return 3000
}

// database: a standby costs what the first instance costs, storage too.
func (c *counter) database(r *graph.Resource) {
	if engine := r.Str("engine"); engine != "mysql" {
		c.unpriced(r, "only RDS for MySQL has prices, this is "+engine, "add the engine to rehearsal/report/cost")
		return
	}
	copies, class := 1.0, r.Str("instanceClass")
	what := class
	if r.True("multiAz") {
		copies, what = 2, class+" and its standby"
	}
	c.fixed(r, what, "rds.mysql", class, copies)
	kind, gb := r.Str("storageType"), r.Num("allocatedStorage")
	c.fixed(r, strings.TrimSpace(fmt.Sprintf("%s storage of %g GB", kind, gb)), "rds.storage", kind, gb*copies)
	iops := r.Num("iops")
	if kind == "gp3" {
		iops = max(iops-gp3Free(gb), 0)
	}
	c.fixed(r, fmt.Sprintf("%g IOPS to pay for", iops), "rds.iops", kind, iops*copies)
	c.usage(r, "backups beyond the free size", "rds.storage", "backup", "database.gbBackup", 1)
	if r.Int("monitoringInterval") > 0 || len(r.Texts("enabledCloudwatchLogsExports")) > 0 {
		c.usage(r, "logs written", "logs", "ingested", "logs.gbDatabase", 1)
	}
}
