package cloudfront_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/webphases/webphases/rehearsal/prove/cloudfront"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

// asked is one request and what has to become of it.
type asked struct {
	what    string
	method  string // GET
	url     string
	headers []string // "Name: value"
	pattern string   // the behaviour's
	fresh   time.Duration
	as      string   // the URL of a plain request with the same key; "": it has one of its own
	origin  []string // "Name: value", or "!Name", that the origin gets; "?query"
}

const (
	page    = 15 * time.Second
	year    = 365 * 24 * time.Hour
	week    = 7 * 24 * time.Hour
	refused = -1 // the distribution does not take the method
)

var rules = []asked{
	{what: "the front page", url: "/", pattern: "*", fresh: page, as: "/"},
	{what: "a post", url: "/2026/11/hello/", pattern: "*", fresh: page, as: "/2026/11/hello/"},
	{what: "a page in a category", url: "/category/news/page/2/", pattern: "*", fresh: page, as: "/category/news/page/2/"},
	{what: "a path with other letters", url: "/%E6%97%A5%E6%9C%AC/", pattern: "*", fresh: page, as: "/%E6%97%A5%E6%9C%AC/"},
	{what: "a campaign's link", url: "/?utm_source=news&utm_medium=mail&utm_campaign=x", pattern: "*", fresh: page, as: "/", origin: []string{"?"}},
	{what: "a social network's link", url: "/hello/?fbclid=IwAR0", pattern: "*", fresh: page, as: "/hello/", origin: []string{"?"}},
	{what: "an advertisement's link", url: "/?gclid=1&msclkid=2", pattern: "*", fresh: page, as: "/", origin: []string{"?"}},
	{what: "a campaign's link to a search", url: "/?s=x&utm_source=news", pattern: "*", as: "/?s=x", origin: []string{"?s=x"}},
	{what: "somebody else's cookies", url: "/", headers: []string{"Cookie: _ga=GA1.2; theme=dark"}, pattern: "*", fresh: page, as: "/"},
	{what: "another browser", url: "/", headers: []string{"User-Agent: curl/8"}, pattern: "*", fresh: page, as: "/", origin: []string{"User-Agent: curl/8"}},
	{what: "another language", url: "/", headers: []string{"Accept-Language: ja"}, pattern: "*", fresh: page, as: "/"},
	{what: "compression", url: "/", headers: []string{"Accept-Encoding: gzip, deflate, br, zstd"}, pattern: "*", fresh: page, origin: []string{"Accept-Encoding: br,gzip"}},
	{what: "HEAD", method: "HEAD", url: "/", pattern: "*"},

	{what: "logged in", url: "/", headers: []string{"Cookie: wordpress_logged_in_abc=me"}, pattern: "*", origin: []string{"Cookie: wordpress_logged_in_abc=me"}},
	{what: "logged in, other cookies first", url: "/hello/", headers: []string{"Cookie: _ga=1; wordpress_logged_in_abc=me"}, pattern: "*"},
	{what: "secure log-in", url: "/", headers: []string{"Cookie: wordpress_sec_abc=me"}, pattern: "*"},
	{what: "who has commented", url: "/hello/", headers: []string{"Cookie: comment_author_abc=me"}, pattern: "*"},
	{what: "who has given a password", url: "/secret/", headers: []string{"Cookie: wp-postpass_abc=x"}, pattern: "*"},
	{what: "a cart", url: "/shop/", headers: []string{"Cookie: woocommerce_cart_hash=1"}, pattern: "*"},
	{what: "a shop's session", url: "/shop/", headers: []string{"Cookie: wp_woocommerce_session_abc=1"}, pattern: "*"},
	{what: "a plugin's session", url: "/", headers: []string{"Cookie: PHPSESSID=1"}, pattern: "*"},
	{what: "a password in the header", url: "/", headers: []string{"Authorization: Basic eDp5"}, pattern: "*", origin: []string{"Authorization: Basic eDp5"}},

	{what: "a preview", url: "/?p=7&preview=true", pattern: "*"},
	{what: "a search", url: "/?s=x", pattern: "*", as: "/?s=x"},
	{what: "another search", url: "/?s=y", pattern: "*", as: "/?s=y"},
	{what: "REST", url: "/wp-json/wp/v2/posts", pattern: "/wp-json/*"},
	{what: "REST without pretty links", url: "/?rest_route=/wp/v2/posts", pattern: "*"},
	{what: "REST's first page", url: "/wp-json", pattern: "*"},
	{what: "a feed", url: "/feed/", pattern: "*"},
	{what: "a feed of comments", url: "/hello/feed", pattern: "*"},
	{what: "robots.txt", url: "/robots.txt", pattern: "*"},
	{what: "a sitemap", url: "/wp-sitemap.xml", pattern: "*"},
	{what: "the log-in", url: "/wp-login.php", pattern: "*.php", origin: []string{"CloudFront-Viewer-TLS: " + cloudfront.TLS}},
	{what: "logging in", method: "POST", url: "/wp-login.php", pattern: "*.php"},
	{what: "admin", url: "/wp-admin/", pattern: "/wp-admin/*"},
	{what: "admin without its slash", url: "/wp-admin", pattern: "*"},
	{what: "admin with two slashes", url: "//wp-admin/", pattern: "*"},
	{what: "admin's files", url: "/wp-admin/css/login.css?ver=6", pattern: "/wp-admin/*"},
	{what: "admin's queries", url: "/wp-admin/edit.php?utm_source=x", pattern: "*.php", origin: []string{"?utm_source=x"}},
	{what: "tasks", url: "/wp-cron.php", pattern: "*.php"},
	{what: "a comment", method: "POST", url: "/wp-comments-post.php", pattern: "*.php"},
	{what: "a form", method: "POST", url: "/contact/", pattern: "*"},
	{what: "PUT", method: "PUT", url: "/wp-json/wp/v2/posts/1", pattern: "/wp-json/*"},
	{what: "OPTIONS", method: "OPTIONS", url: "/wp-json/", pattern: "/wp-json/*"},
	{what: "TRACE", method: "TRACE", url: "/", pattern: "*", fresh: refused},
	{what: "a plugin's own PHP", url: "/wp-content/plugins/x/y.php", pattern: "*.php"},
	{what: "what does not exist", url: "/nothing-here", pattern: "*"},
	{what: "the health check", url: "/healthz", pattern: "*"},

	{what: "a file with a version", url: "/wp-content/themes/x/style.css?ver=1.2", pattern: "/wp-content/*", fresh: year},
	{what: "its next version", url: "/wp-content/themes/x/style.css?ver=1.3", pattern: "/wp-content/*", fresh: year},
	{what: "a file, with queries that mean nothing", url: "/wp-includes/js/a.js?ver=6&x=1", pattern: "/wp-includes/*", fresh: year, as: "/wp-includes/js/a.js?ver=6", origin: []string{"?ver=6"}},
	{what: "a picture", url: "/wp-content/uploads/2026/11/a.png", pattern: "/wp-content/*", fresh: week, as: "/wp-content/uploads/2026/11/a.png"},
	{what: "a picture for who has logged in", url: "/wp-content/uploads/a.png", headers: []string{"Cookie: wordpress_logged_in_abc=me"}, pattern: "/wp-content/*", fresh: week, as: "/wp-content/uploads/a.png", origin: []string{"!Cookie"}},
	{what: "a file with letters in capitals", url: "/WP-CONTENT/a.png", pattern: "*"},
	{what: "the plain page for bad days", url: "/webphases/unavailable.html", pattern: "/webphases/*", fresh: refused},

	{what: "a forged protocol", url: "/?p=1", headers: []string{"CloudFront-Forwarded-Proto: http"}, pattern: "*", as: "/?p=1", origin: []string{"CloudFront-Forwarded-Proto: https"}},
	{what: "forged TLS", url: "/wp-login.php", headers: []string{"CloudFront-Viewer-TLS: TLSv1.3:forged"}, pattern: "*.php", origin: []string{"CloudFront-Viewer-TLS: " + cloudfront.TLS}},
	{what: "a forged address", url: "/?p=2", headers: []string{"X-Forwarded-For: 192.0.2.66"}, pattern: "*", as: "/?p=2", origin: []string{"X-Forwarded-For: 192.0.2.66, 198.51.100.9"}},
	{what: "an address of CloudFront's header", url: "/", headers: []string{"CloudFront-Viewer-Address: 192.0.2.66:1"}, pattern: "*", fresh: page, as: "/", origin: []string{"!CloudFront-Viewer-Address"}},
}

