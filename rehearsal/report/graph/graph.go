// Package graph is the resource graph of a stack, read from what
// `pulumi stack export` writes: of a rehearsed stack or of a real one.
//
// Every number and picture of a report is computed from it.
package graph

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

// Graph is a stack's resources and what they need of each other.
type Graph struct {
	Project, Stack string
	// Region is the AWS region of the default provider, such as eu-central-1.
	Region string
	// Resources are in the order of creation: what a resource needs stands
	// before it. Providers, the stack itself and what waits for its deletion
	// are left out.
	Resources []*Resource
	// Outputs are the stack's own.
	Outputs Properties

	byURN map[string]*Resource
	// unknowns: a plan's graph holds values that are not known yet. guessed: one of
	// them was read since Decided began.
	unknowns, guessed bool
}

// Resource is one resource or component of a stack.
type Resource struct {
	// URN, Type and Name as Pulumi shows them: Type is the token, such as
	// aws:ec2/vpc:Vpc.
	URN, Type, Name string
	// ID is the physical id; a component has none, and a planned one is Unknown.
	ID string
	// Custom resources are a provider's; the others are components.
	Custom  bool
	Protect bool
	// Parent is the component that the resource belongs to, or nil.
	Parent *Resource
	// Properties by name: what the provider reported and, for what it did not,
	// what was asked for.
	Properties
	// Inputs is what was asked for.
	Inputs Properties
	// Needs are the resources that had to exist first: what its inputs come from
	// and what the program said by dependsOn, components resolved to their
	// children. It has no duplicates.
	Needs []*Resource
	// NeedsFor says which input needs which resources.
	NeedsFor map[string][]*Resource
}

// ErrExport says that the text is not what `pulumi stack export` writes.
var ErrExport = errors.New("this is no stack export")

// Read reads what `pulumi stack export` writes. Secrets may be encrypted, and
// are then the text "[secret]".
func Read(from io.Reader) (*Graph, error) {
	var export apitype.UntypedDeployment
	if err := json.NewDecoder(from).Decode(&export); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExport, err)
	}
	if export.Version != 3 && export.Version != 4 {
		return nil, fmt.Errorf("%w: version %d, want 3 or 4 as Pulumi 3 writes", ErrExport, export.Version)
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(export.Deployment, &deployment); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExport, err)
	}
	g := From(deployment)
	if g.Project == "" {
		return nil, fmt.Errorf("%w: it holds no stack; is it empty?", ErrExport)
	}
	return g, nil
}

// From makes the graph of a deployment, which may be a plan: the text Unknown stands in
// it for what is not known yet.
func From(deployment apitype.DeploymentV3) *Graph {
	g := &Graph{byURN: map[string]*Resource{}}
	var states []apitype.ResourceV3
	for _, s := range deployment.Resources {
		switch {
		case s.Delete:
		case s.Type == resource.RootStackType:
			g.Project, g.Stack, g.Outputs = string(s.URN.Project()), string(s.URN.Stack()), g.open(s.Outputs)
		case s.Type == "pulumi:providers:aws":
			if region, ok := s.Inputs["region"].(string); ok && (g.Region == "" || strings.HasPrefix(s.URN.Name(), "default")) {
				g.Region = region
			}
		case strings.HasPrefix(string(s.Type), "pulumi:"):
		default:
			r := &Resource{
				URN: string(s.URN), Type: string(s.Type), Name: s.URN.Name(), ID: string(s.ID), Custom: s.Custom, Protect: s.Protect,
				Inputs: g.open(s.Inputs), NeedsFor: map[string][]*Resource{},
			}
			r.Properties = r.Inputs.with(g.open(s.Outputs))
			g.Resources, states = append(g.Resources, r), append(states, s)
			g.byURN[r.URN] = r
		}
	}
	for i, r := range g.Resources {
		g.unknowns = g.unknowns || r.ID == Unknown
		g.link(r, states[i])
	}
	return g
}

func (g *Graph) link(r *Resource, s apitype.ResourceV3) {
	r.Parent = g.byURN[string(s.Parent)]
	for _, urn := range s.Dependencies {
		g.need(&r.Needs, r, string(urn))
	}
	for input, urns := range s.PropertyDependencies {
		var needs []*Resource
		for _, urn := range urns {
			g.need(&needs, r, string(urn))
			g.need(&r.Needs, r, string(urn))
		}
		if len(needs) > 0 {
			r.NeedsFor[string(input)] = needs
		}
	}
}

// need adds a resource, or for a component what belongs to it.
func (g *Graph) need(list *[]*Resource, of *Resource, urn string) {
	needed := g.byURN[urn]
	if needed == nil || needed == of {
		return
	}
	if needed.Custom {
		if !slices.Contains(*list, needed) {
			*list = append(*list, needed)
		}
		return
	}
	for _, child := range g.Resources {
		if child.Parent == needed {
			g.need(list, of, child.URN)
		}
	}
}

// Find returns the resource with the URN, or nil.
func (g *Graph) Find(urn string) *Resource { return g.byURN[urn] }

// OfType returns the resources of a type, in the order of creation.
func (g *Graph) OfType(token string) []*Resource {
	var found []*Resource
	for _, r := range g.Resources {
		if r.Type == token {
			found = append(found, r)
		}
	}
	return found
}

// With returns the resource of the type whose property has the value, such as
// an id or an ARN, or nil.
func (g *Graph) With(token, property, value string) *Resource {
	if value == "" {
		return nil
	}
	unsure := value == Unknown // which one it is, or whether there is one
	for _, r := range g.Resources {
		if r.Type != token {
			continue
		}
		at := r.peek(property)
		if value != Unknown && (property == "id" && r.ID == value || text(at) == value) {
			return r
		}
		_, hidden := at.(unknown)
		unsure = unsure || hidden || property == "id" && r.ID == Unknown
	}
	g.guessed = g.guessed || unsure
	return nil
}

// Decided runs a check and tells whether its outcome holds: it read nothing that is not
// known yet.
func (g *Graph) Decided(check func()) bool {
	if !g.unknowns {
		check()
		return true
	}
	g.guessed = false
	check()
	return !g.guessed
}

// Component returns the name of the outermost component that the resource
// belongs to, or "".
func (r *Resource) Component() string {
	name := ""
	for p := r.Parent; p != nil; p = p.Parent {
		name = p.Name
	}
	return name
}

// Template is the launch template of an Auto Scaling group's servers, by itself or with
// a choice of types; nil if the stack has none.
func (g *Graph) Template(group *Resource) *Resource {
	return g.With(catalog.EC2LaunchTemplate, "id", cmp.Or(group.Str("launchTemplate.id"), group.Str(catalog.MixedTemplate+".launchTemplateId")))
}
