package webtier_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	instance    = catalog.EC2Instance
	association = catalog.SSMAssociation
	template    = catalog.EC2LaunchTemplate
	group       = catalog.AutoScalingGroup
	settings    = catalog.SSMParameter
	document    = catalog.SSMDocument
	image       = catalog.EC2AMIFromInstance
	tier        = "urn:pulumi:test::webphases::webphases:index:WebTier$"
)

var debian = webtier.Image{ID: "ami-0123456789abcdef0", RootDevice: "/dev/xvda", Pinned: true}

func phase1() webtier.Args {
	args := webtier.Args{
		Settings:        webtier.Defaults(),
		Region:          testutil.Region,
		SubnetIDs:       pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		SecurityGroupID: pulumi.String("sg-1"),
		Image:           debian,
		Site: webtier.Site{
			SecretARN:     pulumi.String("arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys"),
			SecretVersion: pulumi.String("version-1"),
			Network:       "10.0.0.0/16",
		},
		Tags:   map[string]string{"Project": "webphases"},
		Server: &webtier.ServerArgs{Protect: true},
	}
	args.AdminEmail = "webmaster@example.com"
	return args
}

func phase2() webtier.Args {
	args := phase1()
	args.Site.Database = &webtier.SiteDatabase{Host: pulumi.String("db.example.com"), Port: pulumi.Int(3306), Name: "wordpress"}
	args.Site.Storage = &webtier.SiteStorage{FileSystemID: pulumi.String("fs-01234567"), AccessPointID: pulumi.String("fsap-01234567")}
	args.Server.Protect = false
	return args
}

func phase3() webtier.Args {
	args := phase2()
	args.Server = nil
	args.Group = &webtier.GroupArgs{
		TargetGroupARN: pulumi.String(testutil.TargetGroup),
		Requests:       pulumi.String("app/entry/1/targetgroup/web/2"),
		Address:        pulumi.String("Entry-1.ap-northeast-1.elb.amazonaws.com"),
	}
	return args
}

func program(args webtier.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := webtier.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func build(t *testing.T, args webtier.Args) *testutil.Run {
	t.Helper()
	run := testutil.Must(t, program(args, "web"))
	run.CheckAll(t)
	return run
}

func TestCensus(t *testing.T) {
	t.Parallel()
	identity := map[string]int{
		webtier.Type: 1, catalog.IAMRole: 1, catalog.IAMRolePolicyAttachment: 1, catalog.IAMRolePolicy: 2,
		catalog.IAMInstanceProfile: 1, settings: 2, document: 1, association: 1, instance: 1,
	}
	plus := func(more map[string]int) map[string]int {
		all := map[string]int{}
		for _, part := range []map[string]int{identity, more} {
			for token, n := range part {
				all[token] += n
			}
		}
		return all
	}
	address := map[string]int{catalog.EC2EIP: 1, catalog.EC2EIPAssociation: 1}
	assert.Equal(t, plus(address), build(t, phase1()).Census())
	assert.Equal(t, plus(address), build(t, phase2()).Census())
	assert.Equal(t, plus(map[string]int{
		association: 1, document: 1, settings: 1, catalog.EC2AMIFromInstance: 1,
		catalog.EC2InstanceState: 1, template: 1, group: 1, catalog.AutoScalingAttachment: 1, catalog.AutoScalingPolicy: 2,
	}), build(t, phase3()).Census())
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	for _, args := range []webtier.Args{phase1(), phase2(), phase3()} {
		testutil.Must(t, program(args, "one", "two")).CheckAll(t)
	}
}

// Every server and builder: version 2 of the metadata service only, an encrypted
// disk that goes with the server, the one security group.
func TestServersAreClosed(t *testing.T) {
	t.Parallel()
	for _, args := range []webtier.Args{phase1(), phase2(), phase3()} {
		for _, server := range build(t, args).All(instance) {
			assert.Equal(t, "required", server.String("metadataOptions.httpTokens"), server.Name)
			assert.Equal(t, 1.0, server.Input("metadataOptions.httpPutResponseHopLimit").NumberValue())
			assert.True(t, server.Input("rootBlockDevice.encrypted").BoolValue())
			assert.True(t, server.Input("rootBlockDevice.deleteOnTermination").BoolValue())
			assert.Equal(t, "gp3", server.String("rootBlockDevice.volumeType"))
			assert.Equal(t, "sg-1", server.String("vpcSecurityGroupIds[0]"))
		}
	}
	lt := build(t, phase3()).Get(t, template, "web")
	assert.Equal(t, "required", lt.String("metadataOptions.httpTokens"))
	assert.Equal(t, "/dev/xvda", lt.String("blockDeviceMappings[0].deviceName"))
	assert.Equal(t, "true", lt.String("blockDeviceMappings[0].ebs.encrypted"))
	assert.Equal(t, "true", lt.String("blockDeviceMappings[0].ebs.deleteOnTermination"))
	assert.Equal(t, "sg-1", lt.String("vpcSecurityGroupIds[0]"))
}

// The role may read one secret and its own parameters, use Session Manager and write its
// proofs.
func TestTheRole(t *testing.T) {
	t.Parallel()
	const others = `{"Effect":"Deny","Action":["ssm:GetParameter","ssm:GetParameters","ssm:GetParametersByPath","ssm:GetParameterHistory"],"Resource":"*",
		"Condition":{"StringNotEquals":{"aws:ResourceTag/Project":"webphases"}}}`
	run := build(t, phase3())
	for name, want := range map[string]string{
		"web-secret": `[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue",
			"Resource":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys"}]`,
		"web-proof": `[{"Effect":"Allow","Action":"ssm:PutParameter","Resource":["` + arn("web-serving") + `","` + arn("web-baked") + `"]},` + others + `,
			{"Effect":"Allow","Action":"elasticloadbalancing:DescribeTargetHealth","Resource":"*"}]`,
	} {
		var policy struct{ Statement json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(run.Get(t, catalog.IAMRolePolicy, name).String("policy")), &policy))
		assert.JSONEq(t, want, string(policy.Statement), name)
	}
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:PutParameter","Resource":["`+arn("web-serving")+`"]},`+others+`]}`,
		build(t, phase1()).Get(t, catalog.IAMRolePolicy, "web-proof").String("policy"))
	assert.Equal(t, "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
		run.Get(t, catalog.IAMRolePolicyAttachment, "web-session-manager").String("policyArn"))
}

