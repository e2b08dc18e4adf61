package model

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

type m = map[string]any

// world is a provider with an empty cloud, used as the engine uses it.
type world struct {
	t         *testing.T
	cloud     *cloud.Cloud
	providers map[string]*Provider
	on        context.Context // the connection that it is asked on
}

func newWorld(t *testing.T) *world {
	return newWorldIn(t, m{"region": "ap-northeast-1"}, nil)
}

func newWorldIn(t *testing.T, config m, intercept Interceptor) *world {
	c := cloud.New()
	w := &world{t: t, cloud: c, providers: New(c, intercept), on: t.Context()}
	_, err := w.providers["aws"].Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: w.pack(config)})
	require.NoError(t, err)
	return w
}

func (w *world) pack(v m) *structpb.Struct {
	props, ok := resource.NewPropertyValue(v).V.(resource.PropertyMap)
	require.True(w.t, ok)
	s, err := plugin.MarshalProperties(props, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(w.t, err)
	return s
}

func (w *world) unpack(s *structpb.Struct) resource.PropertyMap {
	props, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(w.t, err)
	return props
}

func urnOf(typ, name string) string { return "urn:pulumi:test::webphases::" + typ + "::" + name }

func (w *world) provider(typ string) *Provider {
	pkg, _, _ := strings.Cut(typ, ":")
	return w.providers[pkg]
}

// thing is a resource as Pulumi's state has it.
type thing struct {
	typ, name, id string
	in, out       *structpb.Struct
	// props are the outputs, with secrets still marked.
	props resource.PropertyMap
}

func (w *world) check(typ, name string, old *structpb.Struct, in m) (*structpb.Struct, []string) {
	res, err := w.provider(typ).Check(w.on, &pulumirpc.CheckRequest{Urn: urnOf(typ, name), Olds: old, News: w.pack(in)})
	require.NoError(w.t, err)
	var failures []string
	for _, f := range res.GetFailures() {
		failures = append(failures, f.GetReason())
	}
	return res.GetInputs(), failures
}

// try checks and creates a resource.
func (w *world) try(typ, name string, in m) (*thing, error) {
	w.t.Helper()
	inputs, failures := w.check(typ, name, nil, in)
	require.Empty(w.t, failures, "%s %s", typ, name)
	res, err := w.provider(typ).Create(w.on, &pulumirpc.CreateRequest{Urn: urnOf(typ, name), Properties: inputs})
	if err != nil {
		return nil, err
	}
	return &thing{typ, name, res.GetId(), inputs, res.GetProperties(), w.unpack(res.GetProperties())}, nil
}

func (w *world) make(typ, name string, in m) *thing {
	w.t.Helper()
	got, err := w.try(typ, name, in)
	require.NoError(w.t, err)
	return got
}

func (w *world) diff(a *thing, in m) (*pulumirpc.DiffResponse, *structpb.Struct) {
	w.t.Helper()
	inputs, failures := w.check(a.typ, a.name, a.in, in)
	require.Empty(w.t, failures)
	res, err := w.provider(a.typ).Diff(w.on, &pulumirpc.DiffRequest{
		Id: a.id, Urn: urnOf(a.typ, a.name), Olds: a.out, OldInputs: a.in, News: inputs,
	})
	require.NoError(w.t, err)
	return res, inputs
}

func (w *world) update(a *thing, in m, preview bool) (resource.PropertyMap, error) {
	w.t.Helper()
	inputs, failures := w.check(a.typ, a.name, a.in, in)
	require.Empty(w.t, failures)
	res, err := w.provider(a.typ).Update(w.on, &pulumirpc.UpdateRequest{
		Id: a.id, Urn: urnOf(a.typ, a.name), Olds: a.out, OldInputs: a.in, News: inputs, Preview: preview,
	})
	if err != nil {
		return nil, err
	}
	if !preview {
		a.in, a.out = inputs, res.GetProperties()
	}
	return w.unpack(res.GetProperties()), nil
}

func (w *world) delete(a *thing) error {
	_, err := w.provider(a.typ).Delete(w.on, &pulumirpc.DeleteRequest{
		Id: a.id, Urn: urnOf(a.typ, a.name), Properties: a.out, OldInputs: a.in,
	})
	return err
}

// lab is a network with two subnets, a gateway and a security group.
type lab struct {
	vpc, gateway, a, c, group *thing
}

func (w *world) lab() lab {
	w.t.Helper()
	var l lab
	l.vpc = w.make(catalog.EC2VPC, "vpc", m{"cidrBlock": "10.0.0.0/16"})
	l.gateway = w.make(catalog.EC2InternetGateway, "gateway", m{"vpcId": l.vpc.id})
	l.a = w.make(catalog.EC2Subnet, "a", m{"vpcId": l.vpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "ap-northeast-1a"})
	l.c = w.make(catalog.EC2Subnet, "c", m{"vpcId": l.vpc.id, "cidrBlock": "10.0.2.0/24", "availabilityZone": "ap-northeast-1c"})
	l.group = w.make(catalog.EC2SecurityGroup, "group", m{"vpcId": l.vpc.id})
	return l
}

func (w *world) image(arch string) string {
	for _, i := range imagesIn("ap-northeast-1") {
		if i.architecture == arch && i.owner == debianOwner {
			return i.id
		}
	}
	w.t.Fatal("no image")
	return ""
}

func (w *world) server(l lab, name string, more m) (*thing, error) {
	in := m{"ami": w.image("x86_64"), "instanceType": "t3.small", "subnetId": l.a.id, "vpcSecurityGroupIds": []any{l.group.id}}
	for k, v := range more {
		in[k] = v
	}
	return w.try(catalog.EC2Instance, name, in)
}

func (w *world) database(l lab, name string, more m) (*thing, error) {
	group := w.make(catalog.RDSSubnetGroup, name+"-subnets", m{"subnetIds": []any{l.a.id, l.c.id}})
	in := m{
		"engine": "mysql", "engineVersion": "8.4", "instanceClass": "db.t4g.medium", "allocatedStorage": 20, "username": "admin", "password": "secret-1",
		"identifier": name, "dbSubnetGroupName": group.props["name"].StringValue(), "vpcSecurityGroupIds": []any{l.group.id},
	}
	for k, v := range more {
		in[k] = v
	}
	return w.try(catalog.RDSInstance, name, in)
}
