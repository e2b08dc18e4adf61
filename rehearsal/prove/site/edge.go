package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/cloudfront"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// edgePort is where CloudFront answers on the internet's host, which has others for
// AWS's own.
const edgePort = 8443

// raiseEdge starts what plays CloudFront, if the plan has it: visitors reach it on the
// internet by TLS, and it asks the load balancer from its interfaces in the VPC.
func (s *Site) raiseEdge() error {
	d, err := cloudfront.Read(s.Plan.Graph)
	if err != nil || d == nil || s.edge != nil {
		return err
	}
	s.edge = cloudfront.NewEdge(d, s.toBalancer)
	at := fmt.Sprintf("%s:%d", s.internet().Address, edgePort)
	var listener net.Listener
	err = netlab.In(s.Lab.Namespace(s.internet()), func() (err error) {
		listener, err = net.Listen("tcp4", at)
		return err
	})
	if err != nil {
		return fmt.Errorf("listening as CloudFront: %w", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: s.edge, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), // a visitor who is gone
	}}
	server.StartTLS()
	s.closers = append(s.closers, server.Config)
	s.Step("CloudFront as %s", d.Domain)
	return nil
}

// toBalancer connects to the balancer's addresses in turn, each from CloudFront's
// interface in its own subnet.
func (s *Site) toBalancer(ctx context.Context) (c net.Conn, err error) {
	balancers, interfaces := s.Plan.Find(reach.Balancer), s.Plan.Find(reach.CloudFront)
	n := int(s.turn.Add(1)) % len(balancers)
	err = netlab.In(s.Lab.Namespace(interfaces[n]), func() error {
		c, err = new(net.Dialer).DialContext(ctx, "tcp4", balancers[n].Address.String()+":80")
		return err
	})
	return c, err
}

// Edge tries what CloudFront is for: pages from its cache, nobody's own among them; a
// change seen within a minute; the last good page, or a plain one, while nothing behind it
// answers; and the word of nobody but CloudFront about who asks.
func (s *Site) Edge(ctx context.Context) error {
	if s.edge == nil {
		return nil
	}
	a, err := s.logIn(ctx)
	if err != nil {
		return err
	}
	if err := s.stillThere(ctx, oldPage); err != nil {
		return err
	}
	kept := time.Now()
	for _, try := range []func(context.Context, *author) error{s.keepsForStrangersOnly, s.showsChanges, s.believesNobody} {
		if err := try(ctx, a); err != nil {
			return err
		}
	}
	return s.standsAlone(ctx, kept)
}

// cached is how the edge answered: Hit, Miss or Error.
func cached(h http.Header) string {
	how, _, _ := strings.Cut(h.Get("X-Cache"), " ")
	return how
}

func (s *Site) keepsForStrangersOnly(ctx context.Context, a *author) error {
	c := s.browser(20 * time.Second)
	for _, want := range []string{"", "Hit", "Hit"} {
		_, _, headers, err := ask(ctx, c, http.MethodGet, s.url("/?utm_source=news&gclid=1"), nil, nil)
		if err != nil {
			return err
		}
		if how := cached(headers); want != "" && how != want {
			return fmt.Errorf("%w: the front page with a campaign's queries is a %s", ErrPages, how)
		}
	}
	for range 3 {
		_, text, headers, err := ask(ctx, a.c, http.MethodGet, s.url("/"), nil, nil)
		if err != nil {
			return err
		}
		if cached(headers) != "Miss" || !strings.Contains(text, "wp-admin-bar") {
			return fmt.Errorf("%w: who has logged in gets a %s", ErrPages, cached(headers))
		}
	}
	s.Step("CloudFront keeps the front page for strangers, whatever campaign they come by, and nothing for who has logged in")
	return nil
}

// soon is how long a change may stay unseen.
const soon = time.Minute

