package cloudfront

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Allowed tells whether CloudFront passes the method on at all.
func (b *Behavior) Allowed(method string) bool { return slices.Contains(b.allowed, method) }

// MayKeep tells whether an answer to such a request may be kept, if the origin lets it.
func (b *Behavior) MayKeep(method string) bool {
	return slices.Contains(b.cached, method) && b.keep.max > 0
}

// Key is what an answer is kept under. Requests with the same key get the same answer.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
func (b *Behavior) Key(r *http.Request) string {
	parts := []string{b.Pattern, r.URL.EscapedPath(), queriesOf(r.URL, b.keep.queries.takes)}
	for _, c := range cookiesOf(r, b.keep.cookies.takes) {
		parts = append(parts, "cookie "+c)
	}
	for _, name := range b.keep.headers.names {
		if value := header(r, name); value != "" {
			parts = append(parts, name+": "+value)
		}
	}
	if encoding := b.encoding(r); encoding != "" {
		parts = append(parts, "encoding "+encoding)
	}
	return strings.Join(parts, "\n")
}

func header(r *http.Request, name string) string {
	if http.CanonicalHeaderKey(name) == "Host" {
		return r.Host
	}
	return r.Header.Get(name)
}

// encoding is the Accept-Encoding that CloudFront makes of a viewer's.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cache-key-understand-cache-policy.html#cache-policy-compressed-objects
func (b *Behavior) encoding(r *http.Request) string {
	asked := r.Header.Get("Accept-Encoding")
	var takes []string
	if b.keep.brotli && strings.Contains(asked, "br") {
		takes = append(takes, "br")
	}
	if b.keep.gzip && strings.Contains(asked, "gzip") {
		takes = append(takes, "gzip")
	}
	return strings.Join(takes, ",")
}

func queriesOf(u *url.URL, takes func(string) bool) string {
	var kept []string
	for _, pair := range strings.Split(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if pair != "" && takes(name) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

func cookiesOf(r *http.Request, takes func(string) bool) []string {
	var kept []string
	for _, c := range r.Cookies() {
		if takes(c.Name) {
			kept = append(kept, c.Name+"="+c.Value)
		}
	}
	slices.Sort(kept)
	return kept
}

// ownHeaders are those that only CloudFront may set; a viewer's are dropped.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
func (b *Behavior) ownHeaders(viewer, tls string) map[string]string {
	own := map[string]string{}
	for name, value := range map[string]string{
		"CloudFront-Forwarded-Proto": "https", "CloudFront-Viewer-TLS": tls, "CloudFront-Viewer-Address": viewer + ":40000",
	} {
		if (choice{"whitelist", b.ask.headers.names}).takes(name) {
			own[name] = value
		}
	}
	return own
}

// Forward is what the origin is asked for a viewer at that address, who speaks that TLS.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func (b *Behavior) Forward(r *http.Request, viewer, tls string) *http.Request {
	out := r.Clone(r.Context())
	out.RequestURI, out.Header, out.Host = "", http.Header{}, b.Origin.Domain
	out.URL.Scheme, out.URL.Host = "http", b.Origin.Domain
	out.URL.RawQuery = queriesOf(r.URL, func(name string) bool { return b.keep.queries.takes(name) || b.ask.queries.takes(name) })
	all := strings.HasPrefix(b.ask.headers.behavior, "allViewer")
	for name, values := range r.Header {
		own := strings.HasPrefix(strings.ToLower(name), "cloudfront-") || strings.EqualFold(name, "Cookie") || strings.EqualFold(name, "Connection")
		if !own && (all || b.keep.headers.takes(name)) {
			out.Header[name] = slices.Clone(values)
		}
	}
	if all || b.keep.headers.takes("Host") {
		out.Host = r.Host
	}
	if !all {
		out.Header.Set("User-Agent", "Amazon CloudFront")
	}
	if b.keep.max > 0 || !all {
		out.Header.Del("Accept-Encoding")
		if encoding := b.encoding(r); encoding != "" {
			out.Header.Set("Accept-Encoding", encoding)
		}
	}
	for _, c := range cookiesOf(r, func(name string) bool { return b.keep.cookies.takes(name) || b.ask.cookies.takes(name) }) {
		out.Header.Set("Cookie", strings.TrimPrefix(out.Header.Get("Cookie")+"; "+c, "; "))
	}
	for name, value := range b.ownHeaders(viewer, tls) {
		out.Header.Set(name, value)
	}
	out.Header.Set("X-Forwarded-For", strings.TrimPrefix(strings.Join(r.Header.Values("X-Forwarded-For"), ", ")+", "+viewer, ", "))
	return out
}
