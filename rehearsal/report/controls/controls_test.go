package controls_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/controls"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

func status(t *testing.T, g *graph.Graph, id string) controls.Status {
	t.Helper()
	for _, r := range controls.Evaluate(g) {
		if r.ID == id {
			return r.Status
		}
	}
	require.Fail(t, "there is no such control", id)
	return ""
}

// first is the first resource by name whose type ends so: the order of creation is
// another at every run.
func first(g *graph.Graph, kind string) *graph.Resource {
	var found *graph.Resource
	for _, r := range g.Resources {
		if r.Custom && strings.HasSuffix(r.Type, "/"+kind) && (found == nil || r.URN < found.URN) {
			found = r
		}
	}
	return found
}

func set(kind, property string, value any) func(*graph.Graph) {
	return func(g *graph.Graph) { first(g, kind).Properties[property] = value }
}

// drop makes a resource one that nobody looks for.
func drop(kind string) func(*graph.Graph) {
	return func(g *graph.Graph) { first(g, kind).Type = "test:none:None" }
}

// add makes another resource of the graph one of a new type.
func add(token string, properties func(g *graph.Graph) graph.Properties) func(*graph.Graph) {
	return func(g *graph.Graph) {
		p := properties(g)
		g.Resources = append(g.Resources, &graph.Resource{Type: token, Name: "added", Custom: true, Properties: p})
	}
}

func endpoint(service string) func(*graph.Graph) {
	return add(catalog.EC2VPCEndpoint, func(g *graph.Graph) graph.Properties {
		return graph.Properties{"vpcId": first(g, "vpc:Vpc").ID, "vpcEndpointType": "Interface", "serviceName": "com.amazonaws." + g.Region + "." + service}
	})
}

func ofBucket(token string) func(*graph.Graph) {
	return add(token, func(g *graph.Graph) graph.Properties {
		return graph.Properties{"bucket": first(g, "bucketV2:BucketV2").ID}
	})
}

func policy(text string) func(*graph.Graph) {
	return add(catalog.IAMPolicy, func(*graph.Graph) graph.Properties { return graph.Properties{"policy": text} })
}

type object = map[string]any

