package cloudfront

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// TLS is what the edge says of a viewer's connection.
const TLS = "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"

// Edge serves visitors by a distribution: one cache, one place.
type Edge struct {
	*Distribution

	inVPC       map[*Origin]http.RoundTripper
	mu          sync.Mutex
	kept        map[string]*answer
	hits, asked int
}

// NewEdge serves by a distribution, and opens connections to the balancer by connect.
func NewEdge(d *Distribution, connect func(context.Context) (net.Conn, error)) *Edge {
	e := &Edge{Distribution: d, inVPC: map[*Origin]http.RoundTripper{}, kept: map[string]*answer{}}
	for _, o := range d.origins {
		dial := func(ctx context.Context, _, _ string) (c net.Conn, err error) {
			for range o.Attempts {
				within, stop := context.WithTimeout(ctx, o.Connect)
				c, err = connect(within)
				stop()
				if err == nil {
					return c, nil
				}
			}
			return nil, err
		}
		e.inVPC[o] = &http.Transport{DialContext: dial, IdleConnTimeout: o.Keepalive, DisableCompression: true}
	}
	return e
}

// answer is a whole one, with when it came.
type answer struct {
	status int
	header http.Header
	body   []byte
	came   time.Time
	times  Times
}

// Counts are the requests so far, and those of them that a kept answer served.
func (e *Edge) Counts() (asked, hits int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked, e.hits
}

// ServeHTTP answers a visitor, who came by TLS.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b := e.Behavior(r.URL.Path)
	if !b.Allowed(r.Method) {
		http.Error(w, "this distribution does not take "+r.Method, http.StatusForbidden)
		return
	}
	if !b.Origin.InVPC {
		e.write(w, r, &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(e.page)}, "Hit")
		return
	}
	key := b.Key(r)
	known := e.find(b, key, r.Method)
	if known != nil {
		switch age := time.Since(known.came); {
		case age < known.times.Fresh:
			e.write(w, r, known, "Hit")
			return
		case age < known.times.Fresh+known.times.Revalidate:
			go e.ask(context.WithoutCancel(r.Context()), b, key, r)
			e.write(w, r, known, "Hit")
			return
		}
	}
	got := e.ask(r.Context(), b, key, r)
	switch {
	case got.status < http.StatusInternalServerError:
		e.write(w, r, got, "Miss")
	case known != nil && time.Since(known.came) < known.times.Fresh+known.times.IfError:
		e.write(w, r, known, "Hit") // the last good page
	default:
		if custom, ok := e.errors[got.status]; ok {
			got = &answer{status: custom.status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte(e.page)}
		}
		e.write(w, r, got, "Error")
	}
}

func (e *Edge) find(b *Behavior, key, method string) *answer {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	if !b.MayKeep(method) {
		return nil
	}
	return e.kept[key]
}

// ask asks the origin, and keeps what may be kept. Without an answer it is a 504.
func (e *Edge) ask(ctx context.Context, b *Behavior, key string, r *http.Request) *answer {
	viewer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		viewer = r.RemoteAddr
	}
	ctx, stop := context.WithTimeout(ctx, b.Origin.Read)
	defer stop()
	reply, err := e.inVPC[b.Origin].RoundTrip(b.Forward(r, viewer, TLS).WithContext(ctx))
	if err != nil {
		return &answer{status: http.StatusGatewayTimeout, header: http.Header{}}
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return &answer{status: http.StatusBadGateway, header: http.Header{}}
	}
	got := &answer{status: reply.StatusCode, header: reply.Header, body: body, came: time.Now()}
	got.times = b.Times(got.status, got.header, got.came)
	if b.MayKeep(r.Method) && r.Method == http.MethodGet && got.times.Fresh > 0 {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.kept[key] = got
	}
	return got
}

func (e *Edge) write(w http.ResponseWriter, r *http.Request, a *answer, how string) {
	if how == "Hit" {
		e.mu.Lock()
		e.hits++
		e.mu.Unlock()
	}
	for name, values := range a.header {
		if name != "Content-Length" && name != "Connection" {
			w.Header()[name] = values
		}
	}
	w.Header().Set("X-Cache", how+" from cloudfront")
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, bytes.NewReader(a.body)) // the visitor may be gone
	}
}
