package model

const efsArn = "arn:{partition}:elasticfilesystem:{region}:{account}:"

var storageKinds = []Kind{
	{
		Token: tFileSystem, Label: "EFS File System", ID: "fs-{hex17}",
		Outputs: []string{
			"arn", efsArn + "file-system/{id}", "creationToken", "terraform-{digits26}", "ownerId", "{account}", "dnsName", "{id}.efs.{region}.amazonaws.com",
			"performanceMode", "generalPurpose", "availabilityZoneId", "", "availabilityZoneName", "",
		},
		Defaults: map[string]any{"throughputMode": "bursting"},
		Sets:     []string{"lifecyclePolicies"},
		Rules: []Rule{
			oneOf("performanceMode", "generalPurpose", "maxIO"), oneOf("throughputMode", "bursting", "elastic", "provisioned"),
			when("throughputMode", "provisioned", required("provisionedThroughputInMibps")),
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
		Token: tAccessPoint, Label: "EFS Access Point", ID: "fsap-{hex17}",
		Outputs: []string{"arn", efsArn + "access-point/{id}", "ownerId", "{account}", "fileSystemArn", efsArn + "file-system/{.fileSystemId}"},
		Refs:    []Ref{{Path: "fileSystemId", To: tFileSystem}},
		Rules:   []Rule{matches("rootDirectory.creationInfo.permissions", `^0?[0-7]{3}$`, "octal permissions such as 0750")},
	},
	{
		Token: tMountTarget, Label: "EFS Mount Target", ID: "fsmt-{hex17}",
		Outputs: []string{
			"fileSystemArn", efsArn + "file-system/{.fileSystemId}", "networkInterfaceId", "eni-{hex17}", "ownerId", "{account}",
			"dnsName", "{.fileSystemId}.efs.{region}.amazonaws.com",
		},
		Refs: []Ref{
			{Path: "fileSystemId", To: tFileSystem}, {Path: "subnetId", To: tSubnet}, {Path: "securityGroups[*]", To: tSecurityGroup},
		},
		Sets: []string{"securityGroups"},
		Apply: func(c *change) error {
			subnet := c.subnet(str(c.in, "subnetId"))
			for _, r := range c.cloud.OfType(tMountTarget) {
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
		Token: "aws:efs/fileSystemPolicy:FileSystemPolicy", Label: "EFS File System Policy", ID: "{.fileSystemId}",
		Refs:  []Ref{{Path: "fileSystemId", To: tFileSystem, Loose: true}},
		Rules: []Rule{isJSON("policy")},
	},
	{
		Token: "aws:efs/backupPolicy:BackupPolicy", Label: "EFS Backup Policy", ID: "{.fileSystemId}",
		Refs:  []Ref{{Path: "fileSystemId", To: tFileSystem, Loose: true}},
		Rules: []Rule{oneOf("backupPolicy.status", "ENABLED", "DISABLED")},
	},
}
