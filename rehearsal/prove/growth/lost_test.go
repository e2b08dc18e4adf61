package growth

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// change is what an update did to one resource.
func change(typ, name string) []events.Change {
	return []events.Change{{URN: resource.NewURN("dev", "webphases", "webphases:index:Network", tokens.Type(typ), name)}}
}

func TestLost(t *testing.T) {
	t.Parallel()
	server := events.Step{Deleted: append(change(catalog.EC2Instance, "server"), change(catalog.EC2EIP, "address")...)}
	assert.Len(t, Lost(server, 1, 2), 2, "people depend on the address, and the server may hold data")
	assert.Empty(t, Lost(server, 2, 3), "the load balancer has taken over")
	assert.Len(t, Lost(events.Step{Replaced: change(catalog.RDSInstance, "db")}, 2, 3), 1)
	subnet := events.Step{Deleted: change(catalog.EC2Subnet, "web-a")}
	assert.Empty(t, Lost(subnet, 3, 2), "the tier goes")
	assert.Len(t, Lost(subnet, 2, 3), 1)
	assert.Empty(t, Lost(events.Step{Updated: change(catalog.RDSInstance, "db")}, 2, 3))
}
