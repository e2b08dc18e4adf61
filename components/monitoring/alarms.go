package monitoring

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Server is the one server of phases 1 and 2.
type Server struct {
	ID        pulumi.StringInput
	Burstable bool // its type has CPU credits
}

// Group is the Auto Scaling group of phase 3. It has to report its own metrics.
type Group struct {
	Name      pulumi.StringInput
	MaxSize   int
	Grows     bool // by a scaling policy
	Burstable bool // its servers' type has CPU credits
}

// Balancer is the load balancer and its one target group, by the ends of their
// ARNs that CloudWatch knows them by.
type Balancer struct {
	ARNSuffix            pulumi.StringInput
	TargetGroupARNSuffix pulumi.StringInput
	CertificateARN       pulumi.StringInput // nil: plain HTTP
}

// Database is an RDS instance.
type Database struct {
	Identifier       pulumi.StringInput
	InstanceClass    string
	AllocatedStorage int // GiB
}

// Storage is an EFS file system.
type Storage struct {
	FileSystemID pulumi.StringInput
	// ThroughputMode is elastic, bursting or provisioned, and Provisioned its MiB/s.
	ThroughputMode string
	Provisioned    int
}

// siteDown is the alarm that wakes somebody.
const siteDown = "site-down"

// What a period without data means.
const (
	missingIsFine  = "notBreaching"
	missingIsWrong = "breaching"
)

const minute = 60

// alarm is one metric with a limit, and the reason for the limit.
type alarm struct {
	name       string // a row of docs/alarms.md has it too
	namespace  string
	metric     string
	dimensions pulumi.StringMap
	statistic  string // Average, Sum, Minimum, Maximum or a percentile such as p99
	below      bool   // rings below the threshold; else above it
	threshold  float64
	seconds    int // of one period
	periods    int // so many in a row ring
	missing    string
	down       bool   // visitors get no page
	repair     string // what EC2 does by itself: recover or reboot
	why        string // what rang, for whom has never read this
}

func (a alarm) comparison() string {
	if a.below {
		return "LessThanThreshold"
	}
	return "GreaterThanThreshold"
}

func (a alarm) percentile() bool { return strings.HasPrefix(a.statistic, "p") }

// runbook says where to read what to do.
func runbook(name string) string { return "What to do: docs/alarms.md, " + name + "." }

// alarms lists what fits the stack.
func (a Args) alarms() []alarm {
	var all []alarm
	if a.Server != nil {
		all = append(all, a.Server.alarms()...)
	}
	if a.Group != nil {
		all = append(all, a.Group.alarms()...)
	}
	if a.ServersNamespace != "" {
		all = append(all, agentAlarms(a.ServersNamespace)...)
	}
	if a.Balancer != nil {
		all = append(all, a.Balancer.alarms()...)
	}
	for _, letter := range slices.Sorted(maps.Keys(a.NAT)) {
		all = append(all, natAlarm(letter, a.NAT[letter]))
	}
	if a.Database != nil {
		all = append(all, a.Database.alarms()...)
	}
	if a.Storage != nil {
		all = append(all, a.Storage.alarms()...)
	}
	return all
}

// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
func (s Server) alarms() []alarm {
	on := pulumi.StringMap{"InstanceId": s.ID}
	all := []alarm{
		{
			name:       "server-hardware",
			namespace:  "AWS/EC2",
			metric:     "StatusCheckFailed_System",
			dimensions: on,
			statistic:  "Maximum",
			seconds:    minute,
			periods:    2, // AWS's own advice for a recovery
			missing:    missingIsFine,
			down:       true,
			repair:     "recover",
			why:        "AWS's hardware under the server has failed; EC2 moves the server to other hardware, with its disk and address.",
		},
		{
			name:       "server-system",
			namespace:  "AWS/EC2",
			metric:     "StatusCheckFailed_Instance",
			dimensions: on,
			statistic:  "Maximum",
			seconds:    minute,
			periods:    3, // one more than the hardware's: a reboot must not come in its way
			missing:    missingIsFine,
			down:       true,
			repair:     "reboot",
			why:        "The server's operating system does not answer; EC2 reboots it.",
		},
		{
			name:       "server-cpu",
			namespace:  "AWS/EC2",
			metric:     "CPUUtilization",
			dimensions: on,
			statistic:  "Average",
			threshold:  90, // pages queue up
			seconds:    5 * minute,
			periods:    3, // longer than updates and backups take
			missing:    missingIsFine,
			why:        "The server has been at its limit for 15 minutes.",
		},
	}
	if s.Burstable {
		all = append(all, credits("server-credits", "AWS/EC2", on))
	}
	return all
}

