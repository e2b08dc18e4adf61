// Package domain gives the site its name: a record that points at the server's
// address or at the load balancer, with a health check and a fallback.
package domain

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Domain"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid domain arguments")

// Settings of the site's name; see docs/config.md, domain.
type Settings struct {
	// The site's name, such as www.example.com. Gives HTTPS; empty: plain HTTP.
	Name string `key:"name" default:"" form:"domainName" example:"www.example.com"`
	// Route 53 hosted zone that holds domain.name.
	HostedZoneID string `key:"hostedZoneId" default:"" form:"hostedZone" example:"Z0123456789"`
	// Route 53 checks the site from outside.
	HealthCheck bool `key:"healthCheck" default:"false"`
	// IPv4 address that domain.name points at while the health check fails.
	FailoverAddress string `key:"failoverAddress" default:"" form:"publicIPv4" example:"198.51.100.7"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args says where the name points. Exactly one of Address and Alias is set.
type Args struct {
	Settings

	Address         pulumi.StringInput // the server's Elastic IP
	Alias           *Alias             // the load balancer or the distribution
	HealthCheckPath string             // what HealthCheck asks for
}

// Alias is the DNS name of an AWS resource and the zone that it is in.
type Alias struct {
	DNSName, ZoneID pulumi.StringInput
	// Health has Route 53 answer only while it is healthy. It cannot ask CloudFront.
	Health bool
}

// Domain is the site's name.
type Domain struct {
	pulumi.ResourceState
}

// New makes the records. The site's own waits for what after resolves to, so that
// the name moves only to what serves; nil: nothing. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, after pulumi.ResourceArrayInput, opts ...pulumi.ResourceOption) (*Domain, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	d := &Domain{}
	if err := ctx.RegisterComponentResource(Type, name, d, opts...); err != nil {
		return nil, fmt.Errorf("registering domain %s: %w", name, err)
	}
	record := args.record()
	if args.HealthCheck {
		check, err := d.makeHealthCheck(ctx, name, args)
		if err != nil {
			return nil, err
		}
		record.HealthCheckId = check.ID()
	}
	serving := []pulumi.ResourceOption{pulumi.Parent(d)}
	if after != nil {
		serving = append(serving, pulumi.DependsOnInputs(after))
	}
	site, err := route53.NewRecord(ctx, name, record, serving...)
	if err != nil {
		return nil, fmt.Errorf("pointing %s at the site: %w", args.Name, err)
	}
	if args.FailoverAddress != "" {
		if err := d.makeFallback(ctx, name, args, site); err != nil {
			return nil, err
		}
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"name": pulumi.String(args.Name)})
}

// ttl is how long resolvers may keep the address, in seconds: short, for the
// name moves when the stack grows.
const ttl = 60

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if a.Name == "" || a.HostedZoneID == "" {
		errs = append(errs, errors.New("Name and HostedZoneID are required"))
	}
	if (a.Address == nil) == (a.Alias == nil) {
		errs = append(errs, errors.New("exactly one of Address and Alias is required"))
	}
	if a.FailoverAddress != "" && !a.HealthCheck {
		errs = append(errs, errors.New("FailoverAddress needs HealthCheck: the check decides which record answers"))
	}
	if a.HealthCheck && a.HealthCheckPath == "" {
		errs = append(errs, errors.New("HealthCheck needs HealthCheckPath"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

func (a Args) record() *route53.RecordArgs {
	record := &route53.RecordArgs{
		ZoneId:                  pulumi.String(a.HostedZoneID),
		Name:                    pulumi.String(a.Name),
		Type:                    pulumi.String("A"),
		SetIdentifier:           pulumi.String("site"),
		WeightedRoutingPolicies: weight(1),
	}
	if a.Alias != nil {
		record.Aliases = route53.RecordAliasArray{route53.RecordAliasArgs{
			Name:                 a.Alias.DNSName,
			ZoneId:               a.Alias.ZoneID,
			EvaluateTargetHealth: pulumi.Bool(a.Alias.Health),
		}}
	} else {
		record.Records, record.Ttl = pulumi.StringArray{a.Address}, pulumi.Int(ttl)
	}
	return record
}

// weight makes a record one of a weighted set. The site's record is in one from the
// start, alone: Route 53 takes no second record beside one without a routing policy,
// so a fallback could neither come nor go. Of weight 0, the fallback answers only
// while the check of the site's record fails.
//
// Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
func weight(n int) route53.RecordWeightedRoutingPolicyArray {
	return route53.RecordWeightedRoutingPolicyArray{route53.RecordWeightedRoutingPolicyArgs{Weight: pulumi.Int(n)}}
}

// makeFallback makes the record that answers while the site does not. It comes after
// the site's own: a set takes it only if that is in the set.
func (d *Domain) makeFallback(ctx *pulumi.Context, name string, args Args, site pulumi.Resource) error {
	_, err := route53.NewRecord(ctx, name+"-failover", &route53.RecordArgs{
		ZoneId:                  pulumi.String(args.HostedZoneID),
		Name:                    pulumi.String(args.Name),
		Type:                    pulumi.String("A"),
		Records:                 pulumi.StringArray{pulumi.String(args.FailoverAddress)},
		Ttl:                     pulumi.Int(ttl),
		SetIdentifier:           pulumi.String("fallback"),
		WeightedRoutingPolicies: weight(0),
	}, pulumi.Parent(d), pulumi.DependsOn([]pulumi.Resource{site}))
	if err != nil {
		return fmt.Errorf("creating the fallback record: %w", err)
	}
	return nil
}

// makeHealthCheck asks for the site from outside every 30 seconds.
//
// Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html
func (d *Domain) makeHealthCheck(ctx *pulumi.Context, name string, args Args) (*route53.HealthCheck, error) {
	check := &route53.HealthCheckArgs{
		Type:             pulumi.String("HTTPS"),
		Port:             pulumi.Int(443),
		EnableSni:        pulumi.Bool(true),
		ResourcePath:     pulumi.String(args.HealthCheckPath),
		FailureThreshold: pulumi.Int(3),
		RequestInterval:  pulumi.Int(30),
	}
	// Not the site's name: that answers from the fallback while the check fails,
	// so checking it would make the failure last, or hide it.
	if args.Alias != nil {
		check.Fqdn = args.Alias.DNSName.ToStringOutput()
	} else {
		check.IpAddress, check.Fqdn = args.Address.ToStringOutput(), pulumi.String(args.Name)
	}
	// A check of an address never becomes one of a name, nor the other way around.
	// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
	made, err := route53.NewHealthCheck(ctx, name, check, pulumi.Parent(d), pulumi.ReplaceOnChanges([]string{"ipAddress"}))
	if err != nil {
		return nil, fmt.Errorf("creating the health check: %w", err)
	}
	return made, nil
}
