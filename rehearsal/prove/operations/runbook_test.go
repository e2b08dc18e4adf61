//go:build runbook

package operations_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/prove/drift"
	"github.com/webphases/webphases/rehearsal/prove/growth"
	"github.com/webphases/webphases/rehearsal/run/events"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

// run is one section while it is rehearsed.
type run struct {
	*teststack.Stack
	done []events.Step // of each update
}

// outcome is what a section must have done.
type outcome struct {
	before func(*testing.T, *run) // what happens on AWS before its first command
	check  func(*testing.T, *run)
	// from and to are the phases, if nothing that holds data may be replaced or
	// deleted. Else check says what must be kept.
	from, to int
}

const snapshotType = catalog.RDSSnapshot

// takeSnapshot is what the AWS commands of the restoring sections leave behind.
func takeSnapshot(t *testing.T, r *run) {
	t.Helper()
	require.NoError(t, r.Edit(func(c *cloud.Cloud) error {
		out := c.OfType(catalog.RDSInstance)[0].Outputs.Copy()
		out["encrypted"] = out["storageEncrypted"]
		return c.Put(&cloud.Record{Type: snapshotType, ID: "before-the-mistake", Inputs: resource.PropertyMap{}, Outputs: out})
	}))
}

// backUp is a day of AWS Backup; the database's recovery point gets the name that the
// page has.
func backUp(points ...string) func(*testing.T, *run) {
	return func(t *testing.T, r *run) {
		t.Helper()
		require.NoError(t, r.Edit(func(c *cloud.Cloud) error {
			made, err := model.BackUp(c)
			require.Len(t, made, len(points))
			slices.Sort(made)
			for i, begins := range points {
				assert.Contains(t, made[i], begins)
			}
			for _, snapshot := range c.OfType(snapshotType) {
				named := *snapshot
				named.ID = "awsbackup:job-0123"
				err = errors.Join(err, c.Put(&named), c.Delete(snapshotType, snapshot.ID))
			}
			return err
		}))
	}
}

// restoredServer: the new server is of the image that was asked for and has the address
// before the old one goes; the last update makes no other.
func restoredServer(t *testing.T, r *run) {
	t.Helper()
	require.Len(t, r.done, 3)
	inOrder(t, r.done[1], "create-replacement aws:ec2/instance:Instance::web-server-g1", "create-replacement aws:ec2/eipAssociation:EipAssociation::web-address",
		"delete-replaced aws:ec2/instance:Instance::web-server-g1")
	assert.Empty(t, slices.Concat(r.done[0].Replaced, r.done[2].Replaced, r.done[2].Deleted), "only the second update replaces")
	for _, record := range r.Records(t) {
		if record.Type == catalog.EC2Instance {
			assert.Equal(t, "ami-0123456789abcdef0", record.Str("ami"))
		}
	}
}

// restored: the old database is a snapshot, the new one has the data asked for
// and is protected, and the servers were told before the old one went.
func restored(from, reconfigure string) func(*testing.T, *run) {
	return func(t *testing.T, r *run) {
		t.Helper()
		require.Len(t, r.done, 3)
		assert.Empty(t, slices.Concat(r.done[0].Replaced, r.done[2].Replaced), "only the second update replaces")
		inOrder(t, r.done[1], "create-replacement aws:rds/instance:Instance::database", "update aws:ssm/parameter:Parameter::web-settings",
			"create-replacement aws:ssm/association:Association::"+reconfigure, "delete-replaced aws:rds/instance:Instance::database")
		var snapshots []string
		for _, record := range r.Records(t) {
			if record.Type == snapshotType {
				snapshots = append(snapshots, record.ID)
			}
			if record.Type == catalog.RDSInstance {
				assert.Equal(t, from, record.Str("snapshotIdentifier"))
				assert.True(t, record.Outputs["deletionProtection"].BoolValue())
			}
		}
		require.Len(t, snapshots, 2)
		assert.Contains(t, snapshots[1], "-final-", "the old database is kept")
	}
}

// planned checks the last update by counts of what people look at.
func planned(created, replaced, deleted int) func(*testing.T, *run) {
	return func(t *testing.T, r *run) {
		t.Helper()
		last := r.done[len(r.done)-1]
		assert.Len(t, last.Created, created, teststack.Names(last.Created))
		assert.Len(t, last.Replaced, replaced, teststack.Names(last.Replaced))
		assert.Len(t, last.Deleted, deleted, teststack.Names(last.Deleted))
	}
}

// grew checks the last update of a stack that went to another phase: how much
// a phase has is the census' affair, and what may go is growth.Lost's.
func grew(replaced int) func(*testing.T, *run) {
	return func(t *testing.T, r *run) {
		t.Helper()
		last := r.done[len(r.done)-1]
		assert.NotEmpty(t, last.Created)
		assert.Len(t, last.Replaced, replaced, teststack.Names(last.Replaced))
	}
}

