package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// ErrFailure says that a failure cost visitors more than the thresholds predict.
var ErrFailure = errors.New("a failure costs more than is predicted")

// trial is one failure and what it was to visitors.
type trial struct {
	what    string
	predict string
	impact  impact
	wrong   string // what was worse than predicted
}

// How long a failure lasts.
const (
	databaseAway   = 60 * time.Second
	filesAway      = 15 * time.Second
	perSecond      = 12
	slowRequest    = 5 * time.Second
	afterRecovery  = 3 * time.Second
	longestRestart = 30 * time.Second
)

// Failures lets parts of a site of phase 3 fail while visitors come, and prints what
// that was to them beside what the load balancer's thresholds predict.
func (s *Site) Failures(ctx context.Context, picture string) error {
	if s.balancer == nil {
		return nil
	}
	paths := []string{"/", "/wp-login.php", picture}
	var trials []trial
	for _, try := range []func(context.Context, []string) ([]trial, error){s.serverDies, s.filesHang, s.databaseAway, s.rolling} {
		made, err := try(ctx, paths)
		trials = append(trials, made...)
		if err != nil {
			return errors.Join(writeTrials(s.out, trials), err)
		}
	}
	s.counted()
	return writeTrials(s.out, trials)
}

func writeTrials(to io.Writer, trials []trial) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "failure\trequests\tfailed\tseconds of impact\tpredicted\t")
	var errs []error
	for _, t := range trials {
		fmt.Fprintf(table, "%s\t%d\t%d\t%.0f\t%s\t%s\n", t.what, t.impact.requests, t.impact.failed, t.impact.seconds, t.predict, t.wrong)
		if t.wrong != "" {
			errs = append(errs, fmt.Errorf("%w: %s: %s", ErrFailure, t.what, t.wrong))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// group are the machines that the load balancer knows.
func (s *Site) group() []*machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.balancer.health()
	return slices.DeleteFunc(slices.Clone(s.machines), func(m *machine) bool { return known[m.id] == "" })
}

// end forgets a machine that is off.
func (s *Site) end(m *machine) {
	m.disk.unmount()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machines = slices.DeleteFunc(s.machines, func(o *machine) bool { return o == m })
}

// replace starts a server of the group in another one's zone.
func (s *Site) replace(ctx context.Context, m *machine) error {
	s.mu.Lock()
	h := s.Plan.NewServer(m.host)
	err := s.Lab.Raise(ctx, s.Plan)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.scaleOut(ctx, h)
}

// serverDies: no answer any more, as after a power cut. The group starts another.
func (s *Site) serverDies(ctx context.Context, paths []string) ([]trial, error) {
	m := s.group()[0]
	s.Step("server %s dies", m.id)
	longest := s.balancer.checks.unseen()
	t := trial{what: "a server dies", predict: fmt.Sprintf("every second one for %d s or less", longest)}
	traffic := s.visitors(ctx, perSecond, paths...)
	time.Sleep(time.Second)
	if err := s.Lab.Unplug(ctx, m.host); err != nil {
		return nil, err
	}
	m.kill()
	replaced := make(chan error, 1)
	go func() { replaced <- s.replace(ctx, m) }()
	err := wait(ctx, "the load balancer sees that "+m.id+" is dead", time.Duration(longest+15)*time.Second, func() bool {
		return s.balancer.health()[m.id] == "unhealthy"
	})
	err = errors.Join(err, <-replaced)
	time.Sleep(afterRecovery)
	t.impact = traffic.end()
	// The last that was sent there waits for its own time-out.
	if most := float64(longest) + visitorPatience.Seconds() + 1; t.impact.seconds > most {
		t.wrong = fmt.Sprintf("impact for more than %.0f s", most)
	}
	err = errors.Join(err, s.balancer.forget(m.id))
	s.end(m)
	return []trial{t}, err
}

// filesHang: every access to the file system waits.
func (s *Site) filesHang(ctx context.Context, paths []string) ([]trial, error) {
	if s.files.process == nil {
		fmt.Fprintln(s.out, "SKIPPED: a file system that hangs; there is no bindfs here")
		return nil, nil
	}
	s.Step("the file system hangs for %.0f s", filesAway.Seconds())
	t := trial{what: "the file system hangs for " + seconds(filesAway), predict: "none of what is kept; no server replaced"}
	kept := s.visitors(ctx, perSecond, paths[0])
	others := s.visitors(ctx, perSecond/4, paths[1:]...)
	if err := s.files.hang(); err != nil {
		return nil, err
	}
	healthy := s.stayHealthy(ctx, filesAway)
	err := errors.Join(s.files.goOn(), s.recovered(ctx, paths))
	t.impact = kept.end()
	rest := others.end()
	t.wrong = worse(t.impact, healthy)
	return []trial{t, {what: "  what is not kept meanwhile", predict: "at most as long", impact: rest, wrong: longer(rest, filesAway)}}, err
}

// databaseAway: as in a failover, nobody answers for a while.
func (s *Site) databaseAway(ctx context.Context, paths []string) ([]trial, error) {
	s.Step("the database is away for %.0f s", databaseAway.Seconds())
	t := trial{what: "the database is away for " + seconds(databaseAway), predict: "none of what is kept; no server replaced"}
	kept := s.visitors(ctx, perSecond, paths[0], paths[2])
	others := s.visitors(ctx, perSecond/4, "/?s=search")
	if err := s.Lab.Unplug(ctx, s.database.host); err != nil {
		return nil, err
	}
	s.database.kill()
	healthy := s.stayHealthy(ctx, databaseAway)
	err := errors.Join(s.Lab.Plug(ctx, s.database.host), s.database.start(ctx, s.Lab), s.recovered(ctx, paths))
	t.impact = kept.end()
	rest := others.end()
	t.wrong = worse(t.impact, healthy)
	return []trial{t, {what: "  what is not kept meanwhile", predict: "at most as long", impact: rest, wrong: longer(rest, databaseAway)}}, err
}

// rolling is an instance refresh: as many new servers as old ones, then the old ones
// are drained and ended.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
func (s *Site) rolling(ctx context.Context, paths []string) ([]trial, error) {
	old := s.group()
	s.Step("rolling replacement of %d servers", len(old))
	t := trial{what: "rolling replacement", predict: "none"}
	traffic := s.visitors(ctx, perSecond, paths...)
	err := s.together(len(old), func(i int) error { return s.replace(ctx, old[i]) })
	t.impact = traffic.end()
	if err != nil {
		return []trial{t}, err
	}
	slow := filepath.Join(s.files.behind, "plugins", "slow.php")
	if err := os.WriteFile(slow, fmt.Appendf(nil, "<?php sleep(%d); echo 'waited';", int(slowRequest.Seconds())), 0o644); err != nil {
		return nil, err
	}
	defer os.Remove(slow)
	s.Step("scale-in: each of the %d old servers is drained while it answers", len(old))
	scaleIn := trial{what: "scale-in, drained", predict: "none"}
	traffic = s.visitors(ctx, perSecond, paths...)
	waited := make(chan string, 2*len(old))
	for range cap(waited) { // so that each server has one
		go func() {
			status, text, _, err := ask(ctx, s.browser(time.Minute), http.MethodGet, s.url("/wp-content/plugins/slow.php"), nil, nil)
			waited <- fmt.Sprintf("%d %s %v", status, text, err)
		}()
	}
	time.Sleep(time.Second)
	err = s.together(len(old), func(i int) error {
		err := s.balancer.deregister(ctx, old[i].id)
		old[i].stop()
		s.end(old[i])
		return err
	})
	for range cap(waited) {
		if said := <-waited; said != "200 waited <nil>" {
			scaleIn.wrong = "a request that had begun was cut off: " + said
		}
	}
	time.Sleep(afterRecovery)
	scaleIn.impact = traffic.end()
	for _, one := range []*trial{&t, &scaleIn} {
		if one.impact.failed > 0 {
			one.wrong = fmt.Sprintf("%d requests failed: %v, first %s", one.impact.failed, one.impact.codes, one.impact.example)
		}
	}
	return []trial{t, scaleIn}, err
}

// stayHealthy looks for so long whether the load balancer finds every target healthy,
// and returns those that it once did not.
func (s *Site) stayHealthy(ctx context.Context, long time.Duration) []string {
	ill := map[string]bool{}
	for until := time.Now().Add(long); time.Now().Before(until) && ctx.Err() == nil; time.Sleep(500 * time.Millisecond) {
		for id, state := range s.balancer.health() {
			if state != "healthy" {
				ill[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ill))
}

// recovered returns when every path answers again, also by pages that are not kept.
func (s *Site) recovered(ctx context.Context, paths []string) error {
	c := s.browser(3 * time.Second)
	return wait(ctx, "the site answers again", longestRestart, func() bool {
		for _, path := range append(slices.Clone(paths), "/?s=again") {
			if status, _, _, err := ask(ctx, c, http.MethodGet, s.url(path), nil, nil); err != nil || status != http.StatusOK {
				return false
			}
		}
		return true
	})
}

func worse(i impact, ill []string) string {
	switch {
	case len(ill) > 0:
		return "the group would replace " + strings.Join(ill, ", ")
	case i.failed > 0:
		return fmt.Sprintf("%d requests failed: %v, first %s", i.failed, i.codes, i.example)
	}
	return ""
}

// longer says that an impact outlasts what caused it by more than a visitor's patience.
func longer(i impact, cause time.Duration) string {
	if most := (cause + visitorPatience + longestRestart/2).Seconds(); i.seconds > most {
		return fmt.Sprintf("impact for more than %.0f s", most)
	}
	return ""
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }
