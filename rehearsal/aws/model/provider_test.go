package model

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

func TestIDsLookLikeAWSAndAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	first, second := newWorld(t), newWorld(t)
	one, two := first.lab(), second.lab()
	assert.Regexp(t, `^vpc-[0-9a-f]{17}$`, one.vpc.id)
	assert.Regexp(t, `^subnet-[0-9a-f]{17}$`, one.a.id)
	assert.Equal(t, one.vpc.props, two.vpc.props)
	assert.Equal(t, one.a.props, two.a.props)
	assert.NotEqual(t, one.a.id, one.c.id)

	again := first.make(catalog.EC2SecurityGroup, "group", m{"vpcId": one.vpc.id})
	assert.NotEqual(t, one.group.id, again.id, "a replacement is another one")
	assert.NotEqual(t, one.group.props["name"], again.props["name"])

	server, err := first.server(one, "web", m{"associatePublicIpAddress": true})
	require.NoError(t, err)
	assert.Regexp(t, `^203\.0\.113\.\d+$`, server.props["publicIp"].StringValue(), "an address that belongs to nobody")
	assert.Regexp(t, `^10\.0\.0\.\d+$`, server.props["privateIp"].StringValue())
	assert.Equal(t, "arn:aws:ec2:ap-northeast-1:123456789012:instance/"+server.id, server.props["arn"].StringValue())
}

func TestPreviewKnowsInputsAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in, failures := w.check(catalog.EC2VPC, "vpc", nil, m{"cidrBlock": "10.0.0.0/16", "tags": m{"a": "b"}})
	require.Empty(t, failures)
	res, err := w.providers["aws"].Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(catalog.EC2VPC, "vpc"), Properties: in, Preview: true})
	require.NoError(t, err)
	props := w.unpack(res.GetProperties())
	assert.Equal(t, "10.0.0.0/16", props["cidrBlock"].StringValue())
	assert.True(t, props["arn"].IsComputed())
	assert.True(t, props["enableDnsHostnames"].IsComputed(), "AWS decides")
	assert.True(t, props["tagsAll"].IsObject())
	assert.Empty(t, w.cloud.All(), "a preview changes nothing")
}

func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	db, err := w.database(w.lab(), "db", nil)
	require.NoError(t, err)
	assert.True(t, db.props["password"].IsSecret())
	assert.False(t, db.props["endpoint"].IsSecret())

	password := w.make(catalog.RandomPassword, "p", m{"length": 32, "minNumeric": 2, "minSpecial": 2, "overrideSpecial": "!_"})
	require.True(t, password.props["result"].IsSecret())
	result := password.props["result"].SecretValue().Element.StringValue()
	assert.Regexp(t, `^[A-Za-z0-9!_]{32}$`, result)
	assert.Regexp(t, `[0-9].*[0-9]`, result)
	assert.Regexp(t, `[!_].*[!_]`, result)
	d, _ := w.diff(password, m{"length": 33, "minNumeric": 2, "minSpecial": 2, "overrideSpecial": "!_"})
	assert.Equal(t, []string{"length"}, d.GetReplaces())

	other := w.make(catalog.RandomPassword, "q", m{"length": 32})
	assert.NotEqual(t, result, other.props["result"].SecretValue().Element.StringValue())
}

func TestRandomID(t *testing.T) {
	t.Parallel()
	id := newWorld(t).make(catalog.RandomID, "id", m{"byteLength": 4, "prefix": "final-"})
	assert.Regexp(t, `^final-[0-9a-f]{8}$`, id.props["hex"].StringValue())
	assert.Regexp(t, `^final-[0-9]+$`, id.props["dec"].StringValue())
	assert.Equal(t, "final-"+id.id, id.props["b64Url"].StringValue())
}

func TestWhatIsNotModelledIsRefusedByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.providers["aws"].Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf("aws:sqs/queue:Queue", "q")})
	assert.ErrorContains(t, err, "does not model aws:sqs/queue:Queue")
	_, err = w.providers["aws"].Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "aws:ec2/getVpc:getVpc"})
	assert.ErrorContains(t, err, "does not model the lookup aws:ec2/getVpc:getVpc")
	_, err = w.providers["aws"].Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf(catalog.RDSSnapshot, "s")})
	assert.ErrorContains(t, err, "does not model aws:rds/snapshot:Snapshot", "databases leave them, programs cannot make them")

	for config, want := range map[string]string{"region": "missing region", "endpoints": "does not model the provider setting aws:endpoints"} {
		in := m{"region": "eu-west-1", config: ""}
		res, err := w.providers["aws"].CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: w.pack(in)})
		require.NoError(t, err)
		require.Len(t, res.GetFailures(), 1)
		assert.Contains(t, res.GetFailures()[0].GetReason(), want)
	}
	res, err := w.providers["aws"].CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: w.pack(m{"region": "mars-north-1"})})
	require.NoError(t, err)
	assert.Contains(t, res.GetFailures()[0].GetReason(), "invalid AWS Region: mars-north-1")
}

