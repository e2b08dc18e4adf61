package drift_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/prove/drift"
	"github.com/webphases/webphases/rehearsal/run/events"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

// What a step does, as lines: "create NAME (TYPE)"; updates with the properties.
func lines(s events.Step) []string {
	all := []string{}
	for what, changes := range map[string][]events.Change{"create": s.Created, "replace": s.Replaced, "delete": s.Deleted} {
		for _, name := range teststack.Names(changes) {
			all = append(all, what+" "+name)
		}
	}
	for i, name := range teststack.Names(s.Updated) {
		all = append(all, "update "+name+" "+strings.Join(s.Updated[i].Props, ", "))
	}
	return all
}

const (
	database    = "database (aws:rds/instance:Instance)"
	server      = "web-server-g1 (aws:ec2/instance:Instance)"
	address     = "web-address (aws:ec2/eipAssociation:EipAssociation)"
	setup       = "web-setup (aws:ssm/association:Association)"
	backedUp    = "backups-server (aws:backup/selection:Selection)"
	standard    = "network-default (aws:ec2/defaultSecurityGroup:DefaultSecurityGroup)"
	fromAll     = "firewall-web-in-tcp-80-from-0-0-0-0-0 (aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule)"
	fromEntry   = "firewall-web-in-tcp-80-from-load-balancer (aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule)"
	entryChange = " cidrIpv4, referencedSecurityGroupId"
)

// Every change: a refresh reports it and nothing else, a preview plans its repair
// and nothing else, and after an update the cloud is what it was.
func TestChangesBehindPulumisBackArePutRight(t *testing.T) {
	t.Parallel()
	type list = []string
	// a new server's alarms, and their graphs
	watched := list{"update monitoring (aws:cloudwatch/dashboard:Dashboard) dashboardBody"}
	for _, name := range []string{"hardware", "system", "cpu", "credits"} {
		watched = append(watched, "update monitoring-server-"+name+" (aws:cloudwatch/metricAlarm:MetricAlarm) dimensions")
	}
	for phase, cases := range map[string]map[string]struct{ found, planned []string }{
		"dev": {
			"terminate-server":   {list{"delete " + server, "delete " + address}, append(list{"create " + server, "create " + address, "replace " + setup, "replace " + backedUp}, watched...)},
			"default-group-rule": {list{"update " + standard + " ingress"}, list{"update " + standard + " ingress"}},
			"change-rule":        {list{"update " + fromAll + " cidrIpv4"}, list{"update " + fromAll + " cidrIpv4"}},
			"revoke-rule":        {list{"delete " + fromAll}, list{"create " + fromAll}},
		},
		"staging": {
			// The new server holds no data: migrate finds nothing to move, and configures it.
			"terminate-server": {list{"delete " + server, "delete " + address}, append(list{"create " + server, "create " + address, "replace " + setup}, watched...)},
		},
		"prod": {
			"multi-az-off": {list{"update " + database + " multiAz"}, list{"update " + database + " multiAz"}},
			"change-rule":  {list{"update " + fromEntry + entryChange}, list{"update " + fromEntry + entryChange}},
		},
	} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			up := teststack.New(t, phase)
			up.Up(t)
			before := up.Cloud(t)
			for change, want := range cases {
				t.Run(change, func(t *testing.T) {
					t.Parallel()
					s := up.Copy(t)
					tamper(t, s, change)
					assert.NotEqual(t, before, s.Cloud(t), "something has changed")
					assert.ElementsMatch(t, want.found, lines(s.Refresh(t)), "refresh")
					assert.ElementsMatch(t, want.planned, lines(s.Preview(t)), "preview")
					assert.ElementsMatch(t, want.planned, lines(s.Up(t)), "up")
					assert.Empty(t, lines(s.Preview(t)), "nothing is left to do")
					assert.Equal(t, before, s.Cloud(t))
				})
			}
		})
	}
}

func tamper(t *testing.T, s *teststack.Stack, change string) {
	t.Helper()
	require.NoError(t, s.Edit(func(c *cloud.Cloud) error {
		commands, err := drift.Tamper(c, change)
		for _, command := range commands {
			assert.Regexp(t, `^aws (ec2|rds) [a-z-]+ --region ap-northeast-1 `, command)
		}
		return err
	}))
}

// A rule that somebody adds to one of the stack's own groups is no resource's:
// Pulumi does not show it and cannot take it out. It is found in the state, with
// the command that does.
func TestARuleThatNobodyOwnsIsNamed(t *testing.T) {
	t.Parallel()
	s := teststack.New(t, "prod")
	s.Up(t)
	s.Refresh(t)
	before := s.Cloud(t)
	foreign := func() []drift.Foreign {
		found, err := drift.FindForeign(s.Export(t))
		require.NoError(t, err)
		return found
	}
	assert.Empty(t, foreign(), "every rule of the stack has an owner")

	tamper(t, s, "open-rule")
	assert.Empty(t, lines(s.Refresh(t)), "the engine compares what was asked for, and nobody asked for it")
	assert.Empty(t, lines(s.Preview(t)))
	found := foreign()
	require.Len(t, found, 1)
	assert.Equal(t, "tcp 22 from 0.0.0.0/0 in firewall-web", found[0].String())
	assert.Regexp(t, `^aws ec2 revoke-security-group-ingress --region ap-northeast-1 --group-id sg-[0-9a-f]{17} `+
		`--ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=\[\{CidrIp=0\.0\.0\.0/0\}\]'$`, found[0].Revoke())

	tamper(t, s, "close-rule")
	s.Refresh(t)
	assert.Empty(t, foreign())
	assert.Equal(t, before, s.Cloud(t))
}

func TestChangesThatDoNotApplyAreRefused(t *testing.T) {
	t.Parallel()
	dev, prod := teststack.New(t, "dev"), teststack.New(t, "prod")
	refused := func(s *teststack.Stack, change, why string) {
		t.Helper()
		before := s.Cloud(t)
		err := s.Edit(func(c *cloud.Cloud) error {
			_, err := drift.Tamper(c, change)
			return err
		})
		require.ErrorIs(t, err, drift.ErrChange)
		assert.ErrorContains(t, err, why)
		assert.Equal(t, before, s.Cloud(t), "nothing was changed")
	}
	refused(dev, "open-rule", "run `make up` first")
	dev.Up(t)
	prod.Up(t)
	refused(dev, "multi-az-off", "the stack is in phase 1")
	refused(dev, "close-rule", "is not there")
	refused(dev, "terminate-sever", "did you mean terminate-server?")
	refused(prod, "terminate-server", "the Auto Scaling group web-")
	for _, change := range []string{"multi-az-off", "default-group-rule", "open-rule", "change-rule"} {
		tamper(t, prod, change)
	}
	refused(prod, "multi-az-off", "no standby")
	refused(prod, "default-group-rule", "has a rule already")
	refused(prod, "open-rule", "there already")
	refused(prod, "change-rule", "already")
	tamper(t, prod, "revoke-rule")
	refused(prod, "revoke-rule", "no rule for port 80")
	tamper(t, dev, "terminate-server")
	refused(dev, "terminate-server", "terminated already")
}
