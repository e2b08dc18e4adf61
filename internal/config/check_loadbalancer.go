package config

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	hostedForm = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	policyForm = regexp.MustCompile(`^ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+$`)
	pathForm   = regexp.MustCompile(`^/[!-~]{0,999}$`)
	aclForm    = regexp.MustCompile(`^arn:aws[a-z-]*:wafv2:([a-z0-9-]+):\d{12}:regional/webacl/[^/]+/[^/]+$`)
)

// Limits of a target group's health check.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (k *checker) checkLoadBalancer() {
	l := k.cfg.LoadBalancer
	k.matches("loadBalancer.sslPolicy", l.SSLPolicy, policyForm, "a policy with TLS 1.2 or 1.3 as its least version", "ELBSecurityPolicy-TLS13-1-2-2021-06")
	k.matches("loadBalancer.healthCheckPath", l.HealthCheckPath, pathForm, "a path", "/healthz")
	k.between("loadBalancer.healthyThreshold", l.HealthyThreshold, 2, 10, " checks")
	k.between("loadBalancer.unhealthyThreshold", l.UnhealthyThreshold, 2, 10, " checks")
	k.between("loadBalancer.healthCheckInterval", l.HealthCheckInterval, 5, 300, " seconds")
	k.between("loadBalancer.healthCheckTimeout", l.HealthCheckTimeout, 2, 120, " seconds")
	if l.HealthCheckTimeout >= l.HealthCheckInterval {
		k.add(ErrConflict, "loadBalancer.healthCheckTimeout", l.HealthCheckTimeout, "not less than loadBalancer.healthCheckInterval", "lower it, or raise the interval")
	}
	k.between("loadBalancer.drainSeconds", l.DrainSeconds, 0, 3600, " seconds")
	if l.WebACLARN == "" {
		return
	}
	if k.matches("loadBalancer.webAclArn", l.WebACLARN, aclForm, "the ARN of a regional web ACL", "arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID") &&
		aclForm.FindStringSubmatch(l.WebACLARN)[1] != k.cfg.Region {
		k.add(ErrConflict, "loadBalancer.webAclArn", l.WebACLARN, "the web ACL is in another region than the load balancer", "use one of the region "+k.cfg.Region)
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
	k.matches("domain.name", d.Name, domainForm, "a domain name in lower case", "www.example.com")
	if d.HostedZoneID == "" {
		k.add(ErrConflict, "domain.hostedZoneId", "", "domain.name is set but not the hosted zone that holds it", "set the zone's ID, such as Z0123456789ABCDEFGHIJ")
	} else {
		k.matches("domain.hostedZoneId", strings.TrimPrefix(d.HostedZoneID, "/hostedzone/"), hostedForm, "a Route 53 hosted zone's ID", "Z0123456789ABCDEFGHIJ")
	}
	if d.FailoverAddress != "" {
		if addr, err := netip.ParseAddr(d.FailoverAddress); err != nil || !addr.Is4() || addr.IsPrivate() {
			k.add(ErrValue, "domain.failoverAddress", d.FailoverAddress, "not a public IPv4 address", "give the address of the page to show while the site is down, such as 198.51.100.7")
		}
		if !d.HealthCheck {
			k.add(ErrConflict, "domain.healthCheck", false, "Route 53 fails over by the health check's result", "set domain.healthCheck to true with domain.failoverAddress")
		}
	}
	if d.HealthCheck && k.cfg.Phase == 3 && k.cfg.LoadBalancer.Internal {
		k.add(ErrConflict, "domain.healthCheck", true, "Route 53 checks from the internet and cannot reach an internal load balancer", "set it to false, or loadBalancer.internal to false")
	}
}
