//go:build e2e

package inspect

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// Snapshot makes a snapshot of the one database. DropSnapshot deletes it.
func (a *API) Snapshot(ctx context.Context, name string) error {
	found, err := a.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	if err != nil {
		return err
	}
	if n := len(found.DBInstances); n != 1 {
		return fmt.Errorf("there are %d databases, want 1 to make a snapshot of", n)
	}
	_, err = a.rds.CreateDBSnapshot(ctx, &rds.CreateDBSnapshotInput{
		DBInstanceIdentifier: found.DBInstances[0].DBInstanceIdentifier,
		DBSnapshotIdentifier: &name,
	})
	return err
}

// DropSnapshot undoes Snapshot.
func (a *API) DropSnapshot(ctx context.Context, name string) error {
	_, err := a.rds.DeleteDBSnapshot(ctx, &rds.DeleteDBSnapshotInput{DBSnapshotIdentifier: &name})
	return err
}