// For every control an edit that turns its outcome over. prod has all options on
// here; what it fails is turned into a pass.
var edits = map[string]func(*graph.Graph){
	"ACM.2":         set("certificate:Certificate", "keyAlgorithm", "RSA_1024"),
	"AutoScaling.1": set("group:Group", "healthCheckType", "EC2"),
	"AutoScaling.2": func(g *graph.Graph) {
		group := first(g, "group:Group")
		group.Properties["vpcZoneIdentifiers"] = group.At("vpcZoneIdentifiers").([]any)[:1]
	},
	"AutoScaling.6": set("group:Group", "mixedInstancesPolicy", object{"launchTemplate": object{"overrides": []any{object{}}}}),
	"AutoScaling.9": set("group:Group", "mixedInstancesPolicy", nil),
	"CloudFront.1":  set("distribution:Distribution", "defaultRootObject", "index.php"),
	"CloudFront.3":  set("distribution:Distribution", "orderedCacheBehaviors", []any{object{"viewerProtocolPolicy": "allow-all"}}),
	"CloudFront.4":  set("distribution:Distribution", "originGroups", []any{object{"originId": "both"}}),
	"CloudFront.5":  set("distribution:Distribution", "loggingConfig", object{"bucket": "logs.s3.amazonaws.com"}),
	"CloudFront.6":  set("distribution:Distribution", "webAclId", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id"),
	"CloudFront.7":  set("distribution:Distribution", "viewerCertificate", object{"cloudfrontDefaultCertificate": true}),
	"CloudFront.8":  set("distribution:Distribution", "viewerCertificate", object{"sslSupportMethod": "vip"}),
	"CloudFront.9":  set("vpcOrigin:VpcOrigin", "vpcOriginEndpointConfig", object{"originProtocolPolicy": "https-only"}),
	"CloudFront.10": set("vpcOrigin:VpcOrigin", "vpcOriginEndpointConfig", object{"originSslProtocols": object{"items": []any{"SSLv3"}}}),
	"CloudFront.12": func(g *graph.Graph) {
		for _, r := range g.OfType(catalog.S3BucketV2) {
			r.Properties["bucketRegionalDomainName"] = "another"
		}
	},
	"CloudFront.13": set("distribution:Distribution", "origins", []any{object{"domainName": "page.s3.amazonaws.com"}}),
	"CloudFront.15": set("distribution:Distribution", "viewerCertificate", object{"minimumProtocolVersion": "TLSv1"}),
	"EC2.2":         set("defaultSecurityGroup:DefaultSecurityGroup", "ingress", []any{object{"protocol": "-1"}}),
	"EC2.3":         set("instance:Instance", "rootBlockDevice", object{"encrypted": false}),
	"EC2.4":         set("instanceState:InstanceState", "state", "running"),
	"EC2.6":         set("flowLog:FlowLog", "trafficType", "ACCEPT"),
	"EC2.8":         set("instance:Instance", "metadataOptions", object{"httpTokens": "optional"}),
	"EC2.9":         set("instance:Instance", "associatePublicIpAddress", true),
	"EC2.10":        endpoint("ec2"),
	"EC2.15":        set("subnet:Subnet", "mapPublicIpOnLaunch", true),
	"EC2.16":        set("networkAcl:NetworkAcl", "subnetIds", []any{}),
	"EC2.18": func(g *graph.Graph) {
		p := first(g, "securityGroupIngressRule:SecurityGroupIngressRule").Properties
		p["cidrIpv4"], p["fromPort"], p["toPort"] = "0.0.0.0/0", 81.0, 81.0
	},
	"EC2.19": func(g *graph.Graph) {
		p := first(g, "securityGroupIngressRule:SecurityGroupIngressRule").Properties
		p["cidrIpv4"], p["fromPort"], p["toPort"] = "0.0.0.0/0", 3300.0, 3310.0
	},
	"EC2.21": func(g *graph.Graph) {
		for _, r := range g.OfType(catalog.EC2NetworkACLRule) {
			r.Properties["fromPort"] = 3389.0
		}
	},
	"EC2.24":  set("instance:Instance", "instanceType", "m3.medium"),
	"EC2.25":  set("launchTemplate:LaunchTemplate", "networkInterfaces", []any{object{"associatePublicIpAddress": "true"}}),
	"EC2.55":  endpoint("ecr.api"),
	"EC2.56":  endpoint("ecr.dkr"),
	"EC2.57":  endpoint("ssm"),
	"EC2.170": set("launchTemplate:LaunchTemplate", "metadataOptions", object{"httpTokens": "optional"}),
	"EC2.171": func(g *graph.Graph) {
		p := first(g, "vpnConnection:VpnConnection").Properties
		on := object{"cloudwatchLogOptions": object{"logEnabled": true}}
		p["tunnel1LogOptions"], p["tunnel2LogOptions"] = on, on
	},
	"EC2.17":  set("instance:Instance", "networkInterfaces", []any{object{}, object{}}),
	"EC2.180": set("instance:Instance", "sourceDestCheck", false),
	"EC2.181": set("launchTemplate:LaunchTemplate", "blockDeviceMappings", []any{object{"ebs": object{}}}),
	"EFS.1":   set("fileSystem:FileSystem", "kmsKeyId", ""),
	"EFS.2": func(g *graph.Graph) {
		drop("backupPolicy:BackupPolicy")(g)
		for _, r := range g.OfType(catalog.BackupSelection) {
			r.Properties["resources"] = []any{}
		}
	},
	"EFS.3": set("accessPoint:AccessPoint", "rootDirectory", object{"path": "/"}),
	"EFS.4": set("accessPoint:AccessPoint", "posixUser", nil),
	"EFS.6": func(g *graph.Graph) {
		for _, s := range g.OfType(catalog.EC2Subnet) {
			s.Properties["mapPublicIpOnLaunch"] = true
		}
	},
	"EFS.7": set("backupPolicy:BackupPolicy", "backupPolicy", object{"status": "DISABLED"}),
	"EFS.8": set("fileSystem:FileSystem", "encrypted", false),
	"ELB.1": func(g *graph.Graph) {
		for _, l := range g.OfType(catalog.LBListener) {
			l.Properties["defaultActions"] = []any{object{"type": "forward"}}
		}
	},
	"ELB.4":  set("loadBalancer:LoadBalancer", "dropInvalidHeaderFields", false),
	"ELB.5":  set("loadBalancer:LoadBalancer", "accessLogs", nil),
	"ELB.6":  set("loadBalancer:LoadBalancer", "enableDeletionProtection", false),
	"ELB.12": set("loadBalancer:LoadBalancer", "desyncMitigationMode", "monitor"),
	"ELB.13": set("loadBalancer:LoadBalancer", "subnets", []any{}),
	"ELB.17": func(g *graph.Graph) {
		for _, l := range g.OfType(catalog.LBListener) {
			l.Properties["sslPolicy"] = "ELBSecurityPolicy-2016-08"
		}
	},
	"ELB.18": func(g *graph.Graph) {
		for _, l := range g.OfType(catalog.LBListener) {
			l.Properties["protocol"] = "HTTPS"
		}
	},
	"IAM.1":  policy(`{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`),
	"KMS.1":  policy(`{"Statement": [{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"}]}`),
	"KMS.2":  set("rolePolicy:RolePolicy", "policy", `{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}`),
	"IAM.21": policy(`{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "ec2:*"]}]}`),
	"KMS.5":  set("key:Key", "policy", `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*"}]}`),
	"SNS.4":  set("topic:Topic", "policy", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}]}`),
	"RDS.2":  set("instance:Instance", "publiclyAccessible", true),
	"RDS.3":  set("instance:Instance", "storageEncrypted", false),
	"RDS.5":  set("instance:Instance", "multiAz", false),
	"RDS.6":  set("instance:Instance", "monitoringInterval", 0.0),
	"RDS.8":  set("instance:Instance", "deletionProtection", false),
	"RDS.9":  set("instance:Instance", "enabledCloudwatchLogsExports", []any{"audit", "error", "slowquery"}),
	"RDS.10": set("instance:Instance", "iamDatabaseAuthenticationEnabled", false),
	"RDS.11": set("instance:Instance", "backupRetentionPeriod", 6.0),
	"RDS.13": set("instance:Instance", "autoMinorVersionUpgrade", false),
	"RDS.17": set("instance:Instance", "copyTagsToSnapshot", false),
	"RDS.20": set("eventSubscription:EventSubscription", "eventCategories", []any{"failure", "maintenance"}),
	"RDS.23": set("instance:Instance", "port", 3306.0),
	"RDS.25": set("instance:Instance", "username", "admin"),
	"RDS.39": set("parameterGroup:ParameterGroup", "parameters", []any{object{"name": "require_secure_transport", "value": "0"}}),
	"RDS.46": func(g *graph.Graph) {
		for _, r := range g.OfType(catalog.EC2RouteTableAssociation) {
			if r.Name == "network-database-c" {
				r.Properties["routeTableId"] = routeTable(g, "network-public")
			}
		}
	},
	"S3.2":  openBucket(`{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}`),
	"S3.3":  openBucket(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:PutObject"]}`),
	"S3.6":  openBucket(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"}, "Action": "s3:PutBucketPolicy"}`),
	"S3.5":  drop("bucketPolicy:BucketPolicy"),
	"S3.8":  set("bucketPublicAccessBlock:BucketPublicAccessBlock", "ignorePublicAcls", false),
	"S3.9":  drop("bucketLoggingV2:BucketLoggingV2"),
	"S3.12": ofBucket("aws:s3/bucketAclV2:BucketAclV2"),
	"S3.13": drop("bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"),
	"SecretsManager.1": add("aws:secretsmanager/secretRotation:SecretRotation", func(g *graph.Graph) graph.Properties {
		return graph.Properties{"secretId": first(g, "secret:Secret").ID}
	}),
	"SSM.1": set("instance:Instance", "iamInstanceProfile", "none"),
	"SSM.4": set("document:Document", "permissions", object{"accountIds": "All"}),
}

