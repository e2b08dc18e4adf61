package events_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/run/events"
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
		event("same", catalog.EC2VPC, "net", ""),
		event("create", catalog.EC2Subnet, "a", ""),
		event("update", catalog.RDSInstance, "db", `,"diffs":["tags","multiAz"]`),
		event("create-replacement", catalog.EC2AMIFromInstance, "image", ""),
		event("replace", catalog.EC2AMIFromInstance, "image", ""),
		event("delete-replaced", catalog.EC2AMIFromInstance, "image", ""),
		event("delete", catalog.EC2EIP, "address", ""),
		strings.Replace(event("delete", catalog.EC2VPC, "planned", ""), `{"metadata"`, `{"planning":true,"metadata"`, 1),
		strings.ReplaceAll(event("update", "webphases:index:Network", "component", ""), `"custom":true`, `"custom":false`),
		`{"summaryEvent":{}}`,
	}, "\n")
	step, err := events.ReadStep(strings.NewReader(log))
	require.NoError(t, err)
	assert.Equal(t, 1, step.Unchanged)
	require.Len(t, step.Created, 1)
	require.Len(t, step.Updated, 1)
	assert.Equal(t, []string{"multiAz", "tags"}, step.Updated[0].Props)
	assert.Len(t, step.Replaced, 1, "a replacement has three events and counts once")
	require.Len(t, step.Deleted, 1, "what was only planned does not count")
	assert.Equal(t, "address", step.Deleted[0].URN.Name())

	_, err = events.ReadStep(strings.NewReader("{"))
	require.Error(t, err)
}
