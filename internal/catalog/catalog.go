// Package catalog is the table of the AWS resource types that the program may use:
// one row per type, which says all that others need to know of it. A type that has no
// row is refused, by the unit tests, by the rehearsal and by the report.
//
// To add a type: its constant and row here, `go generate ./internal/facts` for its
// inputs and outputs, and its behaviour in rehearsal/aws/model (CONTRIBUTING.md).
package catalog

import (
	"slices"
	"strings"
)

// Type is one resource type.
type Type struct {
	Token string
	// Label is the type's name in the provider's messages.
	Label string
	// IDPrefix begins physical IDs, such as "vpc-"; "": nothing that anybody relies on.
	IDPrefix string
	// Holds says whether a resource's replacement would lose something.
	Holds Holding
	// Free says why AWS makes no charge for it; "": rehearsal/report/cost has its price.
	// What it causes (traffic, logs, servers) is on the bill of what carries it.
	Free string
	// Reached: who can reach whom depends on it, so rehearsal/report/reach reads it.
	Reached bool
	// Times is how long AWS usually takes to create it; none: one call of its API.
	Times []Time
	// Actions are what the provider calls for it.
	Actions Actions
}

// Holding says when a resource holds data, or is depended on by its address.
type Holding int

// The choices of Holding.
const (
	Nothing    Holding = iota
	Always             // in every phase
	WithServer         // while the one server of phases 1 and 2 is there
	Named              // people know its name, for as long as it is wanted
)

// Actions are IAM actions, written like "logs: CreateLogGroup TagResource; events: PutRule".
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
type Actions struct {
	// Read is what a refresh calls.
	Read string
	// Create makes what Makes names, as ARNs, in a request that carries the stack's tags.
	Create string
	Makes  []string
	// Together names the types that share a statement. A request's tags are the same for
	// all of its resources, so what is made in another thing stands apart from that.
	Together string
	// Write changes and deletes what has the stack's tags.
	Write string
	// Untagged is what AWS limits by no tag.
	Untagged []Grant
}

// Grant is actions on resources that no tag limits.
type Grant struct {
	Actions string
	On      []string // ARNs; NamePrefix stands for how the names of a stack's own begin
	Why     string   // what limits it instead, or why nothing can
}

// NamePrefix stands in an ARN for what the names of a stack's own things begin with,
// where the program gives them names: project and stack.
const NamePrefix = "@PREFIX@"

// Time is how long AWS usually takes to create a resource.
type Time struct {
	When     string // a case of the type; "": all others
	Seconds  float64
	Source   Source
	Observed string // single observations, if there are any
	Note     string
	Page     string // AWS's page on what is waited for, if there is one
}

// Source is what a time comes from, in words.
type Source string

// The sources of times.
const (
	Logs     Source = "terraform apply logs that people have published; Terraform and Pulumi use the same provider and wait for the same states"
	Program  Source = "this program's own steps, from the scripts in server/"
	Estimate Source = "an estimate: AWS documents no figure, and the logs show none"
)

// RDSSnapshot is no type that a program makes here: a database leaves one behind.
const RDSSnapshot = "aws:rds/snapshot:Snapshot"

// The types of the random provider.
const (
	RandomID       = "random:index/randomId:RandomId"
	RandomPassword = "random:index/randomPassword:RandomPassword"
)

// Lookups are the tokens of what the program asks AWS.
var Lookups = []string{
	"aws:ec2/getAmi:getAmi",
	"aws:ec2/getInstances:getInstances",
	"aws:ec2/getManagedPrefixList:getManagedPrefixList",
	"aws:index/getAvailabilityZones:getAvailabilityZones",
	"aws:index/getCallerIdentity:getCallerIdentity",
	"aws:rds/getSnapshot:getSnapshot",
	"aws:ssm/getParameter:getParameter",
}

// Types is the table.
var Types = slices.Concat(networkTypes, securityTypes, serverTypes, dataTypes, backupTypes, entryTypes, edgeTypes, monitoringTypes)

var byToken = func() map[string]Type {
	all := map[string]Type{}
	for _, t := range Types {
		all[t.Token] = t
	}
	return all
}()

// Get returns the row of a type.
func Get(token string) (Type, bool) {
	t, ok := byToken[token]
	return t, ok
}

// Label is a type's name in the provider's messages, or else its token.
func Label(token string) string {
	switch {
	case byToken[token].Label != "":
		return byToken[token].Label
	case token == RDSSnapshot:
		return "RDS DB Snapshot"
	case token == RandomID:
		return "Random ID"
	case token == RandomPassword:
		return "Random Password"
	default:
		return token
	}
}

// Module is the part of a token that names its service: ec2 of aws:ec2/vpc:Vpc.
func (t Type) Module() string {
	_, rest, _ := strings.Cut(t.Token, ":")
	module, _, _ := strings.Cut(rest, "/")
	return module
}

// Display is aws:ec2:Vpc for the token aws:ec2/vpc:Vpc, as the CLI shows it.
func Display(token string) string {
	provider, rest, _ := strings.Cut(token, ":")
	module, name, ok := strings.Cut(rest, ":")
	if !ok {
		return token
	}
	module, _, _ = strings.Cut(module, "/")
	return provider + ":" + module + ":" + name
}

// Short is the last part of a token: Vpc of aws:ec2/vpc:Vpc.
func Short(token string) string { return token[strings.LastIndex(token, ":")+1:] }

// List turns "logs: A B; events: C" into logs:A, logs:B, events:C.
func List(actions string) []string {
	var all []string
	for part := range strings.SplitSeq(actions, ";") {
		service, names, _ := strings.Cut(strings.TrimSpace(part), ": ")
		for _, name := range strings.Fields(names) {
			all = append(all, service+":"+name)
		}
	}
	return all
}
