package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/aws/model"
)

// errOrphans says that a destroyed stack has left something that nobody would
// ever delete: a fault of the program or of the model.
var errOrphans = errors.New("the modelled cloud holds what no stack knows of")

// report says what a destroyed stack has left behind. Only final snapshots of
// databases may be left.
func report(w io.Writer, left []*cloud.Record) error {
	if len(left) == 0 {
		fmt.Fprintln(w, "The modelled cloud is empty.")
		return nil
	}
	fmt.Fprintln(w, "The modelled cloud still holds:")
	var err error
	for _, r := range left {
		note := ""
		if model.IsSnapshot(r.Type) {
			note = "  (of the deleted database; database.snapshotIdentifier restores it)"
		} else {
			err = errOrphans
		}
		fmt.Fprintf(w, "  %s %s%s\n", catalog.Label(r.Type), r.ID, note)
	}
	return err
}
