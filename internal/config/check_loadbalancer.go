package config

import "github.com/webphases/webphases/internal/setting"

func (k *checker) checkLoadBalancer() {
	l := k.cfg.LoadBalancer
	if l.HealthCheckTimeout >= l.HealthCheckInterval {
		k.add(ErrConflict, "loadBalancer.healthCheckTimeout", l.HealthCheckTimeout, "not less than loadBalancer.healthCheckInterval", "lower it, or raise the interval")
	}
	if acl := setting.WebACL.FindStringSubmatch(l.WebACLARN); acl != nil && acl[1] != k.cfg.Region {
		k.add(ErrConflict, "loadBalancer.webAclArn", l.WebACLARN, "the web ACL is in another region than the load balancer", "use one of the region "+k.cfg.Region)
	}
}

// checkEdge: everybody reaches CloudFront, and by it the site.
func (k *checker) checkEdge() {
	if !k.cfg.Edged() {
		return
	}
	if k.cfg.LoadBalancer.Internal {
		k.add(ErrConflict, "loadBalancer.internal", true, "CloudFront (edge.enabled) shows the site to the internet", "set it to false, or edge.enabled to false")
	}
	if len(k.cfg.Network.ClientCIDRs) > 0 {
		k.add(ErrConflict, "network.clientCidrs", k.cfg.Network.ClientCIDRs, "with edge.enabled visitors come to CloudFront, which knows no ranges",
			"name them in a web ACL and put its ARN into edge.webAclArn, or set edge.enabled to false")
	}
	if acl := k.cfg.LoadBalancer.WebACLARN; acl != "" {
		k.add(ErrConflict, "loadBalancer.webAclArn", acl, "with edge.enabled the load balancer sees CloudFront's addresses only", "use a web ACL for CloudFront in edge.webAclArn")
	}
}

func (k *checker) checkDomain() {
	d := k.cfg.Domain
	if d.Name == "" {
		const why, remedy = "there is no domain.name that it could serve", "set domain.name too, or remove this key"
		if d.HostedZoneID != "" {
			k.add(ErrConflict, "domain.hostedZoneId", d.HostedZoneID, why, remedy)
		}
		if d.HealthCheck {
			k.add(ErrConflict, "domain.healthCheck", true, why, remedy)
		}
		if d.FailoverAddress != "" {
			k.add(ErrConflict, "domain.failoverAddress", d.FailoverAddress, why, remedy)
		}
		return
	}
	if d.HostedZoneID == "" {
		k.add(ErrConflict, "domain.hostedZoneId", "", "domain.name is set but not the hosted zone that holds it", "set the zone's ID, such as Z0123456789ABCDEFGHIJ")
	}
	if d.FailoverAddress != "" && !d.HealthCheck {
		k.add(ErrConflict, "domain.healthCheck", false, "Route 53 fails over by the health check's result", "set domain.healthCheck to true with domain.failoverAddress")
	}
	if d.HealthCheck && k.cfg.Phase == 3 && k.cfg.LoadBalancer.Internal {
		k.add(ErrConflict, "domain.healthCheck", true, "Route 53 checks from the internet and cannot reach an internal load balancer", "set it to false, or loadBalancer.internal to false")
	}
}
