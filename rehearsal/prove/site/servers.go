package site

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/server"
)

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
		return s.onFreshDisk(ctx, r, h, folder, func(m *machine) error {
			return m.script(ctx, unpack+"/opt/webphases/bin/bake\nrm -rf /opt/webphases\n")
		})
	})
	return append(slices.Clone(s.layers), disk{folder: folder}.written()), err
}

// onFreshDisk boots an instance from a plain Debian, with its disk in the folder, and
// shuts it down after the function.
func (s *Site) onFreshDisk(ctx context.Context, r *graph.Resource, h *netlab.Host, folder string, do func(*machine) error) error {
	m := &machine{id: r.ID, host: h, disk: disk{layers: s.layers, folder: folder}}
	if err := m.disk.mount(); err != nil {
		return err
	}
	defer m.stop()
	s.Cloud.know(h.Address, instance{id: r.ID, image: r.Str("ami")})
	if err := m.disk.put("etc/hosts", "127.0.0.1 localhost\n"); err != nil {
		return err
	}
	if err := m.start(ctx, s.Lab); err != nil {
		return err
	}
	return do(m)
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
		err := s.onFreshDisk(ctx, builder, h, folder, func(m *machine) error {
			if err := m.script(ctx, builder.Str("userData")); err != nil {
				return err
			}
			return s.command(ctx, m, association)
		})
		if err != nil {
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
	s.golden = append(slices.Clone(s.layers), disk{folder: folder}.written())
	return s.Lab.Raise(ctx, s.Plan)
}

// scaleOut starts one server of the group, as its launch template says, and returns
// when the load balancer finds it healthy.
func (s *Site) scaleOut(ctx context.Context, h *netlab.Host) error {
	group := h.Endpoint.Of
	template := s.Plan.Graph.Template(group)
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
