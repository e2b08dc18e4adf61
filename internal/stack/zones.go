package stack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/config"
)

// findZones names the stack's availability zones: those of network.zones, or those
// that the stack has, or the first that the region offers without opting in. What
// the region offers is looked up in every case, so that a zone that does not exist
// is refused before anything is registered. A zone that the stack has may be
// impaired for a while; the stack stays where it is.
func findZones(ctx *pulumi.Context, cfg config.Config, last lastUpdate) ([]string, error) {
	offered, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State:   pulumi.StringRef("available"),
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	})
	if err != nil {
		return nil, fmt.Errorf("asking for the availability zones of %s: %w", cfg.Region, err)
	}
	names := slices.Sorted(slices.Values(offered.Names))
	if wanted := cfg.Network.Zones; len(wanted) > 0 {
		return wanted, last.checkZones(ctx.Project()+":network.zones", wanted, names)
	}
	found := slices.Clone(last.zones)
	for _, name := range names {
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	if len(found) < cfg.Network.ZoneCount {
		return nil, config.Errors{&config.FieldError{
			Kind:   config.ErrValue,
			Key:    ctx.Project() + ":network.zoneCount",
			Value:  fmt.Sprint(cfg.Network.ZoneCount),
			Why:    fmt.Sprintf("the region %s offers %d zones", cfg.Region, len(found)),
			Remedy: "lower it or choose another region",
		}}
	}
	return found[:cfg.Network.ZoneCount], nil
}

// checkZones refuses zones that do not exist, and those that would move the subnets
// in which the stack's data lie: AWS deletes no subnet that is in use.
func (l lastUpdate) checkZones(key string, wanted, offered []string) error {
	var errs config.Errors
	refuse := func(kind error, zone, why, remedy string) {
		errs = append(errs, &config.FieldError{Kind: kind, Key: key, Value: zone, Why: why, Remedy: remedy})
	}
	for i, zone := range wanted {
		switch {
		case i < len(l.zones) && zone != l.zones[i]:
			refuse(config.ErrConflict, zone, fmt.Sprintf("the stack's zone %d is %s, and its place fixes its subnets", i+1, l.zones[i]),
				fmt.Sprintf("keep %v in this order; append further zones", l.zones))
		case i >= len(l.zones) && !slices.Contains(offered, zone):
			refuse(config.ErrValue, zone, "the region does not offer this zone to the account", fmt.Sprintf("choose from %v", offered))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// used are the zones that have subnets: in phase 1 the first alone.
func (s *site) used() pulumi.StringArray {
	if s.cfg.Phase == 1 {
		return pulumi.ToStringArray(s.zones[:1])
	}
	return pulumi.ToStringArray(s.zones)
}
