package calls

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/rehearsal/prove/iam"
)

// Recorder decides about each call of a run, by the policies of the role that makes it.
type Recorder struct {
	Account, Region string
	Roles           map[string]iam.Role // by name

	mu     sync.Mutex
	things map[string]*thing // by ID, ARN and name
	made   map[string]map[string]int
	denied map[string]int
}

// thing is what a call can be about.
type thing struct {
	service, arn string
	tags         map[string]string
}

// New returns a recorder that knows of nothing yet.
func New(account, region string, roles map[string]iam.Role) *Recorder {
	return &Recorder{
		Account: account, Region: region, Roles: roles,
		things: map[string]*thing{}, made: map[string]map[string]int{}, denied: map[string]int{},
	}
}

// Calls counts the calls of each role and action, and those of them that were denied.
func (r *Recorder) Calls() (made map[string]map[string]int, denied map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.made, r.denied
}

// Grants lists the actions that each role is granted, as its policies write them.
func (r *Recorder) Grants() map[string][]string {
	grants := map[string][]string{}
	for name, role := range r.Roles {
		for _, d := range role.Policies {
			for _, s := range d.Statement {
				if s.Effect == "Allow" {
					grants[name] = append(grants[name], s.Action...)
				}
			}
		}
		slices.Sort(grants[name])
		grants[name] = slices.Compact(grants[name])
	}
	return grants
}

