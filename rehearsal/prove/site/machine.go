package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
)

// ErrServer says that a server did not do what it was told.
var ErrServer = errors.New("a server failed")

// disk is a root file system: what it is made of, the newest last, and what a machine
// writes on top.
type disk struct {
	layers []string
	folder string // with the folders "new", "work" and "root"
}

func (d disk) root() string { return filepath.Join(d.folder, "root") }

// written is what was written on this disk, a layer for others.
func (d disk) written() string { return filepath.Join(d.folder, "new") }

func (d disk) mount() error {
	for _, part := range []string{"new", "work", "root"} {
		if err := os.MkdirAll(filepath.Join(d.folder, part), 0o755); err != nil {
			return err
		}
	}
	var lower []string
	for _, layer := range d.layers {
		lower = append([]string{layer}, lower...)
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", strings.Join(lower, ":"), d.written(), filepath.Join(d.folder, "work"))
	if err := syscall.Mount("overlay", d.root(), "overlay", 0, options); err != nil {
		return fmt.Errorf("mounting a server's disk of %s: %w", options, err)
	}
	return nil
}

func (d disk) unmount() { _ = syscall.Unmount(d.root(), syscall.MNT_DETACH) }

// put writes a file below the root.
func (d disk) put(path, text string) error {
	path = filepath.Join(d.root(), path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// machine is a Debian with systemd in a container; its network is a host's of the lab.
type machine struct {
	id     string
	host   *netlab.Host
	disk   disk
	shared string // the folder that plays EFS; a builder has none

	container *exec.Cmd
	leader    string // process id of its init
	gone      chan struct{}
}

// start boots and returns when the basic system is up.
func (m *machine) start(ctx context.Context, lab *netlab.Lab) error {
	console, err := os.Create(filepath.Join(m.disk.folder, "console.log"))
	if err != nil {
		return err
	}
	defer console.Close()
	arguments := []string{
		"-q", "--register=no", "--keep-unit", "--boot", "-D", m.disk.root(), "-M", strings.ReplaceAll(lab.Namespace(m.host), "_", "-"),
		"--network-namespace-path=/run/netns/" + lab.Namespace(m.host), "--capability=CAP_NET_ADMIN", "--resolv-conf=off", "--console=read-only",
	}
	if m.shared != "" {
		arguments = append(arguments, "--bind="+m.shared+":/srv/fake/efs")
	}
	m.container = exec.Command("systemd-nspawn", arguments...)
	m.container.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	m.container.Stdout, m.container.Stderr = console, console
	m.container.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt here is not one there
	if err := m.container.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", m.id, err)
	}
	gone := make(chan struct{})
	m.gone = gone
	go func() {
		_ = m.container.Wait()
		close(gone)
	}()
	for range 240 {
		select {
		case <-gone:
			return fmt.Errorf("%w: %s did not boot: see %s", ErrServer, m.id, console.Name())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", m.container.Process.Pid, m.container.Process.Pid))
		if err != nil || len(strings.Fields(string(children))) == 0 {
			continue
		}
		m.leader = strings.Fields(string(children))[0]
		if _, err := m.do(ctx, "", "systemctl", "is-active", "-q", "basic.target"); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %s was not up in a minute: see %s", ErrServer, m.id, console.Name())
}

// do runs a command on the machine and returns what it says. Its standard input is text.
func (m *machine) do(ctx context.Context, input string, command ...string) (string, error) {
	arguments := append([]string{"-a", "-t", m.leader, "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, command...)
	c := exec.CommandContext(ctx, "nsenter", arguments...)
	c.Stdin = strings.NewReader(input)
	said, err := c.CombinedOutput()
	if err != nil {
		return string(said), fmt.Errorf("%w: %s: %s: %w", ErrServer, m.id, command[0], err)
	}
	return string(said), nil
}

// script runs the text of a shell script, as cloud-init and Systems Manager do.
func (m *machine) script(ctx context.Context, text string, environment ...string) error {
	said, err := m.do(ctx, text, append(append([]string{"env"}, environment...), "sh", "-c", "cat >/run/command; exec sh /run/command")...)
	if err != nil {
		journal, _ := m.do(context.WithoutCancel(ctx), "", "journalctl", "-b", "--no-pager", "-n", "40")
		return fmt.Errorf("%w: it said:\n%s\nits journal:\n%s", err, tail(said, 30), journal)
	}
	return nil
}

// stop shuts the machine down, and takes its disk off.
func (m *machine) stop() {
	if m.container != nil && m.container.Process != nil {
		_ = m.container.Process.Signal(syscall.SIGTERM)
		select {
		case <-m.gone:
		case <-time.After(30 * time.Second):
			m.kill()
		}
	}
	m.disk.unmount()
}

// kill is a power cut.
func (m *machine) kill() {
	if m.container == nil || m.container.Process == nil {
		return
	}
	if leader, err := strconv.Atoi(m.leader); err == nil {
		_ = syscall.Kill(leader, syscall.SIGKILL)
	}
	_ = m.container.Process.Kill()
	<-m.gone
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// installations are the parts of the disks that are kept for the next time.
type installations struct {
	tests string // the folder server/test, which knows how to make them
	cache string
}

// bash runs functions of server/test/machine.sh and returns what they print.
func (i installations) bash(ctx context.Context, text string, arguments ...string) (string, error) {
	c := exec.CommandContext(ctx, "bash", append([]string{"-euc", `HERE=$0; . "$HERE/machine.sh"; ` + text, i.tests}, arguments...)...)
	c.Env = append(os.Environ(), "WEBPHASES_TEST_CACHE="+i.cache)
	var said bytes.Buffer
	c.Stderr = &said
	printed, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("preparing an installation: %w: %s", err, said.String())
	}
	return strings.TrimSpace(string(printed)), nil
}

// keep returns the folder of a kind that was made of what the sum is of: by the
// function, unless a whole one is there already. Those of another sum go.
func (i installations) keep(kind string, sum []byte, made func(folder string) error) (string, error) {
	folder := filepath.Join(i.cache, fmt.Sprintf("%s-%x", kind, sum[:6]))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	fresh := folder + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	if err := os.MkdirAll(fresh, 0o755); err != nil {
		return "", err
	}
	if err := made(fresh); err != nil {
		return "", err
	}
	old, err := filepath.Glob(filepath.Join(i.cache, kind+"-*"))
	if err != nil {
		return "", err
	}
	for _, each := range slices.DeleteFunc(old, func(each string) bool { return each == fresh }) {
		if err := os.RemoveAll(each); err != nil {
			return "", err
		}
	}
	return folder, os.Rename(fresh, folder)
}

// debian is the official image as far as the scripts see it, with stand-ins for what
// only AWS and the internet have.
func (i installations) debian(ctx context.Context, proxy, api string) ([]string, error) {
	base, err := i.bash(ctx, `installation "${DEBIAN[@]}"`)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, name := range []string{"machine.sh", "fake/curl", "fake/git", "fake/mount.efs", "fake/amazon-cloudwatch-agent-ctl"} {
		text, err := os.ReadFile(filepath.Join(i.tests, name))
		if err != nil {
			return nil, err
		}
		sum.Write(text)
	}
	fmt.Fprint(sum, proxy, api)
	dressed, err := i.keep("dressed", sum.Sum(nil), func(folder string) error {
		_, err := i.bash(ctx, `chmod 755 "$1"; WORK=$1; dress "$1/root" "$2" "$3"`, folder, proxy, api)
		return err
	})
	return []string{base, filepath.Join(dressed, "root")}, err
}

// authority is the folder with ca.key, and the certificate of what plays RDS' authority.
func authority(layers []string) (key, certificate string) {
	dressed := layers[1]
	return filepath.Join(filepath.Dir(dressed), "ca.key"), filepath.Join(dressed, "srv/fake/global-bundle.pem")
}
