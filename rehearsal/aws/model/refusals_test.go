package model

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

// What AWS refuses when it acts.
func TestRefusalsOnCreation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		try  func(*world, lab) error
		want string
	}{
		{"dangling reference", func(w *world, _ lab) error {
			_, err := w.try(catalog.EC2Subnet, "x", m{"vpcId": "vpc-00000000000000000", "cidrBlock": "10.0.9.0/24"})
			return err
		}, "InvalidVpcID.NotFound"},
		{"overlapping subnet", func(w *world, l lab) error {
			_, err := w.try(catalog.EC2Subnet, "x", m{"vpcId": l.vpc.id, "cidrBlock": "10.0.0.128/25"})
			return err
		}, "InvalidSubnet.Conflict: The CIDR '10.0.0.128/25' conflicts with another subnet"},
		{"subnet outside the VPC", func(w *world, l lab) error {
			_, err := w.try(catalog.EC2Subnet, "x", m{"vpcId": l.vpc.id, "cidrBlock": "10.1.0.0/24"})
			return err
		}, "InvalidSubnet.Range"},
		{"a zone that the region lacks", func(w *world, l lab) error {
			_, err := w.try(catalog.EC2Subnet, "x", m{"vpcId": l.vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZone": "ap-northeast-1b"})
			return err
		}, "ap-northeast-1a, ap-northeast-1c, ap-northeast-1d"},
		{"second gateway", func(w *world, l lab) error {
			_, err := w.try(catalog.EC2InternetGateway, "x", m{"vpcId": l.vpc.id})
			return err
		}, "Resource.AlreadyAssociated"},
		{"same route twice", func(w *world, l lab) error {
			table := w.make(catalog.EC2RouteTable, "t", m{"vpcId": l.vpc.id})
			in := m{"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": l.gateway.id}
			w.make(catalog.EC2Route, "one", in)
			_, err := w.try(catalog.EC2Route, "two", in)
			return err
		}, "RouteAlreadyExists"},
		{"same ACL rule number twice", func(w *world, l lab) error {
			acl := w.make(catalog.EC2NetworkACL, "acl", m{"vpcId": l.vpc.id})
			in := m{"networkAclId": acl.id, "ruleNumber": 100, "protocol": "tcp", "ruleAction": "allow", "cidrBlock": "0.0.0.0/0", "fromPort": 80, "toPort": 80}
			w.make(catalog.EC2NetworkACLRule, "one", in)
			in["fromPort"], in["toPort"] = 443, 443
			_, err := w.try(catalog.EC2NetworkACLRule, "two", in)
			return err
		}, "NetworkAclEntryAlreadyExists"},
		{"same security group rule twice", func(w *world, l lab) error {
			in := m{"securityGroupId": l.group.id, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "0.0.0.0/0"}
			w.make(catalog.VPCSecurityGroupIngressRule, "one", in)
			_, err := w.try(catalog.VPCSecurityGroupIngressRule, "two", in)
			return err
		}, "InvalidPermission.Duplicate"},
		{"two ACLs for a subnet", func(w *world, l lab) error {
			w.make(catalog.EC2NetworkACL, "one", m{"vpcId": l.vpc.id, "subnetIds": []any{l.a.id}})
			_, err := w.try(catalog.EC2NetworkACL, "two", m{"vpcId": l.vpc.id, "subnetIds": []any{l.a.id}})
			return err
		}, "Resource.AlreadyAssociated"},
		{"NAT without a gateway", func(w *world, l lab) error {
			require.NoError(t, w.delete(l.gateway))
			eip := w.make(catalog.EC2EIP, "e", m{"domain": "vpc"})
			_, err := w.try(catalog.EC2NATGateway, "x", m{"subnetId": l.a.id, "allocationId": eip.id})
			return err
		}, "Gateway.NotAttached"},
		{"address taken twice", func(w *world, l lab) error {
			eip := w.make(catalog.EC2EIP, "e", m{"domain": "vpc"})
			w.make(catalog.EC2NATGateway, "n", m{"subnetId": l.a.id, "allocationId": eip.id})
			_, err := w.try(catalog.EC2NATGateway, "x", m{"subnetId": l.c.id, "allocationId": eip.id})
			return err
		}, "Resource.AlreadyAssociated"},
		{"type and image of two architectures", func(w *world, l lab) error {
			_, err := w.server(l, "x", m{"instanceType": "t4g.small"})
			return err
		}, "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64'"},
		{"security group of another VPC", func(w *world, l lab) error {
			other := w.make(catalog.EC2VPC, "other", m{"cidrBlock": "10.9.0.0/16"})
			group := w.make(catalog.EC2SecurityGroup, "g2", m{"vpcId": other.id})
			_, err := w.server(l, "x", m{"vpcSecurityGroupIds": []any{group.id}})
			return err
		}, "belong to different networks"},
		{"load balancer in one zone", func(w *world, l lab) error {
			_, err := w.try(catalog.LBLoadBalancer, "x", m{"subnets": []any{l.a.id}})
			return err
		}, "At least two subnets in two different Availability Zones"},
		{"subnet group in one zone", func(w *world, l lab) error {
			_, err := w.try(catalog.RDSSubnetGroup, "x", m{"subnetIds": []any{l.a.id}})
			return err
		}, "DBSubnetGroupDoesNotCoverEnoughAZs"},
		{"parameter group of another family", func(w *world, l lab) error {
			pg := w.make(catalog.RDSParameterGroup, "pg", m{"family": "mysql8.0"})
			_, err := w.database(l, "x", m{"parameterGroupName": pg.id})
			return err
		}, "mysql8.4"},
		{"two mount targets in a zone", func(w *world, l lab) error {
			fs := w.make(catalog.EFSFileSystem, "fs", m{"encrypted": true})
			w.make(catalog.EFSMountTarget, "one", m{"fileSystemId": fs.id, "subnetId": l.a.id})
			_, err := w.try(catalog.EFSMountTarget, "two", m{"fileSystemId": fs.id, "subnetId": l.a.id})
			return err
		}, "MountTargetConflict"},
		{"HTTPS before the certificate is issued", func(w *world, l lab) error {
			lb := w.make(catalog.LBLoadBalancer, "lb", m{"subnets": []any{l.a.id, l.c.id}})
			cert := w.make(catalog.ACMCertificate, "c", m{"domainName": "www.example.com", "validationMethod": "DNS"})
			_, err := w.try(catalog.LBListener, "x", m{
				"loadBalancerArn": lb.id, "port": 443, "protocol": "HTTPS", "certificateArn": cert.id,
				"defaultActions": []any{m{"type": "fixed-response", "fixedResponse": m{"contentType": "text/plain"}}},
			})
			return err
		}, "UnsupportedCertificate"},
		{"association with a server that is not there", func(w *world, _ lab) error {
			_, err := w.try(catalog.SSMAssociation, "x", m{
				"name": "AWS-RunShellScript", "targets": []any{m{"key": "InstanceIds", "values": []any{"i-00000000000000000"}}},
			})
			return err
		}, "InvalidInstanceId"},
		{"record beside a simple one", func(w *world, _ lab) error {
			in := m{"zoneId": "Z0123456789ABCDEFGHIJ", "name": "www.example.com", "type": "A", "ttl": 60, "records": []any{"203.0.113.7"}}
			w.make(catalog.Route53Record, "one", in)
			in["setIdentifier"], in["weightedRoutingPolicies"] = "two", []any{m{"weight": 0}}
			_, err := w.try(catalog.Route53Record, "two", in)
			return err
		}, "cannot be created as other RRSets exist"},
		{"failover without a check", func(w *world, _ lab) error {
			_, err := w.try(catalog.Route53Record, "x", m{
				"zoneId": "Z0123456789ABCDEFGHIJ", "name": "www.example.com", "type": "A", "ttl": 60, "records": []any{"203.0.113.7"},
				"setIdentifier": "primary", "failoverRoutingPolicies": []any{m{"type": "PRIMARY"}},
			})
			return err
		}, "must have an associated health check"},
		{"set identifier without a policy", func(w *world, _ lab) error {
			_, err := w.try(catalog.Route53Record, "x", m{
				"zoneId": "Z0123456789ABCDEFGHIJ", "name": "www.example.com", "type": "A", "ttl": 60, "records": []any{"203.0.113.7"}, "setIdentifier": "site",
			})
			return err
		}, "go together"},
		{"another routing policy for a living record", func(w *world, _ lab) error {
			in := m{
				"zoneId": "Z0123456789ABCDEFGHIJ", "name": "www.example.com", "type": "A", "ttl": 60, "records": []any{"203.0.113.7"},
				"setIdentifier": "site", "weightedRoutingPolicies": []any{m{"weight": 1}},
			}
			record := w.make(catalog.Route53Record, "x", in)
			delete(in, "weightedRoutingPolicies")
			in["multivalueAnswerRoutingPolicy"] = true
			_, err := w.update(record, in, false)
			return err
		}, "cannot change its routing policy"},
		{"check of an address turned into one of a name", func(w *world, _ lab) error {
			check := w.make(catalog.Route53HealthCheck, "x", m{"type": "HTTPS", "ipAddress": "203.0.113.7"})
			_, err := w.update(check, m{"type": "HTTPS", "fqdn": "www.example.com"}, false)
			return err
		}, "neither added nor removed"},
		{"snapshot that has reached the limit", func(w *world, l lab) error {
			db, err := w.database(l, "one", m{"allocatedStorage": 100, "finalSnapshotIdentifier": "full"})
			require.NoError(w.t, err)
			require.NoError(w.t, w.delete(db))
			_, err = w.database(l, "x", m{"snapshotIdentifier": "full", "allocatedStorage": nil, "maxAllocatedStorage": 100})
			return err
		}, "Max storage size must be greater than storage size"},
		{"snapshot that is not there", func(w *world, l lab) error {
			_, err := w.database(l, "x", m{"snapshotIdentifier": "gone"})
			return err
		}, "DBSnapshotNotFound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			assert.ErrorContains(t, c.try(w, w.lab()), c.want)
		})
	}
}

