// Package events reads the engine's event log, which the CLI writes with --event-log.
package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// All are the events of a log, in their order. It ends after an error.
func All(log io.Reader) iter.Seq2[apitype.EngineEvent, error] {
	return func(yield func(apitype.EngineEvent, error) bool) {
		decoder := json.NewDecoder(log)
		for {
			var event apitype.EngineEvent
			err := decoder.Decode(&event)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(event, fmt.Errorf("reading the event log: %w", err))
				return
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}
