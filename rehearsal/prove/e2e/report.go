//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/e2e/standin"
)

// report prints the table of stacks and checks and the agreement of the plans.
// Lines of the documented tables that nothing needed are faults too, if all runs
// were done.
func (s *Suite) report(err error) error {
	whole := len(s.Only) == 0
	fmt.Fprintf(s.Out, "\n%-8s %-46s %8s   %s\n", "stack", "check", "time", "result")
	failures := 0
	for _, r := range s.rows {
		for _, c := range r.checks {
			verdict := "ok"
			if len(c.wrong) > 0 {
				verdict = "FAILED"
				failures++
			}
			fmt.Fprintf(s.Out, "%-8s %-46s %6.1f s   %s\n", r.name, c.name, c.took.Seconds(), verdict)
		}
	}
	var idle []string
	for _, name := range standin.Names() {
		if s.used[name] == 0 {
			idle = append(idle, "stand-in "+name)
		}
	}
	idle = append(idle, s.allowed.Unneeded()...)
	fmt.Fprintf(s.Out, "\nstand-ins used: %s\n", uses(s.used))
	fmt.Fprintf(s.Out, "allowed differences met: %d\n", s.allowed.Needed())
	if whole && err == nil && len(idle) > 0 {
		fmt.Fprintf(s.Out, "FAILED: docs/e2e.md lists what nothing needs any more: %s\n", strings.Join(idle, "; "))
		failures++
	}
	if wrong := s.permissions(); len(wrong) > 0 {
		fmt.Fprintf(s.Out, "FAILED: a role may not do what its workflow does:\n%s\n", indent(strings.Join(wrong, "\n")))
		failures++
	}
	fmt.Fprintf(s.Out, "agree %d of %d\n", s.agreed, s.plans)
	fmt.Fprintf(s.Out, "%s in all\n", time.Since(s.start).Round(time.Second))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrFailed, err)
	case failures > 0 || s.agreed != s.plans:
		return ErrFailed
	}
	return nil
}

func uses(n map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, n[name]))
	}
	return strings.Join(parts, ", ")
}
