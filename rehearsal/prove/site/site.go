// Package site raises a stack's servers in a lab: each server is a Debian 13 that gets
// the plan's user data and Systems Manager commands, the database is MySQL, the file
// system a shared folder, and the load balancer HAProxy with the target group's checks.
package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/cloudfront"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// Site is a stack that serves.
type Site struct {
	Lab   *netlab.Lab
	Plan  *netlab.Plan
	Cloud *Cloud

	out      io.Writer
	began    time.Time
	folder   string // of this run
	made     installations
	layers   []string // of a plain Debian
	golden   []string
	closers  []io.Closer
	files    *files
	mail     *mailbox
	database *database
	balancer *balancer
	edge     *cloudfront.Edge // nil: visitors reach the site itself
	turn     atomic.Uint32

	// before is called before a server gets a command; nil for nothing.
	before func(context.Context, *graph.Resource) error

	mu       sync.Mutex
	machines []*machine
	started  int
}

// Missing says what this machine lacks for a site with its installations in the cache;
// "" if nothing.
func Missing(ctx context.Context, cache string) string {
	var tools []string
	for _, tool := range []string{"debootstrap", "systemd-nspawn", "nsenter", "ip", "nft", "openssl", "dpkg-deb", "haproxy"} {
		if _, err := exec.LookPath(tool); err != nil {
			tools = append(tools, tool)
		}
	}
	switch {
	case os.Geteuid() != 0:
		return "root on Debian"
	case len(tools) > 0:
		return strings.Join(tools, ", ") + " (apt-get install debootstrap systemd-container iproute2 nftables openssl haproxy bindfs chromium)"
	case exec.CommandContext(ctx, "ip", "netns", "add", "wp-try").Run() != nil || exec.CommandContext(ctx, "ip", "netns", "del", "wp-try").Run() != nil:
		return "a machine that lets root make network namespaces"
	}
	folder, err := os.MkdirTemp(cache, "try-")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(folder)
	layered := disk{layers: []string{"/etc"}, folder: folder}
	if err := layered.mount(); err != nil {
		return "a disk that overlay file systems can be made on: " + err.Error()
	}
	layered.unmount()
	return ""
}

// New makes a site without servers. The project's folder holds server/test; cache
// takes the installations that are kept for the next time.
func New(out io.Writer, project, cache string) (*Site, error) {
	tests, err := filepath.Abs(filepath.Join(project, "server", "test"))
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(cache, "run-")
	if err != nil {
		return nil, err
	}
	return &Site{
		Lab: netlab.New(), out: out, began: time.Now(), folder: folder, made: installations{tests, cache},
		Cloud: &Cloud{parameters: map[string]string{}, instances: map[netip.Addr]instance{}},
	}, nil
}

