// Command webphases builds a secure and scalable WordPress site on AWS, in the
// three phases of a hands-on lab. `phase` in the stack's configuration says how
// far; internal/stack composes the components.
//
//	Phase 1  one server in a VPC, with an Elastic IP
//	    VPC, internet gateway, public subnet       components/network
//	    who may talk to what                       components/firewall
//	    password and keys                          components/credentials
//	    server, Elastic IP                         components/webtier
//
//	Phase 2  its database moves to RDS, its files to EFS
//	    database subnets                           components/network
//	    RDS for MySQL                              components/database
//	    EFS                                        components/sharedstorage
//
//	Phase 3  a load balancer, servers in two zones, a standby database
//	    private subnets, NAT gateways              components/network
//	    load balancer, certificate                 components/loadbalancer
//	    CloudFront before it                       components/edge
//	    golden image, Auto Scaling group           components/webtier
//	    Multi-AZ                                   components/database
//
//	Any phase: a domain name                       components/domain
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/stack"
)

func main() {
	pulumi.Run(stack.Deploy)
}
