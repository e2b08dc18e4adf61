package facts

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTableHoldsWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	table := AWS()
	assert.Equal(t, "6.83.2", table.Version)
	assert.GreaterOrEqual(t, len(table.Tokens()), 66)

	subnet, ok := table.Resource("aws:ec2/subnet:Subnet")
	require.True(t, ok)
	assert.Equal(t, Property{Type: Type{Kind: String}, Required: true, Replace: true}, subnet.Inputs["vpcId"])
	assert.True(t, subnet.Inputs["availabilityZone"].Computed)
	assert.Contains(t, subnet.Outputs, "arn")
	assert.NotContains(t, subnet.Inputs, "arn")

	db, _ := table.Resource("aws:rds/instance:Instance")
	assert.True(t, db.Inputs["password"].Secret)
	server, _ := table.Resource("aws:ec2/instance:Instance")
	assert.True(t, server.Inputs["rootBlockDevice"].Type.Fields["encrypted"].Replace, "nested properties replace too")
	password, _ := table.Resource("random:index/randomPassword:RandomPassword")
	assert.True(t, password.Outputs["result"].Secret)
	_, ok = table.Resource("aws:wafv2/webAclAssociation:WebAclAssociation")
	assert.True(t, ok, "the hand-kept entries are merged in")
	_, ok = table.Function("aws:ec2/getAmi:getAmi")
	assert.True(t, ok)
}

func TestCheckInputs(t *testing.T) {
	t.Parallel()
	sound := map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24", "tags": map[string]any{"Name": "a"}}
	for _, c := range []struct {
		name, token string
		change      func(resource.PropertyMap)
		want        []string
	}{
		{"sound", "aws:ec2/subnet:Subnet", func(resource.PropertyMap) {}, nil},
		{"misspelt", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["mapPublicIpOnLunch"] = resource.NewBoolProperty(true)
		}, []string{`mapPublicIpOnLunch: unknown property (did you mean "mapPublicIpOnLaunch"?)`}},
		{"nothing near", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["q"] = resource.NewBoolProperty(true)
		}, []string{"q: unknown property"}},
		{"missing", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) { delete(m, "vpcId") },
			[]string{"vpcId: missing required property"}},
		{"ill-typed", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["mapPublicIpOnLaunch"] = resource.NewStringProperty("true")
			m["enableLniAtDeviceIndex"] = resource.NewNumberProperty(1.5)
		}, []string{"enableLniAtDeviceIndex: want an integer, got 1.5", "mapPublicIpOnLaunch: want a boolean, got string"}},
		{"in a map", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["tags"] = resource.NewPropertyValue(map[string]any{"n": 3})
		}, []string{"tags.n: want a string, got number"}},
		{"unknown and secret are fine", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["vpcId"] = resource.MakeComputed(resource.NewStringProperty(""))
			m["cidrBlock"] = resource.MakeSecret(resource.NewStringProperty("10.0.0.0/24"))
			m["__defaults"] = resource.NewArrayProperty(nil)
		}, nil},
		{"secrets are looked into", "aws:ec2/subnet:Subnet", func(m resource.PropertyMap) {
			m["cidrBlock"] = resource.MakeSecret(resource.NewNumberProperty(3))
		}, []string{"cidrBlock: want a string, got number"}},
		{"nested", "aws:lb/listener:Listener", func(m resource.PropertyMap) {
			clear(m)
			m["loadBalancerArn"] = resource.NewStringProperty("arn")
			m["defaultActions"] = resource.NewPropertyValue([]any{map[string]any{"typ": "forward"}})
		}, []string{"defaultActions[0].typ: unknown property (did you mean \"type\"?)", "defaultActions[0].type: missing required property"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, ok := AWS().Resource(c.token)
			require.True(t, ok)
			in := resource.NewPropertyMapFromMap(sound)
			c.change(in)
			var got []string
			for _, p := range r.CheckInputs(in) {
				got = append(got, p.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
}
