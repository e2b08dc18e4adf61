package cloudfront

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Times is how long an answer is kept: fresh, then as long again while the origin is
// asked anew, and at most so long if that fails.
type Times struct {
	Fresh, Revalidate, IfError time.Duration
}

// Times reads an answer's headers; the zero ones are not kept.
//
// Sources:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html#stale-content
func (b *Behavior) Times(status int, h http.Header, now time.Time) (t Times) {
	if status != http.StatusOK && status != http.StatusMovedPermanently {
		return t // errors have times of their own, other answers none here
	}
	says := directives(h)
	_, noStore := says["no-store"]
	_, noCache := says["no-cache"]
	_, private := says["private"]
	if b.keep.min == 0 && (noStore || noCache || private) {
		return t
	}
	t.Fresh = b.keep.normal
	if expires, err := http.ParseTime(h.Get("Expires")); err == nil {
		t.Fresh = max(0, expires.Sub(now))
	}
	for _, name := range []string{"max-age", "s-maxage"} { // the second is for caches like this one
		if value, ok := says[name]; ok {
			t.Fresh = value
		}
	}
	t.Fresh = min(max(t.Fresh, b.keep.min), b.keep.max)
	if t.Fresh > 0 {
		t.Revalidate, t.IfError = says["stale-while-revalidate"], says["stale-if-error"]
	}
	return t
}

func directives(h http.Header) map[string]time.Duration {
	says := map[string]time.Duration{}
	for _, part := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(strings.ToLower(part)), "=")
		n, err := strconv.Atoi(value)
		if err != nil {
			n = 0
		}
		if name != "" {
			says[name] = seconds(n)
		}
	}
	return says
}
