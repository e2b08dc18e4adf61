package loadbalancer

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// makeCertificate asks ACM for a certificate and proves by a DNS record that
// the domain is ours. ACM renews it for as long as the record stays.
//
// Source: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
func (l *LoadBalancer) makeCertificate(ctx *pulumi.Context) (pulumi.StringOutput, error) {
	name := l.name + "-certificate"
	certificate, err := acm.NewCertificate(ctx, name, &acm.CertificateArgs{
		DomainName:       pulumi.String(l.args.Domain),
		ValidationMethod: pulumi.String("DNS"),
	}, pulumi.Parent(l))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("requesting the certificate: %w", err)
	}
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, name, &route53.RecordArgs{
		ZoneId:  pulumi.String(l.args.HostedZoneID),
		Name:    proof.ResourceRecordName().Elem(),
		Type:    proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(300),
		// The same record proves the name for every certificate of this account.
		AllowOverwrite: pulumi.Bool(true),
	}, pulumi.Parent(l))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("proving the domain: %w", err)
	}
	validation, err := acm.NewCertificateValidation(ctx, name, &acm.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, pulumi.Parent(l))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("awaiting the certificate: %w", err)
	}
	return validation.CertificateArn, nil
}
