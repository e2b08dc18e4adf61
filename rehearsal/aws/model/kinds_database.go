package model

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const rdsArn = "arn:{partition}:rds:{region}:{account}:"

var databaseKinds = []Kind{
	{
		Token: catalog.RDSSubnetGroup, ID: "{.name}",
		Outputs:  []string{"arn", rdsArn + "subgrp:{.name}"},
		Name:     &Naming{Property: "name", Max: 63, Lower: true, Prefix: "namePrefix"},
		Defaults: map[string]any{"description": "Managed by Pulumi"},
		Refs:     []Ref{{Path: "subnetIds[*]", To: catalog.EC2Subnet}},
		Sets:     []string{"subnetIds"},
		Rules:    []Rule{matches("name", `^[a-z0-9._ -]{1,255}$`, "up to 255 lower-case letters, digits, periods, underscores, spaces and hyphens")},
		Apply: func(c *change) error {
			zones, vpc := map[string]bool{}, ""
			for _, id := range strs(c.in, "subnetIds[*]") {
				s := c.subnet(id)
				zones[s.Str("availabilityZone")] = true
				if err := sameVpc(c, vpc, id); err != nil {
					return err
				}
				vpc = s.Str("vpcId")
			}
			if len(zones) < 2 {
				return refuse("DBSubnetGroupDoesNotCoverEnoughAZs",
					"The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %d. Add subnets to cover at least 2 AZs.", len(zones))
			}
			return nil
		},
		Fill: func(c *change) {
			c.set("supportedNetworkTypes", []any{"IPV4"})
			if ids := strs(c.in, "subnetIds[*]"); len(ids) > 0 {
				c.set("vpcId", c.subnet(ids[0]).Str("vpcId"))
			}
		},
	},
	{
		Token: catalog.RDSParameterGroup, ID: "{.name}",
		Outputs:  []string{"arn", rdsArn + "pg:{.name}"},
		Name:     &Naming{Property: "name", Max: 63, Lower: true, Prefix: "namePrefix"},
		Defaults: map[string]any{"description": "Managed by Pulumi", "skipDestroy": false},
		Sets:     []string{"parameters"},
		Rules: []Rule{
			matches("family", `^(mysql[0-9]+\.[0-9]+|mariadb[0-9]+\.[0-9]+|postgres[0-9.]+)$`, "a parameter group family such as mysql8.4"),
			oneOf("parameters[*].applyMethod", "immediate", "pending-reboot"),
		},
	},
	{
		Token: catalog.RDSOptionGroup, ID: "{.name}",
		Outputs: []string{"arn", rdsArn + "og:{.name}"},
		Name:    &Naming{Property: "name", Max: 255, Lower: true, Prefix: "namePrefix"},
		Sets:    []string{"options"},
		Unique:  []Unique{{Paths: []string{"name"}, Code: "OptionGroupAlreadyExistsFault", What: "the option group"}},
		Rules:   []Rule{required("engineName"), required("majorEngineVersion")},
		Delete: func(c *change) error {
			for _, r := range c.cloud.OfType(catalog.RDSSnapshot) {
				if r.Str("optionGroupName") == c.id {
					return refuse("InvalidOptionGroupStateFault", "The option group '%s' cannot be deleted because it is in use by the snapshot %s.", c.id, r.ID)
				}
			}
			return nil
		},
	},
	{
		Token: catalog.RDSInstance, ID: "db-{caps26}",
		Outputs: []string{
			"identifierPrefix", "terraform-", "identifier", "{.identifierPrefix}{digits26}", "resourceId", "{id}", "arn", rdsArn + "db:{.identifier}", "status", "available",
			"caCertIdentifier", "rds-ca-rsa2048-g1", "backupTarget", "region", "networkType", "IPV4", "licenseModel", "general-public-license",
			"storageType", "gp2", "engineLifecycleSupport", "open-source-rds-extended-support",
			"kmsKeyId", "arn:{partition}:kms:{region}:{account}:key/{uuid}",
		},
		Defaults: map[string]any{
			"autoMinorVersionUpgrade": true, "copyTagsToSnapshot": false, "deleteAutomatedBackups": true, "monitoringInterval": 0,
			"performanceInsightsEnabled": false, "publiclyAccessible": false, "skipFinalSnapshot": false,
		},
		Refs: []Ref{
			{Path: "dbSubnetGroupName", To: catalog.RDSSubnetGroup, By: "name"},
			{Path: "parameterGroupName", To: catalog.RDSParameterGroup, By: "name", Outside: func(v string) bool { return strings.HasPrefix(v, "default.") }},
			{Path: "optionGroupName", To: catalog.RDSOptionGroup, By: "name", Outside: func(v string) bool { return strings.HasPrefix(v, "default:") }},
			{Path: "vpcSecurityGroupIds[*]", To: catalog.EC2SecurityGroup}, {Path: "monitoringRoleArn", To: catalog.IAMRole, By: "arn", Loose: true},
			{Path: "snapshotIdentifier", To: catalog.RDSSnapshot, Loose: true},
		},
		Sets:   []string{"vpcSecurityGroupIds", "enabledCloudwatchLogsExports", "domainDnsIps"},
		Rules:  databaseRules,
		Apply:  runDatabase,
		Fill:   describeDatabase,
		After:  exportLogs,
		Delete: deleteDatabase,
		Unique: []Unique{{Paths: []string{"identifier"}, Code: "DBInstanceAlreadyExists", What: "the DB instance"}},
	},
	{Token: catalog.RDSSnapshot},
}

