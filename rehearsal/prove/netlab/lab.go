package netlab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Lab is a network that stands.
type Lab struct {
	// ID begins the names of its namespaces.
	ID string

	plan *Plan
	// down takes away what stands, by key.
	down map[string][]string
}

// New makes an empty lab.
func New() *Lab {
	return &Lab{ID: fmt.Sprintf("wp%d", os.Getpid()), down: map[string][]string{}}
}

// Namespace is the name of a host's.
func (l *Lab) Namespace(h *Host) string { return l.ID + "-" + name("h", h.Address) }

// Router is the namespace that forwards between subnets. What AWS serves on
// link-local addresses listens there.
func (l *Lab) Router() string { return l.ID + "-vpc" }

// Gateway is the namespace of the internet's routers. Whoever is on the internet with
// many addresses may listen and dial there.
func (l *Lab) Gateway() string { return l.ID + "-igw" }

// piece is a part of the lab: how it comes and goes, one command of ip in each line.
type piece struct {
	key      string
	up, down []string
	settings map[string][]string // of the kernel, by namespace
	rules    map[string]string   // for nftables, by namespace
}

// Raise makes the lab what the plan says. What stands already stays, with its
// connections; what the plan has no longer goes.
func (l *Lab) Raise(ctx context.Context, p *Plan) error {
	var wanted []string
	l.plan = p
	for _, one := range l.pieces(p) {
		wanted = append(wanted, one.key)
		if _, stands := l.down[one.key]; stands {
			continue
		}
		l.down[one.key] = one.down
		for _, command := range one.up {
			if err := ip(ctx, command); err != nil {
				return err
			}
		}
		for namespace, settings := range one.settings {
			if err := In(namespace, func() error { return set(settings) }); err != nil {
				return err
			}
		}
		for namespace, rules := range one.rules {
			if err := nft(ctx, namespace, rules); err != nil {
				return err
			}
		}
	}
	for key, down := range l.down {
		if !slices.Contains(wanted, key) {
			for _, command := range down {
				if err := ip(ctx, command); err != nil {
					return err
				}
			}
			delete(l.down, key)
		}
	}
	return l.route(ctx, p)
}

// route replaces routes and rules.
func (l *Lab) route(ctx context.Context, p *Plan) error {
	commands := []string{
		"rule flush",
		"rule add pref 32766 lookup main",
		fmt.Sprintf("rule add pref 1 to %s lookup main", p.vpc), // nothing is more specific than the VPC
	}
	for i, s := range p.subnets {
		table := 100 + i
		commands = append(commands,
			fmt.Sprintf("route flush table %d", table),
			fmt.Sprintf("rule add pref %d iif %s lookup %d", table, s.device(), table))
		for _, way := range p.ways(s) {
			commands = append(commands, fmt.Sprintf("route add %s table %d", way, table))
		}
		commands = append(commands, fmt.Sprintf("route add unreachable default metric 4000 table %d", table))
	}
	for _, command := range commands {
		if err := ip(ctx, "-n "+l.Router()+" "+command); err != nil && !strings.Contains(command, "flush table") {
			return err
		}
	}
	if err := nft(ctx, l.Router(), p.Rules()); err != nil {
		return err
	}
	return nft(ctx, l.Gateway(), p.gateway())
}

// Close takes the lab away.
func (l *Lab) Close(ctx context.Context) {
	for _, down := range l.down {
		for _, command := range down {
			_ = ip(ctx, command) // what is gone already is no loss
		}
	}
	l.down = map[string][]string{}
}

// pieces are the plan's, in the order in which they can be made.
func (l *Lab) pieces(p *Plan) []piece {
	router, gateway := l.Router(), l.Gateway()
	pieces := []piece{
		{
			key: "router",
			up: []string{
				"netns add " + router, "-n " + router + " link set lo up",
				"netns add " + gateway, "-n " + gateway + " link set lo up",
				fmt.Sprintf("link add igw netns %s type veth peer name vpc netns %s", router, gateway),
				"-n " + router + " addr add 192.0.2.1/30 dev igw", "-n " + router + " link set igw up",
				"-n " + gateway + " addr add 192.0.2.2/30 dev vpc", "-n " + gateway + " link set vpc up",
				// Private and public addresses of the VPC.
				"-n " + gateway + " route add " + p.vpc.String() + " via 192.0.2.1",
				"-n " + router + " addr add " + clock + "/32 dev lo",
				"-n " + router + " addr add " + Metadata + "/32 dev lo",
				"-n " + router + " addr add " + p.vpc.Addr().Next().Next().String() + "/32 dev lo",
			},
			down:     []string{"netns del " + router, "netns del " + gateway},
			settings: map[string][]string{router: forwards, gateway: forwards},
		},
	}
	for _, s := range p.subnets {
		pieces = append(pieces, l.bridge(s))
	}
	for _, h := range p.Hosts {
		pieces = append(pieces, l.host(h))
	}
	return pieces
}

// Addresses that AWS serves to each server by itself; they are the router's.
//
// Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html#vpc-subnet-link-local
const (
	clock    = "169.254.169.123"
	Metadata = "169.254.169.254"
)

