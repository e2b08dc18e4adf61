package model

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// Create makes a resource in the cloud; a preview only says what is known of it.
func (p *Provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	p = p.on(ctx)
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
	fault := p.intercept(ctx, op)
	if fault == FaultBefore {
		return nil, c.failed("creating", fault.err(op))
	}
	c.fault = fault
	if err := p.perform(fault, c.prepareCreate, c.create); err != nil {
		return nil, c.failed("creating", err)
	}
	switch {
	case fault == FaultAfter:
		return nil, c.halfDone("creating", p.live(c.kind, c.id, c.out), fault.err(op))
	case fault == FaultTimeout:
		return nil, c.halfDone("creating", c.asked(), fault.err(op))
	case c.failure != nil:
		return nil, c.halfDone("creating", p.live(c.kind, c.id, c.out), c.failure)
	}
	props, err := encode(c.facts, p.live(c.kind, c.id, c.out))
	return &pulumirpc.CreateResponse{Id: c.id, Properties: props}, err
}

// prepareCreate refuses what AWS would refuse, and computes the new resource.
func (c *change) prepareCreate() error {
	c.out = c.asked()
	c.id = c.expand("id", c.kind.ID)
	for _, check := range []func() error{c.checkRefs, c.checkUnique, c.apply} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.cloud.Get(c.kind.Token, c.id) != nil {
		return refuse("AlreadyExists", "%s %s already exists", c.kind.label(), c.id)
	}
	c.fill()
	return nil
}

func (c *change) create() error {
	if c.kind.StateOnly {
		return c.cloud.Count(c.urn)
	}
	if err := c.cloud.Create(c.record()); err != nil {
		return err
	}
	c.after()
	return nil
}

func (c *change) after() {
	if c.kind.After != nil {
		c.failure = c.kind.After(c)
	}
}

func (c *change) record() *cloud.Record {
	return &cloud.Record{Type: c.kind.Token, ID: c.id, URN: c.urn, Inputs: c.in, Outputs: c.out}
}

func (c *change) apply() error {
	if c.kind.Apply == nil {
		return nil
	}
	return c.kind.Apply(c)
}

// Update changes a resource in place.
func (p *Provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	p = p.on(ctx)
	props, err := decodeAll(req.GetNews(), req.GetOldInputs(), req.GetOlds())
	if err != nil {
		return nil, err
	}
	c, err := p.change(req.GetUrn(), props[0])
	if err != nil {
		return nil, err
	}
	c.id = req.GetId()
	c.ignored = req.GetIgnoreChanges()
	if req.GetPreview() {
		planned, err := encode(c.facts, c.plannedUpdate(props[1], props[2]))
		return &pulumirpc.UpdateResponse{Properties: planned}, err
	}
	op := Operation{Name: "update", Type: c.kind.Token, URN: c.urn, ID: c.id}
	fault := p.intercept(ctx, op)
	if fault == FaultBefore {
		return nil, c.failed("updating", fault.err(op))
	}
	if c.kind.StateOnly { // it is all in the state, and nowhere else
		c.old = &cloud.Record{Type: c.kind.Token, ID: c.id, URN: c.urn, Inputs: props[1], Outputs: props[2]}
	}
	c.fault = fault
	if err := p.perform(fault, c.prepareUpdate, c.update); err != nil {
		return nil, c.failed("updating", err)
	}
	switch {
	case fault == FaultAfter || fault == FaultTimeout:
		return nil, c.halfDone("updating", p.live(c.kind, c.id, c.out), fault.err(op))
	case c.failure != nil:
		return nil, c.halfDone("updating", p.live(c.kind, c.id, c.out), c.failure)
	}
	out, err := encode(c.facts, p.live(c.kind, c.id, c.out))
	return &pulumirpc.UpdateResponse{Properties: out}, err
}

// prepareUpdate refuses what AWS would refuse, and computes the changed resource.
func (c *change) prepareUpdate() error {
	if c.old == nil {
		c.old = c.cloud.Get(c.kind.Token, c.id)
	}
	if c.old == nil {
		return refuse("NotFound", "%s %s does not exist any more; `refresh` takes it out of the state", c.kind.label(), c.id)
	}
	c.born = max(0, c.born-1)
	for _, name := range c.ignored { // what there is stays
		if key := resource.PropertyKey(name); !c.old.Inputs[key].IsNull() {
			c.in[key] = c.old.Inputs[key]
		}
	}
	c.out = c.merged(c.old.Inputs, c.old.Outputs)
	for _, check := range []func() error{c.checkRefs, c.checkUnique, c.apply} {
		if err := check(); err != nil {
			return err
		}
	}
	c.fill()
	return nil
}

func (c *change) update() error {
	if c.kind.StateOnly {
		return nil
	}
	if err := c.cloud.Put(c.record()); err != nil {
		return err
	}
	c.after()
	return nil
}

// Delete takes a resource out of the cloud. What is already gone is no error.
func (p *Provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	p = p.on(ctx)
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
	fault := p.intercept(ctx, op)
	if fault == FaultBefore {
		return nil, c.failed("deleting", fault.err(op))
	}
	if err := p.perform(fault, c.prepareDelete, c.delete); err != nil {
		return nil, c.failed("deleting", err)
	}
	if fault != NoFault {
		return nil, c.failed("deleting", fault.err(op))
	}
	return &emptypb.Empty{}, nil
}

// prepareDelete refuses what AWS would refuse, and leaves behind what the
// deletion leaves behind.
func (c *change) prepareDelete() error {
	c.old = c.cloud.Get(c.kind.Token, c.id)
	if c.old == nil {
		return nil // gone already, or it was in the state only
	}
	c.in = c.old.Inputs
	if err := c.checkUnused(); err != nil {
		return err
	}
	if c.kind.Delete != nil {
		return c.kind.Delete(c)
	}
	return nil
}

func (c *change) delete() error { return c.cloud.Delete(c.kind.Token, c.id) }

// Read returns what is in the cloud, which may have drifted from the state; an
// empty id says that the resource is gone.
func (p *Provider) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	p = p.on(ctx)
	k, f, err := lookup(string(resource.URN(req.GetUrn()).Type()))
	if err != nil {
		return nil, err
	}
	op := Operation{Name: "read", Type: k.Token, URN: req.GetUrn(), ID: req.GetId()}
	if fault := p.intercept(ctx, op); fault != NoFault {
		return nil, status.Errorf(codes.Unknown, "reading %s %s: %v", k.label(), op.ID, fault.err(op))
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
