package webtier_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	instance    = "aws:ec2/instance:Instance"
	association = "aws:ssm/association:Association"
	template    = "aws:ec2/launchTemplate:LaunchTemplate"
	group       = "aws:autoscaling/group:Group"
	settings    = "aws:ssm/parameter:Parameter"
)

var debian = webtier.Image{ID: "ami-0123456789abcdef0", RootDevice: "/dev/xvda", Pinned: true}

func phase1() webtier.Args {
	return webtier.Args{
		Region: testutil.Region, SubnetIDs: pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}), SecurityGroupID: pulumi.String("sg-1"),
		Image: debian, Generation: 1, InstanceType: "t3.small", RootVolumeSize: 20,
		Settings: webtier.Settings{SecretARN: pulumi.String("arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys")},
		Tags:     map[string]string{"Project": "webphases"},
		Server:   &webtier.ServerArgs{Protect: true},
	}
}

func phase2() webtier.Args {
	args := phase1()
	args.Settings.Database = &webtier.DatabaseSettings{Host: pulumi.String("db.example.com"), Port: pulumi.Int(3306), Name: "wordpress"}
	args.Settings.Storage = &webtier.StorageSettings{FileSystemID: pulumi.String("fs-01234567"), AccessPointID: pulumi.String("fsap-01234567")}
	args.Server.Protect = false
	return args
}

