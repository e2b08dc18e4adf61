package growth

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

func TestLost(t *testing.T) {
	t.Parallel()
	step := func(lines ...string) events.Step {
		s, err := events.ReadStep(strings.NewReader(strings.Join(lines, "\n")))
		require.NoError(t, err)
		return s
	}
	server := step(event("delete", catalog.EC2Instance, "server", ""), event("delete", catalog.EC2EIP, "address", ""))
	assert.Len(t, Lost(server, 1, 2), 2, "people depend on the address, and the server may hold data")
	assert.Empty(t, Lost(server, 2, 3), "the load balancer has taken over")
	assert.Len(t, Lost(step(event("create-replacement", catalog.RDSInstance, "db", "")), 2, 3), 1)
	subnet := step(event("delete", catalog.EC2Subnet, "web-a", ""))
	assert.Empty(t, Lost(subnet, 3, 2), "the tier goes")
	assert.Len(t, Lost(subnet, 2, 3), 1)
	assert.Empty(t, Lost(step(event("update", catalog.RDSInstance, "db", "")), 2, 3))
}