// untag takes every tag away.
func untag(g *graph.Graph) {
	for _, r := range g.Resources {
		delete(r.Properties, "tags")
	}
}

// openBucket gives a bucket the statement, and nothing blocks it at any.
func openBucket(statement string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		first(g, "bucketPolicy:BucketPolicy").Properties["policy"] = `{"Statement": [` + statement + `]}`
		for _, r := range g.OfType(catalog.S3BucketPublicAccessBlock) {
			r.Properties["blockPublicPolicy"] = false
		}
	}
}

func routeTable(g *graph.Graph, name string) string {
	for _, r := range g.OfType(catalog.EC2RouteTable) {
		if r.Name == name {
			return r.ID
		}
	}
	return ""
}

func everything(t *testing.T, id string) *graph.Graph {
	t.Helper()
	edge := !strings.HasPrefix(id, "ELB.") // where CloudFront is, the balancer has neither domain nor certificate
	g := graphtest.Stack(t, "prod", fmt.Sprintf("edge.enabled=%t", edge), "domain.name=example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ", "domain.healthCheck=true",
		"network.domainName=corp.example.com", "network.vpnCustomerGatewayIp=198.51.100.7")
	// instance:Instance is a server's type and a database's; the edit means this one.
	hidden := catalog.RDSInstance
	if strings.HasPrefix(id, "RDS.") {
		hidden = catalog.EC2Instance
	}
	for _, r := range g.OfType(hidden) {
		r.Type = "test:hidden:Hidden"
	}
	return g
}

func TestEveryControlCanTurnOver(t *testing.T) {
	t.Parallel()
	for _, r := range controls.Evaluate(everything(t, "")) {
		edit := edits[r.ID]
		if strings.HasSuffix(r.Title, "should be tagged") {
			edit = untag
		}
		if !assert.NotNil(t, edit, "%s has no edit", r.ID) {
			continue
		}
		g := everything(t, r.ID)
		before := status(t, g, r.ID)
		edit(g)
		after := status(t, g, r.ID)
		if r.ID == "IAM.1" || r.ID == "IAM.21" || r.ID == "KMS.1" { // the program has no such policy
			assert.Equal(t, controls.NotApplicable, before)
			assert.Equal(t, controls.Failed, after)
			continue
		}
		assert.NotEqual(t, controls.NotApplicable, before, r.ID)
		assert.NotEqual(t, controls.NotApplicable, after, r.ID)
		assert.NotEqual(t, before, after, r.ID)
	}
}

