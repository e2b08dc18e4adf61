package tests

import (
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/internal/testutil"
)

// What each phase consists of, by type.
func TestCensus(t *testing.T) {
	t.Parallel()
	common := map[string]int{
		"webphases:index:Network": 1, "webphases:index:Firewall": 1, "webphases:index:Credentials": 1, "webphases:index:WebTier": 1,
		"aws:ec2/vpc:Vpc": 1, "aws:ec2/internetGateway:InternetGateway": 1, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1,
		"aws:ec2/vpcEndpoint:VpcEndpoint": 1, "aws:ec2/flowLog:FlowLog": 1, "aws:cloudwatch/logGroup:LogGroup": 1,
		"random:index/randomPassword:RandomPassword": 11, "aws:secretsmanager/secret:Secret": 1, "aws:secretsmanager/secretVersion:SecretVersion": 1,
		"aws:iam/instanceProfile:InstanceProfile": 1, "aws:ssm/parameter:Parameter": 2, "aws:ssm/document:Document": 1, "aws:ssm/association:Association": 1, "aws:ec2/instance:Instance": 1,
		"webphases:index:Monitoring": 1, "aws:kms/key:Key": 1, "aws:sns/topic:Topic": 2, "aws:cloudwatch/compositeAlarm:CompositeAlarm": 1,
		"aws:cloudwatch/eventRule:EventRule": 1, "aws:cloudwatch/eventTarget:EventTarget": 1, "aws:cloudwatch/metricAlarm:MetricAlarm": 4,
	}
	for stack, more := range map[string]map[string]int{
		"dev": {
			"aws:ec2/subnet:Subnet": 1, "aws:ec2/routeTable:RouteTable": 1, "aws:ec2/routeTableAssociation:RouteTableAssociation": 1, "aws:ec2/route:Route": 1,
			"aws:ec2/networkAcl:NetworkAcl": 1, aclRule: 6, "aws:ec2/securityGroup:SecurityGroup": 1, ingress: 2, egress: 5,
			"aws:iam/role:Role": 2, "aws:iam/rolePolicy:RolePolicy": 3, "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
			"aws:ec2/eip:Eip": 1, "aws:ec2/eipAssociation:EipAssociation": 1,
		},
		"staging": {
			"webphases:index:Database": 1, "webphases:index:SharedStorage": 1,
			"aws:ec2/subnet:Subnet": 3, "aws:ec2/routeTable:RouteTable": 2, "aws:ec2/routeTableAssociation:RouteTableAssociation": 3, "aws:ec2/route:Route": 1,
			"aws:ec2/networkAcl:NetworkAcl": 2, aclRule: 9, "aws:ec2/securityGroup:SecurityGroup": 3, ingress: 4, egress: 7,
			"aws:iam/role:Role": 3, "aws:iam/rolePolicy:RolePolicy": 3, "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
			"aws:ec2/eip:Eip": 1, "aws:ec2/eipAssociation:EipAssociation": 1,
			"aws:cloudwatch/metricAlarm:MetricAlarm": 10, "aws:rds/eventSubscription:EventSubscription": 1,
			"aws:rds/subnetGroup:SubnetGroup": 1, "aws:rds/parameterGroup:ParameterGroup": 1, "aws:rds/instance:Instance": 1,
			"aws:efs/fileSystem:FileSystem": 1, "aws:efs/mountTarget:MountTarget": 2, "aws:efs/accessPoint:AccessPoint": 1,
			"aws:efs/fileSystemPolicy:FileSystemPolicy": 1, "aws:efs/backupPolicy:BackupPolicy": 1,
		},
		"prod": {
			"webphases:index:Database": 1, "webphases:index:SharedStorage": 1, "webphases:index:LoadBalancer": 1,
			"aws:ec2/subnet:Subnet": 6, "aws:ec2/routeTable:RouteTable": 4, "aws:ec2/routeTableAssociation:RouteTableAssociation": 6, "aws:ec2/route:Route": 3,
			"aws:ec2/networkAcl:NetworkAcl": 3, aclRule: 23, "aws:ec2/securityGroup:SecurityGroup": 4, ingress: 4, egress: 8,
			"aws:ec2/eip:Eip": 2, "aws:ec2/natGateway:NatGateway": 2,
			"aws:iam/role:Role": 3, "aws:iam/rolePolicy:RolePolicy": 3, "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 2,
			"aws:ssm/parameter:Parameter": 1, "aws:ssm/document:Document": 1, "aws:ssm/association:Association": 1,
			"aws:rds/subnetGroup:SubnetGroup": 1, "aws:rds/parameterGroup:ParameterGroup": 1, "aws:rds/instance:Instance": 1, "random:index/randomId:RandomId": 1,
			"aws:efs/fileSystem:FileSystem": 1, "aws:efs/mountTarget:MountTarget": 2, "aws:efs/accessPoint:AccessPoint": 1,
			"aws:efs/fileSystemPolicy:FileSystemPolicy": 1, "aws:efs/backupPolicy:BackupPolicy": 1,
			"aws:lb/loadBalancer:LoadBalancer": 1, "aws:lb/targetGroup:TargetGroup": 1, "aws:lb/listener:Listener": 1,
			"aws:ec2/amiFromInstance:AmiFromInstance": 1, "aws:ec2transitgateway/instanceState:InstanceState": 1,
			"aws:cloudwatch/metricAlarm:MetricAlarm": 16, "aws:rds/eventSubscription:EventSubscription": 1,
			"aws:cloudwatch/eventRule:EventRule": 1, "aws:cloudwatch/eventTarget:EventTarget": 1,
			"aws:ec2/launchTemplate:LaunchTemplate": 1, "aws:autoscaling/group:Group": 1, "aws:autoscaling/policy:Policy": 1,
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
			if r.Token == "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup" {
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
	group := deploy(t, stackFile(t, "prod")).Get(t, "aws:autoscaling/group:Group", "web")
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
	lifted := deploy(t, with(t, stackFile(t, "prod"), "protect=false")).Get(t, "aws:rds/instance:Instance", "database")
	assert.False(t, lifted.Input("deletionProtection").BoolValue())
	lifted = deploy(t, with(t, stackFile(t, "dev"), "protect=false")).Get(t, "aws:ec2/instance:Instance", "web-server-g1")
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
		"aws:ec2/eipAssociation:EipAssociation": true,
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
