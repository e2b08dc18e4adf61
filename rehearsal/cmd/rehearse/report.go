package main

import (
	"fmt"
	"io"

	"github.com/webphases/webphases/rehearsal/cloud"
)

// report says what a destroyed stack has left behind. Only final snapshots may
// be left; anything else is a fault of the program or the model.
func report(w io.Writer, left []*cloud.Record) {
	if len(left) == 0 {
		fmt.Fprintln(w, "The modelled cloud is empty.")
		return
	}
	fmt.Fprintf(w, "The modelled cloud still holds:\n")
	for _, r := range left {
		fmt.Fprintf(w, "  %s  %s\n", r.Type, r.ID)
	}
}
