// Package faults makes chosen operations of a rehearsal fail.
package faults

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/model"
)

// ErrFault is wrapped by every refusal of a fault that was asked for.
var ErrFault = errors.New("not a fault")

// form is the grammar of a fault.
const form = "<when>:<operation>:<type or name>"

// Fault is one fault as a user asks for it, "after:create:aws:rds/*": when it
// strikes, at which operation, on which resources.
type Fault struct {
	// Text is the fault as it was given.
	Text string
	// When is one of the faults of package model.
	When model.Fault
	// Operation is create, update, delete or read.
	Operation string
	target    *regexp.Regexp
}

// Parse reads faults of the form <when>:<operation>:<type or name>. The last part
// is a resource's type as its token (aws:rds/instance:Instance) or as the CLI
// shows it (aws:rds:Instance), or its name; "*" in it stands for any characters.
// It returns all mistakes at once, each with key, value and remedy, and each
// wrapping ErrFault.
func Parse(texts []string) ([]Fault, error) {
	var all []Fault
	var errs []error
	for _, text := range texts {
		f, why := parse(text)
		if why != "" {
			errs = append(errs, fmt.Errorf("FAULTS = %q: %w: %s", text, ErrFault, why))
			continue
		}
		all = append(all, f)
	}
	return all, errors.Join(errs...)
}

// parse returns what is wrong and what to do about it, or "".
func parse(text string) (f Fault, why string) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[2] == "" {
		return f, "write " + form + ", such as before:create:aws:rds/instance:Instance"
	}
	f = Fault{Text: text, When: model.Fault(parts[0]), Operation: parts[1]}
	var wrong []string
	if !slices.Contains(model.Faults, f.When) {
		wrong = append(wrong, fmt.Sprintf("there is no %q; begin with one of %v", parts[0], model.Faults))
	}
	switch f.Operation {
	case "create", "update", "delete":
	case "read":
		if f.When != model.FaultBefore {
			wrong = append(wrong, "a read has no effect to fail after; write before:read")
		}
	default:
		wrong = append(wrong, fmt.Sprintf("there is no operation %q; write create, update, delete or read", parts[1]))
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(parts[2]), `\*`, ".*")
	f.target = regexp.MustCompile("^" + pattern + "$")
	return f, strings.Join(wrong, "; ")
}

// Matches tells whether the fault is for the operation.
func (f Fault) Matches(op model.Operation) bool {
	return f.Operation == op.Name && f.When.Strikes(op) &&
		(f.target.MatchString(op.Type) || f.target.MatchString(catalog.Display(op.Type)) || f.target.MatchString(resource.URN(op.URN).Name()))
}