var outcomes = map[string]outcome{
	"Grow from phase 1 to 2":                {check: grew(1), from: 1, to: 2},
	"Grow from phase 2 to 3":                {check: grew(0), from: 2, to: 3},
	"Roll back from phase 3 to 2":           {check: grew(0), from: 3, to: 2},
	"Take CloudFront away, and put it back": {check: planned(0, 0, 0), from: 3, to: 3},
	"Restore to a point in time":            {before: takeSnapshot, check: restored("before-the-mistake", "web-reconfigure")},
	"Restore from a snapshot":               {before: backUp("awsbackup:job-", "fs-"), check: restored("awsbackup:job-0123", "web-setup")},
	"Restore the server of phase 1":         {before: backUp("ami-"), check: restoredServer},
	"Restore files":                         {before: backUp("awsbackup:job-", "fs-"), check: func(t *testing.T, r *run) { assert.Empty(t, r.done) }},
	"Rotate the secret":                     {check: planned(0, 12, 0)},
	"Replace the image":                     {check: planned(4, 0, 3), from: 3, to: 3},
	"Replace the image in phase 2":          {check: newServer},
	"Replace the image in phase 1":          {check: func(t *testing.T, r *run) { assert.Empty(t, r.done) }},
	"Add a zone":                            {check: newZone, from: 3, to: 3},
	"Handle drift":                          {before: halveTheDatabase, check: mended},
	"Go on after an interrupted update":     {check: planned(0, 0, 0), from: 2, to: 2},
	"Destroy":                               {check: onlyCopies},
}

func halveTheDatabase(t *testing.T, r *run) {
	t.Helper()
	require.NoError(t, r.Edit(func(c *cloud.Cloud) error {
		_, err := drift.Tamper(c, "multi-az-off")
		return err
	}))
}

// mended: the update put right what the refresh had found, and nothing else.
func mended(t *testing.T, r *run) {
	t.Helper()
	require.Len(t, r.done, 1)
	assert.Equal(t, []string{"update aws:rds/instance:Instance::database"}, r.done[0].Order)
}

// newServer: it is there and has the address before the old one goes.
func newServer(t *testing.T, r *run) {
	t.Helper()
	require.Len(t, r.done, 1)
	inOrder(t, r.done[0], "create aws:ec2/instance:Instance::web-server-g2", "delete aws:ec2/instance:Instance::web-server-g1")
	planned(1, 2, 1)(t, r)
}

// newZone: every tier has a subnet in it, the files can be reached there, and
// nothing was replaced or deleted.
func newZone(t *testing.T, r *run) {
	t.Helper()
	require.Len(t, r.done, 1)
	for _, created := range []string{
		"network-public-d (aws:ec2/subnet:Subnet)", "network-database-d (aws:ec2/subnet:Subnet)", "network-web-d (aws:ec2/subnet:Subnet)",
		"network-nat-d (aws:ec2/natGateway:NatGateway)", "storage-d (aws:efs/mountTarget:MountTarget)",
	} {
		assert.Contains(t, teststack.Names(r.done[0].Created), created)
	}
	assert.Contains(t, teststack.Names(r.done[0].Updated), "web (aws:autoscaling/group:Group)")
	assert.Contains(t, teststack.Names(r.done[0].Updated), "database (aws:rds/subnetGroup:SubnetGroup)")
	assert.Empty(t, slices.Concat(r.done[0].Replaced, r.done[0].Deleted))
}

// onlyCopies: no more is left than what data can be restored from.
func onlyCopies(t *testing.T, r *run) {
	t.Helper()
	var left []string
	for _, record := range r.Records(t) {
		left = append(left, record.Type)
	}
	assert.ElementsMatch(t, []string{snapshotType, catalog.RDSOptionGroup, catalog.BackupVault, catalog.BackupVaultPolicy}, left, "the final one with its option group, and what AWS Backup has")
}

func page(t *testing.T) []section {
	t.Helper()
	text, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	sections, err := parse(string(text))
	require.NoError(t, err)
	return sections
}

// Every command of the runbook does what the page says, on the real engine.
func TestRunbook(t *testing.T) {
	t.Parallel()
	sections := page(t)
	require.Len(t, sections, len(outcomes), "a section without an outcome, or the other way round")
	stacks := map[string]*teststack.Stack{}
	for _, s := range sections {
		if stacks[s.stack] == nil {
			stacks[s.stack] = teststack.New(t, s.stack)
			stacks[s.stack].Up(t)
		}
	}
	for _, s := range sections {
		want, ok := outcomes[s.title]
		require.True(t, ok, "%s has no outcome", s.title)
		t.Run(s.title, func(t *testing.T) {
			t.Parallel()
			r := &run{Stack: stacks[s.stack].Copy(t)}
			if want.before != nil {
				want.before(t, r)
			}
			for _, b := range s.blocks {
				r.block(t, b)
			}
			want.check(t, r)
			for _, step := range r.done {
				if want.from > 0 {
					assert.Empty(t, growth.Lost(step, want.from, want.to), "what holds data")
				}
			}
		})
	}
}
