package model

import (
	"context"
	"fmt"
	"slices"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
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
	// FaultFails is a script that State Manager runs and that ends in an error, which
	// it records. The wait for the association fails.
	FaultFails Fault = "fails"
	// FaultHangs is a script that hangs until its time is over and records nothing.
	// The wait fails.
	FaultHangs Fault = "hangs"
	// FaultEarly is a wait that returns before the script has run. The script runs
	// when the update is over.
	//
	// Source: https://github.com/hashicorp/terraform-provider-aws/issues/31175
	FaultEarly Fault = "early"
	// FaultEarlyFails is the same, and the script then fails.
	FaultEarlyFails Fault = "early-fails"
	// FaultUnhealthy is a group whose new servers do not become healthy before the
	// update is over. The creation of a group waits for them and fails; an update
	// does not wait, and the old servers go on.
	FaultUnhealthy Fault = "unhealthy"
)

// Faults are all kinds but NoFault.
var Faults = []Fault{FaultBefore, FaultAfter, FaultTimeout, FaultFails, FaultHangs, FaultEarly, FaultEarlyFails, FaultUnhealthy}

// OfServers tells whether a fault is one of servers, which AWS does not report for
// what it is.
func (f Fault) OfServers() bool { return slices.Index(Faults, f) >= slices.Index(Faults, FaultFails) }

// Strikes tells whether a fault can happen to an operation: any operation can be
// refused or cut off, but only scripts fail, and only groups have servers.
func (f Fault) Strikes(op Operation) bool {
	switch f {
	case FaultFails, FaultHangs, FaultEarly, FaultEarlyFails:
		return op.Name == "create" && op.Type == catalog.SSMAssociation
	case FaultUnhealthy:
		return op.Type == catalog.AutoScalingGroup && (op.Name == "create" || op.Name == "update")
	default:
		return true
	}
}

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
	return status.Errorf(codes.Unknown, "%s %s%s: %v", doing, c.kind.label(), space(c.id), err)
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