// Step says what begins now.
func (s *Site) Step(format string, args ...any) {
	fmt.Fprintf(s.out, "%4.0fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// Close takes everything away.
func (s *Site) Close() {
	for _, m := range s.machines {
		m.kill()
		m.disk.unmount()
	}
	if s.balancer != nil {
		s.balancer.stop()
	}
	if s.files != nil {
		s.files.stop()
	}
	if s.database != nil {
		s.database.kill()
		s.database.disk.unmount()
	}
	for _, c := range s.closers {
		c.Close()
	}
	s.Lab.Close(context.Background())
	_ = os.RemoveAll(s.folder)
}

// Network builds a plan's network, and what AWS has in it.
func (s *Site) Network(ctx context.Context, state engine.State) error {
	export, err := state.Export()
	if err != nil {
		return err
	}
	g, err := graph.Read(bytes.NewReader(export))
	if err != nil {
		return err
	}
	model, err := reach.New(g)
	if err != nil {
		return err
	}
	if s.Plan, err = netlab.NewPlan(g, model, s.Plan); err != nil {
		return err
	}
	return s.Lab.Raise(ctx, s.Plan)
}

// aws answers for AWS from now on.
func (s *Site) aws(ctx context.Context, state engine.State) error {
	g := s.Plan.Graph
	s.Cloud.Region = g.Region
	for _, r := range g.OfType(catalog.SSMParameter) {
		// What a server has written is its own.
		if r.Str("insecureValue") != "{}" || s.Cloud.Parameter(r.Str("name")) == "" {
			s.Cloud.Put(r.Str("name"), r.Str("insecureValue"))
		}
	}
	version := g.OfType(catalog.SecretsManagerSecretVersion)[0]
	secret, err := plainSecret(ctx, state, version.URN)
	if err != nil {
		return err
	}
	s.Cloud.keep(secret, version.Str("versionId"))
	if len(s.closers) > 0 {
		return nil
	}
	if err := s.serve(s.Lab.Router(), netlab.Metadata+":80", s.Cloud.metadata); err != nil {
		return err
	}
	internet := s.internet()
	if err := s.serve(s.Lab.Namespace(internet), internet.Address.String()+":443", s.Cloud.api); err != nil {
		return err
	}
	return s.serve(s.Lab.Namespace(internet), internet.Address.String()+":80", mirror)
}

// plainSecret is the content of the secret's version.
func plainSecret(ctx context.Context, state engine.State, urn string) (secret string, err error) {
	plain, err := state.Plain(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range plain.Resources {
		if string(r.URN) != urn {
			continue
		}
		if sealed, ok := r.Inputs["secretString"].(*apitype.SecretV1); ok {
			err := json.Unmarshal([]byte(sealed.Plaintext), &secret)
			return secret, err
		}
	}
	return "", fmt.Errorf("%w: the plan's secret is not sealed", ErrServer)
}

func (s *Site) internet() *netlab.Host { return s.Plan.Find(reach.Internet)[0] }

func (s *Site) serve(namespace, address string, handle http.HandlerFunc) error {
	var listener net.Listener
	err := netlab.In(namespace, func() (err error) {
		listener, err = net.Listen("tcp4", address)
		return err
	})
	if err != nil {
		return fmt.Errorf("listening in %s: %w", namespace, err)
	}
	at := &http.Server{Handler: handle, ReadHeaderTimeout: time.Minute}
	s.closers = append(s.closers, at)
	go func() { _ = at.Serve(listener) }()
	return nil
}

// Raise starts what the plan has and does not run yet: database, load balancer,
// servers; and gives the servers their commands.
func (s *Site) Raise(ctx context.Context, state engine.State) error {
	if err := s.aws(ctx, state); err != nil {
		return err
	}
	internet := s.internet().Address.String()
	var err error
	if s.layers, err = s.made.debian(ctx, "http://"+internet+":80", "http://"+internet+":443"); err != nil {
		return err
	}
	g := s.Plan.Graph
	if databases := g.OfType(catalog.RDSInstance); len(databases) > 0 && s.database == nil {
		s.Step("the database: MySQL for %s", databases[0].Str("address"))
		if err := s.raiseDatabase(ctx, databases[0]); err != nil {
			return err
		}
	}
	if err := errors.Join(s.raiseFiles(), s.raiseMail(ctx)); err != nil {
		return err
	}
	for _, m := range s.machines {
		if err := s.tell(m); err != nil {
			return err
		}
	}
	if groups := g.OfType(catalog.AutoScalingGroup); len(groups) > 0 {
		return errors.Join(s.raiseGroup(ctx, groups[0]), s.raiseEdge())
	}
	for _, h := range s.Plan.Find(reach.Server) {
		if err := s.raiseServer(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

func (s *Site) raiseDatabase(ctx context.Context, r *graph.Resource) error {
	base, err := s.made.bash(ctx, `installation "${MYSQL[@]}"`)
	if err != nil {
		return err
	}
	s.database = &database{
		host: s.Plan.Find(reach.Database)[0], name: r.Str("address"), port: r.Str("port"),
		disk: disk{layers: []string{base}, folder: filepath.Join(s.folder, "database")},
	}
	if err := s.database.install(ctx, s.layers, s.Cloud.Secret); err != nil {
		return err
	}
	return s.database.start(ctx, s.Lab)
}
