package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// ErrPages says that the site does not show what it has to.
var ErrPages = errors.New("the site is not what it has to be")

// address is what visitors call the site.
func (s *Site) address() string { return s.settings().Site.Address }

// entries are what is behind the site's name on the internet.
func (s *Site) entries() (all []string) {
	if s.edge != nil {
		return []string{fmt.Sprintf("%s:%d", s.internet().Address, edgePort)}
	}
	kind := reach.Server
	if len(s.Plan.Find(reach.Balancer)) > 0 {
		kind = reach.Balancer
	}
	for _, h := range s.Plan.Find(kind) {
		all = append(all, h.Public.String()+":80")
	}
	return all
}

// browser is somebody on the internet, who takes the name's addresses in turns.
func (s *Site) browser(wait time.Duration) *http.Client {
	var turn atomic.Uint32
	jar, _ := cookiejar.New(nil)
	internet := s.Lab.Namespace(s.internet())
	return &http.Client{
		Jar: jar, Timeout: wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 20,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the lab has no authority for the site's name
			DialContext: func(ctx context.Context, _, _ string) (c net.Conn, err error) {
				entries := s.entries()
				at := entries[int(turn.Add(1))%len(entries)]
				err = netlab.In(internet, func() error {
					var dialer net.Dialer
					c, err = dialer.DialContext(ctx, "tcp4", at)
					return err
				})
				return c, err
			},
		},
	}
}

// ask sends a request and returns the status and the body.
func ask(ctx context.Context, c *http.Client, method, address string, headers map[string]string, body io.Reader) (int, string, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, "", nil, err
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	reply, err := c.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(text), reply.Header, err
}

// author is the administrator, logged in by the secret's password.
type author struct {
	site  *Site
	c     *http.Client
	nonce string
}

func (s *Site) url(path string) string {
	if s.edge != nil {
		return "https://" + s.address() + path
	}
	return "http://" + s.address() + path
}

var form = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}

// logIn fails with ErrPages if the password of the secret does not open the site.
func (s *Site) logIn(ctx context.Context) (*author, error) {
	var secret struct {
		Password string `json:"admin_password"`
	}
	if err := json.Unmarshal([]byte(s.Cloud.Secret), &secret); err != nil {
		return nil, err
	}
	a := &author{site: s, c: s.browser(20 * time.Second)}
	if _, _, _, err := ask(ctx, a.c, http.MethodGet, s.url("/wp-login.php"), nil, nil); err != nil {
		return nil, err
	}
	login := url.Values{"log": {"webmaster"}, "pwd": {secret.Password}}
	status, _, headers, err := ask(ctx, a.c, http.MethodPost, s.url("/wp-login.php"), form, strings.NewReader(login.Encode()))
	if err != nil {
		return nil, err
	}
	if status != http.StatusFound || !strings.HasSuffix(headers.Get("Location"), "/wp-admin/") {
		return nil, fmt.Errorf("%w: logging in with the secret's password gave %d %s", ErrPages, status, headers.Get("Location"))
	}
	_, a.nonce, _, err = ask(ctx, a.c, http.MethodGet, s.url("/wp-admin/admin-ajax.php?action=rest-nonce"), nil, nil)
	return a, err
}

// rest calls WordPress' own API.
func (a *author) rest(ctx context.Context, path string, headers map[string]string, body io.Reader, into any) error {
	headers["X-WP-Nonce"] = a.nonce
	status, text, _, err := ask(ctx, a.c, http.MethodPost, a.site.url("/wp-json/wp/v2/"+path), headers, body)
	if err != nil {
		return err
	}
	if status != http.StatusCreated {
		return fmt.Errorf("%w: POST %s gave %d: %.300s", ErrPages, path, status, text)
	}
	return json.Unmarshal([]byte(text), into)
}

// post is one with a picture.
type post struct {
	id      int
	title   string
	picture string // path
	sum     [sha256.Size]byte
}

