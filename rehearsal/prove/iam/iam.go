// Package iam decides whether IAM policies allow a request, as AWS documents it:
// what no policy allows is denied, a permissions boundary has to allow it too, and an
// explicit deny wins.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
package iam

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Document is a policy.
type Document struct {
	Statement []Statement
}

// Statement is one of its statements.
type Statement struct {
	Effect      string
	Action      List
	NotAction   List
	Resource    List
	NotResource List
	Condition   map[string]map[string]List
}

// List is a JSON string or a list of them.
type List []string

// UnmarshalJSON reads either form.
func (l *List) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = List{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(text, &many)
	*l = many
	return err
}

// Parse reads a policy's JSON text.
func Parse(text string) (d Document, err error) {
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, fmt.Errorf("reading a policy: %w", err)
	}
	return d, nil
}

// Request is one action on one resource. AWS decides about each resource of a call by
// itself, and all of them have to be allowed.
type Request struct {
	Action   string // such as ec2:DeleteVpc
	Resource string // ARN; "*" of an action that knows no resources
	// Context is the condition keys that AWS fills for the request, in lower case, such
	// as aws:resourcetag/stack. A key that AWS does not fill is absent.
	Context map[string][]string
}

// Role is whose request it is.
type Role struct {
	Policies []Document
	Boundary *Document // nil: none
}

// Allows decides.
func (r Role) Allows(q Request) bool {
	allowed := false
	for _, d := range r.Policies {
		switch d.decide(q) {
		case denied:
			return false
		case granted:
			allowed = true
		case silent:
		}
	}
	return allowed && (r.Boundary == nil || r.Boundary.decide(q) == granted)
}

type decision int

const (
	silent decision = iota
	granted
	denied
)

func (d Document) decide(q Request) decision {
	result := silent
	for _, s := range d.Statement {
		if !s.covers(q) {
			continue
		}
		if s.Effect == "Deny" {
			return denied
		}
		result = granted
	}
	return result
}

func (s Statement) covers(q Request) bool {
	action := strings.ToLower(q.Action)
	names := func(l List) bool {
		return slices.ContainsFunc(l, func(p string) bool { return matches(strings.ToLower(p), action) })
	}
	on := func(l List) bool {
		return slices.ContainsFunc(l, func(p string) bool { return matches(p, q.Resource) })
	}
	switch {
	case s.Action != nil && !names(s.Action), s.NotAction != nil && names(s.NotAction):
		return false
	case s.Resource != nil && !on(s.Resource), s.NotResource != nil && on(s.NotResource):
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !holds(operator, values, q.Context, strings.ToLower(key)) {
				return false
			}
		}
	}
	return true
}

// holds tells whether one key of a condition is met. All keys of all operators have to
// be; of a key's values one is enough, and of a negated operator's none may match.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func holds(operator string, values List, context map[string][]string, key string) bool {
	quantifier, name, quantified := strings.Cut(operator, ":")
	if !quantified {
		quantifier, name = "", operator
	}
	given, present := context[key]
	if name == "Null" {
		return slices.Contains(values, fmt.Sprint(!present))
	}
	name, ifExists := strings.CutSuffix(name, "IfExists")
	compare, negated := comparison(name)
	if !present {
		return ifExists || negated || quantifier == "ForAllValues"
	}
	one := func(value string) bool {
		met := slices.ContainsFunc(values, func(want string) bool { return compare(want, value) })
		return met != negated
	}
	if quantifier == "ForAllValues" {
		return !slices.ContainsFunc(given, func(value string) bool { return !one(value) })
	}
	return slices.ContainsFunc(given, one)
}

// comparison returns how an operator compares. It panics on one that this package does
// not know: to ignore a condition would be to allow.
func comparison(name string) (compare func(want, value string) bool, negated bool) {
	negated = strings.Contains(name, "Not")
	name = strings.Replace(name, "Not", "", 1)
	switch name {
	case "StringEquals", "Bool":
		return func(want, value string) bool { return want == value }, negated
	case "StringEqualsIgnoreCase":
		return strings.EqualFold, negated
	case "StringLike", "ArnLike", "ArnEquals":
		return matches, negated
	}
	panic("iam: unknown condition operator " + name)
}

// matches compares with a pattern in which * stands for any text and ? for one character.
func matches(pattern, text string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			for n := len(text); n >= 0; n-- {
				if matches(pattern[1:], text[n:]) {
					return true
				}
			}
			return false
		case text == "", pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		pattern, text = pattern[1:], text[1:]
	}
	return text == ""
}
