// Package edge is CloudFront before the load balancer: HTTPS with or without a domain,
// and pages for visitors whom WordPress does not know, from a cache near them. It
// reaches the balancer by a VPC origin, so the balancer has no public address and no
// other way leads to it.
package edge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/bucket"
	"github.com/webphases/webphases/internal/certificate"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:Edge"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid edge arguments")

// Region is where CloudFront has its certificates, web ACLs and logs.
const Region = "us-east-1"

// Settings of the edge; see docs/config.md, edge.
type Settings struct {
	// Where visitors are served from: PriceClass_100 (North America, Europe), PriceClass_200 (also Asia, the Middle East,
	// Africa) or PriceClass_All. Others are served from there too, only farther away.
	PriceClass string `key:"priceClass" default:"PriceClass_200" oneOf:"PriceClass_100,PriceClass_200,PriceClass_All"`
	// ARN of an AWS WAF web ACL of the scope CLOUDFRONT, which is in us-east-1, to put in front.
	WebACLARN string `key:"webAclArn" default:"" form:"globalWebAcl" example:"arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id"`
	// Write access logs to a bucket of the stack, kept for 90 days.
	AccessLogs bool `key:"accessLogs" default:"true"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

// Args describes the edge.
type Args struct {
	Settings

	// Prefix begins the names that nobody gives a suffix; no other stack of the account has it.
	Prefix    string
	AccountID string
	// Global makes what has to be in us-east-1; nil if the stack is there.
	Global pulumi.ProviderResource
	// DeleteLogs deletes the bucket and its logs with the edge; else both stay.
	DeleteLogs bool

	Balancer Balancer
	Domain   *Domain // nil: the name that CloudFront gives
}

// Balancer is the internal load balancer that requests go to.
type Balancer struct {
	ARN, DNSName pulumi.StringInput
	// Listening is what makes it answer.
	Listening []pulumi.Resource
}

// Domain is the site's own name.
type Domain struct {
	Name, HostedZoneID string
	// ProofBefore is what the record was before that proves the domain; see certificate.Args.
	ProofBefore []pulumi.Alias
}

// Edge is the distribution and what DNS and servers need of it.
type Edge struct {
	pulumi.ResourceState

	DomainName     pulumi.StringOutput // such as d111111abcdef8.cloudfront.net
	ZoneID         pulumi.StringOutput // of that name, for alias records
	DistributionID pulumi.StringOutput
	CertificateARN pulumi.StringInput // nil: CloudFront's own

	name         string
	args         Args
	logs         *bucket.Bucket // nil: nobody keeps any
	distribution *cloudfront.Distribution
}

// New makes the edge. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Edge, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	e := &Edge{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, e, opts...); err != nil {
		return nil, fmt.Errorf("registering edge %s: %w", name, err)
	}
	for _, step := range []func(*pulumi.Context) error{e.makeCertificate, e.makeLogBucket, e.makeDistribution, e.deliverLogs} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("edge %s: %w", name, err)
		}
	}
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{"domainName": e.DomainName, "distributionId": e.DistributionID})
}

func (a Args) check() error {
	errs := []error{setting.Check(&a.Settings)}
	if a.Prefix == "" || a.AccountID == "" {
		errs = append(errs, errors.New("Prefix and AccountID are required"))
	}
	if a.Balancer.ARN == nil || a.Balancer.DNSName == nil {
		errs = append(errs, errors.New("Balancer.ARN and Balancer.DNSName are required"))
	}
	if a.Domain != nil && (a.Domain.Name == "" || a.Domain.HostedZoneID == "") {
		errs = append(errs, errors.New("Domain.Name and Domain.HostedZoneID go together"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return nil
}

// global is the options of what has to be in us-east-1.
func (e *Edge) global(more ...pulumi.ResourceOption) pulumi.ResourceOption {
	opts := slices.Concat(more, []pulumi.ResourceOption{pulumi.Parent(e)})
	if e.args.Global != nil {
		opts = append(opts, pulumi.Provider(e.args.Global))
	}
	return pulumi.Composite(opts...)
}

// makeCertificate asks for a certificate where CloudFront looks for them.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
func (e *Edge) makeCertificate(ctx *pulumi.Context) error {
	if e.args.Domain == nil {
		return nil
	}
	arn, err := certificate.New(ctx, e.name+"-certificate", e, certificate.Args{
		Domain:       e.args.Domain.Name,
		HostedZoneID: e.args.Domain.HostedZoneID,
		ProofBefore:  e.args.Domain.ProofBefore,
		Provider:     e.args.Global,
	})
	if err != nil {
		return err
	}
	e.CertificateARN = arn
	return nil
}