// publish writes a post with a picture, as one does in the browser.
func (a *author) publish(ctx context.Context, title string) (post, error) {
	p := post{title: title}
	canvas := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for x := range 640 {
		for y := range 360 {
			canvas.Set(x, y, color.RGBA{uint8(x), uint8(y * 2), uint8(x ^ y), 255})
		}
	}
	var picture, body bytes.Buffer
	if err := png.Encode(&picture, canvas); err != nil {
		return p, err
	}
	p.sum = sha256.Sum256(picture.Bytes())
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "picture.png")
	if err != nil {
		return p, err
	}
	_, _ = part.Write(picture.Bytes())
	if err := w.Close(); err != nil {
		return p, err
	}
	var media struct {
		SourceURL string `json:"source_url"`
	}
	if err := a.rest(ctx, "media", map[string]string{"Content-Type": w.FormDataContentType()}, &body, &media); err != nil {
		return p, err
	}
	at, err := url.Parse(media.SourceURL)
	if err != nil {
		return p, err
	}
	p.picture = at.Path
	text, err := json.Marshal(map[string]any{
		"title":   title,
		"status":  "publish",
		"content": fmt.Sprintf(`<img src="%s" alt=""/> Grüße, 富士山 🗻`, p.picture),
	})
	if err != nil {
		return p, err
	}
	var made struct{ ID int }
	err = a.rest(ctx, "posts", map[string]string{"Content-Type": "application/json"}, bytes.NewReader(text), &made)
	p.id = made.ID
	return p, err
}

// comment writes one, and returns its id when WordPress has accepted it.
func (a *author) comment(ctx context.Context, on int, text string) (string, error) {
	values := url.Values{"comment_post_ID": {fmt.Sprint(on)}, "comment": {text}}
	status, _, headers, err := ask(ctx, a.c, http.MethodPost, a.site.url("/wp-comments-post.php"), form, strings.NewReader(values.Encode()))
	if err != nil {
		return "", err
	}
	found := commentAnchor.FindStringSubmatch(headers.Get("Location"))
	if status != http.StatusFound || found == nil {
		return "", fmt.Errorf("%w: a comment gave %d", ErrPages, status)
	}
	return found[1], nil
}

var commentAnchor = regexp.MustCompile(`#comment-(\d+)$`)

// shows fails with ErrPages unless the post is on its page, and the picture is what was
// uploaded, byte for byte.
func (s *Site) shows(ctx context.Context, p post) error {
	c := s.browser(20 * time.Second)
	c.CheckRedirect = nil // to the page's own address
	status, text, _, err := ask(ctx, c, http.MethodGet, s.url(fmt.Sprintf("/?p=%d", p.id)), nil, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK || !strings.Contains(text, p.title) || !strings.Contains(text, "富士山 🗻") || !strings.Contains(text, p.picture) {
		return fmt.Errorf("%w: the post %q is not on its page (%d)", ErrPages, p.title, status)
	}
	status, picture, _, err := ask(ctx, c, http.MethodGet, s.url(p.picture), nil, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK || sha256.Sum256([]byte(picture)) != p.sum {
		return fmt.Errorf("%w: the picture %s is another (%d, %d bytes)", ErrPages, p.picture, status, len(picture))
	}
	return nil
}

// screenshot lets a browser on the internet draw the front page.
func (s *Site) screenshot(ctx context.Context, file string) error {
	browser := ""
	for _, name := range []string{"chromium", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			browser = at
			break
		}
	}
	if browser == "" {
		fmt.Fprintln(s.out, "SKIPPED: a screenshot of the site; there is no chromium here")
		return nil
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	said, err := exec.CommandContext(ctx, "ip", "netns", "exec", s.Lab.Namespace(s.internet()), browser, "--headless", "--no-sandbox",
		"--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900", "--user-data-dir="+filepath.Join(s.folder, "browser"),
		"--ignore-certificate-errors", fmt.Sprintf("--host-resolver-rules=MAP %s:* %s", s.address(), s.entries()[0]), "--screenshot="+file, s.url("/")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("drawing the site: %w: %s", err, tail(string(said), 5))
	}
	s.Step("a screenshot: %s", file)
	return nil
}
