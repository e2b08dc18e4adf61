// Package loadbalancer is the entry of phase 3: an application load balancer, a
// target group for the servers, and HTTPS where the site has a domain.
package loadbalancer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's type token.
const Type = "webphases:index:LoadBalancer"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid load balancer arguments")

// Args describes the load balancer.
type Args struct {
	VPCID           pulumi.StringInput
	SubnetIDs       pulumi.StringArray // public subnets in two zones or more
	SecurityGroupID pulumi.StringInput
	Internal        bool
	// Routes are the subnets' way to the internet: AWS refuses a balancer that faces it
	// where there is none yet.
	Routes []pulumi.Resource

	Domain       string // HTTPS for this name; "": plain HTTP
	HostedZoneID string // where the certificate's validation record goes
	SSLPolicy    string

	HealthCheck  HealthCheck
	DrainSeconds int // how long a leaving server finishes its requests

	AccessLogs *AccessLogsArgs // nil: none
	WebACLARN  string          // "": none
}

// HealthCheck decides when a server takes part. A server that failed returns by
// itself after HealthyThreshold good answers.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type HealthCheck struct {
	Path               string
	HealthyThreshold   int // good answers in a row: 2 to 10
	UnhealthyThreshold int // bad answers in a row: 2 to 10
	IntervalSeconds    int // 5 to 300
	TimeoutSeconds     int // 2 to 120, less than the interval
}

// LoadBalancer is the balancer and what servers and DNS need of it.
type LoadBalancer struct {
	pulumi.ResourceState

	DNSName        pulumi.StringOutput
	ZoneID         pulumi.StringOutput // of the DNS name, for alias records
	TargetGroupARN pulumi.StringOutput
	// ARNSuffix and TargetGroupARNSuffix are what CloudWatch knows them by.
	ARNSuffix            pulumi.StringOutput
	TargetGroupARNSuffix pulumi.StringOutput
	CertificateARN       pulumi.StringInput // nil: plain HTTP
	// Listening is what must exist before a server of the target group can
	// become healthy: AWS checks only groups that a listener uses.
	Listening []pulumi.Resource

	name   string
	args   Args
	lb     *lb.LoadBalancer
	target *lb.TargetGroup
}

// New makes the load balancer. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*LoadBalancer, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	l := &LoadBalancer{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, l, opts...); err != nil {
		return nil, fmt.Errorf("registering load balancer %s: %w", name, err)
	}
	for _, step := range []func(*pulumi.Context) error{l.makeBalancer, l.makeTargetGroup, l.makeListeners, l.associateWebACL} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("load balancer %s: %w", name, err)
		}
	}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{"dnsName": l.DNSName, "targetGroupArn": l.TargetGroupARN})
}

func (a Args) check() error {
	var errs []error
	if len(a.SubnetIDs) < 2 {
		errs = append(errs, fmt.Errorf("SubnetIDs has %d entries: AWS wants two zones or more", len(a.SubnetIDs)))
	}
	if a.VPCID == nil || a.SecurityGroupID == nil {
		errs = append(errs, errors.New("VPCID and SecurityGroupID are required"))
	}
	if (a.Domain == "") != (a.HostedZoneID == "") {
		errs = append(errs, errors.New("Domain and HostedZoneID go together"))
	}
	if a.Domain != "" && a.SSLPolicy == "" {
		errs = append(errs, errors.New("SSLPolicy is missing"))
	}
	if h := a.HealthCheck; h.TimeoutSeconds >= h.IntervalSeconds {
		errs = append(errs, fmt.Errorf("HealthCheck: the timeout (%d s) is not less than the interval (%d s)", h.TimeoutSeconds, h.IntervalSeconds))
	}
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrArgs, errors.Join(errs...))
	}
	return nil
}

