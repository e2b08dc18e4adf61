package model

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// Kind is what the model knows of a resource type beyond the table of facts.
type Kind struct {
	// Token is the resource type.
	Token string
	// ID is the template of the physical id; see the method expand.
	ID string
	// Outputs are pairs of property and template: what AWS fills in.
	Outputs []string
	// Defaults are the values the provider puts in for inputs left out.
	Defaults map[string]any
	// Name says how a name is made when none is given.
	Name *Naming
	// Refs says which inputs name other resources.
	Refs []Ref
	// Unique are the sets of inputs of which no two resources may share the
	// values.
	Unique []Unique
	// Sets are lists whose order means nothing.
	Sets []string
	// Rules are checked at plan time, on what is known then.
	Rules []Rule
	// Fill computes further outputs, of a new resource and after each update.
	Fill func(*change)
	// Live computes outputs that other resources decide, whenever the resource is
	// read or written.
	Live func(c *cloud.Cloud, id string, out resource.PropertyMap)
	// Apply refuses what AWS would refuse when it acts: on creation and update.
	Apply func(*change) error
	// After is what AWS and the servers do once the resource is created or updated.
	// The provider waits for it: its failure fails the operation, and the resource
	// is there all the same.
	After func(*change) error
	// Delete refuses a deletion, or leaves something behind.
	Delete func(*change) error
	// Renewed maps an output to the inputs whose change gives it a new value,
	// so that a preview knows it is not known yet. "*" stands for all but tags.
	Renewed map[string][]string
	// StateOnly resources exist in Pulumi's state and nowhere else.
	StateOnly bool
	// ReplaceIf says that an update cannot be done in place for a reason the
	// facts do not hold; it returns the property to blame.
	ReplaceIf func(old, new resource.PropertyMap) string
}

// Ref is an input that names another resource.
type Ref struct {
	// Path of the input; "[*]" stands for every element of a list.
	Path string
	// To is the type referred to and By the property that is given: "id", "arn".
	To string
	By string
	// Loose references do not stand in the way of the other one's deletion.
	Loose bool
	// Outside says which values may belong to something that this stack does
	// not hold, such as an image or a hosted zone.
	Outside func(value string) bool
}

// Unique refuses a second resource with the same values.
type Unique struct {
	Paths []string
	Code  string
	What  string
}

var kinds = map[string]*Kind{}

func register(list []Kind) {
	for i := range list {
		k := &list[i]
		if kinds[k.Token] != nil {
			panic("model: registered twice: " + k.Token)
		}
		kinds[k.Token] = k
	}
}

func init() {
	register(networkKinds)
	register(routeKinds)
	register(securityKinds)
	register(vpnKinds)
	register(serverKinds)
	register(groupKinds)
	register(balancerKinds)
	register(edgeKinds)
	register(domainKinds)
	register(databaseKinds)
	register(storageKinds)
	register(backupKinds)
	register(identityKinds)
	register(managementKinds)
	register(bucketKinds)
	register(monitoringKinds)
	register(randomKinds)
}

// label is the type's name in AWS's messages: EC2 VPC.
func (k *Kind) label() string { return catalog.Label(k.Token) }

// apiError is a refusal in the form that AWS gives it.
type apiError struct{ code, message string }

func (e *apiError) Error() string { return "api error " + e.code + ": " + e.message }

func refuse(code, format string, args ...any) error {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

// Rule checks inputs at plan time and returns what is wrong with them.
type Rule func(in resource.PropertyMap) []failure

type failure struct{ property, reason string }

func fail(property, format string, args ...any) []failure {
	return []failure{{property, fmt.Sprintf(format, args...)}}
}

func isSet(k *Kind, path string) bool { return slices.Contains(k.Sets, path) }
