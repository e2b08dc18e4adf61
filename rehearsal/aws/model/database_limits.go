package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// predecessor is what a database has to begin with: before an update what it is, when
// it is restored its snapshot; nil if it begins with nothing.
func (c *change) predecessor() *cloud.Record {
	if c.old != nil {
		return c.old
	}
	return c.cloud.Get(catalog.RDSSnapshot, str(c.in, "snapshotIdentifier"))
}

// keepStorage refuses what would make storage shrink, and a limit that it has reached.
// The provider asks for no change if storage has grown by itself.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func (c *change) keepStorage() error {
	from := c.predecessor()
	if from == nil {
		return nil
	}
	before, after, limit := num(from.Outputs, "allocatedStorage"), num(c.in, "allocatedStorage"), num(c.in, "maxAllocatedStorage")
	switch {
	case after == 0 || after >= before:
	case c.old != nil && limit > after:
		c.out["allocatedStorage"] = resource.NewNumberProperty(float64(before))
	default:
		return refuse("InvalidParameterCombination", "Requested storage size (%d) cannot be less than the current storage size (%d)", after, before)
	}
	if c.old == nil && limit > 0 && limit <= max(before, after) {
		return refuse("InvalidParameterCombination", "Max storage size must be greater than storage size")
	}
	return nil
}

// keepVersion refuses to go back to an earlier version, and to a later major one
// without leave.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.MySQL.Major.html
func (c *change) keepVersion() error {
	from, asked := c.predecessor(), str(c.in, "engineVersion")
	if from == nil || asked == "" {
		return nil
	}
	actual := from.Str("engineVersionActual")
	if actual == "" {
		actual = from.Str("engineVersion")
	}
	order := slices.Compare(numbers(asked), numbers(actual)[:min(len(numbers(asked)), len(numbers(actual)))])
	switch {
	case order < 0:
		return refuse("InvalidParameterCombination", "Cannot upgrade %s from %s to %s", str(c.in, "engine"), actual, asked)
	case order > 0 && majorMinor(asked) != majorMinor(actual) && !yes(c.in, "allowMajorVersionUpgrade"):
		return refuse("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
	}
	return nil
}

// majorMinor returns the "8.4" of "8.4.5".
func majorMinor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func numbers(version string) (all []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return all
		}
		all = append(all, n)
	}
	return all
}

// getSnapshot finds what a deleted database has left.
func getSnapshot(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	name := str(in, "dbSnapshotIdentifier")
	found := p.cloud.Get(catalog.RDSSnapshot, name)
	if found == nil {
		return nil, refuse("DBSnapshotNotFound", "DBSnapshot %s not found", name)
	}
	out := found.Outputs.Mappable()
	out["id"], out["status"] = name, "available"
	return out, nil
}
