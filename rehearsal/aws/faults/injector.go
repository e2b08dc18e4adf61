package faults

import (
	"context"
	"sync"

	"github.com/webphases/webphases/rehearsal/aws/model"
)

// Injector makes operations fail as asked, each fault once: the first operation
// that it matches.
type Injector struct {
	mu     sync.Mutex
	faults []Fault
	struck []bool
}

// New returns an injector of the faults.
func New(faults []Fault) *Injector {
	return &Injector{faults: faults, struck: make([]bool, len(faults))}
}

// Intercept is a model.Interceptor.
func (i *Injector) Intercept(_ context.Context, op model.Operation) model.Fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, f := range i.faults {
		if !i.struck[n] && f.Matches(op) {
			i.struck[n] = true
			return f.When
		}
	}
	return model.NoFault
}

// Unused lists the faults that have not struck, as they were given.
func (i *Injector) Unused() (texts []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, f := range i.faults {
		if !i.struck[n] {
			texts = append(texts, f.Text)
		}
	}
	return texts
}
