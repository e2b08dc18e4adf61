package stack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/config"
)

// findZones names the stack's availability zones: those of network.zones, or
// the first that the region offers without opting in. What the region offers
// is looked up in both cases, so that a zone that does not exist is refused
// before anything is registered.
func findZones(ctx *pulumi.Context, cfg config.Config) ([]string, error) {
	offered, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State:   pulumi.StringRef("available"),
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	})
	if err != nil {
		return nil, fmt.Errorf("asking for the availability zones of %s: %w", cfg.Region, err)
	}
	names := slices.Sorted(slices.Values(offered.Names))
	if wanted := cfg.Network.Zones; len(wanted) > 0 {
		var errs config.Errors
		for _, zone := range wanted {
			if !slices.Contains(names, zone) {
				errs = append(errs, &config.FieldError{
					Kind: config.ErrValue, Key: ctx.Project() + ":network.zones", Value: zone, Why: "the region does not offer this zone to the account",
					Remedy: fmt.Sprintf("choose from %v", names),
				})
			}
		}
		if len(errs) > 0 {
			return nil, errs
		}
		return wanted, nil
	}
	if len(names) < cfg.Network.ZoneCount {
		return nil, config.Errors{&config.FieldError{
			Kind: config.ErrValue, Key: ctx.Project() + ":network.zoneCount", Value: fmt.Sprint(cfg.Network.ZoneCount),
			Why: fmt.Sprintf("the region %s offers %d zones", cfg.Region, len(names)), Remedy: "lower it or choose another region",
		}}
	}
	return names[:cfg.Network.ZoneCount], nil
}
