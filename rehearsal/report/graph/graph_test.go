package graph_test

import (
	"strings"
	"testing"

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
