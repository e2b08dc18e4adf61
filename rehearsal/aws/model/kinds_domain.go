package model

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

var hostedZone = regexp.MustCompile(`^Z[A-Z0-9]{8,31}$`)

var domainKinds = []Kind{
	{
		Token: catalog.ACMCertificate, ID: "arn:{partition}:acm:{region}:{account}:certificate/{uuid}",
		Outputs: []string{"arn", "{id}", "keyAlgorithm", "RSA_2048", "renewalEligibility", "INELIGIBLE", "type", "AMAZON_ISSUED"},
		Sets:    []string{"subjectAlternativeNames", "validationOptions"},
		Rules: []Rule{
			required("domainName"), oneOf("validationMethod", "DNS", "EMAIL"),
			matches("domainName", `^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`, "a domain name"),
		},
		Fill: requestCertificate,
	},
	{
		Token: catalog.ACMCertificateValidation, ID: "{uuid}",
		Refs: []Ref{{Path: "certificateArn", To: catalog.ACMCertificate, By: "arn"}},
		Sets: []string{"validationRecordFqdns"},
		Apply: func(c *change) error {
			if cert := c.cloud.Get(catalog.ACMCertificate, str(c.in, "certificateArn")); cert != nil && !validated(c.cloud, cert) {
				return refuse("timeout", "while waiting for ACM Certificate (%s) to be issued: its validation records do not exist", cert.ID)
			}
			return nil
		},
	},
	{
		Token: catalog.Route53Record, ID: "{.zoneId}_{.name}_{.type}",
		Refs: []Ref{{Path: "healthCheckId", To: catalog.Route53HealthCheck}},
		Rules: []Rule{
			matches("zoneId", hostedZone.String(), "a hosted zone's id such as Z0123456789ABCDEFGHIJ"),
			oneOf("type", "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"),
			exactlyOne("records", "aliases"), wantTTL, between("ttl", 0, 2147483647),
			oneOf("failoverRoutingPolicies[*].type", "PRIMARY", "SECONDARY"),
		},
		Unique: []Unique{{Paths: []string{"zoneId", "name", "type", "setIdentifier"}, Code: "InvalidChangeBatch", What: "the record"}},
		Apply:  placeRecord,
		Fill:   func(c *change) { c.set("fqdn", strings.TrimSuffix(str(c.out, "name"), ".")) },
	},
	{
		Token: catalog.Route53HealthCheck, ID: "{uuid}",
		Outputs: []string{"arn", "arn:{partition}:route53:::healthcheck/{id}"},
		Rules: []Rule{
			oneOf("type", "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"),
			between("failureThreshold", 1, 10), between("port", 1, 65535),
			func(in resource.PropertyMap) []failure {
				if v := at(in, "requestInterval"); v.IsNumber() && num(in, "requestInterval") != 10 && num(in, "requestInterval") != 30 {
					return fail("requestInterval", "expected 10 or 30, got %d", num(in, "requestInterval"))
				}
				return nil
			},
		},
		Sets:  []string{"regions", "childHealthchecks"},
		Apply: keepKindOfCheck,
	},
}

func wantTTL(in resource.PropertyMap) []failure {
	if given(in, "records") && at(in, "ttl").IsNull() {
		return fail("ttl", "ttl is required with records")
	}
	return nil
}

// proof is the same for every certificate of the account, in every region.
//
// Source: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
func proof(of string, digits int) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(Account+of)))[:digits]
}

// requestCertificate says which DNS records prove that the domain is ours.
func requestCertificate(c *change) {
	names := append([]string{str(c.in, "domainName")}, strs(c.in, "subjectAlternativeNames[*]")...)
	var options []any
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		base := strings.TrimPrefix(name, "*.") // a wildcard shares its domain's record
		options = append(options, map[string]any{
			"domainName": name, "resourceRecordType": "CNAME", "resourceRecordName": "_" + proof("name "+base, 32) + "." + base + ".",
			"resourceRecordValue": "_" + proof("value "+base, 32) + "." + proof("zone "+base, 10) + ".acm-validations.aws.",
		})
	}
	c.set("domainValidationOptions", options)
	c.set("status", "PENDING_VALIDATION")
	if !given(c.out, "subjectAlternativeNames") {
		c.set("subjectAlternativeNames", []any{names[0]})
	}
}

// validated tells whether a record exists for each name of the certificate.
func validated(c *cloud.Cloud, cert *cloud.Record) bool {
	for _, name := range strs(cert.Outputs, "domainValidationOptions[*].resourceRecordName") {
		found := false
		for _, r := range c.OfType(catalog.Route53Record) {
			found = found || strings.TrimSuffix(r.Str("name"), ".") == strings.TrimSuffix(name, ".")
		}
		if !found {
			return false
		}
	}
	return true
}
