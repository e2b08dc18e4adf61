package githubidentity

import (
	"maps"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/policy"
)

// scope is one stack of one project: what its deploy role may change has these tags.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
type scope struct {
	project, stack string
	zones          []string // IDs of the hosted zones that it may write
}

func (s scope) tags(of string) map[string]any {
	return map[string]any{
		"aws:" + of + "/Project": s.project,
		"aws:" + of + "/Stack":   s.stack,
	}
}

func (s scope) writesNetwork() []policy.Statement {
	return append(s.writes(services["ec2"]), s.ec2Tags(), s.untagged())
}

// writesData is what makes, changes and deletes what holds data, writesEntry what visitors
// come by, and writesServices all the rest but networks and roles: one policy has no room
// for all.
func (s scope) writesData() []policy.Statement {
	return append(s.writes(of(holders)...), s.snapshots())
}

func (s scope) writesEntry() []policy.Statement {
	return append(s.writes(of(entries)...), s.zoneRecords()...)
}

func (s scope) writesServices() []policy.Statement {
	var rest []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if name != "ec2" && !slices.Contains(holders, name) && !slices.Contains(entries, name) {
			rest = append(rest, name)
		}
	}
	return s.writes(of(rest)...)
}

// holders are the services that keep data or secrets, entries those that visitors come by.
var (
	holders = []string{"efs", "kms", "rds", "s3", "secretsmanager"}
	entries = []string{"acm", "cloudfront", "lb", "route53", "wafv2"}
)

func of(names []string) []service {
	var list []service
	for _, name := range names {
		list = append(list, services[name])
	}
	return list
}

// writes is what makes, changes and deletes a stack's things.
func (s scope) writes(services ...service) []policy.Statement {
	var write []string
	var statements []policy.Statement
	for _, one := range services {
		write = append(write, one.write...)
		for _, b := range one.births {
			statements = append(statements, when(allow(b.create, anys(b.makes)...), "StringEquals", s.tags("RequestTag")))
		}
		if one.tagging != nil {
			statements = append(statements, s.atBirth(*one.tagging))
		}
		for _, g := range one.untagged {
			statements = append(statements, allow(catalog.List(g.Actions), anys(s.named(g.On))...))
		}
	}
	return append(statements, when(allow(union(write, nil), "*"), "StringEquals", s.tags("ResourceTag")))
}

// atBirth lets the stack's tags be given to what is being made, and to nothing that exists.
func (s scope) atBirth(t tagging) policy.Statement {
	prefix, _, _ := strings.Cut(t.action, ":")
	conditions := s.tags("RequestTag")
	conditions[prefix+":CreateAction"] = t.by
	return when(allow([]string{t.action}, anys(t.on)...), "StringEquals", conditions)
}

// ec2Tags is [scope.atBirth] of EC2, whose creating actions are many.
func (s scope) ec2Tags() policy.Statement {
	var creates []string
	for _, b := range services["ec2"].births {
		for _, action := range b.create {
			creates = append(creates, strings.TrimPrefix(action, "ec2:"))
		}
	}
	slices.Sort(creates)
	return s.atBirth(tagging{
		action: "ec2:CreateTags",
		on:     []string{"*"},
		by:     slices.Compact(creates),
	})
}

// untagged is what concerns a VPC's default security group and network ACL, which AWS
// makes without tags: the program takes the group's rules out, and the ACL gets the
// subnets back, which have to be the stack's. Of others' groups without a tag it could
// take the rules out as well, but it cannot open them. A golden image's snapshot has no
// tags either, for CreateImage gives them to the image alone; it goes with the image.
func (s scope) untagged() policy.Statement {
	return when(allow(catalog.List("ec2: RevokeSecurityGroupIngress RevokeSecurityGroupEgress ReplaceNetworkAclAssociation DeleteSnapshot"),
		anys(append(ec2("security-group", "network-acl"), "arn:aws:ec2:*::snapshot/*"))...),
		"Null", map[string]any{"aws:ResourceTag/Project": "true"})
}

// snapshots lets a database be restored from the stack's snapshots, and from those
// that somebody has made by hand, without tags.
func (s scope) snapshots() policy.Statement {
	return when(allow(catalog.List("rds: RestoreDBInstanceFromDBSnapshot"), "arn:aws:rds:*:*:snapshot:*"),
		"Null", map[string]any{"aws:ResourceTag/Project": "true"})
}

// zoneRecords lets it write the records of the zones that it was given.
func (s scope) zoneRecords() []policy.Statement {
	if len(s.zones) == 0 {
		return nil
	}
	var zones []string
	for _, id := range s.zones {
		zones = append(zones, "arn:aws:route53:::hostedzone/"+id)
	}
	return []policy.Statement{allow(catalog.List("route53: ChangeResourceRecordSets"), anys(zones)...)}
}

// fences deny whatever touches what says that it is another project's or stack's, also
// where an action knows no tag of the request, such as giving it other tags. Pulumi's
// state has a policy of its own.
func (s scope) fences() []policy.Statement {
	var statements []policy.Statement
	for _, tag := range []string{"Project", "Stack"} {
		key := "aws:ResourceTag/" + tag
		statements = append(statements, policy.Statement{
			"Effect":    "Deny",
			"NotAction": []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "s3:*"},
			"Resource":  "*",
			"Condition": map[string]any{
				"StringNotEquals": map[string]any{key: s.tags("ResourceTag")[key]},
				"Null":            map[string]any{key: "false"},
			},
		})
	}
	return statements
}

func (s scope) named(resources []string) []string {
	var all []string
	for _, resource := range resources {
		all = append(all, strings.ReplaceAll(resource, catalog.NamePrefix, s.project+"-"+s.stack))
	}
	return all
}

func when(s policy.Statement, operator string, conditions map[string]any) policy.Statement {
	s["Condition"] = map[string]any{operator: conditions}
	return s
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, one := range list {
		all[i] = one
	}
	return all
}

func ec2(types ...string) []string {
	var all []string
	for _, t := range types {
		all = append(all, "arn:aws:ec2:*:*:"+t+"/*")
	}
	return all
}
