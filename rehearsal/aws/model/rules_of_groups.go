package model

import (
	"cmp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// peers maps what a rule names as its peer to where the provider lists it in the
// group that the rule belongs to.
var peers = []struct{ rule, list string }{
	{"cidrIpv4", "cidrBlocks"}, {"cidrIpv6", "ipv6CidrBlocks"}, {"prefixListId", "prefixListIds"}, {"referencedSecurityGroupId", "securityGroups"},
}

// listRules fills a security group's ingress and egress, which the provider reads
// from AWS: every rule of the group, whoever made it. Rules with the same
// protocol, ports and description are one entry.
//
// Source: https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/
func listRules(c *cloud.Cloud, id string, out resource.PropertyMap) {
	out["ingress"], out["egress"] = entriesOf(c, catalog.VPCSecurityGroupIngressRule, id), entriesOf(c, catalog.VPCSecurityGroupEgressRule, id)
}

func entriesOf(c *cloud.Cloud, token, group string) resource.PropertyValue {
	type key struct {
		protocol, description string
		from, to              int
	}
	entries := map[key]resource.PropertyMap{}
	var order []key
	for _, rule := range c.OfType(token) {
		if str(rule.Inputs, "securityGroupId") != group {
			continue
		}
		k := key{str(rule.Inputs, "ipProtocol"), str(rule.Inputs, "description"), num(rule.Inputs, "fromPort"), num(rule.Inputs, "toPort")}
		entry := entries[k]
		if entry == nil {
			entry = resource.NewPropertyMapFromMap(map[string]any{
				"protocol": k.protocol, "description": k.description, "fromPort": k.from, "toPort": k.to, "self": false,
			})
			for _, peer := range peers {
				entry[resource.PropertyKey(peer.list)] = resource.NewArrayProperty([]resource.PropertyValue{})
			}
			entries[k] = entry
			order = append(order, k)
		}
		for _, peer := range peers {
			list, value := resource.PropertyKey(peer.list), str(rule.Inputs, peer.rule)
			switch value {
			case "":
			case group:
				entry["self"] = resource.NewBoolProperty(true)
			default:
				entry[list] = resource.NewArrayProperty(append(entry[list].ArrayValue(), stringProp(value)))
			}
		}
	}
	slices.SortFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.description, b.description))
	})
	list := make([]resource.PropertyValue, len(order))
	for i, k := range order {
		list[i] = resource.NewObjectProperty(entries[k])
	}
	return resource.NewArrayProperty(list)
}

// deleteGroup deletes a security group together with the rules in it.
func deleteGroup(c *change) error {
	if err := refuseUsedByGroup(c); err != nil {
		return err
	}
	for _, token := range []string{catalog.VPCSecurityGroupIngressRule, catalog.VPCSecurityGroupEgressRule} {
		for _, rule := range c.cloud.OfType(token) {
			if str(rule.Inputs, "securityGroupId") != c.id {
				continue
			}
			if err := c.cloud.Delete(token, rule.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseUsedByGroup keeps a security group that the servers of an Auto Scaling
// group have, though only its launch template names it.
func refuseUsedByGroup(c *change) error {
	for _, asg := range c.cloud.OfType(catalog.AutoScalingGroup) {
		lt := templateOf(c.cloud, asg.Inputs)
		if lt != nil && contains(securityGroupsOf(lt), c.id) {
			return refuse("DependencyViolation", "resource %s has a dependent object: the servers of %s", c.id, asg.ID)
		}
	}
	return nil
}