func TestDefaultTags(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, m{"region": "eu-west-1", "defaultTags": `{"tags":{"project":"webphases","stack":"dev"}}`}, nil)
	vpc := w.make(catalog.EC2VPC, "vpc", m{"cidrBlock": "10.0.0.0/16", "tags": m{"stack": "mine"}})
	assert.Equal(t, m{"project": "webphases", "stack": "mine"}, vpc.props["tagsAll"].Mappable())
}

// A provider of another region is configured on a connection of its own, and does not
// move the first one.
func TestTwoRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := Connections{}.TagConn(t.Context(), nil)
	_, err := w.providers["aws"].Configure(far, &pulumirpc.ConfigureRequest{Args: w.pack(m{"region": "eu-west-1"})})
	require.NoError(t, err)
	assert.Contains(t, w.make(catalog.BackupVault, "near", m{"name": "near"}).props["arn"].StringValue(), ":ap-northeast-1:")
	w.on = far
	assert.Contains(t, w.make(catalog.BackupVault, "far", m{"name": "far"}).props["arn"].StringValue(), ":eu-west-1:")
}

// A vault goes only when it is empty, and a plan has what it backs up in its vault a day later.
func TestBackups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	database, err := w.database(l, "site", m{"skipFinalSnapshot": true})
	require.NoError(t, err)
	vault := w.make(catalog.BackupVault, "vault", m{"name": "vault"})
	rule := m{"ruleName": "daily", "targetVaultName": "vault", "schedule": "cron(30 20 * * ? *)", "startWindow": 60, "completionWindow": 720}
	plan := w.make(catalog.BackupPlan, "plan", m{"name": "plan", "rules": []any{rule}})
	role := w.make(catalog.IAMRole, "role", m{"name": "role", "assumeRolePolicy": "{}"})
	selection := w.make(catalog.BackupSelection, "selection", m{
		"name": "database", "planId": plan.id, "iamRoleArn": role.props["arn"].StringValue(), "resources": []any{database.props["arn"].StringValue()},
	})
	made, err := BackUp(w.cloud)
	require.NoError(t, err)
	require.Len(t, made, 1)
	assert.Equal(t, "mysql", w.cloud.Get(catalog.RDSSnapshot, made[0]).Str("engine"))
	assert.ErrorContains(t, w.delete(plan), "DependencyViolation", "its selections go first")
	require.NoError(t, w.delete(selection))
	require.NoError(t, w.delete(plan))
	assert.ErrorContains(t, w.delete(vault), "contains recovery points")
}

func TestReadSeesTheCloudAndNotTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	read := func(a *thing) *pulumirpc.ReadResponse {
		res, err := w.providers["aws"].Read(t.Context(), &pulumirpc.ReadRequest{Id: a.id, Urn: urnOf(a.typ, a.name), Inputs: a.in, Properties: a.out})
		require.NoError(t, err)
		return res
	}
	assert.Equal(t, w.unpack(l.a.out), w.unpack(read(l.a).GetProperties()), "without drift nothing differs")
	assert.Equal(t, w.unpack(l.a.in), w.unpack(read(l.a).GetInputs()))

	drifted := *w.cloud.Get(catalog.EC2Subnet, l.a.id)
	drifted.Inputs, drifted.Outputs = drifted.Inputs.Copy(), drifted.Outputs.Copy()
	drifted.Inputs["mapPublicIpOnLaunch"], drifted.Outputs["mapPublicIpOnLaunch"] = resource.NewBoolProperty(true), resource.NewBoolProperty(true)
	require.NoError(t, w.cloud.Put(&drifted))
	assert.True(t, w.unpack(read(l.a).GetInputs())["mapPublicIpOnLaunch"].BoolValue())

	require.NoError(t, w.cloud.Delete(catalog.EC2Subnet, l.a.id))
	assert.Empty(t, read(l.a).GetId())
	_, err := w.update(l.a, m{"vpcId": l.vpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "ap-northeast-1a", "mapPublicIpOnLaunch": true}, false)
	assert.ErrorContains(t, err, "does not exist any more")
}

func TestCertificateIsIssuedOnceItsRecordsExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cert := w.make(catalog.ACMCertificate, "c", m{"domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com", "www.example.com"}, "validationMethod": "DNS"})
	options := cert.props["domainValidationOptions"].ArrayValue()
	require.Len(t, options, 3)
	validation := m{"certificateArn": cert.id}
	_, err := w.try(catalog.ACMCertificateValidation, "v", validation)
	assert.ErrorContains(t, err, "validation records do not exist")
	names := map[string]bool{}
	for _, o := range options {
		names[o.ObjectValue()["resourceRecordName"].StringValue()] = true
	}
	assert.Len(t, names, 2, "a wildcard shares its domain's record")
	for name := range names {
		w.make(catalog.Route53Record, name, m{"zoneId": "Z0123456789ABCDEFGHIJ", "name": name, "type": "CNAME", "ttl": 60, "records": []any{"x"}})
	}
	w.make(catalog.ACMCertificateValidation, "v", validation)
}
