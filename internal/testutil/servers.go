package testutil

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/server"
)

// The lookups by which the program sees what servers do.
const (
	parameterLookup = "aws:ssm/getParameter:getParameter"
	serversLookup   = "aws:ec2/getInstances:getInstances"
)

const association = catalog.SSMAssociation

// Failing makes a script fail on every server: its run is registered, and what it
// records is the failure.
func Failing(script string) Option { return func(r *Run) { r.failing[script] = true } }

// Unproven makes a script end without a record, as one that never ran.
func Unproven(script string) Option { return func(r *Run) { r.silent[script] = true } }

// Uncounted has a migration record no counts, as one that found no data.
func Uncounted() Option { return func(r *Run) { r.uncounted = true } }

// Old has one server of every group still run what was before.
func Old() Option { return func(r *Run) { r.oldServers = 1 } }

// Recorded is what a parameter of the name has held since before the run; nobody
// writes to it.
func Recorded(name string, record server.Record) Option {
	return func(r *Run) { r.recorded[name+"-name"] = record }
}

// record is what servers have written to a parameter: the outcome of the scripts
// that State Manager was told to run with it.
func (r *Run) record(parameter string) (resource.PropertyMap, error) {
	record, fixed := r.recorded[parameter]
	for _, one := range r.all {
		if one.Token != association || one.String("parameters.proof") != parameter {
			continue
		}
		script := one.String("parameters.script")
		if r.silent[script] || fixed {
			continue
		}
		if err := r.ran(one, script, &record); err != nil {
			return nil, err
		}
	}
	text, err := record.JSON()
	return resource.NewPropertyMapFromMap(map[string]any{"value": text, "insecureValue": text, "name": parameter}), err
}

func (r *Run) ran(one Registration, script string, record *server.Record) error {
	revision, err := server.Revision()
	if err != nil {
		return err
	}
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	instance := one.String("targets[0].values[0]")
	if r.failing[script] {
		record.Failed = &server.Failure{Script: script, Instance: instance, Revision: revision, Time: at, Why: "the test wants it"}
		return nil
	}
	proof := &server.Proof{Script: server.Configure, Instance: instance, Revision: revision, Time: at}
	if script == server.Bake {
		proof.Script = server.Bake
	} else {
		proof.Settings = one.String("parameters.want")
	}
	if script == server.Migrate && !r.uncounted {
		proof.Moved = &server.Moved{Tables: 12, Rows: 3153, Files: 7, Time: at}
	}
	if one.String("targets[0].key") != "InstanceIds" {
		proof.Instance = "i-0"
		for i := range r.groupSize() {
			proof.Healthy = append(proof.Healthy, fmt.Sprintf("i-%d", i))
		}
	}
	record.OK = proof
	return nil
}

func (r *Run) groupSize() int {
	for _, one := range r.all {
		if one.Token == catalog.AutoScalingGroup {
			return int(one.Input("minSize").NumberValue())
		}
	}
	return 0
}

// servers lists the servers of the one group.
func (r *Run) servers(args resource.PropertyMap) resource.PropertyMap {
	first, ids := 0, []any{}
	for _, filter := range args["filters"].ArrayValue() {
		if strings.HasSuffix(filter.ObjectValue()["name"].StringValue(), ":version") {
			first = r.oldServers
		}
	}
	for i := range r.groupSize() {
		if i >= first {
			ids = append(ids, fmt.Sprintf("i-%d", i))
		}
	}
	return resource.NewPropertyMapFromMap(map[string]any{"ids": ids, "id": Region})
}