func (a asked) request(to string) *http.Request {
	method := a.method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, "https://"+host+to, nil)
	return r
}

func (a asked) whole() *http.Request {
	r := a.request(a.url)
	for _, h := range a.headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

func distribution(t *testing.T) *cloudfront.Distribution {
	t.Helper()
	d, err := cloudfront.Read(graphtest.Stack(t, "prod"))
	require.NoError(t, err)
	require.NotNil(t, d)
	return d
}

// What is kept, for how long, under which key, and what the servers are asked, by the
// plan's own distribution and the servers' own rules.
func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	assert.GreaterOrEqual(t, len(rules), 40)
	d, servers := distribution(t), wordpress{t, readMaps(t)}
	for _, a := range rules {
		r := a.whole()
		b := d.Behavior(r.URL.Path)
		assert.Equal(t, a.pattern, b.Pattern, a.what)
		if a.fresh == refused {
			assert.True(t, !b.Allowed(r.Method) || !b.Origin.InVPC, a.what)
			continue
		}
		require.True(t, b.Allowed(r.Method), a.what)
		out := b.Forward(r, "198.51.100.9", cloudfront.TLS)
		status, headers := servers.answer(out)
		var fresh time.Duration
		if b.MayKeep(r.Method) {
			fresh = b.Times(status, headers, time.Now()).Fresh
		}
		assert.Equal(t, a.fresh, fresh, "%s: %v", a.what, headers)
		if a.as != "" {
			assert.Equal(t, b.Key(a.request(a.as)), b.Key(r), a.what)
		} else if a.fresh == 0 && b.MayKeep(http.MethodGet) && len(a.headers) > 0 {
			assert.NotEqual(t, b.Key(a.request(a.url)), b.Key(r), "%s: a stranger's page would answer", a.what)
		}
		for _, want := range a.origin {
			checkOrigin(t, a.what, out, want)
		}
	}
}

