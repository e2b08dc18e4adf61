package model

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

const efsArn = "arn:{partition}:elasticfilesystem:{region}:{account}:"

var storageKinds = []Kind{
	{
		Token: catalog.EFSFileSystem, ID: "fs-{hex17}",
		Outputs: []string{
			"arn", efsArn + "file-system/{id}", "creationToken", "terraform-{digits26}", "ownerId", "{account}", "dnsName", "{id}.efs.{region}.amazonaws.com",
			"performanceMode", "generalPurpose", "availabilityZoneId", "", "availabilityZoneName", "",
		},
		Defaults: map[string]any{"throughputMode": "bursting"},
		Sets:     []string{"lifecyclePolicies"},
		Rules: []Rule{
			oneOf("performanceMode", "generalPurpose", "maxIO"), oneOf("throughputMode", "bursting", "elastic", "provisioned"),
			when("throughputMode", "provisioned", required("provisionedThroughputInMibps")), between("provisionedThroughputInMibps", 1, 3414),
			provisionedOnly,
		},
		Unique: []Unique{{Paths: []string{"creationToken"}, Code: "FileSystemAlreadyExists", What: "the file system"}},
		Fill: func(c *change) {
			if yes(c.out, "encrypted") {
				c.setIfAbsent("kmsKeyId", c.expand("kmsKeyId", "arn:{partition}:kms:{region}:{account}:key/{uuid}"))
			}
			c.setIfAbsent("encrypted", false)
			c.set("numberOfMountTargets", 0)
		},
	},
	{
		Token: catalog.EFSAccessPoint, ID: "fsap-{hex17}",
		Outputs: []string{"arn", efsArn + "access-point/{id}", "ownerId", "{account}", "fileSystemArn", efsArn + "file-system/{.fileSystemId}"},
		Refs:    []Ref{{Path: "fileSystemId", To: catalog.EFSFileSystem}},
		Rules:   []Rule{matches("rootDirectory.creationInfo.permissions", `^0?[0-7]{3}$`, "octal permissions such as 0750")},
	},
	{
		Token: catalog.EFSMountTarget, ID: "fsmt-{hex17}",
		Outputs: []string{
			"fileSystemArn", efsArn + "file-system/{.fileSystemId}", "networkInterfaceId", "eni-{hex17}", "ownerId", "{account}",
			"dnsName", "{.fileSystemId}.efs.{region}.amazonaws.com",
		},
		Refs: []Ref{
			{Path: "fileSystemId", To: catalog.EFSFileSystem}, {Path: "subnetId", To: catalog.EC2Subnet}, {Path: "securityGroups[*]", To: catalog.EC2SecurityGroup},
		},
		Sets: []string{"securityGroups"},
		Apply: func(c *change) error {
			subnet := c.subnet(str(c.in, "subnetId"))
			for _, r := range c.cloud.OfType(catalog.EFSMountTarget) {
				if r.ID != c.id && r.Str("fileSystemId") == str(c.in, "fileSystemId") && r.Str("availabilityZoneName") == subnet.Str("availabilityZone") {
					return refuse("MountTargetConflict", "mount target already exists in this AZ (%s)", r.ID)
				}
			}
			return groupsInVpc(c.cloud, subnet.Str("vpcId"), strs(c.in, "securityGroups[*]"))
		},
		Fill: func(c *change) {
			subnet := c.subnet(str(c.in, "subnetId"))
			zone := subnet.Str("availabilityZone")
			c.set("availabilityZoneName", zone)
			c.set("availabilityZoneId", subnet.Str("availabilityZoneId"))
			c.setIfAbsent("ipAddress", freePrivateIP(c, "ipAddress", subnet.ID))
			c.set("mountTargetDnsName", zone+"."+str(c.out, "dnsName"))
		},
	},
	{
		Token: catalog.EFSFileSystemPolicy, ID: "{.fileSystemId}",
		Refs:  []Ref{{Path: "fileSystemId", To: catalog.EFSFileSystem, Loose: true}},
		Rules: []Rule{isJSON("policy")},
	},
	{
		Token: catalog.EFSBackupPolicy, ID: "{.fileSystemId}",
		Refs:  []Ref{{Path: "fileSystemId", To: catalog.EFSFileSystem, Loose: true}},
		Rules: []Rule{oneOf("backupPolicy.status", "ENABLED", "DISABLED")},
	},
}

// Source: https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html
func provisionedOnly(in resource.PropertyMap) []failure {
	if given(in, "provisionedThroughputInMibps") && str(in, "throughputMode") != "provisioned" {
		return fail("provisionedThroughputInMibps", "provisionedThroughputInMibps is for the throughput mode provisioned, not for %q", str(in, "throughputMode"))
	}
	return nil
}
