package refusals_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/model"
)

const (
	balancer    = catalog.LBLoadBalancer
	targetGroup = catalog.LBTargetGroup
	bucket      = catalog.S3BucketV2
	association = catalog.WAFWebACLAssociation

	direct      = "edge.enabled=false"
	unprotected = "loadBalancer.deletionProtection=false" // AWS may delete the balancer
)

// AWS refuses a load balancer that faces the internet in a VPC that has no way there
// yet, however long the gateway takes.
func TestTheBalancerWaitsForTheGateway(t *testing.T) {
	t.Parallel()
	s := newSite(t, "prod")
	s.intercept = func(_ context.Context, op model.Operation) model.Fault {
		if op.Name == "create" && op.Type == catalog.EC2InternetGateway {
			time.Sleep(time.Second)
		}
		return model.NoFault
	}
	s.up(t, direct)
}

// A load balancer turns internal by another one taking its place; a target group serves
// one of the two.
func TestASiteTurnsInternalAndBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, "prod")
	s.up(t, direct, unprotected)
	open := s.record(t, balancer, "entry")
	s.up(t, direct, "loadBalancer.internal=true", unprotected)
	internal := s.record(t, balancer, "entry")
	assert.NotEqual(t, open.ID, internal.ID)
	assert.Empty(t, s.records(targetGroup, "entry"))
	assert.Equal(t, s.record(t, targetGroup, "entry-internal").ID, s.record(t, catalog.AutoScalingAttachment, "web").Str("lbTargetGroupArn"))
	s.up(t, direct, unprotected)
	assert.Empty(t, s.records(targetGroup, "entry-internal"))
}

// CloudFront comes before a living site and goes again: the servers are behind the new
// balancer before the old one goes, nothing that holds data is touched, and the name moves
// to what serves; its proof, the same for both certificates, stays.
func TestCloudFrontComesAndGoes(t *testing.T) {
	t.Parallel()
	const name, zone = "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ"
	for _, domain := range [][]string{nil, {name, zone}} {
		s := newSite(t, "prod")
		var order []string
		s.intercept = func(_ context.Context, op model.Operation) model.Fault {
			if op.Name != "read" && slices.Contains([]string{catalog.AutoScalingAttachment, catalog.Route53Record, balancer, catalog.CloudFrontDistribution}, op.Type) {
				order = append(order, op.Name+" "+catalog.Short(op.Type))
			}
			return model.NoFault
		}
		s.up(t, append(domain, direct, unprotected)...)
		held := map[string]string{}
		for kind, of := range map[string]string{
			catalog.RDSInstance: "database", catalog.EFSFileSystem: "storage", catalog.AutoScalingGroup: "web", catalog.EC2LaunchTemplate: "web",
		} {
			held[kind] = s.record(t, kind, of).ID
		}
		for _, change := range []string{"edge.enabled=true", direct} {
			order = nil
			s.up(t, append(domain, change, unprotected)...)
			for kind, id := range held {
				assert.NotNil(t, s.Cloud.Get(kind, id), "%s: %s", change, kind)
			}
			assert.Less(t, slices.Index(order, "create Attachment"), slices.Index(order, "delete Attachment"), "%s: %v", change, order)
			assert.Less(t, slices.Index(order, "delete Attachment"), slices.Index(order, "delete LoadBalancer"), "%s: %v", change, order)
			if domain != nil {
				assert.Less(t, slices.Index(order, "update Record"), slices.Index(order, "delete Attachment"), "%s: the name moves first: %v", change, order)
				assert.NotContains(t, order, "delete Record", change)
				site := s.record(t, catalog.Route53Record, "domain")
				assert.Equal(t, change != direct, strings.HasSuffix(site.Inputs["aliases"].ArrayValue()[0].ObjectValue()["name"].StringValue(), ".cloudfront.net"), change)
			}
		}
		assert.Empty(t, s.records(catalog.CloudFrontDistribution, "edge"))
	}
}

// Another web ACL takes the first one's place, and stays.
func TestAnotherWebACL(t *testing.T) {
	t.Parallel()
	s := newSite(t, "prod")
	acl := func(name string) string {
		return "loadBalancer.webAclArn=arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/" + name + "/id"
	}
	s.up(t, direct, acl("one"))
	s.up(t, direct, acl("two"))
	assert.Contains(t, s.record(t, association, "entry-acl").Str("webAclArn"), "/two/")
}

// The bucket holds logs from its first minute, and S3 deletes no such bucket: not when
// logging ends, nor when the stack goes back to a server.
func TestTheLogsStayWhenLoggingEnds(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"loadBalancer.accessLogs=false", "phase=2"} {
		s := newSite(t, "prod")
		s.up(t, unprotected)
		logs := s.record(t, bucket, "entry-logs")
		s.up(t, end, unprotected)
		assert.NotNil(t, s.Cloud.Get(bucket, logs.ID), end)
		s.up(t, unprotected)
		assert.Len(t, s.records(bucket, "entry-logs"), 2, "a second one beside it")
	}
	s := newSite(t, "prod")
	s.up(t, "protect=false")
	s.up(t, "protect=false", "loadBalancer.accessLogs=false")
	assert.Empty(t, s.records(bucket, "entry-logs"), "without protection they go")
}
