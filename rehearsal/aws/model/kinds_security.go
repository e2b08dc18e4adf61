package model

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

var aclRef = Ref{Path: "networkAclId", To: catalog.EC2NetworkACL}

var securityKinds = []Kind{
	{
		Token: catalog.EC2SecurityGroup, ID: "sg-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "security-group/{id}", "ownerId", "{account}"},
		Defaults: map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
		Name:     &Naming{Property: "name", Max: 255, Prefix: "namePrefix"},
		Refs:     []Ref{vpcRef, {Path: "ingress[*].securityGroups[*]", To: catalog.EC2SecurityGroup}, {Path: "egress[*].securityGroups[*]", To: catalog.EC2SecurityGroup}},
		Sets:     []string{"ingress", "egress"},
		Rules: []Rule{
			matches("description", `^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`, "up to 255 of the characters a-z A-Z 0-9 space . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *"),
		},
		Unique: []Unique{{Paths: []string{"vpcId", "name"}, Code: "InvalidGroup.Duplicate", What: "the security group"}},
		Delete: deleteGroup,
		Live:   listRules,
	},
	{
		Token: catalog.EC2DefaultSecurityGroup, ID: "sg-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "security-group/{id}", "ownerId", "{account}", "name", "default", "description", "default VPC security group"},
		Defaults: map[string]any{"revokeRulesOnDelete": false},
		Refs:     []Ref{vpcRef},
		Unique:   []Unique{{Paths: []string{"vpcId"}, Code: "AlreadyAdopted", What: "the default security group"}},
		Sets:     []string{"ingress", "egress"},
		Apply: func(c *change) error {
			// It is not made but taken over: it came with the VPC.
			if c.old == nil {
				c.id = c.cloud.Get(catalog.EC2VPC, str(c.in, "vpcId")).Str("defaultSecurityGroupId")
			}
			return nil
		},
	},
	groupRule(catalog.VPCSecurityGroupIngressRule),
	groupRule(catalog.VPCSecurityGroupEgressRule),
	{
		Token: catalog.EC2NetworkACL, ID: "acl-{hex17}",
		Outputs: []string{"arn", ec2Arn + "network-acl/{id}", "ownerId", "{account}"},
		Refs:    []Ref{vpcRef, {Path: "subnetIds[*]", To: catalog.EC2Subnet}},
		Sets:    []string{"ingress", "egress", "subnetIds"},
		Apply: func(c *change) error {
			if err := oneAclPerSubnet(c); err != nil {
				return err
			}
			return sameVpc(c, str(c.in, "vpcId"), strs(c.in, "subnetIds[*]")...)
		},
	},
	{
		Token: catalog.EC2NetworkACLRule, ID: "nacl-{digits10}",
		Defaults: map[string]any{"egress": false},
		Refs:     []Ref{aclRef},
		Rules: []Rule{
			between("ruleNumber", 1, 32766), oneOf("ruleAction", "allow", "deny"), exactlyOne("cidrBlock", "ipv6CidrBlock"), cidr("cidrBlock", 0, 32),
			between("fromPort", 0, 65535), between("toPort", 0, 65535), portsInOrder,
		},
		Unique: []Unique{{
			Paths: []string{"networkAclId", "ruleNumber", "egress"}, Code: "NetworkAclEntryAlreadyExists", What: "the network ACL entry",
		}},
	},
}

func groupRule(token string) Kind {
	return Kind{
		Token: token, ID: "sgr-{hex17}",
		Outputs: []string{"arn", ec2Arn + "security-group-rule/{id}", "securityGroupRuleId", "{id}"},
		// A group goes together with its own rules; the rules of others hold it.
		Refs: []Ref{{Path: "securityGroupId", To: catalog.EC2SecurityGroup, Loose: true}, {Path: "referencedSecurityGroupId", To: catalog.EC2SecurityGroup}},
		Rules: []Rule{
			exactlyOne("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"), cidr("cidrIpv4", 0, 32),
			between("fromPort", -1, 65535), between("toPort", -1, 65535), portsInOrder,
			func(in resource.PropertyMap) []failure {
				if p := str(in, "ipProtocol"); p != "" && p != "-1" && (!given(in, "fromPort") || !given(in, "toPort")) {
					return fail("fromPort", "fromPort and toPort are required for protocol %s", p)
				}
				return nil
			},
		},
		Unique: []Unique{{
			Paths: []string{"securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"},
			Code:  "InvalidPermission.Duplicate", What: "the specified rule",
		}},
	}
}

func portsInOrder(in resource.PropertyMap) []failure {
	if from, to := num(in, "fromPort"), num(in, "toPort"); given(in, "toPort") && from > to {
		return fail("toPort", "the range from %d to %d is empty", from, to)
	}
	return nil
}

// oneAclPerSubnet refuses to take a subnet from another network ACL: AWS would
// let the last one win without a word.
func oneAclPerSubnet(c *change) error {
	for _, r := range c.cloud.OfType(catalog.EC2NetworkACL) {
		taken := strs(r.Inputs, "subnetIds[*]")
		for _, id := range strs(c.in, "subnetIds[*]") {
			if r.ID != c.id && contains(taken, id) {
				return refuse("Resource.AlreadyAssociated", "subnet %s already has the network ACL of %s", id, r.ID)
			}
		}
	}
	return nil
}

// groupsInVpc refuses security groups of another VPC.
func groupsInVpc(c *cloud.Cloud, vpc string, groups []string) error {
	for _, id := range groups {
		if sg := c.Get(catalog.EC2SecurityGroup, id); sg != nil && vpc != "" && sg.Str("vpcId") != vpc {
			return refuse("InvalidParameter", "Security group %s and the subnet belong to different networks.", id)
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