func (s *Site) showsChanges(ctx context.Context, a *author) error {
	c := s.browser(20 * time.Second)
	title := fmt.Sprintf("Changed at %d", time.Now().UnixNano())
	if _, _, _, err := ask(ctx, c, http.MethodGet, s.url("/"), nil, nil); err != nil {
		return err
	}
	began := time.Now()
	if _, err := a.publish(ctx, title); err != nil {
		return err
	}
	err := wait(ctx, "a new post on the front page", soon, func() bool {
		_, text, _, err := ask(ctx, c, http.MethodGet, s.url("/"), nil, nil)
		return err == nil && strings.Contains(text, title)
	})
	if err == nil {
		s.Step("a new post is on the kept front page after %.0f s", time.Since(began).Seconds())
	}
	return err
}

func (s *Site) believesNobody(ctx context.Context, _ *author) error {
	mark := fmt.Sprintf("/?s=forged-%d", time.Now().UnixNano())
	forged := map[string]string{
		"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "http", "CloudFront-Forwarded-Proto": "http", "CloudFront-Viewer-TLS": "TLSv1:x:y",
	}
	status, _, _, err := ask(ctx, s.browser(20*time.Second), http.MethodGet, s.url(mark), forged, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%w: forged headers gave %d", ErrPages, status)
	}
	visitor := s.internet().Address.String()
	for _, m := range s.group() {
		line, err := m.do(ctx, "", "grep", "-F", mark, "/var/log/nginx/access.log")
		if err != nil { // another server had it
			continue
		}
		if !strings.HasPrefix(line, visitor+" ") {
			return fmt.Errorf("%w: the log has another address than the visitor's %s: %s", ErrPages, visitor, line)
		}
		s.Step("forged headers change nothing; the log has the visitor's own address")
		return nil
	}
	return fmt.Errorf("%w: no server's log has %s", ErrPages, mark)
}

// oldPage is one of WordPress' own that nobody else asks for here. After outOfDate it is
// no longer shown because a new one is being made.
const (
	oldPage   = "/sample-page/"
	outOfDate = 31 * time.Second
)

func (s *Site) stillThere(ctx context.Context, path string) error {
	status, text, _, err := ask(ctx, s.browser(20*time.Second), http.MethodGet, s.url(path), nil, nil)
	if err == nil && (status != http.StatusOK || !strings.Contains(text, "</html>")) {
		err = fmt.Errorf("%w: %s gives %d %.80s", ErrPages, path, status, text)
	}
	return err
}

// standsAlone cuts CloudFront off from the balancer until the old page is out of date.
func (s *Site) standsAlone(ctx context.Context, kept time.Time) (err error) {
	interfaces := s.Plan.Find(reach.CloudFront)
	for _, h := range interfaces {
		if err := s.Lab.Unplug(ctx, h); err != nil {
			return err
		}
	}
	time.Sleep(time.Until(kept.Add(outOfDate)))
	err = s.stillThere(ctx, oldPage)
	if err == nil {
		err = s.saysSorry(ctx)
	}
	for _, h := range interfaces {
		err = errors.Join(err, s.Lab.Plug(ctx, h))
	}
	if err != nil {
		return fmt.Errorf("while nothing answers: %w", err)
	}
	s.Step("while nothing answers, visitors get the last good page, and a plain 503 where there is none")
	return wait(ctx, "the site answers again", longestRestart, func() bool { return s.stillThere(ctx, "/?s=again") == nil })
}

// saysSorry fails unless a page that nobody has kept is the plain one.
func (s *Site) saysSorry(ctx context.Context) error {
	status, text, _, err := ask(ctx, s.browser(20*time.Second), http.MethodGet, s.url("/?s=never-asked"), nil, nil)
	if err == nil && (status != http.StatusServiceUnavailable || !strings.Contains(text, "Back in a moment")) {
		err = fmt.Errorf("%w: a page that was never kept gives %d %.80s", ErrPages, status, text)
	}
	return err
}

// counted prints how much of the traffic the edge has served.
func (s *Site) counted() {
	if s.edge != nil {
		asked, hits := s.edge.Counts()
		s.Step("CloudFront: %d requests, %d of them from its cache", asked, hits)
	}
}
