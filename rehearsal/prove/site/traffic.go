package site

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// visit is one request of the traffic.
type visit struct {
	at     time.Time
	took   time.Duration
	path   string
	status int // 0 if there was no answer
}

// traffic is visitors who ask all the time, at a bounded rate, in the lab only.
type traffic struct {
	stop   func()
	mu     sync.Mutex
	visits []visit
}

// A visitor waits this long, which is longer than the balancer's own time-out would be
// of use to anybody.
const visitorPatience = 10 * time.Second

// visitors asks for the paths in turns, so many times a second, each time by a
// connection of its own: a kept one would hide which addresses answer.
func (s *Site) visitors(ctx context.Context, perSecond int, paths ...string) *traffic {
	ctx, cancel := context.WithCancel(ctx)
	t := &traffic{}
	var group sync.WaitGroup
	t.stop = func() { cancel(); group.Wait() }
	c := s.browser(visitorPatience)
	c.Jar = nil
	c.Transport.(*http.Transport).DisableKeepAlives = true //nolint:forcetypeassert // browser makes no other
	group.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			path := paths[n%len(paths)]
			group.Go(func() {
				v := visit{at: time.Now(), path: path}
				// What is under way at the end may come to its end.
				v.status, _, _, _ = ask(context.WithoutCancel(ctx), c, http.MethodGet, s.url(path), nil, nil)
				v.took = time.Since(v.at)
				t.mu.Lock()
				t.visits = append(t.visits, v)
				t.mu.Unlock()
			})
		}
	})
	return t
}

// impact is what some minutes were to visitors.
type impact struct {
	requests, failed int
	// seconds is from the first to the last request that failed; 0 if none did.
	seconds float64
	codes   map[int]int
	example string // the first that failed
}

// end stops the traffic and says what it met. A request failed if it got no answer, or
// a server's error that is not among the expected ones.
func (t *traffic) end(expected ...int) impact {
	t.stop()
	i := impact{codes: map[int]int{}}
	var first, last time.Time
	slices.SortFunc(t.visits, func(x, y visit) int { return x.at.Compare(y.at) })
	for _, v := range t.visits {
		i.requests++
		i.codes[v.status]++
		if v.status != 0 && v.status < http.StatusInternalServerError || slices.Contains(expected, v.status) {
			continue
		}
		i.failed++
		if first.IsZero() {
			first = v.at
			i.example = fmt.Sprintf("%s gave %d after %.1f s", v.path, v.status, v.took.Seconds())
		}
		last = v.at.Add(v.took)
	}
	if i.failed > 0 {
		i.seconds = last.Sub(first).Seconds()
	}
	return i
}

// wait returns when the function is true, or fails after a time.
func wait(ctx context.Context, what string, longest time.Duration, is func() bool) error {
	for until := time.Now().Add(longest); !is(); time.Sleep(200 * time.Millisecond) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(until) {
			return fmt.Errorf("%w: %s: not in %s", ErrPages, what, longest)
		}
	}
	return nil
}
