package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
)

// Asker asks a site, as an http.Client does.
type Asker interface {
	Do(req *http.Request) (*http.Response, error)
}

// Visitor is an Asker that follows redirects and gives up after half a minute.
func Visitor() Asker { return &http.Client{Timeout: 30 * time.Second} }

// compareSite asks the site at the URL that the stack exports.
func (r *run) compareSite(ctx context.Context) {
	url := r.Graph.Outputs.Str("url")
	if url == "" {
		return // the stack has never been up to its end
	}
	answer, _, content := r.visit(ctx, url)
	subject := "site " + url
	r.add("site", Item{Subject: subject, What: "answer", Want: "200", Seen: answer})
	r.add("site", Item{Subject: subject, What: "content", Want: "WordPress", Seen: content})
	if strings.HasPrefix(url, "https://") {
		_, final, _ := r.visit(ctx, "http://"+strings.TrimPrefix(url, "https://"))
		scheme, _, _ := strings.Cut(final, "://")
		r.add("site", Item{Subject: subject, What: "visited without TLS", Want: "https", Seen: scheme})
	}
}

// much is as much of a page as is read.
const much = 1 << 20

// visit returns the status, the URL after all redirects and what kind of page it
// is.
func (r *run) visit(ctx context.Context, url string) (answer, final, content string) {
	if r.Site == nil {
		return "not asked", "", "not asked"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/", nil)
	if err != nil {
		return err.Error(), "", "unknown"
	}
	resp, err := r.Site.Do(req)
	if err != nil {
		return fmt.Sprintf("no answer: %v%s", err, r.hint()), "", "unknown"
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, much))
	err = errors.Join(err, resp.Body.Close())
	if err != nil {
		return fmt.Sprintf("half an answer: %v", err), "", "unknown"
	}
	final = url
	if resp.Request != nil && resp.Request.URL != nil {
		final = resp.Request.URL.String()
	}
	return fmt.Sprint(resp.StatusCode), final, contentOf(final, resp.Header, string(page))
}

// hint says why there may be no answer.
func (r *run) hint() string {
	for _, lb := range r.Graph.OfType(catalog.LBLoadBalancer) {
		if lb.True("internal") {
			return " (the load balancer is internal: run this from within its network)"
		}
	}
	return ""
}

// contentOf recognizes WordPress by the address of its REST API, which every page
// of it names, and the installer by its own address: a site that leads there has no
// database of its own yet.
//
// Source: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/
func contentOf(url string, header http.Header, page string) string {
	switch {
	case strings.Contains(url, "/wp-admin/install.php"), strings.Contains(url, "/wp-admin/setup-config.php"):
		return "WordPress's installer: the servers have not installed the site"
	case strings.Contains(strings.Join(header.Values("Link"), " "), "https://api.w.org/"),
		strings.Contains(page, "https://api.w.org/"), strings.Contains(page, "/wp-content/"), strings.Contains(page, "/wp-includes/"):
		return "WordPress"
	}
	return "not WordPress"
}
