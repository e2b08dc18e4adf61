package main

import (
	"cmp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"github.com/webphases/webphases/rehearsal/report/graph"
)

// planned is the graph of what the engine gives a policy. The engine gives resources in
// no order; by URN, the findings are in the same order every time.
func planned(resources []policyx.AnalyzerResource) *graph.Graph {
	var deployment apitype.DeploymentV3
	for _, r := range slices.SortedFunc(slices.Values(resources), func(a, b policyx.AnalyzerResource) int { return cmp.Compare(a.URN, b.URN) }) {
		deployment.Resources = append(deployment.Resources, state(r))
	}
	return graph.From(deployment)
}

// state is a resource as an export has it. A policy gets outputs alone; with a provider
// of AWS they hold what was asked for too. They are taken for inputs, where an export
// has a provider's region.
func state(r policyx.AnalyzerResource) apitype.ResourceV3 {
	s := apitype.ResourceV3{
		URN: resource.URN(r.URN), Type: tokens.Type(r.Type), Parent: resource.URN(r.Parent),
		Custom: r.Provider.URN != "", // a component has none
		Inputs: object(r.Properties), PropertyDependencies: map[resource.PropertyKey][]resource.URN{},
		Protect: r.Options.Protect,
	}
	if s.Custom {
		s.ID = graph.Unknown
		if id := r.Properties.Get("id"); id.IsString() {
			s.ID = resource.ID(id.AsString())
		}
	}
	for _, urn := range r.Dependencies {
		s.Dependencies = append(s.Dependencies, resource.URN(urn))
	}
	for input, urns := range r.PropertyDependencies {
		for _, urn := range urns {
			key := resource.PropertyKey(input)
			s.PropertyDependencies[key] = append(s.PropertyDependencies[key], resource.URN(urn))
		}
	}
	return s
}

func object(m property.Map) map[string]any {
	plain := map[string]any{}
	for key, v := range m.All {
		plain[key] = value(v)
	}
	return plain
}

// value is a property as JSON has it. A secret is judged by its value, which no finding
// tells. What is not known yet, policyx gives as computed, at any depth.
func value(v property.Value) any {
	switch {
	case v.IsComputed():
		return graph.Unknown
	case v.IsBool():
		return v.AsBool()
	case v.IsNumber():
		return v.AsNumber()
	case v.IsString():
		return v.AsString()
	case v.IsMap():
		return object(v.AsMap())
	case v.IsArray():
		list := []any{}
		for _, e := range v.AsArray().All {
			list = append(list, value(e))
		}
		return list
	}
	return nil // null, and files, which no control reads
}
