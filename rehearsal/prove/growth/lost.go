package growth

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/run/events"
)

// Holds tells whether resources of the type hold data, or are depended on by
// their address, in the step from one phase to another.
func Holds(typ string, from, to int) bool {
	known, _ := catalog.Get(typ)
	return typ == catalog.RandomPassword || known.Holds == catalog.Always || known.Holds == catalog.WithServer && to < 3 && from < 3
}

// Lost lists the data holders that the step from one phase to another replaced
// or deleted. The server and its address are holders until the load balancer
// has taken over; the subnets and addresses of a tier that the smaller phase
// does not have go with it.
func Lost(s events.Step, from, to int) (lost []resource.URN) {
	for _, change := range s.Replaced {
		known, _ := catalog.Get(string(change.URN.Type()))
		if Holds(string(change.URN.Type()), from, to) || known.Holds == catalog.Named {
			lost = append(lost, change.URN)
		}
	}
	for _, change := range s.Deleted {
		surplus := to < from && change.URN.Type() == catalog.EC2Subnet
		if Holds(string(change.URN.Type()), from, to) && !surplus {
			lost = append(lost, change.URN)
		}
	}
	return lost
}
