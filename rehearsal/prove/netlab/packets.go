package netlab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"github.com/webphases/webphases/rehearsal/report/reach"
)

// ErrPackets says that packets and the report disagree.
var ErrPackets = errors.New("packets do not go where the report says")

// Probe is one attempt to connect.
type Probe struct {
	From, To       *reach.Endpoint
	Protocol       string
	Port           int
	Expected, Seen bool

	at netip.AddrPort
}

// patience is how long a connection may take; a packet that is dropped is answered by
// nobody. A second look at what was refused against the expectation takes longer.
const (
	patience      = 1500 * time.Millisecond
	lastPatience  = 5 * time.Second
	echoBufferLen = 64
)

// Packets tries every connection that the report answers for: from each host to each
// other and to AWS' services in the VPC, by tcp and udp, at each port where some rule
// begins or ends. Something listens on all of them meanwhile; nothing else may.
func (l *Lab) Packets(ctx context.Context) ([]*Probe, error) {
	var probes []*Probe
	spots := l.plan.addresses(l)
	for _, from := range l.plan.Model.Endpoints {
		for to, at := range spots {
			probes = append(probes, l.plan.probes(from, to, at.address)...)
		}
	}
	stop, err := l.listen(probes)
	defer stop()
	if err != nil {
		return nil, err
	}
	if err := l.try(ctx, probes, patience); err != nil {
		return nil, err
	}
	late := slices.Clone(probes)
	late = slices.DeleteFunc(late, func(p *Probe) bool { return !p.Expected || p.Seen })
	return probes, l.try(ctx, late, lastPatience)
}

// spot is where an endpoint is in the lab.
type spot struct {
	namespace string
	address   netip.Addr
}

func (p *Plan) addresses(l *Lab) map[*reach.Endpoint]spot {
	spots := map[*reach.Endpoint]spot{}
	for _, e := range p.Model.Endpoints {
		spots[e] = spot{l.Router(), e.Address()} // of AWS' services
	}
	for _, h := range p.Hosts {
		if h.Endpoint != nil {
			spots[h.Endpoint] = spot{l.Namespace(h), h.Address}
		}
	}
	return spots
}

// probes are the attempts between two endpoints. What comes from the internet asks
// for the public address, if there is one.
func (p *Plan) probes(from, to *reach.Endpoint, address netip.Addr) []*Probe {
	service := to.Kind == reach.DNSResolver || to.Kind == reach.TimeService
	if to.Kind == reach.CloudFront || !p.Model.Asks(from, to) || service && from.Kind != reach.Server && from.Kind != reach.Servers {
		return nil
	}
	if from.Outside() && !p.behindVPN(from.Address()) {
		for _, h := range p.Hosts {
			if h.Endpoint == to && h.Public.IsValid() {
				address = h.Public
			}
		}
	}
	var probes []*Probe
	for _, protocol := range []string{"tcp", "udp"} {
		for _, port := range p.Model.Ports(protocol) {
			probes = append(probes, &Probe{
				From: from, To: to, Protocol: protocol, Port: port,
				Expected: p.Model.Decide(from, to, protocol, port).Allowed,
				at:       netip.AddrPortFrom(address, uint16(port)),
			})
		}
	}
	return probes
}

// listen answers on every port that is asked for.
func (l *Lab) listen(probes []*Probe) (stop func(), err error) {
	var closers []io.Closer
	stop = func() {
		for _, c := range closers {
			c.Close()
		}
	}
	spots := l.plan.addresses(l)
	asked := map[spot]map[string][]int{}
	for _, p := range probes {
		at := spots[p.To]
		if asked[at] == nil {
			asked[at] = map[string][]int{}
		}
		// AWS' services answer on their own port only.
		service := at.namespace == l.Router() && !p.Expected
		if !service && !slices.Contains(asked[at][p.Protocol], p.Port) {
			asked[at][p.Protocol] = append(asked[at][p.Protocol], p.Port)
		}
	}
	for at, ports := range asked {
		err := In(at.namespace, func() error {
			for _, port := range ports["tcp"] {
				one, err := net.Listen("tcp4", netip.AddrPortFrom(at.address, uint16(port)).String())
				if err != nil {
					return err
				}
				closers = append(closers, one) // the kernel completes connections by itself
			}
			for _, port := range ports["udp"] {
				one, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at.address, uint16(port))))
				if err != nil {
					return err
				}
				closers = append(closers, one)
				go echo(one)
			}
			return nil
		})
		if err != nil {
			return stop, fmt.Errorf("listening in %s: %w", at.namespace, err)
		}
	}
	return stop, nil
}

func echo(c *net.UDPConn) {
	buffer := make([]byte, echoBufferLen)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		_, _ = c.WriteToUDPAddrPort(buffer[:n], from)
	}
}