// What AWS refuses to delete.
func TestRefusalsOnDeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	eip := w.make(catalog.EC2EIP, "eip", m{"domain": "vpc"})
	server, err := w.server(l, "web", m{"disableApiTermination": true})
	require.NoError(t, err)
	tie := w.make(catalog.EC2EIPAssociation, "tie", m{"allocationId": eip.id, "instanceId": server.id})

	assert.ErrorContains(t, w.delete(l.vpc), "DependencyViolation")
	assert.ErrorContains(t, w.delete(l.a), "in use by EC2 Instance "+server.id)
	assert.ErrorContains(t, w.delete(l.group), "in use by EC2 Instance "+server.id)
	assert.ErrorContains(t, w.delete(eip), "in use by EC2 EIP Association")
	assert.ErrorContains(t, w.delete(l.gateway), "mapped public address")
	require.NoError(t, w.delete(tie))
	assert.ErrorContains(t, w.delete(server), "OperationNotPermitted")
	_, err = w.update(server, m{"ami": w.image("x86_64"), "instanceType": "t3.small", "subnetId": l.a.id, "vpcSecurityGroupIds": []any{l.group.id}, "disableApiTermination": false}, false)
	require.NoError(t, err)
	for _, a := range []*thing{server, eip, l.gateway, l.a, l.c, l.group, l.vpc, l.vpc} {
		assert.NoError(t, w.delete(a), a.name)
	}
	assert.Empty(t, w.cloud.All())
}

func TestSecurityGroupOfAGroupIsInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	lt := w.make(catalog.EC2LaunchTemplate, "lt", m{"imageId": w.image("x86_64"), "instanceType": "t3.small", "vpcSecurityGroupIds": []any{l.group.id}})
	asg := w.make(catalog.AutoScalingGroup, "asg", m{"minSize": 1, "maxSize": 2, "vpcZoneIdentifiers": []any{l.a.id}, "launchTemplate": m{"id": lt.id, "version": "1"}})
	assert.ErrorContains(t, w.delete(l.group), "the servers of "+asg.id)
	assert.ErrorContains(t, w.delete(lt), "in use by Auto Scaling Group")
	_, err := w.update(asg, m{"minSize": 1, "maxSize": 2, "vpcZoneIdentifiers": []any{l.a.id}, "launchTemplate": m{"id": lt.id, "version": "2"}}, false)
	assert.ErrorContains(t, err, "Could not find the specified version 2")
}

// Requests count for the target group that a listener sends them to and that the group
// is behind, and for no other.
func TestCountedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	lt := w.make(catalog.EC2LaunchTemplate, "lt", m{"imageId": w.image("x86_64"), "instanceType": "t3.small", "vpcSecurityGroupIds": []any{l.group.id}})
	asg := w.make(catalog.AutoScalingGroup, "asg", m{"minSize": 1, "maxSize": 2, "vpcZoneIdentifiers": []any{l.a.id}, "launchTemplate": m{"id": lt.id, "version": "1"}})
	lb := w.make(catalog.LBLoadBalancer, "lb", m{"subnets": []any{l.a.id, l.c.id}})
	label := map[string]string{}
	policy := func(targets string) error {
		_, err := w.try(catalog.AutoScalingPolicy, "requests-"+targets, m{"autoscalingGroupName": asg.id, "policyType": "TargetTrackingScaling",
			"targetTrackingConfiguration": m{"targetValue": 3000, "predefinedMetricSpecification": m{
				"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": label[targets],
			}}})
		return err
	}
	groups := map[string]*thing{}
	for _, name := range []string{"ours", "other"} {
		groups[name] = w.make(catalog.LBTargetGroup, name, m{"vpcId": l.vpc.id, "port": 80, "protocol": "HTTP"})
		label[name] = lb.props["arnSuffix"].StringValue() + "/" + groups[name].props["arnSuffix"].StringValue()
	}
	listen := func(port int, targets string) {
		w.make(catalog.LBListener, "on-"+targets, m{"loadBalancerArn": lb.id, "port": port, "defaultActions": []any{m{"type": "forward", "targetGroupArn": groups[targets].id}}})
	}
	w.make(catalog.AutoScalingAttachment, "ours", m{"autoscalingGroupName": asg.id, "lbTargetGroupArn": groups["ours"].id})
	assert.ErrorContains(t, policy("ours"), "does not route traffic to the target group")
	listen(80, "ours")
	listen(81, "other")
	require.NoError(t, policy("ours"))
	assert.ErrorContains(t, policy("other"), "the group is not behind that target group")
	label["elsewhere"] = "app/elsewhere/0123456789abcdef/" + groups["ours"].props["arnSuffix"].StringValue()
	assert.ErrorContains(t, policy("elsewhere"), "does not route traffic to the target group")
}

