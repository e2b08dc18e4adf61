package stack

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/config"
)

// checkSnapshot looks at the snapshot that this update makes the database of: what
// AWS would refuse is refused before anything changes, and before the database that
// is there is replaced. A snapshot that was used before may be gone by now.
func checkSnapshot(ctx *pulumi.Context, cfg config.Config, used string) error {
	d := cfg.Database
	if cfg.Phase < 2 || d.SnapshotIdentifier == "" || d.SnapshotIdentifier == used {
		return nil
	}
	key := func(name string) string { return ctx.Project() + ":database." + name }
	found, err := rds.LookupSnapshot(ctx, &rds.LookupSnapshotArgs{
		DbSnapshotIdentifier: pulumi.StringRef(d.SnapshotIdentifier),
		IncludeShared:        pulumi.BoolRef(strings.HasPrefix(d.SnapshotIdentifier, "arn:")),
	})
	if err != nil {
		return fmt.Errorf("%s = %q: looking at the snapshot that the database is to be made of: %w", key("snapshotIdentifier"), d.SnapshotIdentifier, err)
	}
	var errs config.Errors
	refuse := func(name string, value any, why, remedy string) {
		errs = append(errs, &config.FieldError{
			Kind:   config.ErrConflict,
			Key:    key(name),
			Value:  fmt.Sprint(value),
			Why:    why,
			Remedy: remedy,
		})
	}
	if found.Engine != "mysql" {
		refuse("snapshotIdentifier", d.SnapshotIdentifier, "it is a snapshot of "+found.Engine, "choose one of a database for MySQL")
	}
	if !found.Encrypted {
		refuse("snapshotIdentifier", d.SnapshotIdentifier, "it is not encrypted, and neither would the database be",
			"make an encrypted copy with `aws rds copy-db-snapshot --kms-key-id alias/aws/rds` and its identifiers, and name that")
	}
	if major := config.MajorVersion(found.EngineVersion); major != config.MajorVersion(d.EngineVersion) || older(d.EngineVersion, found.EngineVersion) {
		refuse("engineVersion", d.EngineVersion, "the snapshot "+d.SnapshotIdentifier+" is of MySQL "+found.EngineVersion,
			"set it to "+major+"; a later version can be set in the update after the restore")
	}
	if least := config.LeastLimit(found.AllocatedStorage); d.MaxAllocatedStorage != 0 && d.MaxAllocatedStorage < least {
		refuse("maxAllocatedStorage", d.MaxAllocatedStorage, fmt.Sprintf("the snapshot %s has %d GiB, and so will the database", d.SnapshotIdentifier, found.AllocatedStorage),
			fmt.Sprintf("set %d or more, or 0 to switch storage autoscaling off", least))
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// older tells whether a version is an earlier one than that which there is, as far as
// it says.
func older(version, than string) bool {
	a, b := strings.Split(version, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		x, errX := strconv.Atoi(a[i])
		y, errY := strconv.Atoi(b[i])
		if errX != nil || errY != nil {
			return false // "8.4.rds.1": AWS decides
		}
		if x != y {
			return x < y
		}
	}
	return false
}