func arn(name string) string { return "arn:aws:mock:" + testutil.Region + ":123456789012:" + name }

func TestSettings(t *testing.T) {
	t.Parallel()
	const admin = `{"user":"webmaster","email":"webmaster@example.com"}`
	local := build(t, phase1()).Get(t, settings, "web-settings")
	assert.Equal(t, "String", local.String("type"), "no secret: a preview shows what changes")
	assert.JSONEq(t, `{"region":"ap-northeast-1","secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys",
		"database":{"local":true},"site":{"domain":"","address":"web-address-publicip","admin":`+admin+`,"behindLoadBalancer":false,"tlsAtLoadBalancer":false,"network":"10.0.0.0/16"}}`, local.String("insecureValue"))
	args := phase3()
	args.Site.Domain, args.Site.TLS = "www.example.com", true
	assert.JSONEq(t, `{"region":"ap-northeast-1","secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys",
		"database":{"host":"db.example.com","port":3306,"name":"wordpress"},
		"storage":{"fileSystemId":"fs-01234567","accessPointId":"fsap-01234567"},
		"site":{"domain":"www.example.com","address":"entry-1.ap-northeast-1.elb.amazonaws.com","admin":`+admin+`,"behindLoadBalancer":true,"tlsAtLoadBalancer":true,"network":"10.0.0.0/16",
			"targetGroupArn":"`+testutil.TargetGroup+`"}}`,
		build(t, args).Get(t, settings, "web-settings").String("insecureValue"))
}

// A server that stays while a stack grows must see no change of its user data.
func TestUserDataIsTheSameInEveryPhase(t *testing.T) {
	t.Parallel()
	one := build(t, phase1()).Get(t, instance, "web-server-g1").String("userData")
	two := build(t, phase2()).Get(t, instance, "web-server-g1").String("userData")
	encoded := build(t, phase3()).Get(t, template, "web").String("userData")
	three, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	assert.Equal(t, one, two)
	assert.Equal(t, one, string(three))
	assert.LessOrEqual(t, len(one), 16384)
}

