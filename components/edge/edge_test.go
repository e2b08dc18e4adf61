package edge_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/edge"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const distribution = catalog.CloudFrontDistribution

func plain() edge.Args {
	return edge.Args{
		Settings:  edge.Defaults(),
		Prefix:    "shop-prod",
		AccountID: "123456789012",
		Balancer: edge.Balancer{
			ARN:     pulumi.String("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/entry/50dc6c495c0c9188"),
			DNSName: pulumi.String("internal-entry-1.eu-west-1.elb.amazonaws.com"),
		},
	}
}

// build makes the edges with what is in us-east-1 by a provider of its own.
func build(t *testing.T, args edge.Args) *testutil.Run {
	t.Helper()
	run := testutil.Must(t, func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, edge.Region, &aws.ProviderArgs{Region: pulumi.String(edge.Region)})
		if err != nil {
			return err
		}
		args.Global = provider
		_, err = edge.New(ctx, "edge", args)
		return err
	})
	run.CheckAll(t)
	return run
}

func TestWithoutADomain(t *testing.T) {
	t.Parallel()
	run := build(t, plain())
	assert.Zero(t, run.Census()[catalog.ACMCertificate])
	d := run.Get(t, distribution, "edge")
	assert.Equal(t, "http2and3", d.String("httpVersion"))
	assert.True(t, d.Input("isIpv6Enabled").BoolValue())
	assert.True(t, d.Input("viewerCertificate.cloudfrontDefaultCertificate").BoolValue())
	assert.Equal(t, "redirect-to-https", d.String("defaultCacheBehavior.viewerProtocolPolicy"))
	for _, b := range d.Input("orderedCacheBehaviors").ArrayValue() {
		assert.Equal(t, "redirect-to-https", b.ObjectValue()["viewerProtocolPolicy"].StringValue())
		assert.True(t, b.ObjectValue()["compress"].BoolValue())
	}
	origin := run.Get(t, catalog.CloudFrontVPCOrigin, "edge")
	assert.Equal(t, "shop-prod-50dc6c495c0c9188", origin.String("vpcOriginEndpointConfig.name"), "another balancer has an origin of another name")
	assert.Equal(t, []string{"vpcOriginEndpointConfig"}, origin.ReplaceOn, "AWS changes none that is in use")
	assert.True(t, d.Input("webAclId").IsNull())
}

// TestADomain: TLS 1.2 or newer, by a certificate of us-east-1.
func TestADomain(t *testing.T) {
	t.Parallel()
	args := plain()
	args.Domain = &edge.Domain{Name: "www.example.com", HostedZoneID: "Z1"}
	args.WebACLARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id"
	run := build(t, args)
	d := run.Get(t, distribution, "edge")
	assert.Equal(t, "www.example.com", d.String("aliases[0]"))
	assert.Equal(t, "TLSv1.2_2021", d.String("viewerCertificate.minimumProtocolVersion"))
	assert.Equal(t, "sni-only", d.String("viewerCertificate.sslSupportMethod"))
	assert.Equal(t, args.WebACLARN, d.String("webAclId"))
	for token, name := range map[string]string{
		catalog.ACMCertificate: "edge-certificate", catalog.ACMCertificateValidation: "edge-certificate",
		catalog.LogDeliverySource: "edge-logs", catalog.LogDeliveryDestination: "edge-logs", catalog.LogDelivery: "edge-logs",
	} {
		assert.Contains(t, run.Get(t, token, name).Provider, "us-east-1", token)
	}
	assert.NotContains(t, run.Get(t, catalog.Route53Record, "edge-certificate").Provider, "us-east-1")
}

// The page for bad days is CloudFront's of this account alone to read.
func TestThePlainPage(t *testing.T) {
	t.Parallel()
	run := build(t, plain())
	object := run.Get(t, catalog.S3BucketObjectV2, "edge-fallback")
	assert.Contains(t, object.String("content"), "Back in a moment")
	var policy struct {
		Statement []struct {
			Effect, Action string
			Principal      any
			Condition      map[string]map[string]any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(run.Get(t, catalog.S3BucketPolicy, "edge-fallback").String("policy")), &policy))
	reads := policy.Statement[0]
	assert.Equal(t, map[string]any{"Service": "cloudfront.amazonaws.com"}, reads.Principal)
	assert.Equal(t, "123456789012", reads.Condition["StringEquals"]["aws:SourceAccount"])
	d := run.Get(t, distribution, "edge")
	for _, e := range d.Input("customErrorResponses").ArrayValue() {
		assert.Equal(t, "/"+object.String("key"), e.ObjectValue()["responsePagePath"].StringValue())
		assert.Equal(t, 503.0, e.ObjectValue()["responseCode"].NumberValue())
	}
	assert.Len(t, d.Input("customErrorResponses").ArrayValue(), 3)
}

func TestNobodyKeepsLogs(t *testing.T) {
	t.Parallel()
	args := plain()
	args.AccessLogs = false
	census := build(t, args).Census()
	assert.Zero(t, census[catalog.LogDelivery])
	assert.Equal(t, 1, census[catalog.S3BucketV2])
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	run, err := testutil.Do(func(ctx *pulumi.Context) error {
		_, err := edge.New(ctx, "edge", edge.Args{Settings: edge.Settings{PriceClass: "PriceClass_1"}, Domain: &edge.Domain{Name: "x"}})
		return err
	})
	require.ErrorIs(t, err, edge.ErrArgs)
	for _, want := range []string{"PriceClass", "Prefix and AccountID", "Balancer.ARN", "Domain.Name and Domain.HostedZoneID"} {
		assert.ErrorContains(t, err, want, "all at once")
	}
	assert.Empty(t, run.All(""), "nothing is registered")
}