// agentAlarms are of what only the servers see themselves. They report one figure
// together, and the largest is the worst server's.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
func agentAlarms(namespace string) []alarm {
	return []alarm{
		{
			name:      "server-memory",
			namespace: namespace,
			metric:    "mem_used_percent",
			statistic: "Maximum",
			threshold: 90, // PHP takes half of it at most; the rest is the system's and the database's
			seconds:   5 * minute,
			periods:   3, // longer than updates take
			missing:   missingIsFine,
			why:       "A server has had almost no free memory for 15 minutes; the next step is that the kernel ends a process.",
		},
		{
			name:      "server-disk",
			namespace: namespace,
			metric:    "disk_used_percent",
			statistic: "Maximum",
			threshold: 85, // logs and updates fill the rest within days
			seconds:   5 * minute,
			periods:   3,
			missing:   missingIsFine,
			why:       "A server's disk is almost full; then nothing can be written, not even logs.",
		},
	}
}

// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
func (g Group) alarms() []alarm {
	on := pulumi.StringMap{"AutoScalingGroupName": g.Name}
	all := []alarm{{
		name:       "servers-cpu",
		namespace:  "AWS/EC2",
		metric:     "CPUUtilization",
		dimensions: on,
		statistic:  "Average",
		threshold:  90, // scaling aims far below it
		seconds:    5 * minute,
		periods:    3, // longer than a new server takes to help
		missing:    missingIsFine,
		why:        "The servers have been at their limit for 15 minutes, and more of them did not come or did not help.",
	}}
	if g.Grows {
		all = append(all, alarm{
			name:       "group-at-maximum",
			namespace:  "AWS/AutoScaling",
			metric:     "GroupInServiceInstances",
			dimensions: on,
			statistic:  "Minimum",
			threshold:  float64(g.MaxSize) - 0.5,
			seconds:    5 * minute,
			periods:    3, // a rolling replacement may touch it for a while
			missing:    missingIsFine,
			why:        "The group has as many servers as it may have: the next crowd finds no more.",
		})
	}
	if g.Burstable {
		all = append(all, credits("servers-credits", "AWS/EC2", on))
	}
	return all
}

// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (b Balancer) alarms() []alarm {
	balancer := pulumi.StringMap{"LoadBalancer": b.ARNSuffix}
	targets := pulumi.StringMap{"LoadBalancer": b.ARNSuffix, "TargetGroup": b.TargetGroupARNSuffix}
	const namespace = "AWS/ApplicationELB"
	all := []alarm{
		{
			name:       "no-healthy-server",
			namespace:  namespace,
			metric:     "HealthyHostCount",
			dimensions: targets,
			statistic:  "Maximum", // over the zones: a zone without servers is not the end
			below:      true,
			threshold:  1,
			seconds:    minute,
			periods:    2, // one minute may be a gap between reports
			missing:    missingIsWrong,
			down:       true,
			why:        "No server is healthy.",
		},
		{
			name:       "balancer-errors",
			namespace:  namespace,
			metric:     "HTTPCode_ELB_5XX_Count",
			dimensions: balancer,
			statistic:  "Sum",
			threshold:  50, // nearly one a second: more than a server that leaves can explain
			seconds:    minute,
			periods:    3,
			missing:    missingIsFine, // reported only when there are some
			down:       true,
			why:        "The load balancer answers errors of its own, for no server took the requests or answered in time.",
		},
		{
			name:       "unhealthy-server",
			namespace:  namespace,
			metric:     "UnHealthyHostCount",
			dimensions: targets,
			statistic:  "Maximum",
			seconds:    minute,
			periods:    10, // longer than the group takes to replace one
			missing:    missingIsFine,
			why:        "A server has been unhealthy for 10 minutes, and the group has not replaced it.",
		},
		{
			name:       "site-errors",
			namespace:  namespace,
			metric:     "HTTPCode_Target_5XX_Count",
			dimensions: targets,
			statistic:  "Sum",
			threshold:  10, // some plugins fail now and then
			seconds:    5 * minute,
			periods:    1,
			missing:    missingIsFine,
			why:        "WordPress answered more than 10 requests with an error in 5 minutes.",
		},
		{
			name:       "slow-pages",
			namespace:  namespace,
			metric:     "TargetResponseTime",
			dimensions: targets,
			statistic:  "p99",
			threshold:  3, // seconds; visitors leave
			seconds:    5 * minute,
			periods:    3,
			missing:    missingIsFine,
			why:        "One page in a hundred has taken more than 3 seconds for 15 minutes.",
		},
		{
			name:       "rejected-connections",
			namespace:  namespace,
			metric:     "RejectedConnectionCount",
			dimensions: balancer,
			statistic:  "Sum",
			seconds:    5 * minute,
			periods:    1,
			missing:    missingIsFine,
			why:        "The load balancer refused connections: it had too many.",
		},
	}
	if b.CertificateARN != nil {
		all = append(all, alarm{
			name:       "certificate-expiry",
			namespace:  "AWS/CertificateManager",
			metric:     "DaysToExpiry",
			dimensions: pulumi.StringMap{"CertificateArn": b.CertificateARN},
			statistic:  "Minimum",
			below:      true,
			threshold:  30, // ACM renews 60 days before: it has failed for a month
			seconds:    24 * 60 * minute,
			periods:    1,
			missing:    missingIsFine,
			why:        "ACM has not renewed the certificate, which ends in less than 30 days.",
		})
	}
	return all
}

// Source: https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
func natAlarm(letter string, id pulumi.StringInput) alarm {
	return alarm{
		name:       "nat-ports-" + letter,
		namespace:  "AWS/NATGateway",
		metric:     "ErrorPortAllocation",
		dimensions: pulumi.StringMap{"NatGatewayId": id},
		statistic:  "Sum",
		seconds:    5 * minute,
		periods:    1,
		missing:    missingIsFine,
		why:        "The NAT gateway of zone " + letter + " ran out of ports for one destination: servers cannot reach it.",
	}
}

// credits rings when bursting is billed: the types' default is to burst without end.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-monitoring-cpu-credits.html
func credits(name, namespace string, on pulumi.StringMap) alarm {
	return alarm{
		name:       name,
		namespace:  namespace,
		metric:     "CPUSurplusCreditsCharged",
		dimensions: on,
		statistic:  "Sum",
		seconds:    60 * minute,
		periods:    3, // an hour's peak is what bursting is for
		missing:    missingIsFine,
		why:        "Bursting has been billed for three hours: a larger type would be cheaper.",
	}
}

// Names lists the alarms of a stack with everything in it, as docs/alarms.md has
// them; a NAT gateway's stands for all zones.
func Names() []string {
	id := pulumi.String("id")
	full := Args{
		Server:   &Server{ID: id, Burstable: true},
		Group:    &Group{Name: id, MaxSize: 2, Grows: true, Burstable: true},
		Balancer: &Balancer{ARNSuffix: id, TargetGroupARNSuffix: id, CertificateARN: id},
		NAT:      map[string]pulumi.StringInput{"a": id},
		Database: &Database{Identifier: id, InstanceClass: "db.t4g.micro"},
		Storage:  &Storage{FileSystemID: id},

		ServersNamespace: "servers",
	}
	names := []string{siteDown}
	for _, a := range full.alarms() {
		names = append(names, strings.TrimSuffix(a.name, "-a"))
	}
	return names
}
