package e2e

import (
	"maps"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/rehearsal/aws/model"
)

// Edit is a change of a stack that both sides plan.
type Edit struct {
	Name string
	// Set overrides configuration, each "key=value".
	Set []string
	// mutate changes the program itself; it may be nil.
	mutate func(*pulumi.Context) error
}

func set(name string, settings ...string) Edit { return Edit{Name: name, Set: settings} }

// mistake is the snapshot that edits restore from.
const mistake = "before-the-mistake"

const (
	sshKey     = "web.sshPublicKey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ4bXBsZWV4YW1wbGVleGFtcGxlZXhhbXBsZWV4YW1w"
	threeZones = "network.zones=[ap-northeast-1a, ap-northeast-1c, ap-northeast-1d]"
)

// edits are planned on top of the standing stack of each phase.
func edits(region string) map[string][]Edit {
	return map[string][]Edit{"dev": editsOfServer(), "staging": editsOfDatabase(region), "prod": editsOfGroup()}
}

func editsOfServer() []Edit {
	return []Edit{
		set("instance type", "web.instanceType=t3.medium"),
		set("instance type of the other processor", "web.instanceType=t4g.small"),
		set("root volume", "web.rootVolumeSize=30"),
		set("image generation of a protected server", "web.imageGeneration=2"),
		set("key pair", sshKey),
		set("clients", "network.clientCidrs=[198.51.100.0/24, 203.0.113.0/24]"),
		set("flow logs kept longer", "network.flowLogRetentionDays=90"),
		set("no flow logs", "network.flowLogs=false"),
		set("no S3 endpoint", "network.s3Endpoint=false"),
		set("own DNS", "network.dnsServers=[10.0.0.53]", "network.domainName=corp.example.com"),
		set("VPN", "network.vpnCustomerGatewayIp=198.51.100.1", "network.vpnStaticRoutes=[192.168.0.0/16]"),
		set("somebody who is told", "monitoring.email=operators@example.com", "monitoring.monthlyBudget=100"),
		set("nobody watches", "monitoring.enabled=false"),
		{Name: "a renamed tag", mutate: renameTag},
	}
}

func editsOfDatabase(region string) []Edit {
	return []Edit{
		set("instance class", "database.instanceClass=db.t4g.small"),
		set("storage size", "database.allocatedStorage=50"),
		set("storage type", "database.storageType=io2", "database.allocatedStorage=100", "database.maxAllocatedStorage=200", "database.iops=3000",
			"database.instanceClass=db.m7g.large"),
		set("storage that does not grow", "database.maxAllocatedStorage=0"),
		set("backup retention", "database.backupRetentionDays=7"),
		set("windows", "database.backupWindow=16:00-17:00", "database.maintenanceWindow=sat:18:30-sat:19:30"),
		set("log exports", "database.logExports=[error]"),
		set("no enhanced monitoring", "database.monitoringIntervalSeconds=0"),
		set("final snapshot", "database.finalSnapshot=true"),
		set("no automatic upgrades", "database.autoMinorVersionUpgrade=false"),
		set("changes in the window", "database.applyImmediately=false", "database.instanceClass=db.t4g.small"),
		set("name of a protected database", "database.name=other"),
		set("a third zone", threeZones),
		set("SSH", sshKey, "web.sshCidrs=[192.0.2.0/24]"),
		set("another image", "web.image="+imageOf(region, "debian-12-amd64")),
		set("image generation", "web.imageGeneration=2"),
		set("rotated credentials", "credentials.rotation=1"),
		set("restored from a snapshot", "protect=false", "database.snapshotIdentifier="+mistake),
		set("protection lifted", "protect=false"),
		{Name: "a renamed tag", mutate: renameTag},
	}
}

func editsOfGroup() []Edit {
	return []Edit{
		set("instance type", "web.instanceType=m6i.large"),
		set("root volume", "web.rootVolumeSize=40"),
		set("sizes", "web.minSize=3", "web.maxSize=6"),
		set("desired size", "web.desiredSize=3"),
		set("target CPU", "web.targetCpuPercent=70"),
		set("target requests", "web.targetRequestsPerMinute=6000"),
		set("no scaling policy", "web.targetCpuPercent=0", "web.targetRequestsPerMinute=0"),
		set("grace period", "web.healthCheckGraceSeconds=120"),
		set("image generation", "web.imageGeneration=2"),
		set("health check path", "loadBalancer.healthCheckPath=/status"),
		set("health check times", "loadBalancer.healthCheckInterval=30", "loadBalancer.healthCheckTimeout=10", "loadBalancer.healthyThreshold=2"),
		set("drain time", "loadBalancer.drainSeconds=120"),
		set("balancer that may be deleted", "loadBalancer.deletionProtection=false"),
		set("one NAT gateway", "network.nat=one"),
		set("a third zone", threeZones),
		set("HTTPS", "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789"),
		set("CloudFront everywhere, with a web ACL", "edge.priceClass=PriceClass_All", "edge.webAclArn=arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id"),
		set("rotated credentials", "credentials.rotation=1"),
		set("roles under a path", "roles.path=/sites/"),
		set("database class and storage", "database.instanceClass=db.m7g.xlarge", "database.allocatedStorage=100"),
	}
}

// imageOf is the ID of the image whose name begins so.
func imageOf(region, name string) string {
	for _, i := range model.NewestImages(region) {
		if strings.HasPrefix(i.Name, name) {
			return i.ID
		}
	}
	return ""
}

// renameTag gives every resource the tag Part in place of Component. The tags are
// the program's and not configuration, so it is the program that is edited.
func renameTag(ctx *pulumi.Context) error {
	return ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		v := reflect.ValueOf(args.Props)
		if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
			return nil
		}
		field := v.Elem().FieldByName("Tags")
		if !field.IsValid() || field.Type() != reflect.TypeFor[pulumi.StringMapInput]() {
			return nil
		}
		tags, ok := field.Interface().(pulumi.StringMap)
		if !ok || tags["Component"] == nil {
			return nil
		}
		renamed := maps.Clone(tags)
		renamed["Part"] = tags["Component"]
		delete(renamed, "Component")
		field.Set(reflect.ValueOf(renamed))
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
	})
}
