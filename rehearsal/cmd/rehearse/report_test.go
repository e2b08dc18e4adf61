package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

func TestReport(t *testing.T) {
	t.Parallel()
	snapshot := &cloud.Record{Type: catalog.RDSSnapshot, ID: "last"}
	vpc := &cloud.Record{Type: catalog.EC2VPC, ID: "vpc-1"}
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
