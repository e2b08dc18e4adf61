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
	beyond
}

// birth is actions with what they make.
type birth struct{ create, makes []string }

// beyond is what the actions of single types do not say.
type beyond struct {
	// tagging gives tags to what is being made; nil if births' own actions do.
	tagging *tagging
	// other is what AWS limits by no tag, each on its resources.
	other []grant
}

// tagging is an action that AWS can limit to the birth of a thing: to what the creating
// actions named make.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
type tagging struct {
	action string
	on     []string
	by     []string // without the service's prefix
}

// grant is a permission that no tag limits; why says what does, or why nothing can.
type grant struct {
	actions []string
	on      []string
	why     string
}

// The names that the program's own names begin with; AWS names what is made
// after them.
const (
	secretsOf = "arn:aws:secretsmanager:*:*:secret:credentials-*"
	bucketsOf = "arn:aws:s3:::entry-logs-*"
)

// proofs are the parameters that servers write.
var proofs = []any{"arn:aws:ssm:*:*:parameter/web-serving-*", "arn:aws:ssm:*:*:parameter/web-baked-*"}

// services is the catalog's types by their services, each named as in a token, and what
// is beyond them. Reading the value of a secret is no part of read.
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
		s.beyond = furthers[name]
		s.read = append(s.read, catalog.List(t.Actions.Read)...)
		s.write = append(s.write, catalog.List(t.Actions.Write)...)
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

// furthers are the services' permissions that go beyond their types'.
var furthers = map[string]beyond{
	"budgets": {
		other: []grant{{
			actions: words("budgets: ModifyBudget TagResource UntagResource"),
			on:      []string{"arn:aws:budgets::*:budget/" + prefixOf + "*"},
			why:     "a budget is known by its name, which begins with project and stack",
		}},
	},
	"cloudwatch": {
		other: []grant{{
			actions: words("logs: CreateLogDelivery DeleteLogDelivery"),
			on:      []string{"*"},
			why:     "AWS knows no resource for a delivery; a flow log needs one",
		}},
	},
	"ec2": {
		other: []grant{
			{
				actions: words("ec2: RunInstances"),
				on:      []string{"arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"},
				why:     "images that others publish, Debian's among them",
			},
			{
				actions: words("ec2: CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute"),
				on:      ec2("network-interface"),
				why:     "AWS makes them for mount targets and servers, without tags; subnet and security groups have to be the stack's",
			},
		},
	},
	"efs": {
		tagging: &tagging{
			action: "elasticfilesystem:TagResource",
			on:     []string{"arn:aws:elasticfilesystem:*:*:file-system/*", "arn:aws:elasticfilesystem:*:*:access-point/*"},
			by:     []string{"CreateFileSystem", "CreateAccessPoint"},
		},
	},
	"lb": {
		tagging: &tagging{
			action: "elasticloadbalancing:AddTags",
			on:     []string{"arn:aws:elasticloadbalancing:*:*:*"},
			by:     []string{"CreateLoadBalancer", "CreateTargetGroup", "CreateListener"},
		},
	},
	"rds": {
		other: []grant{
			{
				actions: words("rds: CreateDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot"),
				on:      []string{"arn:aws:rds:*:*:og:default*", "arn:aws:rds:*:*:pg:default*"},
				why:     "AWS' own groups of options and parameters",
			},
		},
	},
	"route53": {
		other: []grant{{
			actions: words("route53: CreateHealthCheck UpdateHealthCheck DeleteHealthCheck ChangeTagsForResource"),
			on:      []string{"*", "arn:aws:route53:::healthcheck/*"},
			why:     "AWS limits health checks by no tag; a zone's records are zoneRecords'",
		}},
	},
	"s3": {
		other: []grant{{
			actions: words("s3: CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion PutBucketPolicy DeleteBucketPolicy " +
				"PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration PutBucketTagging"),
			on:  []string{bucketsOf, bucketsOf + "/*"},
			why: "a bucket is known by its name, which begins with what the program calls it",
		}},
	},
	"wafv2": {
		other: []grant{{
			actions: words("wafv2: AssociateWebACL"),
			on:      []string{"arn:aws:wafv2:*:*:*/webacl/*"},
			why:     "a web ACL may serve many projects; the load balancer that it is put before has to be the stack's",
		}},
	},
}

// sameAs are modules whose types belong to another's service.
var sameAs = map[string]string{"ec2transitgateway": "ec2", "vpc": "ec2"}

// words turns "ec2: A B" into ec2:A and ec2:B.
func words(text string) []string { return catalog.List(text) }

// lookups is what a preview asks of AWS: it compares the program with the state,
// and looks up images, zones, instance types, snapshots, the servers of a group and
// what they have proven.
func lookups(project string) []policy.Statement {
	return []policy.Statement{
		allow(words("ec2: DescribeImages DescribeAvailabilityZones DescribeInstances DescribeInstanceTypes"), "*"),
		allow(words("rds: DescribeDBSnapshots"), "*"),
		readsParameters(project),
	}
}

func readsParameters(project string) policy.Statement {
	parameters := allow(words("ssm: GetParameter"), "*")
	parameters["Condition"] = map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/Project": project}}
	return parameters
}

// reads is what a refresh asks of AWS, except for the values of secrets. A
// parameter's value is read if it is the project's.
func reads(project string) []policy.Statement {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		all = append(all, services[name].read...)
	}
	return []policy.Statement{allow(all, "*"), readsParameters(project)}
}
