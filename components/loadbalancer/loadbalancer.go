// Package loadbalancer is the entry of phase 3: an application load balancer, a
// target group for the servers, and HTTPS where the site has a domain.
package loadbalancer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/certificate"
	"github.com/webphases/webphases/internal/inputs"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:LoadBalancer"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid load balancer arguments")

// Settings of the load balancer; see docs/config.md, loadBalancer.
type Settings struct {
	// Phase 3: reachable from the VPC only. AWS cannot change it later.
	Internal bool `key:"internal" default:"false"`
	// TLS policy of the HTTPS listener: TLS 1.2 or newer.
	SSLPolicy string `key:"sslPolicy" default:"ELBSecurityPolicy-TLS13-1-2-2021-06" form:"tlsPolicy" example:"ELBSecurityPolicy-TLS13-1-3-2021-06"`
	// AWS refuses to delete the balancer while protect is true too. Set false and run `pulumi up` before it goes: back
	// to phase 2, or where loadBalancer.internal changes.
	DeletionProtection bool `key:"deletionProtection" default:"true"`
	// Write access logs to a bucket of the stack, kept for 90 days.
	AccessLogs bool `key:"accessLogs" default:"true"`
	// ARN of a regional AWS WAF web ACL to put in front.
	WebACLARN string `key:"webAclArn" default:"" form:"webAcl" example:"arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/name/id"`
	// Path that a healthy server answers with 200.
	HealthCheckPath string `key:"healthCheckPath" default:"/healthz" form:"path" example:"/alive"`
	// Good answers in a row until a server takes part: 2 to 10.
	HealthyThreshold int `key:"healthyThreshold" default:"3" least:"2" most:"10" unit:"checks"`
	// Bad answers in a row until a server is left out: 2 to 10.
	UnhealthyThreshold int `key:"unhealthyThreshold" default:"2" least:"2" most:"10" unit:"checks"`
	// Seconds between checks: 5 to 300.
	HealthCheckInterval int `key:"healthCheckInterval" default:"15" least:"5" most:"300" unit:"seconds"`
	// Seconds to wait for an answer: 2 to 120, less than the interval.
	HealthCheckTimeout int `key:"healthCheckTimeout" default:"5" least:"2" most:"120" unit:"seconds"`
	// How long a connection may be silent before it is closed, in seconds: 1 to 4000. Slow uploads need more than their
	// longest pause.
	IdleTimeoutSeconds int `key:"idleTimeoutSeconds" default:"60" least:"1" most:"4000" unit:"seconds"`
	// How long a leaving server finishes its requests, in seconds: 0 to 3600.
	DrainSeconds int `key:"drainSeconds" default:"60" least:"0" most:"3600" unit:"seconds"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes the load balancer. A server that failed returns by itself after
// HealthyThreshold good answers.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type Args struct {
	Settings

	VPCID           pulumi.StringInput
	SubnetIDs       pulumi.StringArrayInput // public subnets in two zones or more
	SecurityGroupID pulumi.StringInput
	// Routes are the subnets' way to the internet: AWS refuses a balancer that faces it
	// where there is none yet.
	Routes []pulumi.Resource

	Domain       string // HTTPS for this name; "": plain HTTP
	HostedZoneID string // where the certificate's validation record goes
	// ProofBefore is what that record was before; see certificate.Args.
	ProofBefore []pulumi.Alias

	LogBucket *LogBucketArgs // where AccessLogs go; nil without them
}

// LoadBalancer is the balancer and what servers and DNS need of it.
type LoadBalancer struct {
	pulumi.ResourceState

	ARN            pulumi.StringOutput
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
	errs := []error{setting.Check(&a.Settings)}
	if inputs.Fewer(a.SubnetIDs, 2) {
		errs = append(errs, errors.New("SubnetIDs: AWS wants two zones or more"))
	}
	if a.VPCID == nil || a.SecurityGroupID == nil {
		errs = append(errs, errors.New("VPCID and SecurityGroupID are required"))
	}
	if (a.Domain == "") != (a.HostedZoneID == "") {
		errs = append(errs, errors.New("Domain and HostedZoneID go together"))
	}
	if a.HealthCheckTimeout >= a.HealthCheckInterval {
		errs = append(errs, fmt.Errorf("HealthCheckTimeout (%d s) is not less than HealthCheckInterval (%d s)", a.HealthCheckTimeout, a.HealthCheckInterval))
	}
	if a.AccessLogs != (a.LogBucket != nil) {
		errs = append(errs, errors.New("AccessLogs and LogBucket go together"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

func (l *LoadBalancer) makeBalancer(ctx *pulumi.Context) error {
	args := &lb.LoadBalancerArgs{
		LoadBalancerType: pulumi.String("application"),
		Internal:         pulumi.Bool(l.args.Internal),
		Subnets:          l.args.SubnetIDs,
		SecurityGroups:   pulumi.StringArray{l.args.SecurityGroupID},
		IdleTimeout:      pulumi.Int(l.args.IdleTimeoutSeconds),

		EnableDeletionProtection: pulumi.Bool(l.args.DeletionProtection),
		// Requests that servers might read in two ways do not reach them.
		DropInvalidHeaderFields: pulumi.Bool(true),
		DesyncMitigationMode:    pulumi.String("defensive"),
	}
	ready := slices.Clone(l.args.Routes)
	if l.args.AccessLogs {
		logs, err := l.makeLogBucket(ctx)
		if err != nil {
			return err
		}
		args.AccessLogs = lb.LoadBalancerAccessLogsArgs{Bucket: logs.ID(), Enabled: pulumi.Bool(true)}
		ready = append(ready, logs.Writable...) // AWS tries to write when logging is switched on
	}
	var err error
	if l.lb, err = lb.NewLoadBalancer(ctx, l.name, args, pulumi.Parent(l), pulumi.DependsOn(ready)); err != nil {
		return fmt.Errorf("creating the balancer: %w", err)
	}
	l.ARN, l.DNSName, l.ZoneID, l.ARNSuffix = l.lb.Arn, l.lb.DnsName, l.lb.ZoneId, l.lb.ArnSuffix
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
	l.target, err = lb.NewTargetGroup(ctx, l.name+l.scheme(), &lb.TargetGroupArgs{
		VpcId:               l.args.VPCID,
		Port:                pulumi.Int(80),
		Protocol:            pulumi.String("HTTP"),
		TargetType:          pulumi.String("instance"),
		DeregistrationDelay: pulumi.Int(l.args.DrainSeconds),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Path:               pulumi.String(l.args.HealthCheckPath),
			Matcher:            pulumi.String("200"),
			Protocol:           pulumi.String("HTTP"),
			Port:               pulumi.String("traffic-port"),
			HealthyThreshold:   pulumi.Int(l.args.HealthyThreshold),
			UnhealthyThreshold: pulumi.Int(l.args.UnhealthyThreshold),
			Interval:           pulumi.Int(l.args.HealthCheckInterval),
			Timeout:            pulumi.Int(l.args.HealthCheckTimeout),
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
	forward := lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
		Type:           pulumi.String("forward"),
		TargetGroupArn: l.target.Arn,
	}}
	http := &lb.ListenerArgs{
		LoadBalancerArn: l.lb.Arn,
		Port:            pulumi.Int(80),
		Protocol:        pulumi.String("HTTP"),
		DefaultActions:  forward,
	}
	if l.args.Domain != "" {
		http.DefaultActions = lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: lb.ListenerDefaultActionRedirectArgs{
				Port:       pulumi.String("443"),
				Protocol:   pulumi.String("HTTPS"),
				StatusCode: pulumi.String("HTTP_301"),
			},
		}}
		arn, err := certificate.New(ctx, l.name+"-certificate", l, certificate.Args{
			Domain:       l.args.Domain,
			HostedZoneID: l.args.HostedZoneID,
			ProofBefore:  l.args.ProofBefore,
		})
		if err != nil {
			return err
		}
		https, err := lb.NewListener(ctx, l.name+"-https", &lb.ListenerArgs{
			LoadBalancerArn: l.lb.Arn,
			Port:            pulumi.Int(443),
			Protocol:        pulumi.String("HTTPS"),
			SslPolicy:       pulumi.String(l.args.SSLPolicy),
			CertificateArn:  arn,
			DefaultActions:  forward,
		}, pulumi.Parent(l))
		if err != nil {
			return fmt.Errorf("creating the HTTPS listener: %w", err)
		}
		l.CertificateARN = arn
		l.Listening = append(l.Listening, https)
	}
	listener, err := lb.NewListener(ctx, l.name+"-http", http, pulumi.Parent(l))
	if err != nil {
		return fmt.Errorf("creating the HTTP listener: %w", err)
	}
	l.Listening = append(l.Listening, listener)
	return nil
}
