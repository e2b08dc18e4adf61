package controls

import (
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

var distribution = []string{catalog.CloudFrontDistribution}

var cloudFront = []control{
	{"CloudFront.1", "CloudFront distributions should have a default root object configured", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if len(fromS3(r)) > 0 && r.Str("defaultRootObject") == "" {
				return "it has an origin in S3, and no root object"
			}
			return ""
		}},
	{"CloudFront.3", "CloudFront distributions should require encryption in transit", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			for _, b := range append(r.Objects("orderedCacheBehaviors"), r.Objects("defaultCacheBehavior")...) {
				if policy := b.Str("viewerProtocolPolicy"); policy != "redirect-to-https" && policy != "https-only" {
					return "it serves plain HTTP for " + b.Str("pathPattern")
				}
			}
			return ""
		}},
	{"CloudFront.4", "CloudFront distributions should have origin failover configured", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if len(r.Objects("originGroups")) == 0 {
				return "it has no group of two origins"
			}
			return ""
		}},
	{"CloudFront.5", "CloudFront distributions should have logging enabled", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if r.Str("loggingConfig.bucket") == "" {
				return "it writes no logs itself"
			}
			return ""
		}},
	{"CloudFront.6", "CloudFront distributions should have WAF enabled", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if r.Str("webAclId") == "" {
				return "edge.webAclArn names none"
			}
			return ""
		}},
	{"CloudFront.7", "CloudFront distributions should use custom SSL/TLS certificates", distribution,
		mustNot("viewerCertificate.cloudfrontDefaultCertificate", "true", "it has CloudFront's own")},
	{"CloudFront.8", "CloudFront distributions should use SNI to serve HTTPS requests", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if method := r.Str("viewerCertificate.sslSupportMethod"); method != "" && method != "sni-only" {
				return "it pays for addresses of its own"
			}
			return ""
		}},
	{"CloudFront.9", "CloudFront distributions should encrypt traffic to custom origins", distribution,
		originProtocol(func(o graph.Properties, at string) bool { return o.Str(at+"originProtocolPolicy") == "http-only" }, "it asks by plain HTTP")},
	{"CloudFront.10", "CloudFront distributions should not use deprecated SSL protocols between edge locations and custom origins", distribution,
		originProtocol(func(o graph.Properties, at string) bool {
			return slices.Contains(append(o.Texts(at+"originSslProtocols.items"), o.Texts(at+"originSslProtocols")...), "SSLv3")
		}, "it may speak SSLv3")},
	{"CloudFront.12", "CloudFront distributions should not point to non-existent S3 origins", distribution,
		func(g *graph.Graph, r *graph.Resource) string {
			for _, origin := range fromS3(r) {
				if g.With(bucketType, "bucketRegionalDomainName", origin.Str("domainName")) == nil {
					return "the bucket of " + origin.Str("originId") + " is none of the stack's"
				}
			}
			return ""
		}},
	{"CloudFront.13", "CloudFront distributions should use origin access control", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			for _, origin := range fromS3(r) {
				if origin.Str("originAccessControlId") == "" {
					return origin.Str("originId") + " is asked without a signature"
				}
			}
			return ""
		}},
	{"CloudFront.15", "CloudFront distributions should use the recommended TLS security policy", distribution,
		func(_ *graph.Graph, r *graph.Resource) string {
			if least := r.Str("viewerCertificate.minimumProtocolVersion"); !slices.Contains([]string{"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}, least) {
				return "visitors may use older TLS"
			}
			return ""
		}},
}

// fromS3 are the origins that are buckets.
func fromS3(distribution *graph.Resource) (found []graph.Properties) {
	for _, origin := range distribution.Objects("origins") {
		if origin.Str("s3OriginConfig") != "" || origin.Str("originAccessControlId") != "" || strings.Contains(origin.Str("domainName"), ".s3.") {
			found = append(found, origin)
		}
	}
	return found
}

// originProtocol asks how a distribution talks to its origins, those in a VPC among them.
func originProtocol(bad func(o graph.Properties, at string) bool, why string) func(*graph.Graph, *graph.Resource) string {
	return func(g *graph.Graph, r *graph.Resource) string {
		for _, origin := range r.Objects("origins") {
			inside := g.With(catalog.CloudFrontVPCOrigin, "id", origin.Str("vpcOriginConfig.vpcOriginId"))
			if bad(origin, "customOriginConfig.") || inside != nil && bad(inside.Properties, "vpcOriginEndpointConfig.") {
				return why
			}
		}
		return ""
	}
}