// try opens all connections of a source at once, and each source beside the others.
func (l *Lab) try(ctx context.Context, probes []*Probe, wait time.Duration) error {
	from := map[*reach.Endpoint][]*Probe{}
	for _, p := range probes {
		from[p.From] = append(from[p.From], p)
	}
	spots := l.plan.addresses(l)
	var group sync.WaitGroup
	errs := make(chan error, len(from))
	for e, own := range from {
		group.Go(func() {
			errs <- In(spots[e].namespace, func() error { return connect(ctx, own, wait) })
		})
	}
	group.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// connect sends from the namespace that it is called in.
func connect(ctx context.Context, probes []*Probe, wait time.Duration) error {
	var waiting []unix.PollFd
	of := map[int32]*Probe{}
	defer func() {
		for fd := range of {
			unix.Close(int(fd))
		}
	}()
	for _, p := range probes {
		kind, event := unix.SOCK_STREAM, int16(unix.POLLOUT)
		if p.Protocol == "udp" {
			kind, event = unix.SOCK_DGRAM, unix.POLLIN
		}
		fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		of[int32(fd)] = p
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: p.Port, Addr: p.at.Addr().As4()})
		if err != nil && !errors.Is(err, unix.EINPROGRESS) {
			continue // there is no way
		}
		if p.Protocol == "udp" {
			if _, err := unix.Write(fd, []byte("?")); err != nil {
				continue
			}
		}
		waiting = append(waiting, unix.PollFd{Fd: int32(fd), Events: event})
	}
	for until := time.Now().Add(wait); len(waiting) > 0 && time.Now().Before(until) && ctx.Err() == nil; {
		if _, err := unix.Poll(waiting, 100); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		waiting = slices.DeleteFunc(waiting, func(w unix.PollFd) bool {
			if w.Revents == 0 {
				return false
			}
			failed, err := unix.GetsockoptInt(int(w.Fd), unix.SOL_SOCKET, unix.SO_ERROR)
			of[w.Fd].Seen = err == nil && failed == 0 && w.Revents&w.Events != 0
			return true
		})
	}
	return ctx.Err()
}

// WritePackets prints what was expected beside what was seen, zones together, and
// fails with ErrPackets if they differ.
func WritePackets(to io.Writer, m *reach.Model, probes []*Probe) error {
	type pair struct{ from, to, protocol string }
	var order []pair
	tried := map[pair][]*Probe{}
	slices.SortStableFunc(probes, func(x, y *Probe) int {
		at := func(e *reach.Endpoint) int { return slices.Index(m.Endpoints, e) }
		return (at(x.From)-at(y.From))*len(m.Endpoints) + at(x.To) - at(y.To)
	})
	wrong, refused := 0, 0
	for _, p := range probes {
		key := pair{p.From.Name, p.To.Name, p.Protocol}
		if tried[key] == nil {
			order = append(order, key)
		}
		tried[key] = append(tried[key], p)
		if p.Seen != p.Expected {
			wrong++
		}
		if !p.Seen {
			refused++
		}
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "from\tto\t\texpected\tseen\t")
	closed := 0
	for _, key := range order {
		all := m.Ports(key.protocol)
		expected := stretches(all, tried[key], func(p *Probe) bool { return p.Expected })
		seen := stretches(all, tried[key], func(p *Probe) bool { return p.Seen })
		differ := ""
		if i := slices.IndexFunc(tried[key], func(p *Probe) bool { return p.Seen != p.Expected }); i >= 0 {
			p := tried[key][i]
			differ = fmt.Sprintf("DIFFERS: %s to %s port %d", p.From, p.To, p.Port)
		}
		if expected == reach.Nothing && differ == "" {
			closed++
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", key.from, key.to, key.protocol, expected, seen, differ)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(to, "nothing passes, as expected, in %d other lines\n", closed)
	fmt.Fprintf(to, "packets   %d connections tried, %d open, %d closed; %d of %d as the report says\n",
		len(probes), len(probes)-refused, refused, len(probes)-wrong, len(probes))
	if wrong > 0 {
		return fmt.Errorf("%w: %d of %d connections differ", ErrPackets, wrong, len(probes))
	}
	return nil
}

// stretches are the ports that a condition holds for in every zone that was tried
// ("80, 443", "1024-65535"); an asterisk stands beside what holds in some.
func stretches(all []int, probes []*Probe, holds func(*Probe) bool) string {
	count, total := map[int]int{}, map[int]int{}
	for _, p := range probes {
		total[p.Port]++
		if holds(p) {
			count[p.Port]++
		}
	}
	var texts []string
	for i := 0; i < len(all); i++ {
		n := count[all[i]]
		if n == 0 {
			continue
		}
		from := all[i]
		for i+1 < len(all) && count[all[i+1]] == n {
			i++
		}
		text := strconv.Itoa(from)
		switch {
		case from == 1 && all[i] == 65535:
			text = "all"
		case all[i] > from:
			text += "-" + strconv.Itoa(all[i])
		}
		if n < total[from] {
			text += "*"
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return reach.Nothing
	}
	return strings.Join(texts, ", ")
}