// Met tells whether one of the actions that were called is what a policy writes.
func Met(pattern string, called map[string]int) bool {
	for action := range called {
		prefix, wild := strings.CutSuffix(pattern, "*")
		if action == pattern || wild && strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}

// Ask decides about a call before it is made, and Made learns from its answer.
func (r *Recorder) Ask(role string, c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	action := c.action()
	// Only the provider counts. Who one is, anybody may ask; the provider asks IAM first
	// and goes on to ask STS when it is refused.
	if _, known := r.Roles[role]; !known || c.Service == "sts" || action == "iam:GetUser" {
		return
	}
	if role == githubidentity.Drift && action == "secretsmanager:GetSecretValue" {
		return // .github/workflows/drift.yml leaves secrets' values out
	}
	if action == "" {
		r.deny(role, c.Service+":"+c.Action, "this action is not known: add it to package calls")
		return
	}
	if r.made[role] == nil {
		r.made[role] = map[string]int{}
	}
	r.made[role][action]++
	for _, q := range r.requests(action, c) {
		if !r.Roles[role].Allows(q) {
			r.deny(role, q.Action, fmt.Sprintf("%s %v", q.Resource, q.Context))
		}
		r.made[role][q.Action] += 0
	}
}

func (r *Recorder) deny(role, action, why string) {
	r.denied[role+": "+action+" on "+why]++
}

// requests are what IAM is asked: the action on each thing that the call names and on
// what it makes, and what AWS checks in addition.
func (r *Recorder) requests(action string, c Call) []iam.Request {
	p := c.parameters()
	tags := p.tags()
	context := func(t *thing, more map[string]string) map[string][]string {
		all := map[string][]string{}
		for key, value := range tags {
			all["aws:requesttag/"+strings.ToLower(key)] = []string{value}
		}
		if t != nil {
			for key, value := range t.tags {
				all["aws:resourcetag/"+strings.ToLower(key)] = []string{value}
			}
		}
		for key, value := range more {
			all[strings.ToLower(key)] = []string{value}
		}
		return all
	}
	extra := conditions(action, p)
	var list []iam.Request
	for _, t := range r.named(action, c, p) {
		list = append(list, iam.Request{Action: action, Resource: t.arn, Context: context(t, extra)})
	}
	service, verb, _ := strings.Cut(action, ":")
	for _, arn := range r.makes(action, p) {
		list = append(list, iam.Request{Action: action, Resource: arn, Context: context(nil, extra)})
		if tagging := atBirth[service]; tagging != "" && len(tags) > 0 {
			list = append(list, iam.Request{
				Action:   service + ":" + tagging,
				Resource: arn,
				Context:  context(nil, map[string]string{service + ":CreateAction": verb}),
			})
		}
	}
	if len(list) == 0 {
		list = append(list, iam.Request{Action: action, Resource: "*", Context: context(nil, extra)})
	}
	return append(list, r.besides(action, p)...)
}

// named are the things that a call is about. What others than the run have made has no
// tags; what belongs to another service is that service's to decide.
func (r *Recorder) named(action string, c Call, p parameters) []*thing {
	service, verb, _ := strings.Cut(action, ":")
	if service == "ec2" && strings.HasPrefix(verb, "Describe") {
		return nil // EC2 knows no resources for these
	}
	found := map[string]*thing{}
	look := func(value string) {
		t := r.things[service+" "+value] // a log group's name may begin with /
		value = strings.TrimSuffix(strings.Trim(value, "/"), ":*")
		if t == nil {
			t = r.things[service+" "+value]
		}
		switch {
		case t != nil:
		case service == "ec2":
			t = r.stranger(value)
		case service == "ssm" && strings.HasPrefix(value, "i-"): // whom a command is sent to
			if t = r.things["ec2 "+value]; t == nil {
				t = r.stranger(value)
			}
		case service == "sns": // a subscription is its topic's
			t = r.things["sns "+strings.TrimSuffix(value, ":"+lastOf.FindString(value))]
		}
		if t != nil && concerns(action, t.arn) {
			found[t.arn] = t
		}
	}
	for name, value := range p {
		if !strings.Contains(strings.ToLower(name), "tag") {
			look(value)
		}
	}
	for _, part := range strings.Split(c.Action, "/") {
		look(part)
	}
	switch {
	case service == "s3":
		_, path, _ := strings.Cut(c.Action, " ")
		bucket, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
		arn := "arn:aws:s3:::" + bucket
		if strings.Contains(verb, "Object") && !strings.Contains(verb, "ObjectLock") {
			arn += "/object"
		}
		return []*thing{{service: service, arn: arn}}
	case service == "cloudfront" && len(found) == 0:
		for _, kind := range []string{"cache-policy", "origin-request-policy", "origin-access-control"} {
			if _, after, ok := strings.Cut(c.Action, "/"+kind+"/"); ok {
				id, _, _ := strings.Cut(after, "/")
				return []*thing{{service: service, arn: "arn:aws:cloudfront::" + r.Account + ":" + kind + "/" + id}}
			}
		}
	case service == "route53" && len(found) == 0:
		for _, kind := range []string{"hostedzone", "healthcheck"} {
			if _, after, ok := strings.Cut(c.Action, "/"+kind+"/"); ok {
				id, _, _ := strings.Cut(after, "/")
				return []*thing{{service: service, arn: "arn:aws:route53:::" + kind + "/" + id}}
			}
		}
	case service == "cloudwatch":
		if name := p.first("DashboardName", "DashboardNames.member.1"); name != "" {
			return []*thing{{service: service, arn: "arn:aws:cloudwatch::" + r.Account + ":dashboard/" + name}}
		}
	case service == "budgets":
		if name := p.first("BudgetName", "Budget.BudgetName"); name != "" {
			return []*thing{{service: service, arn: "arn:aws:budgets::" + r.Account + ":budget/" + name}}
		}
		if arn := p.first("ResourceARN"); arn != "" {
			return []*thing{{service: service, arn: arn}}
		}
	}
	if tagsOnly := strings.HasSuffix(verb, "Tags") || strings.HasSuffix(verb, "TagsToResource") || strings.HasPrefix(verb, "TagResource"); tagsOnly && len(found) == 0 {
		if arn := p.first("ResourceArn", "resourceArn", "ResourceARN", "ResourceName", "ResourceArns.member.1"); strings.HasPrefix(arn, "arn:") {
			return []*thing{{service: service, arn: arn}}
		}
	}
	return slices.Collect(maps.Values(found))
}

// concerns tells whether IAM looks at a thing that a call names.
func concerns(action, arn string) bool {
	switch {
	case strings.HasPrefix(action, "ec2:CreateLaunchTemplate"):
		return strings.Contains(arn, ":launch-template/") // what it names counts when a server starts
	case strings.Contains(arn, ":prefix-list/"):
		return action == "ec2:GetManagedPrefixListEntries" || action == "ec2:ModifySecurityGroupRules"
	case strings.HasPrefix(action, "ec2:Revoke"):
		return !strings.Contains(arn, ":security-group-rule/") // the group counts
	case strings.HasSuffix(action, "RoleToInstanceProfile"), strings.HasSuffix(action, "RoleFromInstanceProfile"):
		return strings.Contains(arn, ":instance-profile/")
	case strings.HasPrefix(action, "iam:"):
		return !strings.Contains(arn, ":policy/") // conditions look at it
	}
	return true
}

// kinds of EC2's things, by what their IDs begin with.
var kinds = map[string]string{
	"vpc": "vpc", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule", "rtb": "route-table", "igw": "internet-gateway",
	"nat": "natgateway", "eipalloc": "elastic-ip", "acl": "network-acl", "dopt": "dhcp-options", "vpce": "vpc-endpoint", "fl": "vpc-flow-log",
	"lt": "launch-template", "i": "instance", "vol": "volume", "eni": "network-interface", "ami": "image", "snap": "snapshot", "key": "key-pair",
	"vgw": "vpn-gateway", "cgw": "customer-gateway", "vpn": "vpn-connection", "pl": "prefix-list",
}

var ec2ID = regexp.MustCompile(`\b([a-z]+)-[0-9a-f]{8,17}\b`)

// stranger is a thing of EC2's that nobody in this run has made; nil if it is no ID.
func (r *Recorder) stranger(id string) *thing {
	m := ec2ID.FindStringSubmatch(id)
	if m == nil || m[0] != id || kinds[m[1]] == "" {
		return nil
	}
	return &thing{service: "ec2", arn: r.ec2ARN(kinds[m[1]], id)}
}

func (r *Recorder) ec2ARN(kind, id string) string {
	account := r.Account
	switch kind {
	case "image", "snapshot":
		account = ""
	case "prefix-list": // those that are met here are AWS's own
		account = "aws"
	}
	return "arn:aws:ec2:" + r.Region + ":" + account + ":" + kind + "/" + id
}
