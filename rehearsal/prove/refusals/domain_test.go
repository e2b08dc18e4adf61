package refusals_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

const (
	record      = catalog.Route53Record
	healthCheck = catalog.Route53HealthCheck
)

// A server is checked by its address and a load balancer by its name. Route 53 does
// not turn one check into the other.
func TestTheHealthCheckFollowsThePhase(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.up(t, named("domain.healthCheck=true")...)
	server := s.record(t, healthCheck, "domain")
	s.up(t, named("domain.healthCheck=true", "phase=3", unprotected)...)
	balancer := s.record(t, healthCheck, "domain")
	assert.NotEqual(t, server.ID, balancer.ID)
	assert.Equal(t, balancer.ID, s.record(t, record, "domain").Str("healthCheckId"))
	s.up(t, named("domain.healthCheck=true", "phase=2")...)
	again := s.record(t, healthCheck, "domain")
	assert.NotEmpty(t, again.Str("ipAddress"))
	assert.Equal(t, again.ID, s.record(t, record, "domain").Str("healthCheckId"))
}

// A fallback comes to a living site and goes again, and the site's own record stays.
func TestAFallbackComesAndGoes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"staging", "prod"} {
		s := newSite(t, name)
		s.up(t, named("domain.healthCheck=true")...)
		alone := s.record(t, record, "domain")
		with := named("domain.healthCheck=true", "domain.failoverAddress=198.51.100.7")
		s.up(t, with...)
		assert.Equal(t, alone.ID, s.record(t, record, "domain").ID)
		assert.Len(t, s.records(record, "domain-failover"), 1)
		s.up(t, named("domain.healthCheck=true")...)
		assert.Equal(t, alone.ID, s.record(t, record, "domain").ID)
		assert.Empty(t, s.records(record, "domain-failover"))
	}
}

// A stack from before the record was one of a set gets a fallback in one step too.
func TestASimpleRecordBecomesOneOfASet(t *testing.T) {
	t.Parallel()
	s := newSite(t, "staging")
	s.up(t, named("domain.healthCheck=true")...)
	s.beforeSets(t)
	s.up(t, named("domain.healthCheck=true", "domain.failoverAddress=198.51.100.7")...)
	assert.Equal(t, "site", s.record(t, record, "domain").Str("setIdentifier"))
	assert.Len(t, s.records(record, "domain-failover"), 1)
}

// beforeSets makes the site's record a simple one, in the cloud and in the state.
func (s *site) beforeSets(t *testing.T) {
	t.Helper()
	found := s.record(t, record, "domain")
	old := &cloud.Record{Type: found.Type, ID: found.ID, URN: found.URN, Inputs: found.Inputs.Copy(), Outputs: found.Outputs.Copy()}
	for _, name := range []string{"setIdentifier", "weightedRoutingPolicies"} {
		for i := range s.Deployment.Resources {
			if r := &s.Deployment.Resources[i]; string(r.URN) == old.URN {
				delete(r.Inputs, name)
				delete(r.Outputs, name)
			}
		}
	}
	delete(old.Inputs, "setIdentifier")
	delete(old.Inputs, "weightedRoutingPolicies")
	delete(old.Outputs, "setIdentifier")
	delete(old.Outputs, "weightedRoutingPolicies")
	require.NoError(t, s.Cloud.Put(old))
}
