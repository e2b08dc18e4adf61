package operations_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/run/events"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

// inOrder checks that the steps, such as "update aws:ec2/vpc:Vpc::network", were
// done one after the other.
func inOrder(t *testing.T, done events.Step, steps ...string) {
	t.Helper()
	last := -1
	for i, step := range steps {
		at := slices.Index(done.Order, step)
		require.NotEqual(t, -1, at, "%s was not done; done: %s", step, strings.Join(done.Order, "\n"))
		if i > 0 {
			assert.Less(t, last, at, "%s comes after %s", step, steps[i-1])
		}
		last = at
	}
}

const record = "update aws:route53/record:Record::domain"

// With a domain the name moves to what serves, and only then does what it pointed
// at go: from the server to the load balancer, and back.
func TestTheNameMovesBeforeTheOldAddressGoes(t *testing.T) {
	t.Parallel()
	s := teststack.New(t, "staging", "domain.name=www.example.com", "domain.hostedZoneId=Z0123456789ABCDEFGHIJ", "domain.healthCheck=true",
		"loadBalancer.deletionProtection=false")
	two := slices.Clone(s.Set)
	s.Up(t)

	s.Set = append(slices.Clone(two), "phase=3")
	up := s.Up(t)
	for _, old := range []string{"aws:ec2/eip:Eip::web-address", "aws:ec2/instance:Instance::web-server-g1", "aws:ec2/eipAssociation:EipAssociation::web-address"} {
		inOrder(t, up, "create aws:lb/listener:Listener::entry-https", "create aws:autoscaling/group:Group::web", record, "delete "+old)
	}

	s.Set = two
	back := s.Up(t)
	for _, old := range []string{"aws:lb/loadBalancer:LoadBalancer::entry", "aws:lb/listener:Listener::entry-https", "aws:autoscaling/group:Group::web"} {
		inOrder(t, back, "create aws:ec2/instance:Instance::web-server-g1", "create aws:ssm/association:Association::web-setup",
			"create aws:ec2/eipAssociation:EipAssociation::web-address", record, "delete "+old)
	}
}

// A new password is the database's before the secret promises it, and the
// servers ask for it when the secret has it.
func TestRotationGoesFromTheDatabaseToTheServers(t *testing.T) {
	t.Parallel()
	const (
		password = "create-replacement random:index/randomPassword:RandomPassword::credentials-password"
		database = "update aws:rds/instance:Instance::database"
		secret   = "create-replacement aws:secretsmanager/secretVersion:SecretVersion::credentials"
		forget   = "delete-replaced aws:secretsmanager/secretVersion:SecretVersion::credentials"
	)
	for stack, want := range map[string][]string{
		"dev":     {password, secret, "create-replacement aws:ssm/association:Association::web-setup", forget},
		"staging": {password, database, secret, "create-replacement aws:ssm/association:Association::web-setup", forget},
		"prod":    {password, database, secret, "create-replacement aws:ssm/association:Association::web-reconfigure", forget},
	} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			s := teststack.New(t, stack)
			s.Up(t)
			s.Set = []string{"credentials.rotation=1"}
			step := s.Up(t)
			inOrder(t, step, want...)
			assert.Len(t, step.Replaced, 12, "two passwords, eight keys, the secret's content, and the run that has servers read it")
			assert.Empty(t, s.Preview(t).Order, "once")
		})
	}
}
