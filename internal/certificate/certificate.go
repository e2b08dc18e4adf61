// Package certificate asks ACM for the certificate of a domain and proves by a DNS record
// that the domain is ours. ACM renews it for as long as the record stays.
package certificate

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describes a certificate.
type Args struct {
	Domain       string
	HostedZoneID string
	// ProofBefore is what the record was before that proves the domain, where another
	// component may have had it: it is the same for every certificate of an account, so
	// two of them in turn are one record, which must not go with the first.
	ProofBefore []pulumi.Alias
	// Provider is of the region where the certificate has to be; nil: the stack's.
	Provider pulumi.ProviderResource
}

// New makes the certificate of a parent and returns its ARN, once it is issued.
//
// Source: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
func New(ctx *pulumi.Context, name string, parent pulumi.Resource, args Args) (pulumi.StringOutput, error) {
	var none pulumi.StringOutput
	var there pulumi.ResourceOption = pulumi.Parent(parent)
	if args.Provider != nil {
		there = pulumi.Composite(there, pulumi.Provider(args.Provider))
	}
	certificate, err := acm.NewCertificate(ctx, name, &acm.CertificateArgs{
		DomainName:       pulumi.String(args.Domain),
		ValidationMethod: pulumi.String("DNS"),
	}, there)
	if err != nil {
		return none, fmt.Errorf("requesting the certificate: %w", err)
	}
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, name, &route53.RecordArgs{
		ZoneId:  pulumi.String(args.HostedZoneID),
		Name:    proof.ResourceRecordName().Elem(),
		Type:    proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(300),
		// The same record proves the name for every certificate of this account.
		AllowOverwrite: pulumi.Bool(true),
	}, pulumi.Parent(parent), pulumi.Aliases(args.ProofBefore))
	if err != nil {
		return none, fmt.Errorf("proving the domain: %w", err)
	}
	validation, err := acm.NewCertificateValidation(ctx, name, &acm.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, there)
	if err != nil {
		return none, fmt.Errorf("awaiting the certificate: %w", err)
	}
	return validation.CertificateArn, nil
}
