package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/rehearsal/cloud"
)

func TestReport(t *testing.T) {
	t.Parallel()
	snapshot := &cloud.Record{Type: "aws:rds/snapshot:Snapshot", ID: "last"}
	vpc := &cloud.Record{Type: "aws:ec2/vpc:Vpc", ID: "vpc-1"}
	for _, c := range []struct {
		left []*cloud.Record
		said string
		err  error
	}{
		{nil, "is empty", nil},
		{[]*cloud.Record{snapshot}, "RDS DB Snapshot last", nil},
		{[]*cloud.Record{snapshot, vpc}, "EC2 VPC vpc-1", errOrphans},
	} {
		var w bytes.Buffer
		assert.ErrorIs(t, report(&w, c.left), c.err)
		assert.Contains(t, w.String(), c.said)
	}
}
