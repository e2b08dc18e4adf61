package drift

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

func multiAZOff(c *cloud.Cloud) ([]string, error) {
	databases := c.OfType(typeDatabase)
	if len(databases) == 0 {
		return nil, refuse("the stack is in phase 1, its database is on the server: use a stack in phase 3")
	}
	database := databases[0]
	if on := database.Outputs["multiAz"]; !on.IsBool() || !on.BoolValue() {
		return nil, refuse("the database %s has no standby (it has one in phase 3, unless it was taken away already)", database.Str("identifier"))
	}
	command := fmt.Sprintf("aws rds modify-db-instance --region %s --db-instance-identifier %s --no-multi-az --apply-immediately",
		region(database.Str("arn")), database.Str("identifier"))
	return []string{command}, set(c, database, map[string]any{"multiAz": false})
}

// terminateServer does what AWS does: the server is gone with its disk, its
// Elastic IP stays and is associated with nothing.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
func terminateServer(c *cloud.Cloud) ([]string, error) {
	if groups := c.OfType(typeScaling); len(groups) > 0 {
		return nil, refuse("the stack is in phase 3: its servers belong to the Auto Scaling group %s, which replaces a terminated one by itself, "+
			"and neither Pulumi nor this model has a record of them", groups[0].ID)
	}
	var server *cloud.Record
	var addresses []*cloud.Record
	for _, address := range c.OfType(typeAddress) {
		if s := c.Get(typeServer, address.Str("instanceId")); s != nil {
			server, addresses = s, append(addresses, address)
		}
	}
	if server == nil {
		return nil, refuse("there is no server: it was terminated already")
	}
	for _, address := range addresses {
		if err := c.Delete(typeAddress, address.ID); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(c.Delete(typeServer, server.ID), c.Delete(typeDisk, server.ID)); err != nil {
		return nil, err
	}
	in := region(server.Str("arn"))
	commands := []string{fmt.Sprintf("aws ec2 terminate-instances --region %s --instance-ids %s", in, server.ID)}
	if protected := server.Outputs["disableApiTermination"]; protected.IsBool() && protected.BoolValue() {
		// AWS refuses to terminate it before.
		lift := fmt.Sprintf("aws ec2 modify-instance-attribute --region %s --instance-id %s --no-disable-api-termination", in, server.ID)
		commands = append([]string{lift}, commands...)
	}
	return commands, nil
}

// rdpFromEverywhere is a rule that nobody should add.
var rdpFromEverywhere = map[string]any{
	"protocol": "tcp", "fromPort": 3389, "toPort": 3389, "cidrBlocks": []any{everywhere},
	"description": "", "ipv6CidrBlocks": []any{}, "prefixListIds": []any{}, "securityGroups": []any{}, "self": false,
}

const everywhere = "0.0.0.0/0"

// addToDefaultGroup: its rules are no resources, but a list in the group's own.
func addToDefaultGroup(c *cloud.Cloud) ([]string, error) {
	groups := c.OfType(typeDefaultGroup)
	if len(groups) == 0 {
		return nil, refuse("the stack has no VPC")
	}
	group := groups[0]
	if rules := group.Outputs["ingress"]; rules.IsArray() && len(rules.ArrayValue()) > 0 {
		return nil, refuse("the default security group %s has a rule already", group.ID)
	}
	command := fmt.Sprintf("aws ec2 authorize-security-group-ingress --region %s --group-id %s --protocol tcp --port 3389 --cidr %s",
		region(group.Str("arn")), group.ID, everywhere)
	return []string{command}, set(c, group, map[string]any{"ingress": []any{rdpFromEverywhere}})
}

// sshRule is the id of the rule that open-rule adds: it looks like AWS's.
const sshRule = "sgr-0dead22beef022022"

func openRule(c *cloud.Cloud) ([]string, error) {
	web := named(c, typeGroup, webGroup)
	if web == nil {
		return nil, refuse("the stack has no security group %s", webGroup)
	}
	if c.Get(typeIngress, sshRule) != nil {
		return nil, refuse("the rule is there already; close-rule revokes it")
	}
	in := resource.NewPropertyMapFromMap(map[string]any{
		"securityGroupId": web.ID, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": everywhere,
	})
	out := in.Copy()
	out["securityGroupRuleId"] = resource.NewStringProperty(sshRule)
	command := fmt.Sprintf("aws ec2 authorize-security-group-ingress --region %s --group-id %s --protocol tcp --port 22 --cidr %s",
		region(web.Str("arn")), web.ID, everywhere)
	return []string{command}, c.Put(&cloud.Record{Type: typeIngress, ID: sshRule, Inputs: in, Outputs: out})
}

func closeRule(c *cloud.Cloud) ([]string, error) {
	rule := c.Get(typeIngress, sshRule)
	if rule == nil {
		return nil, refuse("the rule of open-rule is not there")
	}
	web := c.Get(typeGroup, rule.Str("securityGroupId"))
	foreign := Foreign{Rule: ownRule(typeIngress, rule.Outputs), Region: region(web.Str("arn"))}
	return []string{foreign.Revoke()}, c.Delete(typeIngress, sshRule)
}

// webGroup is the servers' security group, in every phase.
const webGroup = "firewall-web"

// httpRule is the rule that lets the servers' port 80 in.
func httpRule(c *cloud.Cloud) (*cloud.Record, error) {
	web := named(c, typeGroup, webGroup)
	if web != nil {
		for _, rule := range c.OfType(typeIngress) {
			if rule.URN != "" && rule.Str("securityGroupId") == web.ID && number(rule.Outputs, "fromPort") == 80 {
				return rule, nil
			}
		}
	}
	return nil, refuse("%s has no rule for port 80: it was revoked already", webGroup)
}

// office is a range of the addresses that are kept for documentation.
const office = "198.51.100.0/24"

func changeRule(c *cloud.Cloud) ([]string, error) {
	rule, err := httpRule(c)
	if err != nil {
		return nil, err
	}
	if rule.Str("cidrIpv4") == office {
		return nil, refuse("the rule admits %s only already", office)
	}
	command := fmt.Sprintf("aws ec2 modify-security-group-rules --region %s --group-id %s --security-group-rules "+
		"'SecurityGroupRuleId=%s,SecurityGroupRule={IpProtocol=tcp,FromPort=80,ToPort=80,CidrIpv4=%s}'",
		region(rule.Str("arn")), rule.Str("securityGroupId"), rule.ID, office)
	return []string{command}, set(c, rule, map[string]any{"cidrIpv4": office, "referencedSecurityGroupId": nil})
}

func revokeRule(c *cloud.Cloud) ([]string, error) {
	rule, err := httpRule(c)
	if err != nil {
		return nil, err
	}
	command := fmt.Sprintf("aws ec2 revoke-security-group-ingress --region %s --group-id %s --security-group-rule-ids %s",
		region(rule.Str("arn")), rule.Str("securityGroupId"), rule.ID)
	return []string{command}, c.Delete(typeIngress, rule.ID)
}
