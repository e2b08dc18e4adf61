package cloudfront_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// host is the site's name.
const host = "d111111abcdef8.cloudfront.net"

// maps are the `map` blocks of the servers' nginx, as far as these tests ask for them.
type maps map[string]block

type block struct {
	source string
	cases  [][2]string // pattern and value; "default" too
}

var (
	mapBlock = regexp.MustCompile(`(?m)^map (\S+) \$(\w+) \{\n((?:\t.*\n)*)\}`)
	mapCase  = regexp.MustCompile(`(?m)^\t("[^"]*"|\S+) ("[^"]*"|[^;]*);$`)
	variable = regexp.MustCompile(`\$\w+`)
)

func readMaps(t *testing.T) maps {
	t.Helper()
	text, err := os.ReadFile("../../../server/files/share/nginx/cache.conf")
	require.NoError(t, err)
	all := maps{}
	for _, m := range mapBlock.FindAllStringSubmatch(strings.ReplaceAll(string(text), "@HOST@", host), -1) {
		b := block{source: strings.Trim(m[1], `"`)}
		for _, c := range mapCase.FindAllStringSubmatch(m[3], -1) {
			b.cases = append(b.cases, [2]string{strings.ReplaceAll(strings.Trim(c[1], `"`), `\\`, `\`), strings.Trim(c[2], `"`)})
		}
		all[m[2]] = b
	}
	require.Contains(t, all, "webphases_keep")
	return all
}

// value is a variable's, of nginx' own or of a map.
func (m maps) value(t *testing.T, name string, own map[string]string) string {
	t.Helper()
	b, ok := m[name]
	if !ok {
		return own[name]
	}
	source := variable.ReplaceAllStringFunc(b.source, func(v string) string { return m.value(t, v[1:], own) })
	otherwise := ""
	for _, c := range b.cases {
		pattern, value := c[0], c[1]
		switch {
		case pattern == "default":
			otherwise = value
		case !strings.HasPrefix(pattern, "~"):
			if source == pattern {
				return value
			}
		default:
			expression := strings.TrimPrefix(pattern, "~")
			if folded, ok := strings.CutPrefix(expression, "*"); ok {
				expression = "(?i)" + folded
			}
			if regexp.MustCompile(expression).MatchString(source) {
				return value
			}
		}
	}
	return otherwise
}

// wordpress is what the servers answer: their nginx' rules, and what WordPress says of
// pages that are not for everybody.
type wordpress struct {
	t    *testing.T
	maps maps
}

const nobodyElse = "no-cache, must-revalidate, max-age=0, no-store, private"

func (w wordpress) answer(r *http.Request) (int, http.Header) {
	file := strings.HasPrefix(r.URL.Path, "/wp-content/") || strings.HasPrefix(r.URL.Path, "/wp-includes/")
	switch {
	case r.URL.Path == "/healthz":
		return http.StatusOK, http.Header{"Cache-Control": {"no-store"}}
	case file && !strings.HasSuffix(r.URL.Path, ".php"):
		if r.URL.Query().Get("ver") != "" {
			return http.StatusOK, http.Header{"Cache-Control": {"max-age=31536000"}}
		}
		return http.StatusOK, http.Header{"Cache-Control": {"max-age=604800"}}
	}
	status, says := http.StatusOK, ""
	for _, page := range []string{"/wp-login.php", "/wp-admin", "/wp-json", "/nothing-here"} {
		if strings.HasPrefix(strings.ToLower(strings.ReplaceAll(r.URL.Path, "//", "/")), page) || strings.Contains(r.Header.Get("Cookie"), "wordpress_logged_in") {
			says = nobodyElse
		}
	}
	if r.URL.Path == "/nothing-here" {
		status = http.StatusNotFound
	}
	own := map[string]string{
		"http_cookie": r.Header.Get("Cookie"), "request_method": r.Method, "request_uri": r.URL.RequestURI(), "http_host": r.Host,
		"http_authorization": r.Header.Get("Authorization"), "upstream_cache_status": "MISS", "status": "200", "upstream_http_cache_control": says,
	}
	if status == http.StatusNotFound {
		own["status"] = "404"
	}
	headers := http.Header{}
	for _, value := range []string{says, w.maps.value(w.t, "webphases_keep", own)} {
		if value != "" {
			headers.Add("Cache-Control", value)
		}
	}
	return status, headers
}
