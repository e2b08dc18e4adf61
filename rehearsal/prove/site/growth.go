package site

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/run/engine"
)

// ErrLost says that growing lost what somebody had been told was kept.
var ErrLost = errors.New("growing lost something")

// killer is what bash reads before each script: in migrate it ends the script by
// SIGKILL as soon as, or some time after, a step begins.
const killer = `KILL_SEEN=0
case $0 in */migrate)
trap 'if [[ $BASH_COMMAND == "$KILL_STEP" ]] && ((++KILL_SEEN == KILL_TIME)); then
	[[ $KILL_AFTER != 0 ]] || kill -KILL $$
	(sleep "$KILL_AFTER"; kill -KILL $$) &
fi' DEBUG ;;
esac
`

// death is where a migration is killed: at the n-th time of a step, so many seconds
// after its beginning.
type death struct {
	step  string
	time  int
	after string
}

var stepLine = regexp.MustCompile(`(?m)^\t?([a-z_]+)(?: #.*)?$`)

// deaths are the middle of the steps that take some time, then the beginning of each,
// and at last the moment after the switch, when only configure is left.
func deaths(script string) []death {
	_, script, _ = strings.Cut(script, "at_exit back_to_the_old_site\n")
	var middles, all []death
	times := map[string]int{}
	for _, found := range stepLine.FindAllStringSubmatch(script, -1) {
		step := found[1]
		if step == "fi" {
			continue
		}
		times[step]++
		all = append(all, death{step, times[step], "0"})
		if times[step] == 1 && slices.Contains([]string{"copy_files", "copy_database", "verify_database"}, step) {
			middles = append(middles, death{step, times[step], "0.3"})
		}
	}
	return slices.Concat(middles, all, []death{{`exec "$ROOT/bin/configure"`, 1, "0"}})
}

// Grow takes a site from phase 1, where it serves, to phase 2 and 3. States are the
// stack's after each of its updates.
func (s *Site) Grow(ctx context.Context, one, two, three engine.State) error {
	if err := s.begin(ctx, one); err != nil {
		return err
	}
	a, err := s.logIn(ctx)
	if err != nil {
		return err
	}
	p, err := a.publish(ctx, "It was here in phase 1")
	if err != nil {
		return err
	}
	s.Step("phase 1: a post with a picture")
	w := a.write(ctx, p.id)
	readers := s.visitors(ctx, 4, "/wp-login.php", "/?fresh", p.picture)
	err = s.toPhase2(ctx, two)
	written := w.end()
	read := readers.end(http.StatusServiceUnavailable)
	if err != nil {
		return err
	}
	s.Step("phase 2: %d requests while it grew: %v by status; %d comments were accepted", read.requests, read.codes, len(written))
	if read.failed > 0 {
		return fmt.Errorf("%w: %d requests got an error that was not the announced 503: %v", ErrLost, read.failed, read.codes)
	}
	if err := errors.Join(s.shows(ctx, p), s.kept(ctx, written)); err != nil {
		return err
	}
	s.Step("phase 2: the post, its picture byte for byte, and every accepted comment are there")
	if err := s.toPhase3(ctx, three); err != nil {
		return err
	}
	if err := errors.Join(s.shows(ctx, p), s.kept(ctx, written)); err != nil {
		return err
	}
	s.Step("phase 3: the post, its picture byte for byte, and every accepted comment are there")
	return nil
}

// toPhase2 moves the data: the migration is killed at each of its steps and begun
// again, until nothing kills it.
func (s *Site) toPhase2(ctx context.Context, state engine.State) error {
	if err := s.Network(ctx, state); err != nil {
		return err
	}
	m := s.machines[0]
	script, err := os.ReadFile(filepath.Join(s.made.tests, "..", "files", "bin", "migrate"))
	if err != nil {
		return err
	}
	if err := m.disk.put("root/killer", killer); err != nil {
		return err
	}
	var died []string
	s.before = func(ctx context.Context, association *graph.Resource) error {
		if association.Str("parameters.script") != "migrate" {
			return nil
		}
		for _, d := range deaths(string(script)) {
			said := strings.TrimSuffix(fmt.Sprintf("%s, time %d, after %s s", d.step, d.time, d.after), ", after 0 s")
			err := s.command(ctx, m, association, "BASH_ENV=/root/killer", "KILL_STEP="+d.step, fmt.Sprint("KILL_TIME=", d.time), "KILL_AFTER="+d.after)
			if err == nil {
				return fmt.Errorf("%w: migrate was to be killed at %s, and ended before", ErrServer, said)
			}
			if !strings.Contains(err.Error(), "exit status 137") && !strings.Contains(err.Error(), "signal: killed") {
				return fmt.Errorf("killed at %s, migrate failed by itself: %w", said, err)
			}
			died = append(died, said)
			if err := s.back(ctx); err != nil {
				return fmt.Errorf("killed at %s: %w", said, err)
			}
		}
		s.Step("phase 2: migrate was killed %d times, and the site came back each time: %s", len(died), strings.Join(died, ", "))
		return nil
	}
	defer func() { s.before = nil }()
	return s.Raise(ctx, state)
}

// back returns when the old site answers again.
func (s *Site) back(ctx context.Context) error {
	c := s.browser(5 * time.Second)
	return wait(ctx, "the old site is back", 2*time.Minute, func() bool {
		status, _, _, err := ask(ctx, c, http.MethodGet, s.url("/wp-login.php"), nil, nil)
		return err == nil && status == http.StatusOK
	})
}

// toPhase3 starts the group; the single server ends.
func (s *Site) toPhase3(ctx context.Context, state engine.State) error {
	s.Step("phase 3: the single server ends, the group begins")
	for _, m := range slices.Clone(s.machines) {
		m.stop()
		s.end(m)
	}
	return s.begin(ctx, state)
}

// begin is Network and Raise.
func (s *Site) begin(ctx context.Context, state engine.State) error {
	if err := s.Network(ctx, state); err != nil {
		return err
	}
	return s.Raise(ctx, state)
}

// writer comments all the time and remembers what was accepted.
type writer struct {
	stop     func()
	mu       sync.Mutex
	accepted map[string]string // text by id
}

func (a *author) write(ctx context.Context, on int) *writer {
	ctx, cancel := context.WithCancel(ctx)
	w := &writer{accepted: map[string]string{}}
	var group sync.WaitGroup
	w.stop = func() { cancel(); group.Wait() }
	group.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			text := fmt.Sprintf("comment %d, 波 and 🗻", n)
			if id, err := a.comment(context.WithoutCancel(ctx), on, text); err == nil {
				w.mu.Lock()
				w.accepted[id] = text
				w.mu.Unlock()
			}
			time.Sleep(150 * time.Millisecond)
		}
	})
	return w
}

func (w *writer) end() map[string]string {
	w.stop()
	return w.accepted
}

// kept fails with ErrLost unless the database has every comment that was accepted.
func (s *Site) kept(ctx context.Context, written map[string]string) error {
	rows, err := s.database.sql(ctx, "SELECT CONCAT(comment_ID, ' ', comment_content) FROM wp_comments")
	if err != nil {
		return err
	}
	var lost []string
	for _, id := range slices.Sorted(maps.Keys(written)) {
		if !slices.Contains(rows, id+" "+written[id]) {
			lost = append(lost, id)
		}
	}
	if len(lost) > 0 || len(written) == 0 {
		return fmt.Errorf("%w: of %d accepted comments the database lacks %d: %s", ErrLost, len(written), len(lost), strings.Join(lost, ", "))
	}
	return nil
}
