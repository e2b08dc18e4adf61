package growth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// event is a line of the CLI's event log.
func event(op, typ, name, more string) string {
	urn := fmt.Sprintf("urn:pulumi:dev::webphases::webphases:index:Network$%s::%s", typ, name)
	state := fmt.Sprintf(`{"type":%q,"urn":%q,"custom":true}`, typ, urn)
	return fmt.Sprintf(`{"resOutputsEvent":{"metadata":{"op":%q,"urn":%q,"type":%q,"old":%s,"new":%s%s}}}`, op, urn, typ, state, state, more)
}

func TestReadStep(t *testing.T) {
	t.Parallel()
	log := strings.Join([]string{
		event("same", "aws:ec2/vpc:Vpc", "net", ""),
		event("create", "aws:ec2/subnet:Subnet", "a", ""),
		event("update", "aws:rds/instance:Instance", "db", `,"diffs":["tags","multiAz"]`),
		event("create-replacement", "aws:ec2/amiFromInstance:AmiFromInstance", "image", ""),
		event("replace", "aws:ec2/amiFromInstance:AmiFromInstance", "image", ""),
		event("delete-replaced", "aws:ec2/amiFromInstance:AmiFromInstance", "image", ""),
		event("delete", "aws:ec2/eip:Eip", "address", ""),
		strings.Replace(event("delete", "aws:ec2/vpc:Vpc", "planned", ""), `{"metadata"`, `{"planning":true,"metadata"`, 1),
		strings.ReplaceAll(event("update", "webphases:index:Network", "component", ""), `"custom":true`, `"custom":false`),
		`{"summaryEvent":{}}`,
	}, "\n")
	step, err := ReadStep(strings.NewReader(log))
	require.NoError(t, err)
	assert.Equal(t, 1, step.Unchanged)
	require.Len(t, step.Created, 1)
	require.Len(t, step.Updated, 1)
	assert.Equal(t, []string{"multiAz", "tags"}, step.Updated[0].Props)
	assert.Len(t, step.Replaced, 1, "a replacement has three events and counts once")
	require.Len(t, step.Deleted, 1, "what was only planned does not count")
	assert.Equal(t, "address", step.Deleted[0].URN.Name())

	_, err = ReadStep(strings.NewReader("{"))
	require.Error(t, err)
}

func TestLost(t *testing.T) {
	t.Parallel()
	step := func(lines ...string) Step {
		s, err := ReadStep(strings.NewReader(strings.Join(lines, "\n")))
		require.NoError(t, err)
		return s
	}
	server := step(event("delete", "aws:ec2/instance:Instance", "server", ""), event("delete", "aws:ec2/eip:Eip", "address", ""))
	assert.Len(t, server.Lost(1, 2), 2, "people depend on the address, and the server may hold data")
	assert.Empty(t, server.Lost(2, 3), "the load balancer has taken over")
	assert.Len(t, step(event("create-replacement", "aws:rds/instance:Instance", "db", "")).Lost(2, 3), 1)
	subnet := step(event("delete", "aws:ec2/subnet:Subnet", "web-a", ""))
	assert.Empty(t, subnet.Lost(3, 2), "the tier goes")
	assert.Len(t, subnet.Lost(2, 3), 1)
	assert.Empty(t, step(event("update", "aws:rds/instance:Instance", "db", "")).Lost(2, 3))
}
