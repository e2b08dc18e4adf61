package githubidentity

import (
	"maps"
	"slices"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/policy"
)

// service is what the provider calls for the types of one service.
type service struct {
	// read is what a refresh calls, for any resource of the account.
	read []string
	// births make, or tag, what they name, in a request that carries the stack's tags.
	// What it is made in, such as a subnet's VPC, has to be write's.
	births []birth
	// write changes and deletes what has the stack's tags.
	write []string
	// tagging gives tags to what is being made; nil if births' own actions do.
	tagging *tagging
	// untagged is what AWS limits by no tag.
	untagged []catalog.Grant
}

// birth is actions with what they make.
type birth struct{ create, makes []string }

// tagging is an action that AWS can limit to the birth of a thing: to what the creating
// actions named make.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
type tagging struct {
	action string
	on     []string
	by     []string // without the service's prefix
}

// proofs are the parameters that servers write.
var proofs = []any{"arn:aws:ssm:*:*:parameter/web-serving-*", "arn:aws:ssm:*:*:parameter/web-baked-*"}

// services is the catalog's types by their services, each named as in a token.
// Reading the value of a secret is no part of read.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
var services = func() map[string]service {
	all := map[string]service{}
	at := map[string]int{} // where a service's birth stands whose types share a statement
	for _, t := range catalog.Types {
		name := t.Module()
		if other, ok := sameAs[name]; ok {
			name = other
		}
		s := all[name]
		s.tagging = taggings[name]
		s.read = append(s.read, catalog.List(t.Actions.Read)...)
		s.write = append(s.write, catalog.List(t.Actions.Write)...)
		s.untagged = append(s.untagged, t.Actions.Untagged...)
		if t.Actions.Create != "" {
			key := name + "/" + t.Actions.Together
			if _, ok := at[key]; !ok {
				at[key] = len(s.births)
				s.births = append(s.births, birth{})
			}
			b := &s.births[at[key]]
			b.create = union(b.create, catalog.List(t.Actions.Create))
			b.makes = union(b.makes, t.Actions.Makes)
		}
		all[name] = s
	}
	return all
}()

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// taggings are the services whose creating actions need another one to give tags.
var taggings = map[string]*tagging{
	"efs": {
		action: "elasticfilesystem:TagResource",
		on:     []string{"arn:aws:elasticfilesystem:*:*:file-system/*", "arn:aws:elasticfilesystem:*:*:access-point/*"},
		by:     []string{"CreateFileSystem", "CreateAccessPoint"},
	},
	"lb": {
		action: "elasticloadbalancing:AddTags",
		on:     []string{"arn:aws:elasticloadbalancing:*:*:*"},
		by:     []string{"CreateLoadBalancer", "CreateTargetGroup", "CreateListener"},
	},
}

// sameAs are modules whose types belong to another's service.
var sameAs = map[string]string{"ec2transitgateway": "ec2", "vpc": "ec2"}

// lookups is what a preview asks of AWS: it compares the program with the state,
// and looks up images, zones, instance types, snapshots, the servers of a group and
// what they have proven.
func lookups(project string) []policy.Statement {
	return []policy.Statement{
		allow(catalog.List("ec2: DescribeImages DescribeAvailabilityZones DescribeInstances DescribeInstanceTypes "+
			"DescribeManagedPrefixLists GetManagedPrefixListEntries"), "*"),
		allow(catalog.List("rds: DescribeDBSnapshots"), "*"),
		readsParameters(project),
	}
}

func readsParameters(project string) policy.Statement {
	return within(allow(catalog.List("ssm: GetParameter"), "*"), map[string]any{
		"StringEquals": map[string]any{"aws:ResourceTag/Project": project},
	})
}

// reads is what a refresh asks of AWS, except for the values of secrets. A
// parameter's value is read if it is the project's.
func reads(project string) []policy.Statement {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		all = append(all, services[name].read...)
	}
	// Whether a bucket is there is asked by the right to list it.
	return []policy.Statement{
		allow(all, "*"),
		allow(catalog.List("s3: ListBucket"), anys(catalog.Buckets)...),
		allow(catalog.List("s3: GetObject GetObjectTagging"), catalog.FallbackBucket+"/*"),
		readsParameters(project),
	}
}