func (l *LoadBalancer) makeBalancer(ctx *pulumi.Context) error {
	args := &lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"), Internal: pulumi.Bool(l.args.Internal),
		Subnets: l.args.SubnetIDs, SecurityGroups: pulumi.StringArray{l.args.SecurityGroupID},
		// Requests that servers might read in two ways do not reach them.
		DropInvalidHeaderFields: pulumi.Bool(true), DesyncMitigationMode: pulumi.String("defensive"),
	}
	ready := slices.Clone(l.args.Routes)
	if l.args.AccessLogs != nil {
		bucket, writable, err := l.makeLogBucket(ctx)
		if err != nil {
			return err
		}
		args.AccessLogs = lb.LoadBalancerAccessLogsArgs{Bucket: bucket, Enabled: pulumi.Bool(true)}
		ready = append(ready, writable...) // AWS tries to write when logging is switched on
	}
	var err error
	if l.lb, err = lb.NewLoadBalancer(ctx, l.name, args, pulumi.Parent(l), pulumi.DependsOn(ready)); err != nil {
		return fmt.Errorf("creating the balancer: %w", err)
	}
	l.DNSName, l.ZoneID, l.ARNSuffix = l.lb.DnsName, l.lb.ZoneId, l.lb.ArnSuffix
	return nil
}

// scheme is part of the names of what goes with one balancer only. AWS cannot make an
// internal balancer of another, so a second one comes before the first goes, and for
// that time each needs its own.
func (l *LoadBalancer) scheme() string {
	if l.args.Internal {
		return "-internal"
	}
	return ""
}

// makeTargetGroup makes the group of servers: one balancer may use it.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
func (l *LoadBalancer) makeTargetGroup(ctx *pulumi.Context) (err error) {
	h := l.args.HealthCheck
	l.target, err = lb.NewTargetGroup(ctx, l.name+l.scheme(), &lb.TargetGroupArgs{
		VpcId: l.args.VPCID, Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"), TargetType: pulumi.String("instance"),
		DeregistrationDelay: pulumi.Int(l.args.DrainSeconds),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Path: pulumi.String(h.Path), Matcher: pulumi.String("200"), Protocol: pulumi.String("HTTP"), Port: pulumi.String("traffic-port"),
			HealthyThreshold: pulumi.Int(h.HealthyThreshold), UnhealthyThreshold: pulumi.Int(h.UnhealthyThreshold),
			Interval: pulumi.Int(h.IntervalSeconds), Timeout: pulumi.Int(h.TimeoutSeconds),
		},
	}, pulumi.Parent(l))
	if err != nil {
		return fmt.Errorf("creating the target group: %w", err)
	}
	l.TargetGroupARN, l.TargetGroupARNSuffix = l.target.Arn, l.target.ArnSuffix
	return nil
}

// makeListeners serves HTTP, or with a domain HTTPS and a redirect to it.
func (l *LoadBalancer) makeListeners(ctx *pulumi.Context) error {
	forward := lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: l.target.Arn}}
	http := &lb.ListenerArgs{LoadBalancerArn: l.lb.Arn, Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"), DefaultActions: forward}
	if l.args.Domain != "" {
		http.DefaultActions = lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Port: pulumi.String("443"), Protocol: pulumi.String("HTTPS"), StatusCode: pulumi.String("HTTP_301"),
			},
		}}
		certificate, err := l.makeCertificate(ctx)
		if err != nil {
			return err
		}
		https, err := lb.NewListener(ctx, l.name+"-https", &lb.ListenerArgs{
			LoadBalancerArn: l.lb.Arn, Port: pulumi.Int(443), Protocol: pulumi.String("HTTPS"), SslPolicy: pulumi.String(l.args.SSLPolicy),
			CertificateArn: certificate, DefaultActions: forward,
		}, pulumi.Parent(l))
		if err != nil {
			return fmt.Errorf("creating the HTTPS listener: %w", err)
		}
		l.CertificateARN = certificate
		l.Listening = append(l.Listening, https)
	}
	listener, err := lb.NewListener(ctx, l.name+"-http", http, pulumi.Parent(l))
	if err != nil {
		return fmt.Errorf("creating the HTTP listener: %w", err)
	}
	l.Listening = append(l.Listening, listener)
	return nil
}
