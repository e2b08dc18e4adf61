// Package site raises a stack's servers in a lab: each server is a Debian 13 that gets
// the plan's user data and Systems Manager commands, the database is MySQL, the file
// system a shared folder, and the load balancer HAProxy with the target group's checks.
package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
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
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/run/engine"
	"github.com/webphases/webphases/server"
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
		return s.raiseGroup(ctx, groups[0])
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
		host: s.Plan.Find(reach.Database)[0], name: r.Str("address"),
		disk: disk{layers: []string{base}, folder: filepath.Join(s.folder, "database")},
	}
	if err := s.database.install(ctx, s.layers, s.Cloud.Secret); err != nil {
		return err
	}
	return s.database.start(ctx, s.Lab)
}

// launch boots a server from the layers, with what its subnet's DNS would say.
func (s *Site) launch(ctx context.Context, id, image string, h *netlab.Host, layers []string) (*machine, error) {
	s.mu.Lock()
	s.started++
	on := disk{layers: layers, folder: filepath.Join(s.folder, fmt.Sprintf("server-%d", s.started))}
	m := &machine{id: id, host: h, shared: s.files.folder, disk: on}
	s.machines = append(s.machines, m)
	s.mu.Unlock()
	if err := m.disk.mount(); err != nil {
		return nil, err
	}
	if err := s.tell(m); err != nil {
		return nil, err
	}
	s.Cloud.know(h.Address, instance{id: id, image: image, public: h.Public.String()})
	if err := m.start(ctx, s.Lab); err != nil || s.mail == nil {
		return m, err
	}
	_, err := m.do(ctx, "", "update-ca-certificates")
	return m, err
}

// tell writes down on a machine's disk what its subnet's DNS and the file system's
// policy would say.
func (s *Site) tell(m *machine) error {
	names := "127.0.0.1 localhost\n"
	if s.database != nil {
		names += s.database.host.Address.String() + " " + s.database.name + "\n"
	}
	trusted := ""
	if s.mail != nil {
		names += s.internet().Address.String() + " " + s.mail.Host + "\n"
		_, file := authority(s.layers)
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		trusted = string(text)
	}
	ids := "- -"
	if points := s.Plan.Graph.OfType(catalog.EFSAccessPoint); len(points) > 0 {
		ids = points[0].Str("fileSystemId") + " " + points[0].ID
		for _, target := range s.Plan.Find(reach.FileSystem) {
			if target.Endpoint.Zone == m.host.Endpoint.Zone {
				ids += " " + target.Address.String()
			}
		}
	}
	return errors.Join(m.disk.put("etc/hosts", names), m.disk.put("srv/fake/efs-ids", ids+"\n"),
		m.disk.put("usr/local/share/ca-certificates/lab.crt", trusted))
}

// raiseServer is the single server of phases 1 and 2.
func (s *Site) raiseServer(ctx context.Context, h *netlab.Host) error {
	r := h.Endpoint.Of
	m := s.machine(r.ID)
	if m == nil {
		s.Step("server %s: Debian 13, then its user data", r.ID)
		layers, err := s.installed(ctx, h)
		if err != nil {
			return err
		}
		if m, err = s.launch(ctx, r.ID, r.Str("ami"), h, layers); err != nil {
			return err
		}
		if err := m.script(ctx, r.Str("userData")); err != nil {
			return err
		}
	}
	for _, a := range s.associations(r.ID) {
		if s.before != nil {
			if err := s.before(ctx, a); err != nil {
				return err
			}
		}
		s.Step("server %s: command %s", r.ID, a.Str("parameters.script"))
		if err := s.command(ctx, m, a); err != nil {
			return err
		}
	}
	return nil
}

