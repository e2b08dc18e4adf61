package site

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// balancer is an HAProxy in each zone of the load balancer, with the health checks of
// the target group. As on AWS each node looks for itself.
type balancer struct {
	nodes  []*node
	checks checks

	mu    sync.Mutex
	slots map[string]string // by the target's id
}

type node struct {
	host    *netlab.Host
	socket  string
	process *exec.Cmd
	gone    chan struct{}
	fresh   map[string]bool // slots whose target has not been healthy yet
}

// checks are the target group's, in seconds.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type checks struct {
	path               string
	port               int
	interval, timeout  int
	healthy, unhealthy int // checks in a row
	idle, drain        int
}

// slots is how many targets there can be at once.
const slots = 8

// readChecks reads a target group and its load balancer.
func readChecks(group, lb *graph.Resource) checks {
	return checks{
		path: group.Str("healthCheck.path"), port: group.Int("port"),
		interval: group.Int("healthCheck.interval"), timeout: group.Int("healthCheck.timeout"),
		healthy: group.Int("healthCheck.healthyThreshold"), unhealthy: group.Int("healthCheck.unhealthyThreshold"),
		idle: lb.Int("idleTimeout"), drain: group.Int("deregistrationDelay"),
	}
}

// unseen is the longest time in seconds that a target that answers no more still gets
// requests: checks that fail by their time-out, as many in a row as it takes.
func (c checks) unseen() int { return c.interval*c.unhealthy + c.timeout }

// configuration is HAProxy's. Targets are not tried again elsewhere: the load balancer
// would not either.
func (c checks) configuration(socket string, listen int) string {
	return fmt.Sprintf(`global
	stats socket %s mode 600 level admin
	maxconn 2000
defaults
	mode http
	retries 0
	timeout connect 5s
	timeout client %[2]ds
	timeout server %[2]ds
	timeout http-request 60s
	timeout check %[3]ds
frontend entry
	bind :%[4]d
	http-request set-header X-Forwarded-Proto http
	option forwardfor
	default_backend targets
backend targets
	balance roundrobin
	option httpchk
	http-check send meth GET uri %[5]s hdr Host health
	http-check expect status 200
	default-server inter %[6]ds rise %[7]d fall %[8]d
	server-template s 1-%[9]d 0.0.0.0:%[10]d check disabled
`, socket, c.idle, c.timeout, listen, c.path, c.interval, c.healthy, c.unhealthy, slots, c.port)
}

func newBalancer(lab *netlab.Lab, hosts []*netlab.Host, c checks, listen int, folder string) (*balancer, error) {
	b := &balancer{checks: c, slots: map[string]string{}}
	for _, h := range hosts {
		n := &node{host: h, fresh: map[string]bool{}, socket: filepath.Join(folder, lab.Namespace(h)+".sock")}
		file := filepath.Join(folder, lab.Namespace(h)+".cfg")
		if err := os.WriteFile(file, []byte(c.configuration(n.socket, listen)), 0o644); err != nil {
			return b, err
		}
		log, err := os.Create(filepath.Join(folder, lab.Namespace(h)+".log"))
		if err != nil {
			return b, err
		}
		defer log.Close()
		n.process = exec.Command("ip", "netns", "exec", lab.Namespace(h), "haproxy", "-db", "-f", file)
		n.process.Stdout, n.process.Stderr = log, log
		n.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := n.process.Start(); err != nil {
			return b, fmt.Errorf("starting HAProxy: %w", err)
		}
		n.gone = make(chan struct{})
		go func() {
			_ = n.process.Wait()
			close(n.gone)
		}()
		b.nodes = append(b.nodes, n)
		for try := 0; ; try++ {
			if _, err := n.say("show info"); err == nil {
				break
			} else if try == 40 {
				return b, fmt.Errorf("HAProxy does not answer: see %s: %w", log.Name(), err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return b, nil
}

func (b *balancer) stop() {
	for _, n := range b.nodes {
		_ = n.process.Process.Kill()
		<-n.gone
	}
}

// say gives a command and returns the answer.
func (n *node) say(command string) (string, error) {
	c, err := net.Dial("unix", n.socket)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, command+"\n"); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(c)
	return strings.TrimSpace(string(answer)), err
}

// all gives every node the commands.
func (b *balancer) all(commands ...string) error {
	for _, n := range b.nodes {
		for _, command := range commands {
			answer, err := n.say(command)
			if err != nil {
				return err
			}
			if answer != "" && !strings.HasPrefix(answer, "IP changed") && !strings.Contains(answer, "no need to change") {
				return fmt.Errorf("HAProxy: %s: %s", command, answer)
			}
		}
	}
	return nil
}

// register makes a target known. It gets requests after its first good check.
func (b *balancer) register(id string, at *netlab.Host) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	used := slices.Collect(maps.Values(b.slots))
	for n := 1; n <= slots; n++ {
		slot := fmt.Sprintf("targets/s%d", n)
		if slices.Contains(used, slot) {
			continue
		}
		b.slots[id] = slot
		for _, n := range b.nodes {
			n.fresh[slot] = true
		}
		return b.all(fmt.Sprintf("set server %[1]s addr %[2]s port %[3]d; set server %[1]s state ready; set server %[1]s health down",
			slot, at.Address, b.checks.port))
	}
	return fmt.Errorf("HAProxy has %d targets already", slots)
}

// deregister takes a target out of the rotation and returns when its last request has
// ended, or after the deregistration delay.
func (b *balancer) deregister(ctx context.Context, id string) error {
	b.mu.Lock()
	slot := b.slots[id]
	b.mu.Unlock()
	if err := b.all("set server " + slot + " state drain"); err != nil {
		return err
	}
	until := time.Now().Add(time.Duration(b.checks.drain) * time.Second)
	for ; time.Now().Before(until) && ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		open := 0
		for _, n := range b.nodes {
			of, err := n.stats(slot)
			if err != nil {
				return err
			}
			if of["scur"] != "0" {
				open++
			}
		}
		if open == 0 {
			break
		}
	}
	return b.forget(id)
}

// forget drops a target at once.
func (b *balancer) forget(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.all("set server " + b.slots[id] + " state maint")
	delete(b.slots, id)
	return err
}

// health is each target's state, as the load balancer tells it: healthy when every
// node says so. A target that is new needs one good check only.
func (b *balancer) health() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := map[string]string{}
	for id, slot := range b.slots {
		states[id] = "healthy"
		for _, n := range b.nodes {
			if !n.finds(slot) {
				states[id] = "unhealthy"
			}
		}
	}
	return states
}

// finds tells whether the node sends requests to the target.
func (n *node) finds(slot string) bool {
	of, err := n.stats(slot)
	if err != nil {
		return false
	}
	if n.fresh[slot] && strings.HasPrefix(of["check_status"], "L7OK") {
		delete(n.fresh, slot)
		_, err = n.say("set server " + slot + " health up")
		return err == nil
	}
	return strings.HasPrefix(of["status"], "UP")
}

// stats are a target's counters by name.
func (n *node) stats(slot string) (map[string]string, error) {
	text, err := n.say("show stat")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "# "))).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, row := range rows[1:] {
		if row[0]+"/"+row[1] == slot {
			of := map[string]string{}
			for i, name := range rows[0] {
				of[name] = row[i]
			}
			return of, nil
		}
	}
	return nil, fmt.Errorf("HAProxy has no target %s", slot)
}
