// Package cloudfront does what CloudFront does with a plan's distribution: which
// behaviour a request has, under which key an answer is kept and for how long, and what
// reaches the origin. [Edge] serves by it.
//
// What it leaves out: the many caches of the edge locations (here is one), compression,
// ranges and functions.
package cloudfront

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// ErrUnsupported says that a distribution has what this package does not know.
var ErrUnsupported = errors.New("the distribution cannot be followed")

// Distribution is one of the plan's.
type Distribution struct {
	Domain    string
	behaviors []*Behavior // in their order; the default one last
	origins   map[string]*Origin
	errors    map[int]errorResponse
	page      string // what lies at an error response's path
}

// Behavior is a cache behaviour with its policies.
type Behavior struct {
	Pattern string
	Origin  *Origin

	allowed, cached []string
	keep            cachePolicy
	ask             requestPolicy
}

// Origin is where answers come from.
type Origin struct {
	ID, Domain string
	// InVPC tells a VPC origin from a bucket.
	InVPC                    bool
	Connect, Read, Keepalive time.Duration
	Attempts                 int
}

// choice is which names count: none, all, those listed, or all others.
type choice struct {
	behavior string
	names    []string
}

// takes tells whether a name counts. A * in a list stands for anything, ? for a letter.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cache-key-understand-cache-policy.html
func (c choice) takes(name string) bool {
	listed := slices.ContainsFunc(c.names, func(pattern string) bool {
		ok, _ := path.Match(pattern, name)
		return ok
	})
	switch c.behavior {
	case "all", "allViewer", "allViewerAndWhitelistCloudFront":
		return true
	case "whitelist":
		return listed
	case "allExcept":
		return !listed
	default:
		return false
	}
}

type cachePolicy struct {
	min, normal, max          time.Duration
	cookies, headers, queries choice
	gzip, brotli              bool
}

type requestPolicy struct {
	cookies, headers, queries choice
}

type errorResponse struct {
	status int
	keep   time.Duration
}

// AWS's own policies.
//
// Sources:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
var (
	managedCache = map[string]cachePolicy{
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {},                                                                                              // CachingDisabled
		"658327ea-f89d-4fab-a63d-7e88639e58f6": {min: time.Second, normal: 24 * time.Hour, max: 365 * 24 * time.Hour, gzip: true, brotli: true}, // CachingOptimized
	}
	managedRequest = map[string]requestPolicy{
		"33f36d7e-f396-46d9-90e0-52428a34d9dc": { // AllViewerAndCloudFrontHeaders-2022-06
			cookies: choice{behavior: "all"}, queries: choice{behavior: "all"},
			headers: choice{behavior: "allViewerAndWhitelistCloudFront", names: []string{"CloudFront-*"}},
		},
	}
)

// Read reads the stack's distribution; nil if it has none.
func Read(g *graph.Graph) (*Distribution, error) {
	all := g.OfType(catalog.CloudFrontDistribution)
	if len(all) == 0 {
		return nil, nil //nolint:nilnil // no distribution is no mistake
	}
	r := all[0]
	d := &Distribution{Domain: r.Str("domainName"), origins: map[string]*Origin{}, errors: map[int]errorResponse{}}
	for _, o := range r.Objects("origins") {
		d.origins[o.Str("originId")] = &Origin{
			ID: o.Str("originId"), Domain: o.Str("domainName"), InVPC: o.Str("vpcOriginConfig.vpcOriginId") != "",
			Connect: seconds(o.Int("connectionTimeout")), Attempts: o.Int("connectionAttempts"),
			Read: seconds(o.Int("vpcOriginConfig.originReadTimeout")), Keepalive: seconds(o.Int("vpcOriginConfig.originKeepaliveTimeout")),
		}
	}
	for _, e := range r.Objects("customErrorResponses") {
		d.errors[e.Int("errorCode")] = errorResponse{e.Int("responseCode"), seconds(e.Int("errorCachingMinTtl"))}
		for _, object := range g.OfType(catalog.S3BucketObjectV2) {
			if "/"+object.Str("key") == e.Str("responsePagePath") {
				d.page = object.Str("content")
			}
		}
	}
	for _, b := range append(r.Objects("orderedCacheBehaviors"), r.Objects("defaultCacheBehavior")...) {
		read, err := d.behavior(g, b)
		if err != nil {
			return nil, err
		}
		d.behaviors = append(d.behaviors, read)
	}
	if len(d.behaviors) == 0 || d.behaviors[len(d.behaviors)-1].Pattern != "*" {
		return nil, fmt.Errorf("%w: it has no default behaviour", ErrUnsupported)
	}
	return d, nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (d *Distribution) behavior(g *graph.Graph, b graph.Properties) (*Behavior, error) {
	read := &Behavior{
		Pattern: b.Str("pathPattern"), Origin: d.origins[b.Str("targetOriginId")],
		allowed: b.Texts("allowedMethods"), cached: b.Texts("cachedMethods"),
	}
	if read.Pattern == "" {
		read.Pattern = "*"
	}
	var known bool
	if read.keep, known = managedCache[b.Str("cachePolicyId")]; !known {
		p := g.With(catalog.CloudFrontCachePolicy, "id", b.Str("cachePolicyId"))
		if p == nil {
			return nil, fmt.Errorf("%w: the cache policy of %s is not known", ErrUnsupported, read.Pattern)
		}
		const in = "parametersInCacheKeyAndForwardedToOrigin."
		read.keep = cachePolicy{
			min: seconds(p.Int("minTtl")), normal: seconds(p.Int("defaultTtl")), max: seconds(p.Int("maxTtl")),
			gzip: p.True(in + "enableAcceptEncodingGzip"), brotli: p.True(in + "enableAcceptEncodingBrotli"),
			cookies: choose(p.Properties, in+"cookiesConfig", "cookie"), headers: choose(p.Properties, in+"headersConfig", "header"),
			queries: choose(p.Properties, in+"queryStringsConfig", "queryString"),
		}
	}
	id := b.Str("originRequestPolicyId")
	if read.ask, known = managedRequest[id]; !known && id != "" {
		p := g.With(catalog.CloudFrontOriginRequestPolicy, "id", id)
		if p == nil {
			return nil, fmt.Errorf("%w: the origin request policy of %s is not known", ErrUnsupported, read.Pattern)
		}
		read.ask = requestPolicy{
			cookies: choose(p.Properties, "cookiesConfig", "cookie"), headers: choose(p.Properties, "headersConfig", "header"),
			queries: choose(p.Properties, "queryStringsConfig", "queryString"),
		}
	}
	return read, nil
}

func choose(p graph.Properties, at, what string) choice {
	return choice{p.Str(at + "." + what + "Behavior"), p.Texts(at + "." + what + "s.items")}
}

// Behavior is the first one whose pattern the path has. Patterns are case-sensitive; a *
// stands for anything, a slash too.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
func (d *Distribution) Behavior(of string) *Behavior {
	for _, b := range d.behaviors {
		if matches(b.Pattern, of) {
			return b
		}
	}
	return d.behaviors[len(d.behaviors)-1]
}

func matches(pattern, of string) bool {
	// path.Match's * does not stand for a slash.
	ok, _ := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(of, "/", "\x00"))
	return ok
}
