package config

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of mistake. Test for them with errors.Is.
var (
	ErrUnknownKey = errors.New("unknown key")
	ErrType       = errors.New("wrong type")
	ErrValue      = errors.New("value not allowed")
	ErrConflict   = errors.New("values do not fit together")
)

// A FieldError is one mistake in the configuration.
type FieldError struct {
	Kind   error  // ErrUnknownKey, ErrType, ErrValue or ErrConflict
	Key    string // the full key, such as webphases:web.maxSize
	Value  string // as it was given
	Why    string // what is wrong with it
	Remedy string // what to do
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s = %q: %s (%v); %s", e.Key, e.Value, e.Why, e.Kind, e.Remedy)
}

func (e *FieldError) Unwrap() error { return e.Kind }

// Errors is every mistake that was found, in the order of the keys.
type Errors []*FieldError

func (e Errors) Error() string {
	lines := make([]string, 0, len(e)+1)
	noun := "errors"
	if len(e) == 1 {
		noun = "error"
	}
	lines = append(lines, fmt.Sprintf("%d configuration %s, nothing was changed:", len(e), noun))
	for _, one := range e {
		lines = append(lines, "  - "+one.Error())
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}
