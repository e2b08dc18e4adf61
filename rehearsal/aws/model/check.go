package model

import (
	"context"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/webphases/webphases/internal/facts"
)

// defaultsKey is where the provider notes which inputs it filled in itself.
const defaultsKey = "__defaults"

// Check fills in names and defaults and refuses inputs that the provider or AWS
// would refuse, as far as they are known at plan time.
func (p *Provider) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	p = p.on(ctx)
	k, f, err := lookup(string(resource.URN(req.GetUrn()).Type()))
	if err != nil {
		return nil, err
	}
	olds, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	in, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	p.tag(f, in)
	p.fillDefaults(k, f, req.GetUrn(), olds, in)

	var failures []failure
	for _, problem := range f.CheckInputs(in) {
		failures = append(failures, failure{problem.Path, problem.Reason})
	}
	if len(failures) == 0 { // rules may rely on the types
		for _, rule := range k.Rules {
			failures = append(failures, rule(in)...)
		}
	}
	res := &pulumirpc.CheckResponse{}
	for _, f := range failures {
		res.Failures = append(res.Failures, &pulumirpc.CheckFailure{Property: f.property, Reason: f.reason})
	}
	res.Inputs, err = encode(f, in)
	return res, err
}

// tag adds the default tags of the provider's configuration.
func (p *Provider) tag(f *facts.Resource, in resource.PropertyMap) {
	prop, ok := f.Inputs["tags"]
	if !ok || prop.Type.Kind != facts.Map || len(p.defaultTags) == 0 || in["tags"].IsComputed() {
		return
	}
	in["tags"] = mergeTags(resource.NewObjectProperty(p.defaultTags), in["tags"])
}

// fillDefaults adds the name and the default values, and notes which it added:
// a later update keeps a name only if it was made here.
func (p *Provider) fillDefaults(k *Kind, f *facts.Resource, urn string, olds, in resource.PropertyMap) {
	var filled []string
	if n := namingOf(k, f); n != nil && in[n.key()].IsNull() && (n.prefix() == "" || in[n.prefix()].IsNull()) {
		filled = append(filled, n.Property)
		if old := olds[n.key()]; !old.IsNull() && wasDefault(olds, n.Property) {
			in[n.key()] = old
		} else {
			in[n.key()] = stringProp(n.make(urn, p.cloud.Made(urn)))
		}
	}
	for name, v := range k.Defaults {
		if key := resource.PropertyKey(name); in[key].IsNull() {
			in[key] = resource.NewPropertyValue(v)
			filled = append(filled, name)
		}
	}
	slices.Sort(filled)
	list := make([]resource.PropertyValue, len(filled))
	for i, name := range filled {
		list[i] = stringProp(name)
	}
	in[defaultsKey] = resource.NewArrayProperty(list)
}

// wasDefault tells whether the provider itself had filled in the input.
func wasDefault(in resource.PropertyMap, name string) bool {
	v := in[defaultsKey]
	if !v.IsArray() {
		return false
	}
	return slices.ContainsFunc(v.ArrayValue(), func(e resource.PropertyValue) bool {
		return e.IsString() && strings.EqualFold(e.StringValue(), name)
	})
}