var (
	backupWindow      = `^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$`
	maintenanceWindow = `(?i)^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$`
)

var databaseRules = []Rule{
	matches("instanceClass", `^db\.[a-z0-9]+\.[a-z0-9]+$`, "an instance class such as db.t4g.medium"),
	oneOf("engine", "mysql", "mariadb", "postgres"), oneOf("storageType", "standard", "gp2", "gp3", "io1", "io2"),
	between("backupRetentionPeriod", 0, 35), between("allocatedStorage", 20, 65536), between("port", 1150, 65535),
	matches("backupWindow", backupWindow, "hh:mm-hh:mm in UTC"), matches("maintenanceWindow", maintenanceWindow, "ddd:hh:mm-ddd:hh:mm in UTC"),
	matches("identifier", `^[a-z]([a-z0-9]|-[a-z0-9]){0,62}$`, "lower-case letters, digits and single hyphens, a letter first"),
	matches("finalSnapshotIdentifier", `^[A-Za-z]([A-Za-z0-9]|-[A-Za-z0-9])*$`, "letters, digits and single hyphens, a letter first"),
	oneOf("enabledCloudwatchLogsExports[*]", "audit", "error", "general", "slowquery", "postgresql", "upgrade", "iam-db-auth-error"),
	func(in resource.PropertyMap) []failure {
		if given(in, "snapshotIdentifier") || given(in, "replicateSourceDb") {
			return nil
		}
		for _, path := range []string{"engine", "username", "allocatedStorage"} {
			if !given(in, path) {
				return fail(path, "%s is required unless the database is restored from a snapshot", path)
			}
		}
		if !given(in, "password") && !yes(in, "manageMasterUserPassword") {
			return fail("password", "password or manageMasterUserPassword is required")
		}
		return nil
	},
	func(in resource.PropertyMap) []failure {
		switch n := num(in, "monitoringInterval"); n {
		case 0:
		case 1, 5, 10, 15, 30, 60:
			return required("monitoringRoleArn")(in)
		default:
			return fail("monitoringInterval", "expected one of 0, 1, 5, 10, 15, 30, 60, got %d", n)
		}
		return nil
	},
	func(in resource.PropertyMap) []failure {
		if low, high := num(in, "allocatedStorage"), num(in, "maxAllocatedStorage"); high > 0 && high < low {
			return fail("maxAllocatedStorage", "Max storage size (%d) must be at least the storage size (%d)", high, low)
		}
		if t := str(in, "storageType"); (t == "io1" || t == "io2") && !given(in, "iops") {
			return fail("iops", "iops is required for storage type %s", t)
		}
		return nil
	},
}

// runDatabase checks what AWS checks when a database is made or changed.
func runDatabase(c *change) error {
	if group := c.cloud.Get(catalog.RDSSubnetGroup, str(c.in, "dbSubnetGroupName")); group != nil {
		if err := groupsInVpc(c.cloud, group.Str("vpcId"), strs(c.in, "vpcSecurityGroupIds[*]")); err != nil {
			return err
		}
	}
	if pg := c.cloud.Get(catalog.RDSParameterGroup, str(c.in, "parameterGroupName")); pg != nil && given(c.in, "engine") && given(c.in, "engineVersion") {
		if want := str(c.in, "engine") + majorMinor(str(c.in, "engineVersion")); want != pg.Str("family") {
			return refuse("InvalidParameterCombination",
				"The Parameter Group %s with DBParameterGroupFamily %s cannot be used for this instance. "+
					"Please use a Parameter Group with DBParameterGroupFamily %s", pg.ID, pg.Str("family"), want)
		}
	}
	if err := c.keepStorage(); err != nil {
		return err
	}
	return c.keepVersion()
}

