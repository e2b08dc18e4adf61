package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

// The golden image is made while the database rises: its builder waits for its
// own way to the internet, and for nothing of the database, the file system, the
// load balancer, the secret or another zone.
func TestTheBuilderWaitsForWhatItNeeds(t *testing.T) {
	t.Parallel()
	builder := deploy(t, stackFile(t, "prod")).Get(t, catalog.EC2Instance, "web-builder-blue")
	for _, needed := range []string{
		"route:Route::network-web-a", "routeTableAssociation:RouteTableAssociation::network-web-a",
		"route:Route::network-public", "routeTableAssociation:RouteTableAssociation::network-public-a",
		"::network-web-out-https-0-0-0-0-0", "::network-web-in-answers-0-0-0-0-0", "::network-public-in-answers-0-0-0-0-0",
		"::firewall-web-out-tcp-443-to-0-0-0-0-0", "::firewall-web-out-udp-53-to-10-0-0-2-32", "::web-session-manager", "::web-proof",
	} {
		assert.True(t, slices.ContainsFunc(builder.Dependencies, func(urn string) bool { return strings.HasSuffix(urn, needed) }), needed)
	}
	for _, urn := range builder.Dependencies {
		name := urn[strings.LastIndex(urn, "::")+2:]
		for _, other := range []string{
			"network-database", "network-web-c", "network-public-c", "network-nat-c",
			"firewall-database", "firewall-storage", "firewall-load-balancer", "web-secret", "web-settings", "credentials", "database", "storage", "entry",
		} {
			assert.False(t, strings.HasPrefix(name, other), "the builder waits for %s", name)
		}
	}
}

// No server of the group starts before it can reach everything and is checked.
func TestTheGroupWaitsForEverything(t *testing.T) {
	t.Parallel()
	group := deploy(t, stackFile(t, "prod")).Get(t, catalog.AutoScalingGroup, "web")
	for _, needed := range []string{
		"::network-web-a", "::network-web-c", "::network-public-c", "::web-session-manager", "::web-proof", "::web-secret", "::web-settings",
		"SecretVersion::credentials", "::storage-a", "::storage-c", "AccessPoint::storage", "Listener::entry-http",
		"::network-database-in-mysql-10-0-128-0-24", "::firewall-database-in-tcp-13306-from-web", "::firewall-load-balancer-in-tcp-80-from-cloudfront",
	} {
		assert.True(t, slices.ContainsFunc(group.Dependencies, func(urn string) bool { return strings.HasSuffix(urn, needed) }), needed)
	}
}

// Requests count for the target group that the group is behind; AWS refuses the policy
// before that, and before a listener sends them.
func TestTheGroupCountsItsOwnRequests(t *testing.T) {
	t.Parallel()
	run := deploy(t, stackFile(t, "prod"))
	policy := run.Get(t, catalog.AutoScalingPolicy, "web-requests")
	balancers, targets := run.All(catalog.LBLoadBalancer), run.All(catalog.LBTargetGroup)
	require.Len(t, balancers, 1)
	require.Len(t, targets, 1)
	assert.Equal(t, balancers[0].Name+"-arnSuffix/"+targets[0].Name+"-arnSuffix", // as the mocks name them
		policy.String("targetTrackingConfiguration.predefinedMetricSpecification.resourceLabel"))
	for _, needed := range []string{"Attachment::web", "Group::web"} {
		assert.True(t, slices.ContainsFunc(policy.Dependencies, func(urn string) bool { return strings.HasSuffix(urn, needed) }), needed)
	}
}
