package reach

import (
	"fmt"
	"slices"
)

// What kind of thing a Rule is.
const (
	SecurityGroup = "security group"
	NetworkACL    = "network ACL"
	Route         = "route"
	AWS           = "AWS"
)

// Rule is one thing that a connection needs: a rule of a security group, an
// entry of a network ACL, a route, or something that AWS does by itself.
type Rule struct {
	Kind string // SecurityGroup, NetworkACL, Route or AWS
	Name string // of the resource, as Pulumi shows it
	Text string // such as "allow in tcp 80 from 0.0.0.0/0"
	Via  Way    // of a route: the way out that it takes, if it leaves the VPC
}

func (r Rule) String() string { return r.Kind + " " + r.Name + ": " + r.Text }

// Verdict is whether a connection is possible and why.
type Verdict struct {
	Allowed bool
	By      []Rule // if it is: all that it needs, in the order of the way
	Refused string // if it is not: the first thing that refuses
}

func (v *Verdict) allow(kind, name, text string) {
	if r := (Rule{Kind: kind, Name: name, Text: text}); !slices.Contains(v.By, r) {
		v.By = append(v.By, r)
	}
}

// follow is allow of a route.
func (v *Verdict) follow(r route) {
	rule := Rule{Kind: Route, Name: r.name, Text: r.text()}
	if r.via != local {
		rule.Via = Way(r.via)
	}
	if !slices.Contains(v.By, rule) {
		v.By = append(v.By, rule)
	}
}

// refuse keeps the first reason. It returns false.
func (v *Verdict) refuse(format string, args ...any) bool {
	if v.Refused == "" {
		v.Refused = fmt.Sprintf(format, args...)
	}
	return false
}
