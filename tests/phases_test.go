package tests

import (
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/internal/testutil"
)

// What each phase consists of, by type.
func TestCensus(t *testing.T) {
	t.Parallel()
	common := map[string]int{
		"webphases:index:Network": 1, "webphases:index:Firewall": 1, "webphases:index:Credentials": 1, "webphases:index:WebTier": 1,
		catalog.EC2VPC: 1, catalog.EC2InternetGateway: 1, catalog.EC2DefaultSecurityGroup: 1,
		catalog.EC2VPCEndpoint: 1, catalog.EC2FlowLog: 1, catalog.CloudWatchLogGroup: 1,
		catalog.RandomPassword: 11, catalog.SecretsManagerSecret: 1, catalog.SecretsManagerSecretVersion: 1,
		catalog.IAMInstanceProfile: 1, catalog.SSMParameter: 2, catalog.SSMDocument: 1, catalog.SSMAssociation: 1, catalog.EC2Instance: 1,
		"webphases:index:Backups": 1, catalog.BackupVault: 1, catalog.BackupVaultPolicy: 1, catalog.BackupPlan: 1,
		"webphases:index:Monitoring": 1, catalog.KMSKey: 1, catalog.SNSTopic: 2, catalog.CloudWatchCompositeAlarm: 1,
		catalog.CloudWatchEventRule: 2, catalog.CloudWatchEventTarget: 2, catalog.CloudWatchMetricAlarm: 4,
		catalog.BackupSelection:     1,
		catalog.CloudWatchDashboard: 1,
	}
	for stack, more := range map[string]map[string]int{
		"dev": {
			catalog.EC2Subnet: 1, catalog.EC2RouteTable: 1, catalog.EC2RouteTableAssociation: 1, catalog.EC2Route: 1,
			catalog.EC2NetworkACL: 1, aclRule: 6, catalog.EC2SecurityGroup: 1, ingress: 2, egress: 5,
			catalog.IAMRole: 3, catalog.IAMRolePolicy: 3, catalog.IAMRolePolicyAttachment: 3,
			catalog.EC2EIP: 1, catalog.EC2EIPAssociation: 1,
		},
		"staging": {
			"webphases:index:Database": 1, "webphases:index:SharedStorage": 1,
			catalog.EC2Subnet: 3, catalog.EC2RouteTable: 2, catalog.EC2RouteTableAssociation: 3, catalog.EC2Route: 1,
			catalog.EC2NetworkACL: 2, aclRule: 9, catalog.EC2SecurityGroup: 3, ingress: 4, egress: 7,
			catalog.IAMRole: 4, catalog.IAMRolePolicy: 4, catalog.IAMRolePolicyAttachment: 4,
			catalog.BackupSelection: 1,
			catalog.EC2EIP:          1, catalog.EC2EIPAssociation: 1,
			catalog.CloudWatchMetricAlarm: 13, catalog.CloudWatchLogGroup: 5, catalog.RandomID: 1, catalog.RDSEventSubscription: 1,
			catalog.RDSSubnetGroup: 1, catalog.RDSParameterGroup: 1, catalog.RDSOptionGroup: 1, catalog.RDSInstance: 1,
			catalog.EFSFileSystem: 1, catalog.EFSMountTarget: 2, catalog.EFSAccessPoint: 1,
			catalog.EFSFileSystemPolicy: 1, catalog.EFSBackupPolicy: 1,
		},
		"prod": {
			"webphases:index:Database": 1, "webphases:index:SharedStorage": 1, "webphases:index:LoadBalancer": 1, "webphases:index:Edge": 1,
			catalog.EC2Subnet: 6, catalog.EC2RouteTable: 4, catalog.EC2RouteTableAssociation: 6, catalog.EC2Route: 3,
			catalog.EC2NetworkACL: 3, aclRule: 27, catalog.EC2SecurityGroup: 4, ingress: 4, egress: 8,
			catalog.EC2EIP: 2, catalog.EC2NATGateway: 2,
			catalog.IAMRole: 4, catalog.IAMRolePolicy: 4, catalog.IAMRolePolicyAttachment: 4,
			catalog.BackupSelection: 1,
			catalog.SSMParameter:    1, catalog.SSMDocument: 1, catalog.SSMAssociation: 1,
			catalog.RDSSubnetGroup: 1, catalog.RDSParameterGroup: 1, catalog.RDSOptionGroup: 1, catalog.RDSInstance: 1, catalog.RandomID: 1,
			catalog.EFSFileSystem: 1, catalog.EFSMountTarget: 2, catalog.EFSAccessPoint: 1,
			catalog.EFSFileSystemPolicy: 1, catalog.EFSBackupPolicy: 1,
			catalog.LBLoadBalancer: 1, catalog.LBTargetGroup: 1, catalog.LBListener: 1,
			catalog.S3BucketV2: 3, catalog.S3BucketPolicy: 3, catalog.S3BucketPublicAccessBlock: 3,
			catalog.S3BucketEncryptionV2: 3, catalog.S3BucketLoggingV2: 3, catalog.S3BucketLifecycleConfigurationV2: 3,
			catalog.S3BucketObjectV2: 1, catalog.LogDeliverySource: 1, catalog.LogDeliveryDestination: 1, catalog.LogDelivery: 1,
			catalog.CloudFrontDistribution: 1, catalog.CloudFrontVPCOrigin: 1, catalog.CloudFrontOriginAccessControl: 1,
			catalog.CloudFrontCachePolicy: 2, catalog.CloudFrontOriginRequestPolicy: 1, "pulumi:providers:aws": 1,
			catalog.EC2AMIFromInstance: 1, catalog.EC2InstanceState: 1,
			catalog.CloudWatchMetricAlarm: 19, catalog.CloudWatchLogGroup: 5, catalog.RDSEventSubscription: 1,
			catalog.CloudWatchEventRule: 1, catalog.CloudWatchEventTarget: 1,
			catalog.EC2LaunchTemplate: 1, catalog.AutoScalingGroup: 1, catalog.AutoScalingAttachment: 1, catalog.AutoScalingPolicy: 2,
		},
	} {
		want := map[string]int{}
		for _, part := range []map[string]int{common, more} {
			for token, n := range part {
				want[token] += n
			}
		}
		assert.Equal(t, want, deploy(t, stackFile(t, stack)).Census(), stack)
	}
}

