package model

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Operation is what an Interceptor sees of one operation on the cloud.
type Operation struct {
	// Name is create, read, update or delete.
	Name string
	Type string
	URN  string
	// ID is empty before a creation.
	ID string
}

// Fault is how an operation goes wrong.
type Fault string

const (
	// NoFault lets the operation succeed.
	NoFault Fault = ""
	// FaultBefore is an error before anything has happened: a refused or lost
	// request.
	FaultBefore Fault = "before"
	// FaultAfter is an error after the whole effect, such as a lost answer. Of a
	// creation and an update the engine is told what there is, as bridged
	// providers do; it keeps the resource and updates it next time.
	FaultAfter Fault = "after"
	// FaultTimeout is a waiter that gives up: the operation has been accepted and
	// fails while AWS still works at it. The effect comes after the failing
	// update is over, when the cloud settles. What has been created is known by
	// its id and its inputs only; what AWS fills in is not.
	//
	// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html (creating, modifying, deleting)
	FaultTimeout Fault = "timeout"
)

// Interceptor is asked before each operation how it shall go wrong. It is the
// seam for injected faults. It may wait, and several calls may be under way at
// once. A read has no effect: any fault makes it fail.
type Interceptor func(context.Context, Operation) Fault

func (f Fault) err(op Operation) error {
	return fmt.Errorf("the rehearsal's fault %s:%s:%s", f, op.Name, resource.URN(op.URN).Name())
}

// perform prepares an operation and carries out its effect, now or, after a
// timeout, when the cloud settles. Nothing else changes the cloud meanwhile.
func (p *Provider) perform(fault Fault, prepare, effect func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := prepare(); err != nil {
		return err
	}
	if fault == FaultTimeout {
		p.cloud.Later(effect)
		return nil
	}
	return effect()
}

func (c *change) failed(doing string, err error) error {
	return status.Errorf(codes.Unknown, "%s %s%s: %v", doing, c.kind.Label, space(c.id), err)
}

// halfDone reports that the operation failed and that there is, or will be,
// something: the engine keeps the resource as it is told here, and tries again
// with it.
func (c *change) halfDone(doing string, props resource.PropertyMap, err error) error {
	encoded, encodeErr := encode(c.facts, props)
	if encodeErr != nil {
		return encodeErr
	}
	s := status.New(codes.Unknown, c.failed(doing, err).Error())
	detail := &pulumirpc.ErrorResourceInitFailed{Id: c.id, Properties: encoded, Reasons: []string{err.Error()}}
	if with, detailErr := s.WithDetails(detail); detailErr == nil {
		s = with
	}
	return s.Err()
}

// asked is what was asked for, without what AWS fills in.
func (c *change) asked() resource.PropertyMap {
	out := c.in.Copy()
	delete(out, defaultsKey)
	return out
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
