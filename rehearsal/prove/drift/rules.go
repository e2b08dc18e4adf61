// Package drift knows what can change behind Pulumi's back: it makes such
// changes in a modelled cloud, and finds in a stack's state the one kind that
// Pulumi does not show.
package drift

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

// The types whose resources are changed or read here.
const (
	typeGroup        = catalog.EC2SecurityGroup
	typeDefaultGroup = catalog.EC2DefaultSecurityGroup
	typeIngress      = catalog.VPCSecurityGroupIngressRule
	typeEgress       = catalog.VPCSecurityGroupEgressRule
	typeDatabase     = catalog.RDSInstance
	typeServer       = catalog.EC2Instance
	typeDisk         = "aws:ec2/disk:Disk" // no resource: see the model
	typeAddress      = catalog.EC2EIPAssociation
	typeScaling      = catalog.AutoScalingGroup
)

// Rule is one permission of a security group: one peer, one range of ports.
type Rule struct {
	GroupID  string
	Egress   bool
	Protocol string // "-1" is all of them
	From, To int
	// Kind of the peer as the EC2 API names it, such as CidrIp, and the peer itself.
	Kind, Peer string
}

// Foreign is a rule that no resource of the stack owns, in one of its groups.
type Foreign struct {
	Rule
	Group  string // the group's name in the stack
	Region string
}

// String says what the rule allows: "tcp 22 from 0.0.0.0/0 in firewall-web".
func (f Foreign) String() string {
	ports, word := fmt.Sprintf(" %d", f.From), "from"
	switch {
	case f.Protocol == "-1":
		ports = ""
	case f.From != f.To:
		ports = fmt.Sprintf(" %d-%d", f.From, f.To)
	}
	if f.Egress {
		word = "to"
	}
	protocol := f.Protocol
	if protocol == "-1" {
		protocol = "everything"
	}
	return fmt.Sprintf("%s%s %s %s in %s", protocol, ports, word, f.Peer, f.Group)
}

// Revoke is the command that takes the rule out.
//
// Source: https://docs.aws.amazon.com/cli/latest/reference/ec2/revoke-security-group-ingress.html
func (f Foreign) Revoke() string {
	list := map[string]string{"CidrIp": "IpRanges", "CidrIpv6": "Ipv6Ranges", "PrefixListId": "PrefixListIds", "GroupId": "UserIdGroupPairs"}[f.Kind]
	ports := fmt.Sprintf(",FromPort=%d,ToPort=%d", f.From, f.To)
	if f.Protocol == "-1" {
		ports = ""
	}
	direction := "ingress"
	if f.Egress {
		direction = "egress"
	}
	return fmt.Sprintf("aws ec2 revoke-security-group-%s --region %s --group-id %s --ip-permissions 'IpProtocol=%s%s,%s=[{%s=%s}]'",
		direction, f.Region, f.GroupID, f.Protocol, ports, list, f.Kind, f.Peer)
}

// FindForeign reads what `pulumi stack export` writes, and lists the rules in the
// stack's own security groups that none of its resources owns. `pulumi refresh`
// reads them from AWS into the groups' outputs, and shows nothing: the rules of
// these groups are resources of their own, and a rule without one is nobody's.
func FindForeign(export []byte) ([]Foreign, error) {
	var stack apitype.UntypedDeployment
	if err := json.Unmarshal(export, &stack); err != nil {
		return nil, fmt.Errorf("reading the stack's state (want the output of `pulumi stack export`): %w", err)
	}
	var state apitype.DeploymentV3
	if err := json.Unmarshal(stack.Deployment, &state); err != nil {
		return nil, fmt.Errorf("reading the stack's deployment (want the output of `pulumi stack export`): %w", err)
	}
	owned := map[Rule]bool{}
	for _, r := range state.Resources {
		if t := string(r.Type); t == typeIngress || t == typeEgress {
			owned[ownRule(t, resource.NewPropertyMapFromMap(r.Outputs))] = true
		}
	}
	var found []Foreign
	for _, r := range state.Resources {
		if string(r.Type) != typeGroup {
			continue
		}
		for _, rule := range listed(string(r.ID), resource.NewPropertyMapFromMap(r.Outputs)) {
			if !owned[rule] {
				found = append(found, Foreign{rule, r.URN.Name(), regionOf(r.Outputs)})
			}
		}
	}
	slices.SortFunc(found, func(a, b Foreign) int { return cmp.Compare(a.String(), b.String()) })
	return found, nil
}

// peerKinds: a rule's input, the list in its group's output, the EC2 API's name.
var peerKinds = []struct{ input, list, kind string }{
	{"cidrIpv4", "cidrBlocks", "CidrIp"}, {"cidrIpv6", "ipv6CidrBlocks", "CidrIpv6"},
	{"prefixListId", "prefixListIds", "PrefixListId"}, {"referencedSecurityGroupId", "securityGroups", "GroupId"},
}

// ownRule is the permission that a rule resource makes.
func ownRule(token string, out resource.PropertyMap) Rule {
	r := Rule{
		GroupID: text(out, "securityGroupId"), Egress: token == typeEgress, Protocol: text(out, "ipProtocol"), From: number(out, "fromPort"), To: number(out, "toPort"),
	}
	for _, p := range peerKinds {
		if peer := text(out, p.input); peer != "" {
			r.Kind, r.Peer = p.kind, peer
		}
	}
	return r.plain()
}

// listed are the permissions that a group's outputs list.
func listed(id string, out resource.PropertyMap) []Rule {
	var rules []Rule
	for _, direction := range []resource.PropertyKey{"ingress", "egress"} {
		if !out[direction].IsArray() {
			continue
		}
		for _, entry := range out[direction].ArrayValue() {
			if !entry.IsObject() {
				continue
			}
			e := entry.ObjectValue()
			rule := Rule{GroupID: id, Egress: direction == "egress", Protocol: text(e, "protocol"), From: number(e, "fromPort"), To: number(e, "toPort")}
			add := func(kind, peer string) {
				rule.Kind, rule.Peer = kind, peer
				rules = append(rules, rule.plain())
			}
			if e["self"].IsBool() && e["self"].BoolValue() {
				add("GroupId", id)
			}
			for _, p := range peerKinds {
				if list := e[resource.PropertyKey(p.list)]; list.IsArray() {
					for _, peer := range list.ArrayValue() {
						add(p.kind, peer.StringValue())
					}
				}
			}
		}
	}
	return rules
}

// plain drops the ports of a rule for all protocols: the two sources write them
// differently, and they mean nothing.
func (r Rule) plain() Rule {
	if r.Protocol == "-1" {
		r.From, r.To = 0, 0
	}
	return r
}

// regionOf is the region in a resource's ARN.
func regionOf(outputs map[string]any) string {
	arn, _ := outputs["arn"].(string)
	return region(arn)
}