// Every resource that AWS can tag says whose it is.
func TestTagsOnEverything(t *testing.T) {
	t.Parallel()
	for phase, stack := range []string{1: "dev", 2: "staging", 3: "prod"} {
		if stack == "" {
			continue
		}
		for _, r := range deploy(t, full(t, stack)).All("") {
			known, ok := facts.AWS().Resource(r.Token)
			if !ok || !r.Custom {
				continue
			}
			if property, ok := known.Inputs["tags"]; !ok || property.Type.Kind != facts.Map {
				continue
			}
			if r.Token == catalog.EC2DefaultSecurityGroup {
				assert.True(t, r.Input("tags").IsNull(), "a role that may tag AWS's own group may tag anybody's")
				continue
			}
			for key, want := range map[string]string{
				"Project": testutil.Project, "Stack": testutil.Stack, "Phase": strconv.Itoa(phase), "Name": testutil.Project + "-" + testutil.Stack + "-" + r.Name,
			} {
				assert.Equal(t, want, r.String("tags."+key), "%s: tag %s", r.Key(), key)
			}
			assert.NotEmpty(t, r.String("tags.Component"), r.Key())
		}
	}
	group := deploy(t, stackFile(t, "prod")).Get(t, catalog.AutoScalingGroup, "web")
	assert.Len(t, group.Input("tags").ArrayValue(), 4)
}

// What holds data is protected by Pulumi and by AWS; what does not, is not.
func TestProtectionFollowsTheData(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string][]string{
		"dev":     {"aws:ec2/instance:Instance::web-server-g1"},
		"staging": {"aws:efs/fileSystem:FileSystem::storage", "aws:rds/instance:Instance::database"},
		"prod":    {"aws:efs/fileSystem:FileSystem::storage", "aws:rds/instance:Instance::database"},
	} {
		assert.Equal(t, want, protected(deploy(t, stackFile(t, stack))), stack)
		assert.Empty(t, protected(deploy(t, with(t, stackFile(t, stack), "protect=false"))), stack)
	}
	lifted := deploy(t, with(t, stackFile(t, "prod"), "protect=false")).Get(t, catalog.RDSInstance, "database")
	assert.False(t, lifted.Input("deletionProtection").BoolValue())
	lifted = deploy(t, with(t, stackFile(t, "dev"), "protect=false")).Get(t, catalog.EC2Instance, "web-server-g1")
	assert.False(t, lifted.Input("disableApiTermination").BoolValue())
}

func protected(run *testutil.Run) (keys []string) {
	for _, r := range run.All("") {
		if r.Protect {
			keys = append(keys, r.Key())
		}
	}
	return keys
}

// A stack that grows meets no change that AWS makes only by replacing: wherever
// two phases have the same resource, its replacing inputs are equal.
func TestGrowingReplacesNothingThatStays(t *testing.T) {
	t.Parallel()
	phase := func(n int) map[string]testutil.Registration {
		all := map[string]testutil.Registration{}
		for _, r := range deploy(t, with(t, stackFile(t, "dev"), "phase="+strconv.Itoa(n))).All("") {
			all[r.Key()] = r
		}
		return all
	}
	replaceable := map[string]bool{ // hold nothing, and nobody depends on their identity
		catalog.EC2EIPAssociation: true,
	}
	for _, step := range [][2]int{{1, 2}, {2, 3}} {
		before, after := phase(step[0]), phase(step[1])
		compared := 0
		for key, old := range before {
			renewed, stays := after[key]
			known, ok := facts.AWS().Resource(old.Token)
			if !stays || !ok || replaceable[old.Token] {
				continue
			}
			compared++
			for input, property := range known.Inputs {
				if property.Replace {
					k := resource.PropertyKey(input)
					assert.Truef(t, old.Inputs[k].DeepEquals(renewed.Inputs[k]), "%d to %d: %s: %s", step[0], step[1], key, input)
				}
			}
		}
		assert.Greater(t, compared, 25, "phases %v share resources", step)
	}
}
