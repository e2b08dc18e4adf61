package model

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/cloud"
)

// Create makes a resource in the cloud; a preview only says what is known of it.
func (p *Provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	in, err := decode(req.GetProperties())
	if err != nil {
		return nil, err
	}
	c, err := p.change(req.GetUrn(), in)
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		props, err := encode(c.facts, c.planned())
		return &pulumirpc.CreateResponse{Properties: props}, err
	}
	op := Operation{Name: "create", Type: c.kind.Token, URN: c.urn}
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.failed("creating", err)
	}
	if err := p.create(c); err != nil {
		return nil, c.failed("creating", err)
	}
	props, err := encode(c.facts, p.live(c.kind, c.id, c.out))
	if err != nil {
		return nil, err
	}
	op.ID, op.Done = c.id, true
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.halfDone("creating", props, err)
	}
	return &pulumirpc.CreateResponse{Id: c.id, Properties: props}, nil
}

func (p *Provider) create(c *change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.out = c.in.Copy()
	delete(c.out, defaultsKey)
	c.id = c.expand("id", c.kind.ID)
	for _, check := range []func() error{c.checkRefs, c.checkUnique, c.apply} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.kind.StateOnly {
		c.fill()
		return p.cloud.Count(c.urn)
	}
	if p.cloud.Get(c.kind.Token, c.id) != nil {
		return refuse("AlreadyExists", "%s %s already exists", c.kind.Label, c.id)
	}
	c.fill()
	return p.cloud.Create(&cloud.Record{Type: c.kind.Token, ID: c.id, URN: c.urn, Inputs: c.in, Outputs: c.out})
}

func (c *change) apply() error {
	if c.kind.Apply == nil {
		return nil
	}
	return c.kind.Apply(c)
}

// Update changes a resource in place.
func (p *Provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	props, err := decodeAll(req.GetNews(), req.GetOldInputs(), req.GetOlds())
	if err != nil {
		return nil, err
	}
	c, err := p.change(req.GetUrn(), props[0])
	if err != nil {
		return nil, err
	}
	c.id = req.GetId()
	if req.GetPreview() {
		planned, err := encode(c.facts, c.plannedUpdate(props[1], props[2]))
		return &pulumirpc.UpdateResponse{Properties: planned}, err
	}
	op := Operation{Name: "update", Type: c.kind.Token, URN: c.urn, ID: c.id}
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.failed("updating", err)
	}
	if err := p.update(c); err != nil {
		return nil, c.failed("updating", err)
	}
	out, err := encode(c.facts, p.live(c.kind, c.id, c.out))
	if err != nil {
		return nil, err
	}
	op.Done = true
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.halfDone("updating", out, err)
	}
	return &pulumirpc.UpdateResponse{Properties: out}, nil
}

func (p *Provider) update(c *change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.old = p.cloud.Get(c.kind.Token, c.id)
	if c.old == nil {
		return refuse("NotFound", "%s %s does not exist any more; `refresh` takes it out of the state", c.kind.Label, c.id)
	}
	c.born = max(0, c.born-1)
	c.out = c.merged(c.old.Inputs, c.old.Outputs)
	for _, check := range []func() error{c.checkRefs, c.checkUnique, c.apply} {
		if err := check(); err != nil {
			return err
		}
	}
	c.fill()
	return p.cloud.Put(&cloud.Record{Type: c.kind.Token, ID: c.id, URN: c.urn, Inputs: c.in, Outputs: c.out})
}

// Delete takes a resource out of the cloud. What is already gone is no error.
func (p *Provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	in, err := decode(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	c, err := p.change(req.GetUrn(), in)
	if err != nil {
		return nil, err
	}
	c.id = req.GetId()
	op := Operation{Name: "delete", Type: c.kind.Token, URN: c.urn, ID: c.id}
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.failed("deleting", err)
	}
	if err := p.delete(c); err != nil {
		return nil, c.failed("deleting", err)
	}
	op.Done = true
	if err := p.intercept(ctx, op); err != nil {
		return nil, c.failed("deleting", err)
	}
	return &emptypb.Empty{}, nil
}

func (p *Provider) delete(c *change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.old = p.cloud.Get(c.kind.Token, c.id)
	if c.old == nil {
		return nil // gone already, or it was in the state only
	}
	c.in = c.old.Inputs
	if err := c.checkUnused(); err != nil {
		return err
	}
	if c.kind.Delete != nil {
		if err := c.kind.Delete(c); err != nil {
			return err
		}
	}
	return p.cloud.Delete(c.kind.Token, c.id)
}

// Read returns what is in the cloud, which may have drifted from the state; an
// empty id says that the resource is gone.
func (p *Provider) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	k, f, err := lookup(string(resource.URN(req.GetUrn()).Type()))
	if err != nil {
		return nil, err
	}
	op := Operation{Name: "read", Type: k.Token, URN: req.GetUrn(), ID: req.GetId()}
	if err := p.intercept(ctx, op); err != nil {
		return nil, err
	}
	if k.StateOnly {
		return &pulumirpc.ReadResponse{Id: req.GetId(), Inputs: req.GetInputs(), Properties: req.GetProperties()}, nil
	}
	r := p.cloud.Get(k.Token, req.GetId())
	if r == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	inputs, err := encode(f, r.Inputs)
	if err != nil {
		return nil, err
	}
	props, err := encode(f, p.live(k, r.ID, r.Outputs))
	return &pulumirpc.ReadResponse{Id: r.ID, Inputs: inputs, Properties: props}, err
}

// live returns the outputs together with those that other resources decide.
func (p *Provider) live(k *Kind, id string, out resource.PropertyMap) resource.PropertyMap {
	if k.Live == nil {
		return out
	}
	out = out.Copy()
	k.Live(p.cloud, id, out)
	return out
}

func (c *change) failed(doing string, err error) error {
	return status.Errorf(codes.Unknown, "%s %s%s: %v", doing, c.kind.Label, space(c.id), err)
}

// halfDone reports that the operation took effect and failed after it: the
// engine keeps the resource and tries again with it.
func (c *change) halfDone(doing string, props *structpb.Struct, err error) error {
	s := status.New(codes.Unknown, c.failed(doing, err).Error())
	detail := &pulumirpc.ErrorResourceInitFailed{Id: c.id, Properties: props, Reasons: []string{err.Error()}}
	if with, detailErr := s.WithDetails(detail); detailErr == nil {
		s = with
	}
	return s.Err()
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
