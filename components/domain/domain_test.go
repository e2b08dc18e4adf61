package domain_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/domain"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	record = catalog.Route53Record
	check  = catalog.Route53HealthCheck
)

func atServer() domain.Args {
	return domain.Args{
		Settings: domain.Settings{Name: "www.example.com", HostedZoneID: "Z1"},
		Address:  pulumi.String("203.0.113.7"),
	}
}

func atBalancer() domain.Args {
	args := atServer()
	args.Address, args.Alias = nil, &domain.Alias{DNSName: pulumi.String("lb.example.net"), ZoneID: pulumi.String("Z2")}
	return args
}

func build(t *testing.T, args domain.Args, names ...string) *testutil.Run {
	t.Helper()
	run := testutil.Must(t, program(args, names...))
	run.CheckAll(t)
	return run
}

func program(args domain.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := domain.New(ctx, name, args, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// A stack that grows keeps the record and changes what it points at.
func TestTheNameIsOneRecordInAllPhases(t *testing.T) {
	t.Parallel()
	server := build(t, atServer(), "site")
	assert.Equal(t, map[string]int{domain.Type: 1, record: 1}, server.Census())
	assert.Equal(t, "203.0.113.7", server.Get(t, record, "site").String("records[0]"))
	balancer := build(t, atBalancer(), "site").Get(t, record, "site")
	assert.Equal(t, "lb.example.net", balancer.String("aliases[0].name"))
	assert.True(t, balancer.Input("records").IsNull() && balancer.Input("ttl").IsNull(), "an alias has neither")
	assert.Equal(t, server.Get(t, record, "site").String("name"), balancer.String("name"))
}

func TestFailover(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]domain.Args{"server": atServer(), "balancer": atBalancer()} {
		args.HealthCheck, args.HealthCheckPath, args.FailoverAddress = true, "/healthz", "198.51.100.7"
		run := build(t, args, "site")
		assert.Equal(t, map[string]int{domain.Type: 1, record: 2, check: 1}, run.Census(), name)
		primary, secondary := run.Get(t, record, "site"), run.Get(t, record, "site-failover")
		assert.Equal(t, 1.0, primary.Input("weightedRoutingPolicies[0].weight").NumberValue())
		assert.Equal(t, 0.0, secondary.Input("weightedRoutingPolicies[0].weight").NumberValue(), "answers only while the check fails")
		assert.Contains(t, secondary.Dependencies, "urn:pulumi:test::webphases::webphases:index:Domain$aws:route53/record:Record::site", name)
		assert.NotEqual(t, primary.String("setIdentifier"), secondary.String("setIdentifier"))
		assert.Equal(t, testutil.ID(check, "site"), primary.String("healthCheckId"))
		assert.Equal(t, "/healthz", run.Get(t, check, "site").String("resourcePath"))
	}
	args := atBalancer()
	args.HealthCheck, args.HealthCheckPath = true, "/healthz"
	assert.Equal(t, []string{"ipAddress"}, build(t, args, "site").Get(t, check, "site").ReplaceOn)
	assert.Equal(t, "lb.example.net", build(t, args, "site").Get(t, check, "site").String("fqdn"), "not the name that fails over")
}

// A fallback that comes or goes leaves the site's own record as it is.
func TestTheSitesRecordIsTheSameWithAFallback(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]domain.Args{"server": atServer(), "balancer": atBalancer()} {
		args.HealthCheck, args.HealthCheckPath = true, "/healthz"
		alone := build(t, args, "site").Get(t, record, "site")
		args.FailoverAddress = "198.51.100.7"
		assert.Equal(t, alone.Inputs, build(t, args, "site").Get(t, record, "site").Inputs, name)
	}
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	build(t, atServer(), "one", "two")
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	both := atBalancer()
	both.Address = pulumi.String("203.0.113.7")
	unchecked := atServer()
	unchecked.FailoverAddress = "198.51.100.7"
	for name, args := range map[string]domain.Args{
		"Address and Alias":                 {Settings: atServer().Settings},
		"one of Address and Alias":          both,
		"HostedZoneID":                      {Settings: domain.Settings{Name: "www.example.com"}, Address: pulumi.String("203.0.113.7")},
		"FailoverAddress needs HealthCheck": unchecked,
	} {
		run, err := testutil.Do(program(args, "site"))
		require.ErrorIs(t, err, domain.ErrArgs, name)
		assert.ErrorContains(t, err, name, "it says which field it is about")
		assert.Empty(t, run.All(""), name)
	}
}
