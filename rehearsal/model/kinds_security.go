package model

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/cloud"
)

var aclRef = Ref{Path: "networkAclId", To: tNetworkAcl}

var securityKinds = []Kind{
	{
		Token: tSecurityGroup, Label: "EC2 Security Group", ID: "sg-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "security-group/{id}", "ownerId", "{account}"},
		Defaults: map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
		Name:     &Naming{Property: "name", Max: 255, Prefix: "namePrefix"},
		Refs:     []Ref{vpcRef, {Path: "ingress[*].securityGroups[*]", To: tSecurityGroup}, {Path: "egress[*].securityGroups[*]", To: tSecurityGroup}},
		Sets:     []string{"ingress", "egress"},
		Rules: []Rule{
			matches("description", `^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`, "up to 255 of the characters a-z A-Z 0-9 space . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *"),
		},
		Unique: []Unique{{Paths: []string{"vpcId", "name"}, Code: "InvalidGroup.Duplicate", What: "the security group"}},
		Delete: deleteGroup,
		Live:   listRules,
	},
	{
		Token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", Label: "EC2 Default Security Group", ID: "sg-{hex17}",
		Outputs:  []string{"arn", ec2Arn + "security-group/{id}", "ownerId", "{account}", "name", "default", "description", "default VPC security group"},
		Defaults: map[string]any{"revokeRulesOnDelete": false},
		Refs:     []Ref{vpcRef},
		Unique:   []Unique{{Paths: []string{"vpcId"}, Code: "AlreadyAdopted", What: "the default security group"}},
		Sets:     []string{"ingress", "egress"},
		Apply: func(c *change) error {
			// It is not made but taken over: it came with the VPC.
			if c.old == nil {
				c.id = c.cloud.Get(tVpc, str(c.in, "vpcId")).Str("defaultSecurityGroupId")
			}
			return nil
		},
	},
	groupRule(tIngressRule, "VPC Security Group Ingress Rule"),
	groupRule(tEgressRule, "VPC Security Group Egress Rule"),
	{
		Token: tNetworkAcl, Label: "EC2 Network ACL", ID: "acl-{hex17}",
		Outputs: []string{"arn", ec2Arn + "network-acl/{id}", "ownerId", "{account}"},
		Refs:    []Ref{vpcRef, {Path: "subnetIds[*]", To: tSubnet}},
		Sets:    []string{"ingress", "egress", "subnetIds"},
		Apply: func(c *change) error {
			if err := oneAclPerSubnet(c); err != nil {
				return err
			}
			return sameVpc(c, str(c.in, "vpcId"), strs(c.in, "subnetIds[*]")...)
		},
	},
	{
		Token: "aws:ec2/networkAclRule:NetworkAclRule", Label: "EC2 Network ACL Rule", ID: "nacl-{digits10}",
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
	{
		Token: "aws:ec2/networkAclAssociation:NetworkAclAssociation", Label: "EC2 Network ACL Association", ID: "aclassoc-{hex17}",
		Refs: []Ref{aclRef, {Path: "subnetId", To: tSubnet}},
		Apply: func(c *change) error {
			if err := oneAclPerSubnet(c); err != nil {
				return err
			}
			acl := c.cloud.Get(tNetworkAcl, str(c.in, "networkAclId"))
			if acl == nil {
				return nil
			}
			return sameVpc(c, acl.Str("vpcId"), str(c.in, "subnetId"))
		},
	},
}

func groupRule(token, label string) Kind {
	return Kind{
		Token: token, Label: label, ID: "sgr-{hex17}",
		Outputs: []string{"arn", ec2Arn + "security-group-rule/{id}", "securityGroupRuleId", "{id}"},
		// A group goes together with its own rules; the rules of others hold it.
		Refs: []Ref{{Path: "securityGroupId", To: tSecurityGroup, Loose: true}, {Path: "referencedSecurityGroupId", To: tSecurityGroup}},
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
	wanted := append(strs(c.in, "subnetIds[*]"), strs(c.in, "subnetId")...)
	for _, typ := range []string{tNetworkAcl, "aws:ec2/networkAclAssociation:NetworkAclAssociation"} {
		for _, r := range c.cloud.OfType(typ) {
			taken := append(strs(r.Inputs, "subnetIds[*]"), strs(r.Inputs, "subnetId")...)
			for _, id := range wanted {
				if r.ID != c.id && contains(taken, id) {
					return refuse("Resource.AlreadyAssociated", "subnet %s already has the network ACL of %s", id, r.ID)
				}
			}
		}
	}
	return nil
}

// groupsInVpc refuses security groups of another VPC.
func groupsInVpc(c *cloud.Cloud, vpc string, groups []string) error {
	for _, id := range groups {
		if sg := c.Get(tSecurityGroup, id); sg != nil && vpc != "" && sg.Str("vpcId") != vpc {
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
