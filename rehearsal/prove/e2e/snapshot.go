//go:build e2e

package e2e

import (
	"context"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// withSnapshot does something while both sides have a snapshot of the stack's
// database.
func (r *run) withSnapshot(ctx context.Context, do func() error) error {
	const snapshot = catalog.RDSSnapshot
	if err := r.api.Snapshot(ctx, mistake); err != nil {
		return err
	}
	if err := r.model.Edit(func(c *cloud.Cloud) error {
		out := c.OfType(catalog.RDSInstance)[0].Outputs.Copy()
		out["encrypted"] = out["storageEncrypted"]
		return c.Put(&cloud.Record{Type: snapshot, ID: mistake, Inputs: resource.PropertyMap{}, Outputs: out})
	}); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, r.api.DropSnapshot(ctx, mistake), r.model.Edit(func(c *cloud.Cloud) error {
		return c.Delete(snapshot, mistake)
	}))
}