// A database that is changed or restored keeps its storage and its version.
func TestWhatADatabaseKeeps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change m
		want   string
	}{
		{"less storage", m{"allocatedStorage": 20, "maxAllocatedStorage": 0}, "cannot be less than the current storage size (40)"},
		{"storage that has grown by itself", m{"allocatedStorage": 20}, ""},
		{"an earlier minor version", m{"engineVersion": "8.4.5"}, "Cannot upgrade mysql from 8.4.6 to 8.4.5"},
		{"whichever minor version there is", m{"engineVersion": "8.4"}, ""},
		{"an earlier major version", m{"engineVersion": "8.0", "allowMajorVersionUpgrade": true}, "Cannot upgrade mysql from 8.4.6 to 8.0"},
		{"a later major version without leave", m{"engineVersion": "9.1"}, "The AllowMajorVersionUpgrade flag must be present"},
		{"a later major version", m{"engineVersion": "9.1", "allowMajorVersionUpgrade": true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l := w.lab()
			in := m{"engine": "mysql", "instanceClass": "db.t4g.medium", "username": "admin", "password": "secret-1", "identifier": "one",
				"engineVersion": "8.4.6", "allocatedStorage": 40, "maxAllocatedStorage": 100}
			db, err := w.database(l, "one", in)
			require.NoError(t, err)
			for name, v := range c.change {
				in[name] = v
			}
			_, err = w.update(db, in, false)
			if c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}

func TestDatabaseDeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	protected, err := w.database(l, "one", m{"deletionProtection": true, "skipFinalSnapshot": true})
	require.NoError(t, err)
	assert.ErrorContains(t, w.delete(protected), "please disable deletion protection")

	nameless, err := w.database(l, "two", nil)
	require.NoError(t, err)
	assert.ErrorContains(t, w.delete(nameless), "final_snapshot_identifier is required")

	kept, err := w.database(l, "three", m{"finalSnapshotIdentifier": "three-final"})
	require.NoError(t, err)
	require.NoError(t, w.delete(kept))
	snapshot := w.cloud.Get(catalog.RDSSnapshot, "three-final")
	require.NotNil(t, snapshot)
	assert.Equal(t, "mysql", snapshot.Str("engine"))
	assert.Empty(t, snapshot.URN, "it belongs to no resource")

	restored, err := w.database(l, "four", m{"snapshotIdentifier": "three-final"})
	require.NoError(t, err)
	assert.Regexp(t, `^four\.c[a-z2-7]{11}\.ap-northeast-1\.rds\.amazonaws\.com:3306$`, restored.props["endpoint"].StringValue())
	_, err = w.update(restored, m{
		"engine": "mysql", "instanceClass": "db.t4g.medium", "allocatedStorage": 10 + 10, "username": "admin", "password": "secret-1", "identifier": "four",
	}, false)
	require.NoError(t, err)
}

// What is refused at plan time, before anything has changed.
func TestRefusalsAtPlanTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, typ string
		in        m
		want      string
	}{
		{"unknown input", catalog.EC2VPC, m{"cidrBlock": "10.0.0.0/16", "cidrBlok": "x"}, `did you mean "cidrBlock"?`},
		{"VPC too large", catalog.EC2VPC, m{"cidrBlock": "10.0.0.0/8"}, "between /16 and /28"},
		{"bits beyond the prefix", catalog.EC2VPC, m{"cidrBlock": "10.0.0.1/16"}, "not a valid IPv4 CIDR block"},
		{"apostrophe in a description", catalog.EC2SecurityGroup, m{"description": "the server's"}, "description must be"},
		{"user data too large", catalog.EC2Instance, m{"ami": "ami-0123456789abcdef0", "instanceType": "t3.small", "userData": string(make([]byte, 16385))}, "limited to 16384 bytes"},
		{"health check slower than its interval", catalog.LBTargetGroup, m{"healthCheck": m{"timeout": 30, "interval": 30}}, "must be smaller than the interval"},
		{"threshold out of range", catalog.LBTargetGroup, m{"healthCheck": m{"healthyThreshold": 11}}, "(2 - 10)"},
		{"max below min", catalog.AutoScalingGroup, m{"minSize": 3, "maxSize": 2, "launchTemplate": m{"id": "lt-1"}}, "must be greater than or equal to min bound"},
		{"odd retention", catalog.CloudWatchLogGroup, m{"retentionInDays": 42}, "does not offer a retention of 42 days"},
		{"bad backup window", catalog.RDSInstance, m{"instanceClass": "db.t4g.medium", "backupWindow": "25:00-26:00"}, "hh:mm-hh:mm"},
		{"monitoring without a role", catalog.RDSInstance, m{"instanceClass": "db.t4g.medium", "monitoringInterval": 60}, "monitoringRoleArn is required"},
		{"policy that is no JSON", catalog.IAMRole, m{"assumeRolePolicy": "{"}, "invalid JSON policy"},
		{"managed policy that does not exist", catalog.IAMRolePolicyAttachment, m{"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCor"}, "does not exist"},
		{"two route targets", catalog.EC2Route, m{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "natGatewayId": "nat-1"}, "exactly one of"},
		{"a label that is the target group's ARN", catalog.AutoScalingPolicy, m{"autoscalingGroupName": "web", "policyType": "TargetTrackingScaling",
			"targetTrackingConfiguration": m{"targetValue": 1, "predefinedMetricSpecification": m{
				"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/2",
			}}}, "the ARN suffixes"},
		{"requests of no target group", catalog.AutoScalingPolicy, m{"autoscalingGroupName": "web", "policyType": "TargetTrackingScaling",
			"targetTrackingConfiguration": m{"targetValue": 1, "predefinedMetricSpecification": m{"predefinedMetricType": "ALBRequestCountPerTarget"}}},
			"resourceLabel is required"},
		{"a forecast of nothing", catalog.AutoScalingPolicy, m{"autoscalingGroupName": "web", "policyType": "PredictiveScaling",
			"predictiveScalingConfiguration": m{"mode": "ForecastOnly", "metricSpecification": m{"targetValue": 50}}}, "exactly one of"},
		{"a forecast of another metric", catalog.AutoScalingPolicy, m{"autoscalingGroupName": "web", "policyType": "PredictiveScaling",
			"predictiveScalingConfiguration": m{"metricSpecification": m{"targetValue": 50, "predefinedMetricPairSpecification": m{"predefinedMetricType": "ASGAverageCPUUtilization"}}}},
			"ASGCPUUtilization"},
		{"a forecast in another mode", catalog.AutoScalingPolicy, m{"autoscalingGroupName": "web", "policyType": "PredictiveScaling",
			"predictiveScalingConfiguration": m{"mode": "Scale", "metricSpecification": m{"targetValue": 50, "predefinedMetricPairSpecification": m{"predefinedMetricType": "ASGCPUUtilization"}}}},
			"ForecastAndScale"},
		{"provisioned throughput of nothing", catalog.EFSFileSystem, m{"throughputMode": "provisioned"}, "provisionedThroughputInMibps is required"},
		{"more throughput than there is", catalog.EFSFileSystem, m{"throughputMode": "provisioned", "provisionedThroughputInMibps": 3415}, "(1 - 3414)"},
		{"throughput beside elastic", catalog.EFSFileSystem, m{"throughputMode": "elastic", "provisionedThroughputInMibps": 50}, "for the throughput mode provisioned"},
		{"command document without steps", catalog.SSMDocument, m{"documentType": "Command", "content": `{"schemaVersion":"2.2"}`}, "mainSteps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, failures := newWorld(t).check(c.typ, "x", nil, c.in)
			assert.Contains(t, strings.Join(failures, "\n"), c.want)
		})
	}
}