// What the stacks fail on purpose, by name: a new exception is a decision, and a failure
// without a reason a mistake.
func TestWhatTheStacksFail(t *testing.T) {
	t.Parallel()
	for stack, want := range map[string]string{
		"dev":     "EC2.9 EC2.10 EC2.55 EC2.56 EC2.57 SecretsManager.1",
		"staging": "EC2.9 EC2.10 EC2.55 EC2.56 EC2.57 RDS.5 RDS.23 SecretsManager.1",
		"prod": "CloudFront.1 CloudFront.4 CloudFront.5 CloudFront.6 CloudFront.7 CloudFront.9 CloudFront.15 " +
			"EC2.4 EC2.10 EC2.55 EC2.56 EC2.57 ELB.1 ELB.18 SecretsManager.1",
		"prod edge.enabled=false": "EC2.4 EC2.10 EC2.55 EC2.56 EC2.57 ELB.1 ELB.18 SecretsManager.1",
		"prod domain.name=example.com domain.hostedZoneId=Z0123456789ABCDEFGHIJ": "CloudFront.1 CloudFront.4 CloudFront.5 CloudFront.6 CloudFront.9 " +
			"EC2.4 EC2.10 EC2.55 EC2.56 EC2.57 ELB.1 ELB.18 SecretsManager.1",
	} {
		var excepted []string
		words := strings.Fields(stack)
		results := controls.Evaluate(graphtest.Stack(t, words[0], words[1:]...))
		for _, r := range results {
			assert.NotEqual(t, controls.Failed, r.Status, "%s %s: %v", stack, r.ID, r.Failures)
			if r.Status == controls.Excepted {
				excepted = append(excepted, r.ID)
				assert.NotEmpty(t, r.Failures[0].Why)
				assert.NotEmpty(t, r.Reason, r.ID)
				assert.NotEmpty(t, r.Lift, r.ID)
			}
			assert.True(t, strings.HasPrefix(r.Page, "https://docs.aws.amazon.com/securityhub/latest/userguide/"), r.Page)
		}
		assert.Equal(t, want, strings.Join(excepted, " "), stack)
		assert.Equal(t, len(excepted), controls.Count(results, controls.Excepted))
	}
}

// What costs is an option: with it, those controls pass.
func TestOptionsLiftExceptions(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod", `network.interfaceEndpoints=["ec2","ecr.api","ecr.dkr","ssm"]`)
	for _, id := range []string{"EC2.10", "EC2.55", "EC2.56", "EC2.57"} {
		assert.Equal(t, controls.Passed, status(t, g, id), id)
	}
}

// A reason holds where it is true: not for a server of phase 3 with a public address, nor
// for plain HTTP where there is a certificate.
func TestAReasonHoldsWhereItIsTrue(t *testing.T) {
	t.Parallel()
	prod := graphtest.Stack(t, "prod")
	for _, r := range prod.OfType(catalog.EC2Instance) {
		r.Properties["associatePublicIpAddress"] = true
	}
	assert.Equal(t, controls.Failed, status(t, prod, "EC2.9"))
	single := graphtest.Stack(t, "prod")
	for _, r := range single.OfType(catalog.RDSInstance) {
		r.Properties["multiAz"] = false
	}
	assert.Equal(t, controls.Failed, status(t, single, "RDS.5"))
	certified := graphtest.Stack(t, "prod", "edge.enabled=false", "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789")
	for _, r := range certified.OfType(catalog.LBListener) {
		r.Properties["protocol"], r.Properties["defaultActions"] = "HTTP", []any{object{"type": "forward"}}
	}
	assert.Equal(t, controls.Failed, status(t, certified, "ELB.1"))
}

// In a plan, a value that is not known yet may meet the control; one that is known is
// judged.
func TestWhatAPlanDoesNotKnow(t *testing.T) {
	t.Parallel()
	g := graph.From(apitype.DeploymentV3{Resources: []apitype.ResourceV3{{
		URN: "urn:pulumi:prod::shop::aws:rds/instance:Instance::db", Type: catalog.RDSInstance, Custom: true, ID: graph.Unknown,
		Outputs: object{"storageEncrypted": graph.Unknown, "publiclyAccessible": true, "multiAz": true},
	}}})
	assert.Equal(t, controls.Undecided, status(t, g, "RDS.3"))
	assert.Equal(t, controls.Failed, status(t, g, "RDS.2"))
	assert.Equal(t, controls.Passed, status(t, g, "RDS.5"))
}
