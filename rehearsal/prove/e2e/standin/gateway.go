// Package standin is a gateway in front of an AWS API server on loopback. It
// passes calls on, answers those that the server lacks, and mends answers in
// which the server differs from AWS. docs/e2e.md lists every stand-in.
package standin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// StandIn takes the place of one thing that the server lacks or gets wrong.
type StandIn struct {
	// Name is the line of the table in docs/e2e.md.
	Name string
	// Answer answers a call in the server's place; nil: the call is not its own.
	Answer func(*Call) *Answer
	// After returns further calls to the same service that the server needs to be
	// where AWS is after this one.
	After func(call *Call, answer []byte) []url.Values
	// Mend returns the answer as AWS gives it; the body itself if it is right.
	Mend func(*Call, []byte) []byte
}

// Call is one request to the API.
type Call struct {
	Service string     // as in the signature: ec2, ssm, elasticfilesystem
	Action  string     // such as DescribeVpcs; of REST services the method and path
	Form    url.Values // of the services that speak the query protocol
	Body    []byte

	Key   string     // the access key that signed it: who is asking
	Words url.Values // the query of REST services

	gateway *Gateway
	request *http.Request
}

// Watcher is told of each call before it is answered, and of each answer.
type Watcher interface {
	Asked(c *Call)
	Answered(c *Call, status int, body []byte)
}

// Answer is a response in the server's place.
type Answer struct {
	Status int
	Type   string // Content-Type
	ETag   string // "": none
	Body   []byte
}

// Gateway is the handler. It passes one call on at a time: the server is not
// built for calls that change the same thing at once.
type Gateway struct {
	// Watcher may be nil.
	Watcher Watcher

	server   *url.URL
	client   *http.Client
	standIns []*used
	turn     sync.Mutex
	writes   atomic.Int64
	failures sync.Map // action -> the server's last 5xx answer
}

type used struct {
	StandIn
	times atomic.Int64
}

// New makes a gateway to the server at a base URL such as http://127.0.0.1:5000.
func New(server *url.URL, standIns ...StandIn) *Gateway {
	g := &Gateway{
		server: server,
		// A connection that the server drops while idle would fail the next call.
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	for _, s := range standIns {
		g.standIns = append(g.standIns, &used{StandIn: s})
	}
	return g
}

// Writes counts the calls so far that can have changed something.
func (g *Gateway) Writes() int64 { return g.writes.Load() }

// Uses tells how often each stand-in was needed.
func (g *Gateway) Uses() map[string]int64 {
	uses := map[string]int64{}
	for _, s := range g.standIns {
		uses[s.Name] += s.times.Load()
	}
	return uses
}

// Failures are the actions that the server failed with an internal error, each
// with its last answer.
func (g *Gateway) Failures() []string {
	var all []string
	g.failures.Range(func(action, answer any) bool {
		all = append(all, fmt.Sprintf("%v: %v", action, answer))
		return true
	})
	slices.Sort(all)
	return all
}

// ServeHTTP answers one call.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call := read(r, body)
	call.gateway, call.request = g, r
	if call.writes() {
		g.writes.Add(1)
	}
	g.turn.Lock()
	defer g.turn.Unlock()
	if g.Watcher != nil {
		g.Watcher.Asked(call)
	}
	for _, s := range g.standIns {
		if s.Answer == nil {
			continue
		}
		if answer := s.Answer(call); answer != nil {
			s.times.Add(1)
			g.answered(call, answer.Status, answer.Body)
			w.Header().Set("Content-Type", answer.Type)
			if answer.ETag != "" {
				w.Header().Set("ETag", answer.ETag)
			}
			w.WriteHeader(answer.Status)
			_, _ = w.Write(answer.Body) // the caller may be gone
			return
		}
	}
	g.pass(w, r, call)
}

// pass gives the call to the server and mends its answer.
func (g *Gateway) pass(w http.ResponseWriter, r *http.Request, call *Call) {
	header, status, body, err := g.ask(r, call.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if status >= http.StatusInternalServerError {
		g.failures.Store(call.Service+":"+call.Action, strings.TrimSpace(string(body[:min(len(body), 300)])))
	}
	if status < http.StatusMultipleChoices {
		if body, err = g.mend(r, call, body); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	}
	for key, values := range header {
		if key != "Content-Length" && key != "Connection" && key != "X-Amz-Crc32" {
			w.Header()[key] = values
		}
	}
	g.answered(call, status, body)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (g *Gateway) answered(call *Call, status int, body []byte) {
	if g.Watcher != nil {
		g.Watcher.Answered(call, status, body)
	}
}

// mend brings server and answer to where AWS would be.
func (g *Gateway) mend(r *http.Request, call *Call, body []byte) ([]byte, error) {
	for _, s := range g.standIns {
		if s.After != nil {
			for _, form := range s.After(call, body) {
				if _, status, said, err := g.ask(r, []byte(form.Encode())); err != nil || status >= http.StatusMultipleChoices {
					return nil, fmt.Errorf("%s: %s: %w\n%s", s.Name, form.Get("Action"), errors.Join(errServer, err), said)
				}
				s.times.Add(1)
			}
		}
		if s.Mend != nil {
			if mended := s.Mend(call, body); !bytes.Equal(mended, body) {
				s.times.Add(1)
				body = mended
			}
		}
	}
	return body, nil
}

var errServer = errors.New("the server refused what the stand-in asked")

// ask sends a body to the server as the request was sent to us.
func (g *Gateway) ask(r *http.Request, body []byte) (http.Header, int, []byte, error) {
	target := *g.server
	target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	out, err := http.NewRequestWithContext(r.Context(), r.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, 0, nil, err
	}
	out.Header, out.Host = r.Header.Clone(), r.Host
	out.Header.Del("Accept-Encoding") // answers are mended as plain text
	resp, err := g.client.Do(out)
	if err != nil {
		return nil, 0, nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	return resp.Header, resp.StatusCode, answer, errors.Join(err, resp.Body.Close())
}

var credential = regexp.MustCompile(`Credential=(([^/]+)/\d+/[^/]+)/([^/]+)/`)

// read finds out what a request asks for, as the three protocols of AWS say it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
func read(r *http.Request, body []byte) *Call {
	call := &Call{Body: body, Words: r.URL.Query()}
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		call.Key, call.Service = m[2], m[3]
	}
	if _, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		call.Action = action
		return call
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			call.Form, call.Action = form, form.Get("Action")
			return call
		}
	}
	call.Action = r.Method + " " + r.URL.Path
	return call
}

// readers begin the names of actions that change nothing.
var readers = []string{"Describe", "Get", "List", "Lookup", "AssumeRole", "GET ", "HEAD "}

func (c *Call) writes() bool {
	return !slices.ContainsFunc(readers, func(p string) bool { return strings.HasPrefix(c.Action, p) })
}