func TestPinning(t *testing.T) {
	t.Parallel()
	server := build(t, phase1()).Get(t, instance, "web-server-g1")
	assert.ElementsMatch(t, []string{"ami", "userData", "associatePublicIpAddress"}, server.IgnoreChanges, "a new release replaces nothing")
	builder := build(t, phase3()).Get(t, instance, "web-builder-blue")
	assert.ElementsMatch(t, []string{"ami", "instanceType"}, builder.IgnoreChanges)
	assert.True(t, builder.Input("userDataReplaceOnChange").BoolValue(), "new scripts are baked anew")

	given := phase1()
	given.Image.Pinned, given.ImageGeneration = false, 2
	server = build(t, given).Get(t, instance, "web-server-g2")
	assert.NotContains(t, server.IgnoreChanges, "ami", "a given image is a decision")
}

// A server cannot change its processor in place: its image is for one only.
func TestAnotherProcessorIsAnotherServer(t *testing.T) {
	t.Parallel()
	arm := phase3()
	arm.InstanceType = "t4g.small"
	run := build(t, arm)
	assert.Equal(t, "t4g.small", run.Get(t, instance, "web-builder-blue").String("instanceType"))
	one := phase1()
	one.InstanceType = "t4g.small"
	build(t, one).Get(t, instance, "web-server-g1-arm64")
}

func TestProtectionFollowsTheData(t *testing.T) {
	t.Parallel()
	one := build(t, phase1()).Get(t, instance, "web-server-g1")
	assert.True(t, one.Protect)
	assert.True(t, one.Input("disableApiTermination").BoolValue())
	two := build(t, phase2()).Get(t, instance, "web-server-g1")
	assert.False(t, two.Protect)
	assert.False(t, two.Input("disableApiTermination").BoolValue())
}

// The address moves to a server that has proven that it serves. Until then it has
// one of its own, or it could not even fetch its packages.
func TestTheElasticIPMovesToWhatServes(t *testing.T) {
	t.Parallel()
	run := build(t, phase1())
	assert.True(t, run.Get(t, instance, "web-server-g1").Input("associatePublicIpAddress").BoolValue())
	assert.Contains(t, run.Get(t, catalog.EC2EIPAssociation, "web-address").Dependencies, tier+association+"::web-setup")
	for script, args := range map[string]webtier.Args{"configure": phase1(), "migrate": phase2()} {
		run, err := testutil.Do(program(args, "web"), testutil.Unproven(script))
		require.ErrorContains(t, err, webtier.ErrUnproven.Error())
		assert.Empty(t, run.All(catalog.EC2EIPAssociation))
	}
	a := run.Get(t, catalog.EC2EIPAssociation, "web-address")
	assert.True(t, a.Input("allowReassociation").BoolValue())
	assert.Equal(t, testutil.ID(instance, "web-server-g1"), a.String("instanceId"))
	assert.True(t, run.Get(t, catalog.EC2EIP, "web-address").Input("instance").IsNull(), "the association is a resource of its own")
}

func TestGroup(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	g := run.Get(t, group, "web")
	for input, want := range map[string]float64{"minSize": 2, "maxSize": 4, "healthCheckGracePeriod": 300} {
		assert.Equal(t, want, g.Input(input).NumberValue(), input)
	}
	assert.Equal(t, "ELB", g.String("healthCheckType"))
	assert.True(t, g.Input("targetGroupArns").IsNull(), "where it goes to another group, it must not leave this one first")
	assert.Equal(t, testutil.TargetGroup, run.Get(t, catalog.AutoScalingAttachment, "web").String("lbTargetGroupArn"))
	assert.Equal(t, "subnet-2", g.String("vpcZoneIdentifiers[1]"))
	assert.Equal(t, "1", g.String("launchTemplate.version"), "a number: a new version starts a refresh")
	assert.False(t, g.Input("instanceRefresh.preferences.autoRollback").BoolValue(), "AWS would return to the new version")
	assert.True(t, g.Input("desiredCapacity").IsNull(), "the scaling policy's")
	assert.True(t, g.Input("tags[0].propagateAtLaunch").BoolValue())

	fixed := phase3()
	fixed.DesiredSize, fixed.TargetCPUPercent, fixed.TargetRequestsPerMinute = 3, 0, 0
	run = build(t, fixed)
	assert.Equal(t, 3.0, run.Get(t, group, "web").Input("desiredCapacity").NumberValue())
	assert.Zero(t, run.Census()[catalog.AutoScalingPolicy])
}