func phase3() webtier.Args {
	args := phase2()
	args.Server = nil
	args.Group = &webtier.GroupArgs{
		MinSize: 2, MaxSize: 4, TargetCPUPercent: 50, GraceSeconds: 300, RebootForImage: true, TargetGroupARN: pulumi.String("arn:aws:tg"),
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
		webtier.Type: 1, "aws:iam/role:Role": 1, "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1, "aws:iam/rolePolicy:RolePolicy": 1,
		"aws:iam/instanceProfile:InstanceProfile": 1, settings: 1, instance: 1,
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
	address := map[string]int{"aws:ec2/eip:Eip": 1, "aws:ec2/eipAssociation:EipAssociation": 1}
	assert.Equal(t, plus(address), build(t, phase1()).Census())
	address[association], address["aws:ssm/document:Document"] = 1, 1
	assert.Equal(t, plus(address), build(t, phase2()).Census())
	assert.Equal(t, plus(map[string]int{
		association: 1, "aws:ssm/document:Document": 1, "aws:ec2/amiFromInstance:AmiFromInstance": 1,
		"aws:ec2transitgateway/instanceState:InstanceState": 1, template: 1, group: 1, "aws:autoscaling/policy:Policy": 1,
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
			assert.True(t, server.Input("associatePublicIpAddress").IsNull(), "an explicit value would replace the server once its Elastic IP shows")
		}
	}
	lt := build(t, phase3()).Get(t, template, "web")
	assert.Equal(t, "required", lt.String("metadataOptions.httpTokens"))
	assert.Equal(t, "/dev/xvda", lt.String("blockDeviceMappings[0].deviceName"))
	assert.Equal(t, "true", lt.String("blockDeviceMappings[0].ebs.encrypted"))
	assert.Equal(t, "true", lt.String("blockDeviceMappings[0].ebs.deleteOnTermination"))
	assert.Equal(t, "sg-1", lt.String("vpcSecurityGroupIds[0]"))
}

// The role may read one secret and use Session Manager.
func TestTheRoleReadsOneSecret(t *testing.T) {
	t.Parallel()
	run := build(t, phase2())
	var document struct {
		Statement []struct{ Effect, Action, Resource string }
	}
	require.NoError(t, json.Unmarshal([]byte(run.Get(t, "aws:iam/rolePolicy:RolePolicy", "web-secret").String("policy")), &document))
	require.Len(t, document.Statement, 1)
	assert.Equal(t, "secretsmanager:GetSecretValue", document.Statement[0].Action)
	assert.Equal(t, "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys", document.Statement[0].Resource)
	assert.Equal(t, "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
		run.Get(t, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "web-session-manager").String("policyArn"))
}

func TestSettings(t *testing.T) {
	t.Parallel()
	local := build(t, phase1()).Get(t, settings, "web-settings")
	assert.Equal(t, "String", local.String("type"), "no secret: a preview shows what changes")
	assert.JSONEq(t, `{"region":"ap-northeast-1","secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys",
		"database":{"local":true},"site":{"domain":"","behindLoadBalancer":false,"tlsAtLoadBalancer":false}}`, local.String("insecureValue"))
	args := phase3()
	args.Settings.Domain, args.Settings.TLS = "www.example.com", true
	assert.JSONEq(t, `{"region":"ap-northeast-1","secretArn":"arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:keys",
		"database":{"host":"db.example.com","port":3306,"name":"wordpress"},
		"storage":{"fileSystemId":"fs-01234567","accessPointId":"fsap-01234567"},
		"site":{"domain":"www.example.com","behindLoadBalancer":true,"tlsAtLoadBalancer":true}}`,
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
	assert.ElementsMatch(t, []string{"ami", "userData"}, server.IgnoreChanges, "a new release replaces nothing")
	builder := build(t, phase3()).Get(t, instance, "web-builder-g1")
	assert.ElementsMatch(t, []string{"ami", "instanceType"}, builder.IgnoreChanges)
	assert.True(t, builder.Input("userDataReplaceOnChange").BoolValue(), "new scripts are baked anew")

	given := phase1()
	given.Image.Pinned, given.Generation = false, 2
	server = build(t, given).Get(t, instance, "web-server-g2")
	assert.Equal(t, []string{"userData"}, server.IgnoreChanges, "a given image is a decision")
}

// A server cannot change its processor in place: its image is for one only.
func TestAnotherProcessorIsAnotherServer(t *testing.T) {
	t.Parallel()
	arm := phase3()
	arm.InstanceType = "t4g.small"
	run := build(t, arm)
	assert.Equal(t, "t4g.small", run.Get(t, instance, "web-builder-g1-arm64").String("instanceType"))
	assert.Equal(t, testutil.ID("aws:ec2/amiFromInstance:AmiFromInstance", "web-image-g1-arm64"), run.Get(t, template, "web").String("imageId"))
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

func TestTheElasticIPMovesWithTheServer(t *testing.T) {
	t.Parallel()
	run := build(t, phase1())
	a := run.Get(t, "aws:ec2/eipAssociation:EipAssociation", "web-address")
	assert.True(t, a.Input("allowReassociation").BoolValue())
	assert.Equal(t, testutil.ID(instance, "web-server-g1"), a.String("instanceId"))
	assert.True(t, run.Get(t, "aws:ec2/eip:Eip", "web-address").Input("instance").IsNull(), "the association is a resource of its own")
}

// The image is made only after the builder reports that it is baked, and the
// group starts from that image.
func TestGoldenImage(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	bake, image := run.Get(t, association, "web-bake-g1"), run.Get(t, "aws:ec2/amiFromInstance:AmiFromInstance", "web-image-g1")
	assert.Equal(t, testutil.ID(instance, "web-builder-g1"), bake.String("targets[0].values[0]"))
	assert.Positive(t, bake.Input("waitForSuccessTimeoutSeconds").NumberValue(), "Pulumi waits")
	assert.Equal(t, []string{"targets"}, bake.ReplaceOn, "the provider would not wait for another builder otherwise")
	assert.Contains(t, image.Dependencies, "urn:pulumi:test::webphases::webphases:index:WebTier$aws:ssm/association:Association::web-bake-g1")
	assert.Equal(t, testutil.ID(instance, "web-builder-g1"), image.String("sourceInstanceId"))
	assert.False(t, image.Input("snapshotWithoutReboot").BoolValue())
	assert.Equal(t, testutil.ID(image.Token, image.Name), run.Get(t, template, "web").String("imageId"))
	stop := run.Get(t, "aws:ec2transitgateway/instanceState:InstanceState", "web-builder-g1")
	assert.Equal(t, "stopped", stop.String("state"))
	assert.Contains(t, stop.Dependencies, "urn:pulumi:test::webphases::webphases:index:WebTier$aws:ec2/amiFromInstance:AmiFromInstance::web-image-g1")

	fast := phase3()
	fast.Group.RebootForImage = false
	assert.True(t, build(t, fast).Get(t, "aws:ec2/amiFromInstance:AmiFromInstance", "web-image-g1").Input("snapshotWithoutReboot").BoolValue())
}

func TestGroup(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	g := run.Get(t, group, "web")
	for input, want := range map[string]float64{"minSize": 2, "maxSize": 4, "minElbCapacity": 2, "healthCheckGracePeriod": 300} {
		assert.Equal(t, want, g.Input(input).NumberValue(), input)
	}
	assert.Equal(t, "ELB", g.String("healthCheckType"))
	assert.Equal(t, "arn:aws:tg", g.String("targetGroupArns[0]"))
	assert.Equal(t, "subnet-2", g.String("vpcZoneIdentifiers[1]"))
	assert.Equal(t, "1", g.String("launchTemplate.version"), "a number: a new version starts a refresh, and can be rolled back")
	assert.True(t, g.Input("instanceRefresh.preferences.autoRollback").BoolValue())
	assert.True(t, g.Input("desiredCapacity").IsNull(), "the scaling policy's")
	assert.True(t, g.Input("tags[0].propagateAtLaunch").BoolValue())

	fixed := phase3()
	fixed.Group.DesiredSize, fixed.Group.TargetCPUPercent = 3, 0
	run = build(t, fixed)
	assert.Equal(t, 3.0, run.Get(t, group, "web").Input("desiredCapacity").NumberValue())
	assert.Zero(t, run.Census()["aws:autoscaling/policy:Policy"])
}

func TestMigrateRunsOnTheServer(t *testing.T) {
	t.Parallel()
	run := build(t, phase2())
	migrate := run.Get(t, association, "web-migrate")
	assert.Equal(t, testutil.ID(instance, "web-server-g1"), migrate.String("targets[0].values[0]"))
	assert.Positive(t, migrate.Input("waitForSuccessTimeoutSeconds").NumberValue())
	assert.LessOrEqual(t, len(run.Get(t, "aws:ssm/document:Document", "web-migrate").String("content")), 65536, "what SSM takes")
}

func TestKeyPair(t *testing.T) {
	t.Parallel()
	assert.Zero(t, build(t, phase1()).Census()["aws:ec2/keyPair:KeyPair"])
	args := phase1()
	args.SSHPublicKey = "ssh-ed25519 AAAA"
	run := build(t, args)
	assert.Equal(t, "ssh-ed25519 AAAA", run.Get(t, "aws:ec2/keyPair:KeyPair", "web").String("publicKey"))
	assert.Equal(t, "web-keyName", run.Get(t, instance, "web-server-g1").String("keyName"))
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]func() webtier.Args{
		"neither":         func() webtier.Args { a := phase1(); a.Server = nil; return a },
		"both":            func() webtier.Args { a := phase3(); a.Server = &webtier.ServerArgs{}; return a },
		"generation":      func() webtier.Args { a := phase1(); a.Generation = 0; return a },
		"no secret":       func() webtier.Args { a := phase1(); a.Settings.SecretARN = nil; return a },
		"half the data":   func() webtier.Args { a := phase2(); a.Settings.Storage = nil; return a },
		"group with data": func() webtier.Args { a := phase3(); a.Settings = phase1().Settings; return a },
		"sizes":           func() webtier.Args { a := phase3(); a.Group.MaxSize = 1; return a },
		"desired":         func() webtier.Args { a := phase3(); a.Group.DesiredSize = 9; return a },
		"no target group": func() webtier.Args { a := phase3(); a.Group.TargetGroupARN = nil; return a },
		"no subnets":      func() webtier.Args { a := phase1(); a.SubnetIDs = nil; return a },
		"no image":        func() webtier.Args { a := phase1(); a.Image = webtier.Image{}; return a },
	} {
		run, err := testutil.Do(program(args(), "web"))
		require.ErrorIs(t, err, webtier.ErrArgs, name)
		assert.Empty(t, run.All(""), name)
	}
}

// A new revision of the settings has running servers read them again, after they
// serve; without one nobody waits for that.
func TestRevision(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   webtier.Args
		script string
		more   int // associations
	}{{phase1(), "configure", 1}, {phase2(), "migrate", 0}, {phase3(), "configure", 1}} { // migrate ends in configure
		args := c.args
		before := build(t, args).Census()[association]
		args.Revision = "r1"
		name := "web-" + c.script + "-r1"
		run := build(t, args)
		assert.Equal(t, before+c.more, run.Census()[association])
		again := run.Get(t, association, name)
		if args.Group != nil {
			assert.Equal(t, "tag:aws:autoscaling:groupName", again.String("targets[0].key"))
			assert.Equal(t, "web-name", again.String("targets[0].values[0]"), "the group's name")
		} else {
			assert.Equal(t, testutil.ID(instance, "web-server-g1"), again.String("targets[0].values[0]"))
		}
		document := run.Get(t, "aws:ssm/document:Document", name)
		assert.Contains(t, document.String("content"), "exec /opt/webphases/bin/"+c.script)
	}
}
