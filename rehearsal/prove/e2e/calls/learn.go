package calls

import (
	"maps"
	"regexp"
	"strings"
)

var (
	anyARN  = regexp.MustCompile(`arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:[^"'<>\s,\\]+`)
	lastOf  = regexp.MustCompile(`[^:/]+$`)
	namedID = regexp.MustCompile(`"(?:AssociationId|KeyId|FileSystemId|AccessPointId)":\s*"([^"]+)"`)
	partOf  = regexp.MustCompile(`\b(rtbassoc|eipassoc|aclassoc|fsmt|iip-assoc)-[0-9a-f]+\b`)
)

// Made learns from an answer: what a call with tags has made has these tags.
func (r *Recorder) Made(c Call, answer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	action, p := c.action(), c.parameters()
	service, verb, _ := strings.Cut(action, ":")
	tags := p.tags()
	if strings.Contains(verb, "Tag") {
		for _, t := range r.named(action, c, p) {
			r.tag(service, t, tags, verb)
		}
		return
	}
	// What joins two things, or lies in one, has no tags and is theirs.
	for _, id := range partOf.FindAllString(string(answer), -1) {
		if owners := r.named(action, c, p); len(owners) > 0 && r.things[service+" "+id] == nil && !strings.HasPrefix(verb, "Describe") {
			r.things[service+" "+id] = owners[0]
		}
	}
	if action == "iam:AddRoleToInstanceProfile" {
		r.things["iam profile "+p["InstanceProfileName"]] = r.things["iam "+p["RoleName"]]
	}
	if len(tags) == 0 || strings.HasPrefix(verb, "Describe") || strings.HasPrefix(verb, "List") || strings.HasPrefix(verb, "Get") {
		return
	}
	for _, m := range ec2ID.FindAllStringSubmatch(string(answer), -1) {
		if service == "ec2" && kinds[m[1]] != "" {
			r.learn("ec2", r.ec2ARN(kinds[m[1]], m[0]), tags, m[0])
		}
	}
	for _, arn := range anyARN.FindAllString(string(answer), -1) {
		if strings.Split(arn, ":")[2] == service {
			r.learn(service, arn, tags)
		}
	}
	for _, arn := range r.makes(action, p) {
		if !strings.HasSuffix(arn, "/new") && !strings.HasSuffix(arn, ":new") && arn != "*" {
			r.learn(service, arn, tags)
		}
	}
	for _, id := range namedID.FindAllStringSubmatch(string(answer), -1) {
		r.learn(service, r.arnOf(service, verb, id[1]), tags, id[1])
	}
}

func (r *Recorder) arnOf(service, verb, id string) string {
	kind := map[string]string{
		"CreateAssociation": "association", "UpdateAssociation": "association", "CreateKey": "key", "CreateFileSystem": "file-system", "CreateAccessPoint": "access-point",
	}[verb]
	return "arn:aws:" + service + ":" + r.Region + ":" + r.Account + ":" + kind + "/" + id
}

// learn keeps a thing, unless it is known: a subnet's answer names its VPC too.
func (r *Recorder) learn(service, arn string, tags map[string]string, names ...string) {
	if r.things[service+" "+arn] != nil {
		return
	}
	t := &thing{service: service, arn: arn, tags: maps.Clone(tags)}
	if _, group, ok := strings.Cut(arn, ":log-group:"); ok {
		names = append(names, group) // whose name may have slashes
	}
	for _, name := range append(names, arn, lastOf.FindString(arn)) {
		if r.things[service+" "+name] == nil {
			r.things[service+" "+name] = t
		}
	}
}

func (r *Recorder) tag(service string, t *thing, tags map[string]string, verb string) {
	if strings.Contains(verb, "Untag") || strings.Contains(verb, "Remove") || strings.HasPrefix(verb, "Delete") || strings.HasPrefix(verb, "List") {
		return
	}
	if t.tags == nil {
		t.tags = map[string]string{}
		r.things[service+" "+t.arn], r.things[service+" "+lastOf.FindString(t.arn)] = t, t
	}
	maps.Copy(t.tags, tags)
}