// installed is a plain Debian on which the server's packages are installed already: by
// the scripts themselves, in an earlier run. It has no scripts, as on AWS.
func (s *Site) installed(ctx context.Context, h *netlab.Host) ([]string, error) {
	r := h.Endpoint.Of
	text, err := s.text(s.associations(r.ID)[0])
	if err != nil {
		return nil, err
	}
	unpack, _, _ := strings.Cut(text, runLine)
	sum := sha256.New()
	for _, name := range []string{"bin/bake", "lib/common.sh", "lib/efs.sh"} { // what bake is made of
		text, err := os.ReadFile(filepath.Join(s.made.tests, "..", "files", name))
		if err != nil {
			return nil, err
		}
		sum.Write(text)
	}
	fmt.Fprint(sum, s.layers[1])
	folder, err := s.made.keep("installed", sum.Sum(nil), func(folder string) error {
		s.Step("the server's packages; kept for the next time")
		m := &machine{id: r.ID, host: h, disk: disk{layers: s.layers, folder: folder}}
		if err := m.disk.mount(); err != nil {
			return err
		}
		s.Cloud.know(h.Address, instance{id: r.ID, image: r.Str("ami")})
		defer m.stop()
		if err := m.disk.put("etc/hosts", "127.0.0.1 localhost\n"); err != nil {
			return err
		}
		if err := m.start(ctx, s.Lab); err != nil {
			return err
		}
		return m.script(ctx, unpack+"/opt/webphases/bin/bake\nrm -rf /opt/webphases\n")
	})
	return append(slices.Clone(s.layers), filepath.Join(folder, "new")), err
}

// runLine begins the last line of a command: what runs after the scripts are unpacked.
const runLine = "exec /opt/webphases/bin/run"

func (s *Site) machine(id string) *machine {
	for _, m := range s.machines {
		if m.id == id {
			return m
		}
	}
	return nil
}

// associations are State Manager's for an instance, or for a group by its name.
func (s *Site) associations(target string) []*graph.Resource {
	var found []*graph.Resource
	for _, a := range s.Plan.Graph.OfType(catalog.SSMAssociation) {
		for _, of := range a.Objects("targets") {
			if len(of.Texts("values")) > 0 && of.Texts("values")[0] == target {
				found = append(found, a)
			}
		}
	}
	return found
}

// text is the shell text that Systems Manager would make of an association.
func (s *Site) text(a *graph.Resource) (string, error) {
	document := s.Plan.Graph.With(catalog.SSMDocument, "name", a.Str("name"))
	if document == nil {
		return "", fmt.Errorf("%w: %s names a document that the plan does not have: %s", ErrServer, a.Name, a.Str("name"))
	}
	values := map[string]string{}
	given, _ := a.At("parameters").(map[string]any)
	for name, value := range given {
		values[name] = fmt.Sprint(value)
	}
	return server.Render(document.Str("content"), values)
}

func (s *Site) command(ctx context.Context, m *machine, a *graph.Resource, environment ...string) error {
	text, err := s.text(a)
	if err != nil {
		return err
	}
	return m.script(ctx, text, environment...)
}

