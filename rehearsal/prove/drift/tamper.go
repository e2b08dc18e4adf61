package drift

import (
	"errors"
	"fmt"
	"strings"

	"github.com/webphases/webphases/internal/suggest"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// ErrChange says that a change is unknown, or does not apply to the stack.
var ErrChange = errors.New("nothing was changed")

// Change is something that happens on AWS without Pulumi.
type Change struct {
	Name string
	What string // for people, in one line
	// do makes the change and returns the AWS commands that would make it.
	do func(*cloud.Cloud) ([]string, error)
}

// Changes are all that can be made.
var Changes = []Change{
	{"multi-az-off", "the database loses its standby (phase 3)", multiAZOff},
	{"terminate-server", "the server is terminated (phases 1 and 2)", terminateServer},
	{"default-group-rule", "a rule is added to the VPC's default security group", addToDefaultGroup},
	{"open-rule", "port 22 of the servers is opened to everybody: a rule that no resource owns", openRule},
	{"close-rule", "what open-rule added is revoked", closeRule},
	{"change-rule", "the servers' rule for port 80 admits one range only", changeRule},
	{"revoke-rule", "the servers' rule for port 80 is revoked", revokeRule},
}

// Names lists the changes.
func Names() []string {
	names := make([]string, len(Changes))
	for i, c := range Changes {
		names[i] = c.Name
	}
	return names
}

// Tamper makes the named change in the modelled cloud and returns the AWS commands
// that would make it on AWS. It fails with ErrChange if there is no such change, or
// nothing in the cloud that it could change.
func Tamper(c *cloud.Cloud, name string) ([]string, error) {
	for _, change := range Changes {
		if change.Name != name {
			continue
		}
		if len(c.All()) == 0 {
			return nil, fmt.Errorf("%w: %s: the modelled cloud is empty: run `make up` first", ErrChange, name)
		}
		commands, err := change.do(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return commands, nil
	}
	remedy := "choose " + strings.Join(Names(), ", ")
	if near := suggest.Nearest(name, Names()); near != "" {
		remedy = "did you mean " + near + "?"
	}
	return nil, fmt.Errorf("%w: there is no change %q: %s", ErrChange, name, remedy)
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrChange}, args...)...)
}
