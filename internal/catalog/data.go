package catalog

// The database and the shared files.
const (
	RDSInstance          = "aws:rds/instance:Instance"
	RDSSubnetGroup       = "aws:rds/subnetGroup:SubnetGroup"
	RDSParameterGroup    = "aws:rds/parameterGroup:ParameterGroup"
	RDSOptionGroup       = "aws:rds/optionGroup:OptionGroup"
	RDSEventSubscription = "aws:rds/eventSubscription:EventSubscription"
	EFSFileSystem        = "aws:efs/fileSystem:FileSystem"
	EFSAccessPoint       = "aws:efs/accessPoint:AccessPoint"
	EFSMountTarget       = "aws:efs/mountTarget:MountTarget"
	EFSFileSystemPolicy  = "aws:efs/fileSystemPolicy:FileSystemPolicy"
	EFSBackupPolicy      = "aws:efs/backupPolicy:BackupPolicy"
)

var dataTypes = []Type{
	{
		Token:   RDSInstance,
		Label:   "RDS DB Instance",
		Holds:   Always,
		Reached: true,
		Times: []Time{
			{Seconds: 320, Source: Logs, Observed: "3m45s, 4m45s, 4m55s, 5m10s, 5m20s, 7m42s, 8m3s", Page: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html"},
			{When: "multiAz", Seconds: 790, Source: Logs, Observed: "12m34s, 13m47s", Page: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html"},
		},
		Actions: Actions{
			Read:   "rds: Describe* ListTagsForResource",
			Create: "rds: CreateDBInstance RestoreDBInstanceFromDBSnapshot CreateDBSnapshot AddTagsToResource",
			Makes:  []string{"arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:snapshot:*"},
			Write:  "rds: CreateDBInstance RestoreDBInstanceFromDBSnapshot ModifyDBInstance DeleteDBInstance CreateDBSnapshot AddTagsToResource RemoveTagsFromResource",
			Untagged: []Grant{
				{
					Actions: "rds: CreateDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot",
					On:      []string{"arn:aws:rds:*:*:og:default*", "arn:aws:rds:*:*:pg:default*"},
					Why:     "AWS' own groups of options and parameters",
				},
			},
		},
	},
	{
		Token:   RDSSubnetGroup,
		Label:   "RDS DB Subnet Group",
		Holds:   Always,
		Free:    "the database is charged",
		Reached: true,
		Times: []Time{
			{Seconds: 2, Source: Logs, Observed: "2s"},
		},
		Actions: Actions{
			Create: "rds: CreateDBSubnetGroup",
			Makes:  []string{"arn:aws:rds:*:*:subgrp:*"},
			Write:  "rds: ModifyDBSubnetGroup DeleteDBSubnetGroup",
		},
	},
	{
		Token: RDSParameterGroup,
		Label: "RDS DB Parameter Group",
		Free:  "the database is charged",
		Times: []Time{
			{Seconds: 3, Source: Estimate},
		},
		Actions: Actions{
			Create: "rds: CreateDBParameterGroup",
			Makes:  []string{"arn:aws:rds:*:*:pg:*"},
			Write:  "rds: ModifyDBParameterGroup ResetDBParameterGroup DeleteDBParameterGroup",
		},
	},
	{
		Token: RDSOptionGroup,
		Label: "RDS DB Option Group",
		Free:  "the audit plugin is free; its log is the database's",
		Actions: Actions{
			Create: "rds: CreateOptionGroup",
			Makes:  []string{"arn:aws:rds:*:*:og:*"},
			Write:  "rds: ModifyOptionGroup DeleteOptionGroup",
		},
	},
	{
		Token: RDSEventSubscription,
		Label: "RDS Event Subscription",
		Free:  "the messages are the topic's",
		Actions: Actions{
			Create: "rds: CreateEventSubscription",
			Makes:  []string{"arn:aws:rds:*:*:es:*"},
			Write:  "rds: ModifyEventSubscription DeleteEventSubscription",
		},
	},
	{
		Token:    EFSFileSystem,
		Label:    "EFS File System",
		Reached:  true,
		IDPrefix: "fs-",
		Holds:    Always,
		Times: []Time{
			{Seconds: 6, Source: Estimate},
		},
		Actions: Actions{
			Read:   "elasticfilesystem: Describe* ListTagsForResource",
			Create: "elasticfilesystem: CreateFileSystem",
			Makes:  []string{"*"},
			Write:  "elasticfilesystem: DeleteFileSystem PutLifecycleConfiguration TagResource UntagResource",
		},
	},
	{
		Token:    EFSAccessPoint,
		Label:    "EFS Access Point",
		IDPrefix: "fsap-",
		Holds:    Always,
		Free:     "the files are charged",
		Times: []Time{
			{Seconds: 6, Source: Estimate},
		},
		Actions: Actions{
			Write: "elasticfilesystem: CreateAccessPoint DeleteAccessPoint TagResource UntagResource",
		},
	},
	{
		Token:   EFSMountTarget,
		Label:   "EFS Mount Target",
		Holds:   Always,
		Free:    "the files are charged",
		Reached: true,
		Times: []Time{
			{Seconds: 85, Source: Estimate, Page: "https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html"},
		},
		Actions: Actions{
			Write: "elasticfilesystem: CreateMountTarget DeleteMountTarget ModifyMountTargetSecurityGroups; ec2: CreateNetworkInterface",
		},
	},
	{
		Token: EFSFileSystemPolicy,
		Label: "EFS File System Policy",
		Free:  "policies are free",
		Actions: Actions{
			Write: "elasticfilesystem: PutFileSystemPolicy DeleteFileSystemPolicy",
		},
	},
	{
		Token: EFSBackupPolicy,
		Label: "EFS Backup Policy",
		Actions: Actions{
			Write: "elasticfilesystem: PutBackupPolicy",
		},
	},
}
