package loadbalancer_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const (
	listener = catalog.LBListener
	balancer = catalog.LBLoadBalancer
)

func plain() loadbalancer.Args {
	settings := loadbalancer.Defaults()
	settings.AccessLogs = false
	return loadbalancer.Args{
		Settings:        settings,
		VPCID:           pulumi.String("vpc-1"),
		SubnetIDs:       pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		SecurityGroupID: pulumi.String("sg-1"),
	}
}

func program(args loadbalancer.Args, names ...string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for _, name := range names {
			if _, err := loadbalancer.New(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
}

func build(t *testing.T, mutate func(*loadbalancer.Args)) *testutil.Run {
	t.Helper()
	args := plain()
	if mutate != nil {
		mutate(&args)
	}
	run := testutil.Must(t, program(args, "lb"))
	run.CheckAll(t)
	return run
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	run := build(t, nil)
	assert.Equal(t, map[string]int{loadbalancer.Type: 1, balancer: 1, catalog.LBTargetGroup: 1, listener: 1}, run.Census())
	lb := run.Get(t, balancer, "lb")
	assert.True(t, lb.Input("dropInvalidHeaderFields").BoolValue())
	assert.Equal(t, "defensive", lb.String("desyncMitigationMode"))
	assert.False(t, lb.Input("internal").BoolValue())
	assert.Equal(t, "sg-1", lb.String("securityGroups[0]"))
	group := run.Get(t, catalog.LBTargetGroup, "lb")
	for input, want := range map[string]float64{
		"healthCheck.healthyThreshold": 3, "healthCheck.unhealthyThreshold": 2, "healthCheck.interval": 15, "healthCheck.timeout": 5,
		"deregistrationDelay": 60, "port": 80,
	} {
		assert.Equal(t, want, group.Input(input).NumberValue(), input)
	}
	assert.Equal(t, "/healthz", group.String("healthCheck.path"))
	http := run.Get(t, listener, "lb-http")
	assert.Equal(t, "forward", http.String("defaultActions[0].type"))
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	run := build(t, func(a *loadbalancer.Args) { a.Domain, a.HostedZoneID = "www.example.com", "Z1" })
	assert.Equal(t, map[string]int{
		loadbalancer.Type: 1, balancer: 1, catalog.LBTargetGroup: 1, listener: 2,
		catalog.ACMCertificate: 1, catalog.ACMCertificateValidation: 1, catalog.Route53Record: 1,
	}, run.Census())
	http := run.Get(t, listener, "lb-http")
	assert.Equal(t, "redirect", http.String("defaultActions[0].type"))
	assert.Equal(t, "HTTPS", http.String("defaultActions[0].redirect.protocol"))
	https := run.Get(t, listener, "lb-https")
	assert.Equal(t, "ELBSecurityPolicy-TLS13-1-2-2021-06", https.String("sslPolicy"))
	assert.Equal(t, "forward", https.String("defaultActions[0].type"))
	proof := run.Get(t, catalog.Route53Record, "lb-certificate")
	assert.Equal(t, "_proof.example.com.", proof.String("name"))
	assert.Equal(t, "Z1", proof.String("zoneId"))
}

func TestAccessLogs(t *testing.T) {
	t.Parallel()
	run := build(t, func(a *loadbalancer.Args) {
		a.AccessLogs, a.LogBucket = true, &loadbalancer.LogBucketArgs{AccountID: "123456789012", Region: testutil.Region}
	})
	bucket := testutil.ID(catalog.S3BucketV2, "lb-logs")
	lb := run.Get(t, balancer, "lb")
	assert.Equal(t, bucket, lb.String("accessLogs.bucket"))
	assert.True(t, lb.Input("accessLogs.enabled").BoolValue())
	block := run.Get(t, catalog.S3BucketPublicAccessBlock, "lb-logs")
	for _, input := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		assert.True(t, block.Input(input).BoolValue(), input)
	}
	allowed := run.Get(t, catalog.S3BucketPolicy, "lb-logs").String("policy")
	assert.Contains(t, allowed, "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/*", "this account's balancers only")
	assert.False(t, run.Get(t, catalog.S3BucketV2, "lb-logs").Input("forceDestroy").BoolValue())
}

// S3 deletes no bucket that holds logs: it stays, or its logs go too.
func TestTheLogsOutliveTheBalancer(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		run := build(t, func(a *loadbalancer.Args) {
			a.AccessLogs, a.LogBucket = true, &loadbalancer.LogBucketArgs{AccountID: "123456789012", Region: testutil.Region, Delete: deleted}
		})
		assert.Equal(t, deleted, run.Get(t, catalog.S3BucketV2, "lb-logs").Input("forceDestroy").BoolValue())
		settings := 0
		for _, r := range run.All("") {
			if r.Name == "lb-logs" {
				settings++
				assert.Equal(t, !deleted, r.RetainedLater, "%s: a bucket that stays keeps its settings", r.Key())
			}
		}
		assert.Equal(t, 6, settings)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	const acl = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/name/id"
	run := build(t, func(a *loadbalancer.Args) { a.Internal, a.WebACLARN = true, acl })
	assert.True(t, run.Get(t, balancer, "lb").Input("internal").BoolValue())
	association := run.Get(t, catalog.WAFWebACLAssociation, "lb-internal-acl")
	assert.True(t, association.DeletedFirst, "deleting the old one afterwards would take the new one away")
	run.Get(t, catalog.LBTargetGroup, "lb-internal")
	assert.Equal(t, acl, association.String("webAclArn"))
	assert.NotEmpty(t, association.String("resourceArn"))
}

func TestTwoSideBySide(t *testing.T) {
	t.Parallel()
	args := plain()
	args.Domain, args.HostedZoneID = "www.example.com", "Z1"
	testutil.Must(t, program(args, "one", "two")).CheckAll(t)
}

func TestRefusalsRegisterNothing(t *testing.T) {
	t.Parallel()
	for name, mutate := range map[string]func(*loadbalancer.Args){
		"SubnetIDs":          func(a *loadbalancer.Args) { a.SubnetIDs = pulumi.ToStringArray([]string{"subnet-1"}) },
		"SecurityGroupID":    func(a *loadbalancer.Args) { a.SecurityGroupID = nil },
		"HostedZoneID":       func(a *loadbalancer.Args) { a.Domain = "www.example.com" },
		"SSLPolicy":          func(a *loadbalancer.Args) { a.Domain, a.HostedZoneID, a.SSLPolicy = "www.example.com", "Z1", "" },
		"HealthCheckTimeout": func(a *loadbalancer.Args) { a.HealthCheckTimeout = 15 },
	} {
		args := plain()
		mutate(&args)
		run, err := testutil.Do(program(args, "lb"))
		require.ErrorIs(t, err, loadbalancer.ErrArgs, name)
		assert.ErrorContains(t, err, name, "it says which field it is about")
		assert.Empty(t, run.All(""), name)
	}
}
