package webtier

import (
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// rolloutLimit is how long a group may take to replace its servers: all at once, if
// they fit beside the old ones, in boots and drains of some minutes.
const rolloutLimit = 45 * time.Minute

// enough is how many servers of a larger group have to be proven healthy. The proof
// has no room for all of them, and a new one that is not healthy is replaced.
const enough = 10

// The tags that AWS puts on a server.
//
// Sources:
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-templates.html
const (
	groupTag   = "aws:autoscaling:groupName"
	versionTag = "aws:ec2launchtemplate:version"
)

// settleGroup sees an instance refresh through, has running servers read their
// settings and secret again if these have changed, and wants the proof that the
// servers serve. A new server reads them at boot by itself.
func (w *WebTier) settleGroup(ctx *pulumi.Context, group *autoscaling.Group, attached pulumi.Resource, version pulumi.StringOutput) error {
	servers := w.rolledOut(ctx, group, version)
	document, err := w.makeDocument(ctx, "reconfigure", server.ReconfigureDocument)
	if err != nil {
		return err
	}
	// On one server after the other, and after a refresh: a server that goes away in
	// between would fail the run.
	done, err := w.run(ctx, "reconfigure", run{
		script:      server.Configure,
		document:    document,
		proof:       w.serving,
		key:         "tag:" + groupTag,
		value:       group.Name,
		settings:    w.params.Name,
		want:        w.version,
		limit:       configureLimit + time.Duration(w.args.MaxSize)*time.Minute,
		concurrency: 1,
	}, w.backing(group, attached)...)
	if err != nil {
		return err
	}
	w.proof = w.proven(ctx, w.serving, wanted{
		what:     "the group's configure",
		script:   server.Configure,
		settings: w.version,
		healthy:  min(w.args.MinSize, enough),
		among:    servers,
		limit:    configureLimit,
		remedy: "See why on a server (journalctl -u webphases-boot -u webphases-prove), mend it and run `pulumi up` again; " +
			"what this update has changed can be taken back, the image before it is still there.",
	}, done)
	w.Serving = once(w.proof, group)
	return nil
}

// rolledOut resolves to the IDs of the group's servers once all of them run the
// version of the launch template. It fails with ErrUnproven if that takes too long.
func (w *WebTier) rolledOut(ctx *pulumi.Context, group *autoscaling.Group, version pulumi.StringOutput) pulumi.StringArrayOutput {
	return pulumi.All(group.Name, version).ApplyT(func(v []any) (ids []string, err error) {
		name, version := v[0].(string), v[1].(string)
		return ids, w.await(ctx, "the rollout of version "+version+" of the launch template", rolloutLimit, func() (string, bool, error) {
			all, err := serversOf(ctx, name)
			if err != nil {
				return "", false, err
			}
			if ids, err = serversOf(ctx, name, ec2.GetInstancesFilter{Name: "tag:" + versionTag, Values: []string{version}}); err != nil {
				return "", false, err
			}
			old := slices.DeleteFunc(all, func(id string) bool { return slices.Contains(ids, id) })
			if len(old) == 0 && len(ids) >= w.args.MinSize {
				return "", false, nil
			}
			return fmt.Sprintf("%d servers run it, want %d or more, and %d others still run. The group goes on with those that are healthy. "+
				"`aws autoscaling describe-instance-refreshes --region %s --auto-scaling-group-name %s` says why; mend it, or take the change back, "+
				"and run `pulumi up` again.", len(ids), w.args.MinSize, len(old), w.args.Region, name), false, nil
		})
	}).(pulumi.StringArrayOutput)
}

// serversOf lists the IDs of a group's servers that run or are about to.
func serversOf(ctx *pulumi.Context, group string, more ...ec2.GetInstancesFilter) ([]string, error) {
	filters := []ec2.GetInstancesFilter{{Name: "tag:" + groupTag, Values: []string{group}}}
	found, err := ec2.GetInstances(ctx, &ec2.GetInstancesArgs{
		Filters:            append(filters, more...),
		InstanceStateNames: []string{"pending", "running"},
	})
	if err != nil {
		return nil, fmt.Errorf("listing the servers of %s: %w", group, err)
	}
	return found.Ids, nil
}