func checkOrigin(t *testing.T, what string, out *http.Request, want string) {
	t.Helper()
	if query, ok := strings.CutPrefix(want, "?"); ok {
		assert.Equal(t, query, out.URL.RawQuery, what)
		return
	}
	if name, ok := strings.CutPrefix(want, "!"); ok {
		assert.Empty(t, out.Header.Get(name), what)
		return
	}
	name, value, _ := strings.Cut(want, ": ")
	assert.Equal(t, value, out.Header.Get(name), "%s: %s", what, name)
}

// Pages are at most a minute old, and last for a day while nobody makes new ones.
func TestHowOldAPageGets(t *testing.T) {
	t.Parallel()
	d, servers := distribution(t), wordpress{t, readMaps(t)}
	b := d.Behavior("/")
	status, headers := servers.answer(b.Forward(asked{}.request("/"), "198.51.100.9", cloudfront.TLS))
	times := b.Times(status, headers, time.Now())
	const purged = 10 * time.Second // server/files/bin/purge, and once more
	browser := times.Revalidate     // which shows its own copy while it asks anew
	assert.LessOrEqual(t, purged+times.Fresh+times.Revalidate+browser, time.Minute)
	assert.Equal(t, 24*time.Hour, times.IfError)
}

// Whom WordPress knows never shares a page, whatever else the two ask.
func TestNobodySharesAPageOfHisOwn(t *testing.T) {
	t.Parallel()
	d, servers := distribution(t), wordpress{t, readMaps(t)}
	names := []string{"wordpress_logged_in_", "wordpress_sec_", "wp-postpass_", "comment_author_", "woocommerce_items_in_cart", "wp_woocommerce_session_", "PHPSESSID"}
	rapid.Check(t, func(t *rapid.T) {
		to := "/" + rapid.StringMatching(`[a-z]{0,6}(/[a-z]{1,6}){0,2}/?(\?[a-z]{1,4}=[a-z0-9]{1,4})?`).Draw(t, "path")
		name := rapid.SampledFrom(names).Draw(t, "cookie")
		values := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{4,12}`), 2, 2, rapid.ID).Draw(t, "visitors")
		if !strings.HasSuffix(name, "_") {
			values[1] = values[0]
		}
		var keys []string
		for _, value := range values {
			cookie := name + value + "=" + value
			if !strings.HasSuffix(name, "_") {
				cookie = name + "=" + value
			}
			r := asked{headers: []string{"Cookie: theme=dark; " + cookie}, url: to}.whole()
			b := d.Behavior(r.URL.Path)
			if strings.HasPrefix(b.Pattern, "/wp-") || strings.HasPrefix(b.Pattern, "/webphases") {
				return // files are everybody's
			}
			_, headers := servers.answer(b.Forward(r, "198.51.100.9", cloudfront.TLS))
			if b.Times(http.StatusOK, headers, time.Now()).Fresh != 0 {
				t.Fatalf("%s with %s would be kept: %v", to, cookie, headers)
			}
			keys = append(keys, b.Key(r))
			if stranger := b.Key(asked{}.request(to)); stranger == b.Key(r) && b.MayKeep(http.MethodGet) {
				t.Fatalf("%s with %s: a stranger's page would answer", to, cookie)
			}
		}
		if values[0] != values[1] && keys[0] == keys[1] {
			t.Fatalf("%s: two visitors share %q", to, keys[0])
		}
	})
}