func describeDatabase(c *change) {
	if source := c.cloud.Get(catalog.RDSSnapshot, str(c.in, "snapshotIdentifier")); source != nil {
		for _, name := range ofSnapshot {
			if v := at(source.Outputs, name); !v.IsNull() && !given(c.out, name) {
				c.out[resource.PropertyKey(name)] = v
			}
		}
	}
	port := num(c.out, "port")
	if port == 0 {
		port = map[string]int{"postgres": 5432}[str(c.out, "engine")]
		if port == 0 {
			port = 3306
		}
		c.set("port", port)
	}
	c.setIfAbsent("address", str(c.out, "identifier")+".c"+c.letters("endpoint", 11)+"."+c.region+".rds."+dnsSuffix(c.region))
	c.set("endpoint", str(c.out, "address")+":"+strconv.Itoa(port))
	c.setIfAbsent("hostedZoneId", "Z"+strings.ToUpper(c.letters("rds-"+c.region, 13)))
	// A minor version that AWS has installed since stays.
	if actual := str(c.out, "engineVersionActual"); !strings.HasPrefix(actual, str(c.out, "engineVersion")+".") {
		c.set("engineVersionActual", fullVersion(str(c.out, "engineVersion")))
	}
	c.setIfAbsent("multiAz", false)
	c.setIfAbsent("backupRetentionPeriod", 0)
	if group := c.cloud.Get(catalog.RDSSubnetGroup, str(c.out, "dbSubnetGroupName")); group != nil {
		if s := c.subnet(strs(group.Inputs, "subnetIds[*]")[0]); s != nil {
			c.setIfAbsent("availabilityZone", s.Str("availabilityZone"))
		}
	}
}

// ofSnapshot is what a database has of the snapshot that it is made of.
var ofSnapshot = []string{"engine", "username", "dbName", "allocatedStorage", "engineVersion"}

// exportLogs makes the groups that are not there yet. Nobody deletes them.
func exportLogs(c *change) error {
	for _, log := range strs(c.out, "enabledCloudwatchLogsExports[*]") {
		name := "/aws/rds/instance/" + str(c.out, "identifier") + "/" + log
		if c.cloud.Get(catalog.CloudWatchLogGroup, name) != nil {
			continue
		}
		out := resource.PropertyMap{"name": stringProp(name), "retentionInDays": resource.NewProperty(0.0)}
		if err := c.cloud.Put(&cloud.Record{Type: catalog.CloudWatchLogGroup, ID: name, Inputs: resource.PropertyMap{}, Outputs: out}); err != nil {
			return err
		}
	}
	return nil
}

var twoPart = regexp.MustCompile(`^\d+\.\d+$`)

// fullVersion names a minor release for a version given without one.
func fullVersion(version string) string {
	latest := map[string]string{"8.4": "8.4.5", "8.0": "8.0.42", "11.4": "11.4.5", "10.11": "10.11.11"}
	if full, ok := latest[version]; ok {
		return full
	}
	if twoPart.MatchString(version) {
		return version + ".1"
	}
	return version
}

// deleteDatabase refuses as AWS does, and leaves the final snapshot.
func deleteDatabase(c *change) error {
	if yes(c.old.Outputs, "deletionProtection") {
		return refuse("InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again.")
	}
	if yes(c.old.Outputs, "skipFinalSnapshot") {
		return nil
	}
	name := c.old.Str("finalSnapshotIdentifier")
	if name == "" {
		return refuse("InvalidParameterCombination", "final_snapshot_identifier is required when skip_final_snapshot is false")
	}
	if c.cloud.Get(catalog.RDSSnapshot, name) != nil {
		return refuse("DBSnapshotAlreadyExists", "Cannot create the snapshot because a snapshot with the identifier %s already exists.", name)
	}
	out := resource.PropertyMap{"dbSnapshotIdentifier": stringProp(name), "dbInstanceIdentifier": stringProp(c.old.Str("identifier"))}
	for _, name := range ofSnapshot {
		if v := at(c.old.Outputs, name); !v.IsNull() {
			out[resource.PropertyKey(name)] = v
		}
	}
	out["engineVersion"] = stringProp(c.old.Str("engineVersionActual"))
	out["optionGroupName"] = stringProp(c.old.Str("optionGroupName"))
	out["encrypted"] = resource.NewBoolProperty(yes(c.old.Outputs, "storageEncrypted"))
	return c.cloud.Put(&cloud.Record{Type: catalog.RDSSnapshot, ID: name, Inputs: resource.PropertyMap{}, Outputs: out})
}