// raiseGroup is phase 3: the golden image, the load balancer, and the group's servers.
func (s *Site) raiseGroup(ctx context.Context, group *graph.Resource) error {
	g := s.Plan.Graph
	if err := s.bake(ctx); err != nil {
		return err
	}
	target := g.OfType(catalog.LBTargetGroup)[0]
	lb := g.OfType(catalog.LBLoadBalancer)[0]
	listener := g.OfType(catalog.LBListener)[0]
	var err error
	s.balancer, err = newBalancer(s.Lab, s.Plan.Find(reach.Balancer), readChecks(target, lb), listener.Int("port"), s.folder)
	if err != nil {
		return err
	}
	s.Cloud.Healthy = s.balancer.health
	hosts := s.Plan.Find(reach.Servers)
	for len(hosts) < group.Int("desiredCapacity") {
		hosts = append(hosts, s.Plan.NewServer(hosts[len(hosts)%len(s.Plan.Find(reach.Balancer))]))
	}
	if err := s.Lab.Raise(ctx, s.Plan); err != nil {
		return err
	}
	s.Step("%d servers of the group, from the golden image", len(hosts))
	if err := s.together(len(hosts), func(i int) error { return s.scaleOut(ctx, hosts[i]) }); err != nil {
		return err
	}
	for _, a := range s.associations(group.Str("name")) {
		for _, m := range s.group() { // one after the other, as the association says
			s.Step("server %s: command %s", m.id, a.Str("parameters.script"))
			if err := s.command(ctx, m, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// together runs the function for 0 to n-1 at the same time.
func (s *Site) together(n int, do func(i int) error) error {
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- do(i) }()
	}
	var all []error
	for range n {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// bake makes the golden image as the plan's builder does, unless there is one of the
// same scripts from an earlier run.
func (s *Site) bake(ctx context.Context) error {
	g := s.Plan.Graph
	var builder *graph.Resource
	for _, r := range g.OfType(catalog.EC2Instance) {
		if len(s.associations(r.ID)) > 0 {
			builder = r
		}
	}
	if builder == nil {
		return fmt.Errorf("%w: the plan has no builder of a golden image", ErrServer)
	}
	association := s.associations(builder.ID)[0]
	text, err := s.text(association)
	if err != nil {
		return err
	}
	user, _, _ := strings.Cut(builder.Str("userData"), "# boot:") // the stack's own names are no difference
	content, _, _ := strings.Cut(text, runLine)
	sum := sha256.Sum256([]byte(user + content + s.layers[1]))
	folder, err := s.made.keep("golden", sum[:], func(folder string) error {
		s.Step("the golden image: a builder installs and seals it; kept for the next time")
		h := s.Plan.NewServer(s.Plan.Find(reach.Servers)[0])
		if err := s.Lab.Raise(ctx, s.Plan); err != nil {
			return err
		}
		m := &machine{id: builder.ID, host: h, disk: disk{layers: s.layers, folder: folder}}
		if err := m.disk.mount(); err != nil {
			return err
		}
		defer m.stop()
		s.Cloud.know(h.Address, instance{id: builder.ID, image: builder.Str("ami")})
		if err := m.disk.put("etc/hosts", "127.0.0.1 localhost\n"); err != nil {
			return err
		}
		if err := m.start(ctx, s.Lab); err != nil {
			return err
		}
		if err := m.script(ctx, builder.Str("userData")); err != nil {
			return err
		}
		if err := s.command(ctx, m, association); err != nil {
			return err
		}
		proof, err := server.ParseRecord(s.Cloud.Parameter(association.Str("parameters.proof")))
		if err != nil || proof.OK == nil || proof.OK.Script != server.Bake {
			return fmt.Errorf("%w: the builder has left no proof: %+v", ErrServer, proof)
		}
		s.Plan.Remove(h)
		return nil
	})
	if err != nil {
		return err
	}
	s.golden = append(slices.Clone(s.layers), filepath.Join(folder, "new"))
	return s.Lab.Raise(ctx, s.Plan)
}

// scaleOut starts one server of the group, as its launch template says, and returns
// when the load balancer finds it healthy.
func (s *Site) scaleOut(ctx context.Context, h *netlab.Host) error {
	group := h.Endpoint.Of
	template := s.Plan.Graph.With(catalog.EC2LaunchTemplate, "id", group.Str("launchTemplate.id"))
	user, err := base64.StdEncoding.DecodeString(template.Str("userData"))
	if err != nil {
		return fmt.Errorf("user data of %s: %w", template.Name, err)
	}
	id := fmt.Sprintf("i-%017x", h.Address.As4())
	m, err := s.launch(ctx, id, template.Str("imageId"), h, s.golden)
	if err != nil {
		return err
	}
	if err := s.balancer.register(id, h); err != nil {
		return err
	}
	if err := m.script(ctx, string(user)); err != nil {
		return err
	}
	for until := time.Now().Add(3 * time.Minute); s.balancer.health()[id] != "healthy"; time.Sleep(250 * time.Millisecond) {
		if time.Now().After(until) {
			return fmt.Errorf("%w: the load balancer does not find %s healthy", ErrServer, id)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