var forwards = []string{
	"net/ipv4/ip_forward=1", "net/ipv4/conf/all/rp_filter=0", "net/ipv4/conf/default/rp_filter=0",
	"net/ipv4/conf/all/send_redirects=0", "net/ipv4/conf/default/send_redirects=0",
}

// bridge is a subnet. Its ports are isolated from each other and the router answers
// for all addresses: so security groups see what passes between two hosts of one
// subnet, as on AWS.
func (l *Lab) bridge(s *subnet) piece {
	router, device := l.Router(), s.device()
	return piece{
		key: "subnet " + s.cidr.String(),
		up: []string{
			"-n " + router + " link add " + device + " type bridge",
			fmt.Sprintf("-n %s addr add %s/%d dev %s", router, s.gateway(), s.cidr.Bits(), device),
			"-n " + router + " link set " + device + " up",
		},
		down: []string{"-n " + router + " link del " + device},
		settings: map[string][]string{router: {
			"net/ipv4/conf/" + device + "/proxy_arp_pvlan=1",
			"net/ipv4/conf/" + device + "/send_redirects=0",
			"net/ipv4/conf/" + device + "/rp_filter=0",
		}},
	}
}

func (l *Lab) host(h *Host) piece {
	router, own, port := l.Router(), l.Namespace(h), name("p", h.Address)
	made := piece{
		key:  "host " + h.Address.String(),
		up:   []string{"netns add " + own, "-n " + own + " link set lo up"},
		down: []string{"netns del " + own},
	}
	switch {
	case h.at != nil:
		made.up = append(made.up,
			fmt.Sprintf("link add %s netns %s type veth peer name eth0 netns %s", port, router, own),
			fmt.Sprintf("-n %s link set %s master %s", router, port, h.at.device()),
			fmt.Sprintf("-n %s link set %s type bridge_slave isolated on", router, port),
			fmt.Sprintf("-n %s link set %s up", router, port),
			fmt.Sprintf("-n %s addr add %s/%d dev eth0", own, h.Address, h.at.cidr.Bits()),
			"-n "+own+" link set eth0 up",
			fmt.Sprintf("-n %s route add default via %s", own, h.at.gateway()))
	case h.office:
		made.up = append(made.up, l.link(router, port, own, "eth0", h)...)
	default:
		made.up = append(made.up, l.link(l.Gateway(), port, own, "eth0", h)...)
		if h.Endpoint.PrefixList() != "" {
			made.up = append(made.up, l.link(router, "store", own, "eth1", h)...)
		}
	}
	if h.Endpoint == nil { // a NAT gateway
		made.settings = map[string][]string{own: forwards}
		made.rules = map[string]string{own: natRules(h.Address, l.plan.vpc)}
	}
	return made
}

// link joins a host outside the VPC to a router by a cable of its own.
func (l *Lab) link(router, port, own, device string, h *Host) []string {
	up := []string{
		fmt.Sprintf("link add %s netns %s type veth peer name %s netns %s", port, router, device, own),
		fmt.Sprintf("-n %s link set %s up", router, port),
		fmt.Sprintf("-n %s route replace %s/32 dev %s", router, h.Address, port),
		fmt.Sprintf("-n %s addr add %s/32 dev %s", own, h.Address, device),
		fmt.Sprintf("-n %s link set %s up", own, device),
		fmt.Sprintf("-n %s addr add 192.0.2.254/32 dev %s", router, port),
	}
	to := "default"
	if router == l.Router() {
		to = l.plan.vpc.String()
	}
	return append(up, fmt.Sprintf("-n %s route add %s via 192.0.2.254 dev %s onlink", own, to, device))
}

// ip runs one command of iproute2.
func ip(ctx context.Context, command string) error {
	said, err := exec.CommandContext(ctx, "ip", strings.Fields(command)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", command, err, said)
	}
	return nil
}

func nft(ctx context.Context, namespace, text string) error {
	c := exec.CommandContext(ctx, "ip", "netns", "exec", namespace, "nft", "-f", "-")
	c.Stdin = strings.NewReader(text)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("nft in %s: %w: %s", namespace, err, said)
	}
	return nil
}

// In runs a function in a namespace. Sockets that it makes stay there.
func In(namespace string, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		done <- func() error {
			at, err := os.Open("/run/netns/" + namespace)
			if err != nil {
				return err
			}
			defer at.Close()
			if err := unix.Setns(int(at.Fd()), unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("entering %s: %w", namespace, err)
			}
			return do()
		}()
	}()
	return <-done
}

// set gives the kernel settings, each as path=value.
func set(settings []string) error {
	var errs []error
	for _, s := range settings {
		path, value, _ := strings.Cut(s, "=")
		errs = append(errs, os.WriteFile("/proc/sys/"+path, []byte(value), 0o644))
	}
	return errors.Join(errs...)
}

// Unplug takes a host's cable out: nobody answers there any more, not even with a
// refusal. Plug puts it back.
func (l *Lab) Unplug(ctx context.Context, h *Host) error {
	return ip(ctx, "-n "+l.Router()+" link set "+name("p", h.Address)+" down")
}

// Plug undoes Unplug.
func (l *Lab) Plug(ctx context.Context, h *Host) error {
	return ip(ctx, "-n "+l.Router()+" link set "+name("p", h.Address)+" up")
}
