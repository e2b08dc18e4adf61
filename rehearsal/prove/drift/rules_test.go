package drift_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/prove/drift"
)

// A group as the provider reads it: entries with several peers, a rule for the
// group itself, all protocols, and the three kinds of peers beside ranges.
const export = `{"version": 3, "deployment": {"resources": [
  {"type": "aws:ec2/securityGroup:SecurityGroup", "urn": "urn:pulumi:prod::webphases::aws:ec2/securityGroup:SecurityGroup::web", "id": "sg-1", "custom": true,
   "outputs": {"arn": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
     "ingress": [
       {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8", "192.0.2.0/24"], "self": true},
       {"protocol": "udp", "fromPort": 5000, "toPort": 5010, "ipv6CidrBlocks": ["::/0"]}],
     "egress": [
       {"protocol": "-1", "fromPort": 0, "toPort": 0, "prefixListIds": ["pl-1"]},
       {"protocol": "-1", "fromPort": 0, "toPort": 0, "securityGroups": ["sg-2"]}]}},
  {"type": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "urn": "urn:pulumi:prod::webphases::aws:vpc/x:X::one", "id": "sgr-1", "custom": true,
   "outputs": {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "10.0.0.0/8"}},
  {"type": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "urn": "urn:pulumi:prod::webphases::aws:vpc/x:X::two", "id": "sgr-2", "custom": true,
   "outputs": {"securityGroupId": "sg-1", "ipProtocol": "-1", "fromPort": -1, "toPort": -1, "referencedSecurityGroupId": "sg-2"}}
]}}`

func TestFindForeign(t *testing.T) {
	t.Parallel()
	found, err := drift.FindForeign([]byte(export))
	require.NoError(t, err)
	got := map[string]string{}
	for _, f := range found {
		got[f.String()] = f.Revoke()
	}
	const revoke = "aws ec2 revoke-security-group-ingress --region eu-west-1 --group-id sg-1 --ip-permissions "
	assert.Equal(t, map[string]string{
		"tcp 80 from 192.0.2.0/24 in web": revoke + "'IpProtocol=tcp,FromPort=80,ToPort=80,IpRanges=[{CidrIp=192.0.2.0/24}]'",
		"tcp 80 from sg-1 in web":         revoke + "'IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{GroupId=sg-1}]'",
		"udp 5000-5010 from ::/0 in web":  revoke + "'IpProtocol=udp,FromPort=5000,ToPort=5010,Ipv6Ranges=[{CidrIpv6=::/0}]'",
		"everything to pl-1 in web":       "aws ec2 revoke-security-group-egress --region eu-west-1 --group-id sg-1 --ip-permissions 'IpProtocol=-1,PrefixListIds=[{PrefixListId=pl-1}]'",
	}, got)

	for _, text := range []string{"", "{", `{"deployment": 1}`} {
		_, err := drift.FindForeign([]byte(text))
		assert.ErrorContains(t, err, "pulumi stack export", text)
	}
}
