package verify

import "github.com/webphases/webphases/internal/catalog"

// dataKinds are what holds the site's data.
var dataKinds = []kind{
	{token: catalog.RDSInstance, kind: "database", id: "identifier", specs: []spec{
		{name: "class", input: "instanceClass"},
		{name: "engine", input: "engine"},
		{name: "version", input: "engineVersion", mark: beginning},
		{name: "storage type", input: "storageType"}, {name: "storage", input: "allocatedStorage", mark: least}, // it grows by itself
		{name: "largest storage", input: "maxAllocatedStorage"},
		{name: "encrypted", input: "storageEncrypted", otherwise: "true"},
		{name: "public access", input: "publiclyAccessible", otherwise: "false"},
		{name: "Multi-AZ", input: "multiAz", otherwise: "false"},
		{name: "deletion protection", input: "deletionProtection", otherwise: "false"},
		{name: "backup days", input: "backupRetentionPeriod"},
		{name: "backup window", input: "backupWindow"},
		{name: "maintenance window", input: "maintenanceWindow"},
		{name: "minor upgrades", input: "autoMinorVersionUpgrade"},
		{name: "tags to snapshots", input: "copyTagsToSnapshot"},
		{name: "monitoring interval", input: "monitoringInterval"},
		{name: "log exports", input: "enabledCloudwatchLogsExports"},
		{name: "security groups", input: "vpcSecurityGroupIds"},
		{name: "subnet group", input: "dbSubnetGroupName"},
		{name: "parameter group", input: "parameterGroupName"},
		{name: "parameters", otherwise: "in-sync"},
		{name: "state", otherwise: "available"},
	}},
	{token: catalog.RDSParameterGroup, kind: "database parameter group", id: "name", more: databaseParameters},
	{
		token: catalog.RDSSubnetGroup,
		kind:  "database subnet group",
		id:    "name",
		specs: []spec{
			{name: "subnets", input: "subnetIds"},
		},
	},
	{token: catalog.EFSFileSystem, kind: "file system", specs: []spec{
		{name: "encrypted", input: "encrypted", otherwise: "true"},
		{name: "throughput", input: "throughputMode"},
		{name: "state", otherwise: "available"},
	}},
	{
		token: catalog.EFSBackupPolicy,
		kind:  "file system",
		id:    "fileSystemId",
		specs: []spec{
			{name: "backups", input: "backupPolicy.status"},
		},
	},
	{
		token: catalog.EFSFileSystemPolicy,
		kind:  "file system",
		id:    "fileSystemId",
		specs: []spec{
			{name: "policy", input: "policy", form: document},
		},
	},
	{token: catalog.EFSMountTarget, kind: "mount target", specs: []spec{
		{name: "file system", input: "fileSystemId"},
		{name: "subnet", input: "subnetId"},
		{name: "security groups", input: "securityGroups"},
		{name: "state", otherwise: "available"},
	}},
	{token: catalog.EFSAccessPoint, kind: "access point", specs: []spec{
		{name: "file system", input: "fileSystemId"},
		{name: "path", input: "rootDirectory.path"},
		{name: "user", input: "posixUser.uid"},
	}},
}

// managementKinds are what servers are run with. Of secrets no content is read.
var managementKinds = []kind{
	{
		token: catalog.SecretsManagerSecret,
		kind:  "secret",
		specs: []spec{
			{name: "name", input: "name"},
			{name: "to be deleted", otherwise: "no"},
		},
	},
	{
		token: catalog.IAMRole,
		kind:  "role",
		id:    "name",
		more:  policies,
		specs: []spec{
			{name: "trust", input: "assumeRolePolicy", form: document},
		},
	},
	{
		token: catalog.IAMInstanceProfile,
		kind:  "instance profile",
		id:    "name",
		specs: []spec{
			{name: "role", input: "role"},
		},
	},
	{
		token: catalog.SSMParameter,
		kind:  "parameter",
		more:  settings,
		specs: []spec{
			{name: "type", input: "type"},
		},
	},
	{token: catalog.SSMDocument, kind: "document", specs: []spec{
		{name: "content", input: "content", form: document},
		{name: "state", otherwise: "Active"},
	}},
	{token: catalog.SSMAssociation, kind: "association", specs: []spec{
		{name: "document", input: "name"},
		{name: "state", otherwise: "Success"},
	}},
	{
		token: catalog.CloudWatchLogGroup,
		kind:  "log group",
		id:    "name",
		specs: []spec{
			{name: "days kept", input: "retentionInDays"},
		},
	},
	{token: catalog.CloudWatchMetricAlarm, kind: "alarm", specs: []spec{
		{name: "namespace", input: "namespace"},
		{name: "metric", input: "metricName"},
		{name: "comparison", input: "comparisonOperator"},
		{name: "threshold", input: "threshold"},
		{name: "periods", input: "evaluationPeriods"},
		{name: "tells", input: "actionsEnabled", otherwise: "true"},
	}},
}
