package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

const prefix = "urn:pulumi:prod::shop::"

const export = `{"version": 3, "deployment": {"manifest": {}, "resources": [
	{"urn": "` + prefix + `pulumi:pulumi:Stack::shop-prod", "type": "pulumi:pulumi:Stack"},
	{"urn": "` + prefix + `pulumi:providers:aws::default", "type": "pulumi:providers:aws", "custom": true, "inputs": {"region": "eu-west-1"}},
	{"urn": "` + prefix + `webphases:index:Network::network", "type": "webphases:index:Network"},
	{"urn": "` + prefix + `webphases:index:Network$aws:ec2/vpc:Vpc::vpc", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-1",
	 "parent": "` + prefix + `webphases:index:Network::network", "protect": true,
	 "inputs": {"cidrBlock": "10.0.0.0/16", "__defaults": []}, "outputs": {"id": "vpc-1", "tags": {"Name": "shop"}, "count": 3}},
	{"urn": "` + prefix + `webphases:index:Network$aws:ec2/vpc:Vpc::old", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-0", "delete": true},
	{"urn": "` + prefix + `aws:rds/instance:Instance::db", "type": "aws:rds/instance:Instance", "custom": true, "id": "db-1",
	 "inputs": {"password": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}},
	 "outputs": {"vpcs": ["vpc-1"], "multiAz": true},
	 "dependencies": ["` + prefix + `webphases:index:Network::network"],
	 "propertyDependencies": {"subnet": ["` + prefix + `webphases:index:Network$aws:ec2/vpc:Vpc::vpc"], "plain": null}}
]}}`

func TestRead(t *testing.T) {
	t.Parallel()
	g, err := graph.Read(strings.NewReader(export))
	require.NoError(t, err)
	assert.Equal(t, []string{"shop", "prod", "eu-west-1"}, []string{g.Project, g.Stack, g.Region})
	require.Len(t, g.Resources, 3, "without the stack, the provider and what waits for its deletion")

	vpc := g.OfType(catalog.EC2VPC)[0]
	assert.Equal(t, "network", vpc.Component())
	assert.Equal(t, "10.0.0.0/16", vpc.Str("cidrBlock"), "an input that the provider did not report")
	assert.Equal(t, "shop", vpc.Str("tags.Name"))
	assert.Equal(t, 3, vpc.Int("count"))
	assert.True(t, vpc.Protect)
	assert.NotContains(t, vpc.Properties, "__defaults")
	assert.Same(t, vpc, g.With(catalog.EC2VPC, "id", "vpc-1"))
	assert.Nil(t, g.With(catalog.EC2VPC, "id", ""))

	db := g.OfType(catalog.RDSInstance)[0]
	assert.Equal(t, graph.Secret, db.Str("password"))
	assert.True(t, db.True("multiAz"))
	assert.Equal(t, []string{"vpc-1"}, db.Texts("vpcs"))
	assert.Equal(t, []*graph.Resource{vpc}, db.Needs, "a component stands for its children, each once")
	assert.Equal(t, map[string][]*graph.Resource{"subnet": {vpc}}, db.NeedsFor)
}

func TestReadRefusesWhatIsNoExport(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{}", `{"version": 1}`, `{"version": 3, "deployment": {}}`} {
		_, err := graph.Read(strings.NewReader(text))
		require.ErrorIs(t, err, graph.ErrExport, text)
	}
}

const plan = `{"resources": [
	{"urn": "` + prefix + `pulumi:providers:aws::eu-west-3", "type": "pulumi:providers:aws", "custom": true, "inputs": {"region": "eu-west-3"}},
	{"urn": "` + prefix + `pulumi:providers:aws::default_6", "type": "pulumi:providers:aws", "custom": true, "inputs": {"region": "eu-west-1"}},
	{"urn": "` + prefix + `pulumi:providers:aws::us-east-1", "type": "pulumi:providers:aws", "custom": true, "inputs": {"region": "us-east-1"}},
	{"urn": "` + prefix + `aws:ec2/vpc:Vpc::old", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-1", "inputs": {"cidrBlock": "10.0.0.0/16"}},
	{"urn": "` + prefix + `aws:ec2/vpc:Vpc::new", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "` + graph.Unknown + `",
	 "inputs": {"arn": "` + graph.Unknown + `", "rules": [{"port": "` + graph.Unknown + `"}, "` + graph.Unknown + `", "known"]}}
]}`

// What is not known reads as nothing, and a check that has read it is not decided.
func TestPlan(t *testing.T) {
	t.Parallel()
	var deployment apitype.DeploymentV3
	require.NoError(t, json.Unmarshal([]byte(plan), &deployment))
	g := graph.From(deployment)
	assert.Equal(t, "eu-west-1", g.Region, "that of the default provider")
	planned := g.OfType(catalog.EC2VPC)[1]
	for name, c := range map[string]struct {
		read    func() any
		want    any
		decided bool
	}{
		"known text":                   {func() any { return g.OfType(catalog.EC2VPC)[0].Str("cidrBlock") }, "10.0.0.0/16", true},
		"absent":                       {func() any { return planned.Str("cidrBlock") }, "", true},
		"text":                         {func() any { return planned.Str("arn") }, "", false},
		"below it":                     {func() any { return planned.Int("arn.size") }, 0, false},
		"in an object":                 {func() any { return planned.Objects("rules")[0].Str("port") }, "", false},
		"in a list":                    {func() any { return planned.Texts("rules") }, []string{"known"}, false},
		"as an object of a list":       {func() any { return len(planned.Objects("rules")) }, 1, false},
		"found by what is known":       {func() any { return g.With(catalog.EC2VPC, "id", "vpc-1").Name }, "old", true},
		"another may have that ID":     {func() any { return g.With(catalog.EC2VPC, "id", "vpc-2") == nil }, true, false},
		"another may have that ARN":    {func() any { return g.With(catalog.EC2VPC, "arn", "arn:x") == nil }, true, false},
		"none can have that range":     {func() any { return g.With(catalog.EC2VPC, "cidrBlock", "10.1.0.0/16") == nil }, true, true},
		"looked for by an unknown ID":  {func() any { return g.With(catalog.EC2FlowLog, "vpcId", planned.ID) == nil }, true, false},
		"looked for by nothing at all": {func() any { return g.With(catalog.EC2FlowLog, "vpcId", "") == nil }, true, true},
	} {
		var got any
		assert.Equal(t, c.decided, g.Decided(func() { got = c.read() }), name)
		assert.Equal(t, c.want, got, name)
	}
}
