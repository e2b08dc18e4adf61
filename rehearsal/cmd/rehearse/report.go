package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// errOrphans says that a destroyed stack has left something that nobody would
// ever delete: a fault of the program or of the model.
var errOrphans = errors.New("the modelled cloud holds what no stack knows of")

// kept is what stays on purpose when its stack goes, and why.
var kept = map[string]string{
	catalog.RDSSnapshot:       "of the deleted database; database.snapshotIdentifier restores it",
	catalog.RDSOptionGroup:    "AWS keeps it while a snapshot refers to it",
	catalog.BackupVault:       "its recovery points stay for their days; backup.keepVault",
	catalog.BackupVaultPolicy: "of the vault",

	catalog.S3BucketV2:                       "access logs stay when their load balancer goes",
	catalog.S3BucketPolicy:                   "of the bucket",
	catalog.S3BucketPublicAccessBlock:        "of the bucket",
	catalog.S3BucketEncryptionV2:             "of the bucket",
	catalog.S3BucketLoggingV2:                "of the bucket",
	catalog.S3BucketLifecycleConfigurationV2: "of the bucket",
}

// report says what a destroyed stack has left behind, and fails with errOrphans if that
// is more than what is kept on purpose.
func report(w io.Writer, left []*cloud.Record) error {
	if len(left) == 0 {
		fmt.Fprintln(w, "The modelled cloud is empty.")
		return nil
	}
	fmt.Fprintln(w, "The modelled cloud still holds:")
	var err error
	for _, r := range left {
		why, ok := kept[r.Type]
		if !ok {
			why, err = "nobody would ever delete it", errOrphans
		}
		fmt.Fprintf(w, "  %s %s  (%s)\n", catalog.Label(r.Type), r.ID, why)
	}
	return err
}
