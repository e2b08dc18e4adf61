package model

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

// policies are the inputs by which a record takes part in a set of records.
var policies = []string{
	"cidrRoutingPolicy", "failoverRoutingPolicies", "geolocationRoutingPolicies", "geoproximityRoutingPolicy",
	"latencyRoutingPolicies", "multivalueAnswerRoutingPolicy", "weightedRoutingPolicies",
}

// policyOf names the record's routing policy; "" is a simple record.
func policyOf(in resource.PropertyMap) string {
	if i := slices.IndexFunc(policies, func(p string) bool { return given(in, p) }); i >= 0 {
		return policies[i]
	}
	return ""
}

// placeRecord refuses records that Route 53 does not take beside those that there are:
// records of a name and type have one routing policy, and only one of them is simple.
//
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
func placeRecord(c *change) error {
	policy, set := policyOf(c.in), str(c.in, "setIdentifier")
	if set != "" && c.old == nil {
		c.id += "_" + set
	}
	if (policy == "") != (set == "") {
		return refuse("InvalidInput", "a set identifier and a routing policy go together, on %s", c.id)
	}
	primary := slices.Contains(strs(c.in, "failoverRoutingPolicies[*].type"), "PRIMARY")
	if primary && given(c.in, "records") && !given(c.in, "healthCheckId") {
		return refuse("InvalidChangeBatch", "A non-alias primary ResourceRecordSet must have an associated health check.")
	}
	// The provider deletes and creates in one batch if the set identifier changes; else
	// it is the same record, with another policy.
	if c.old != nil && str(c.old.Inputs, "setIdentifier") == set && policyOf(c.old.Inputs) != policy {
		return refuse("InvalidChangeBatch", "RRSet of type %s with DNS name %s. cannot change its routing policy", str(c.in, "type"), str(c.in, "name"))
	}
	for _, r := range c.cloud.OfType(catalog.Route53Record) {
		if r.ID == c.id || !sameSet(c.in, r.Inputs) || policyOf(r.Inputs) == policy && policy != "" {
			continue
		}
		return refuse("InvalidChangeBatch", "RRSet of type %s with DNS name %s., SetIdentifier %q cannot be created as other RRSets exist with the same name and type: %s",
			str(c.in, "type"), str(c.in, "name"), set, r.ID)
	}
	return nil
}

func sameSet(a, b resource.PropertyMap) bool {
	for _, path := range []string{"zoneId", "name", "type"} {
		if !strings.EqualFold(strings.TrimSuffix(str(a, path), "."), strings.TrimSuffix(str(b, path), ".")) {
			return false
		}
	}
	return true
}

// keepKindOfCheck refuses to turn a check of an address into one of a name.
//
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
func keepKindOfCheck(c *change) error {
	if c.old != nil && given(c.old.Inputs, "ipAddress") != given(c.in, "ipAddress") {
		return refuse("InvalidInput", "Health check %s: a value of IPAddress can be changed, but neither added nor removed", c.id)
	}
	return nil
}
