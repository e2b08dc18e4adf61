package e2e

import (
	"slices"
	"strings"
	"sync"
)

// Allowance is a line of the table of differences between the plans that are the
// API server's doing, in docs/e2e.md.
type Allowance struct {
	Type string // resource type
	Prop string // as in Difference
	Why  string
}

// allowances is the table. It holds what a stand-in cannot reasonably mend.
var allowances = []Allowance{}

// Allowances sorts differences into faults and those that the table allows, and
// remembers which lines were needed.
type Allowances struct {
	table  []Allowance
	mu     sync.Mutex
	needed map[Allowance]int
}

// NewAllowances starts with the table of docs/e2e.md.
func NewAllowances() *Allowances {
	return &Allowances{table: allowances, needed: map[Allowance]int{}}
}

// Faults returns the differences that no line allows.
func (a *Allowances) Faults(all []Difference) []Difference {
	a.mu.Lock()
	defer a.mu.Unlock()
	var faults []Difference
	for _, d := range all {
		i := slices.IndexFunc(a.table, func(line Allowance) bool { return line.Type == d.Type && line.Prop == d.Prop })
		if i < 0 {
			faults = append(faults, d)
			continue
		}
		a.needed[a.table[i]]++
	}
	return faults
}

// Unneeded lists the lines that allowed nothing: they must go.
func (a *Allowances) Unneeded() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var idle []string
	for _, line := range a.table {
		if a.needed[line] == 0 {
			idle = append(idle, strings.TrimSpace(line.Type+" "+line.Prop))
		}
	}
	return idle
}

// Needed counts the differences that the table allowed.
func (a *Allowances) Needed() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, times := range a.needed {
		n += times
	}
	return n
}