// A second policy counts the requests to each server, and a third one may forecast.
func TestScaling(t *testing.T) {
	t.Parallel()
	args := phase3()
	args.PredictiveScaling = "forecast"
	run := build(t, args)
	requests := run.Get(t, catalog.AutoScalingPolicy, "web-requests")
	const metric = "targetTrackingConfiguration.predefinedMetricSpecification."
	assert.Equal(t, "ALBRequestCountPerTarget", requests.String(metric+"predefinedMetricType"))
	assert.Equal(t, "app/entry/1/targetgroup/web/2", requests.String(metric+"resourceLabel"))
	assert.Contains(t, strings.Join(requests.Dependencies, " "), catalog.AutoScalingAttachment, "AWS counts for a group that is behind the balancer")

	for key, mode := range map[string]string{"forecast": "ForecastOnly", "scale": "ForecastAndScale"} {
		args.PredictiveScaling, args.TargetCPUPercent = key, 65
		run := build(t, args)
		run.CheckAll(t)
		forecast := run.Get(t, catalog.AutoScalingPolicy, "web-forecast")
		assert.Equal(t, mode, forecast.String("predictiveScalingConfiguration.mode"))
		const load = "predictiveScalingConfiguration.metricSpecification."
		assert.Equal(t, "ASGCPUUtilization", forecast.String(load+"predefinedMetricPairSpecification.predefinedMetricType"))
		assert.Equal(t, 65.0, forecast.Input(load+"targetValue").NumberValue(), "as the policy that follows the load")
	}

	args.TargetCPUPercent = 0
	_, err := testutil.Do(program(args, "web"))
	require.ErrorIs(t, err, webtier.ErrArgs)
	assert.ErrorContains(t, err, "PredictiveScaling")
}

func TestKeyPair(t *testing.T) {
	t.Parallel()
	assert.Zero(t, build(t, phase1()).Census()[catalog.EC2KeyPair])
	args := phase1()
	args.SSHPublicKey = "ssh-ed25519 AAAA"
	run := build(t, args)
	assert.Equal(t, "ssh-ed25519 AAAA", run.Get(t, catalog.EC2KeyPair, "web").String("publicKey"))
	assert.Equal(t, "web-keyName", run.Get(t, instance, "web-server-g1").String("keyName"))
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]func() webtier.Args{
		"exactly one of Server and Group":            func() webtier.Args { a := phase1(); a.Server = nil; return a },
		"one of Server and Group":                    func() webtier.Args { a := phase3(); a.Server = &webtier.ServerArgs{}; return a },
		"ImageGeneration":                            func() webtier.Args { a := phase1(); a.ImageGeneration = 0; return a },
		"SecretARN":                                  func() webtier.Args { a := phase1(); a.Site.SecretARN = nil; return a },
		"SecretVersion":                              func() webtier.Args { a := phase1(); a.Site.SecretVersion = nil; return a },
		"Network are required":                       func() webtier.Args { a := phase1(); a.Site.Network = ""; return a },
		"Site.Database and Site.Storage go together": func() webtier.Args { a := phase2(); a.Site.Storage = nil; return a },
		"a group keeps no data":                      func() webtier.Args { a := phase3(); a.Site = phase1().Site; return a },
		"MaxSize":                                    func() webtier.Args { a := phase3(); a.MaxSize = 1; return a },
		"DesiredSize":                                func() webtier.Args { a := phase3(); a.DesiredSize = 9; return a },
		"TargetGroupARN":                             func() webtier.Args { a := phase3(); a.Group.TargetGroupARN = nil; return a },
		"SubnetIDs":                                  func() webtier.Args { a := phase1(); a.SubnetIDs = nil; return a },
		"Image":                                      func() webtier.Args { a := phase1(); a.Image = webtier.Image{}; return a },
	} {
		run, err := testutil.Do(program(args(), "web"))
		require.ErrorIs(t, err, webtier.ErrArgs, name)
		assert.ErrorContains(t, err, name, "it says which field it is about")
		assert.Empty(t, run.All(""), name)
	}
}

func TestArm(t *testing.T) {
	t.Parallel()
	for instanceType, want := range map[string]bool{
		"t4g.small": true, "m7gd.xlarge": true, "c7gn.large": true, "a1.large": true, "x2gd.metal": true,
		"t3.small": false, "g4dn.xlarge": false, "m6i.large": false, "nonsense": false,
	} {
		assert.Equal(t, want, webtier.Arm(instanceType), instanceType)
	}
}
