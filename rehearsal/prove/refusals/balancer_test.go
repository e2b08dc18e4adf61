package refusals_test

import (
	"context"
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
	s.up(t)
}

// A load balancer turns internal by another one taking its place; a target group serves
// one of the two.
func TestASiteTurnsInternalAndBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, "prod")
	s.up(t, unprotected)
	open := s.record(t, balancer, "entry")
	s.up(t, "loadBalancer.internal=true", unprotected)
	internal := s.record(t, balancer, "entry")
	assert.NotEqual(t, open.ID, internal.ID)
	assert.Empty(t, s.records(targetGroup, "entry"))
	group := s.record(t, catalog.AutoScalingGroup, "web")
	assert.Equal(t, s.record(t, targetGroup, "entry-internal").ID, group.Outputs["targetGroupArns"].ArrayValue()[0].StringValue())
	s.up(t, unprotected)
	assert.Empty(t, s.records(targetGroup, "entry-internal"))
}

// Another web ACL takes the first one's place, and stays.
func TestAnotherWebACL(t *testing.T) {
	t.Parallel()
	s := newSite(t, "prod")
	acl := func(name string) string {
		return "loadBalancer.webAclArn=arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/" + name + "/id"
	}
	s.up(t, acl("one"))
	s.up(t, acl("two"))
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
