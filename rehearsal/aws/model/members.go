package model

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/server"
)

// membersOf lists the servers of groups by the groups' names.
func membersOf(c *cloud.Cloud, groups []string) (members []*cloud.Record) {
	for _, m := range c.OfType(tMember) {
		if slices.Contains(groups, m.Str("group")) {
			members = append(members, m)
		}
	}
	return members
}

// launchMembers starts a group's servers: those of a new group, or of a new
// version of its launch template in the place of the old ones. What their image
// does not bring they cannot do: without scripts none becomes healthy.
func launchMembers(c *change) error {
	name, version := str(c.out, "name"), versionOf(c.in)
	size := max(num(c.out, "minSize"), num(c.in, "desiredCapacity"))
	var current []*cloud.Record
	for _, m := range membersOf(c.cloud, []string{name}) {
		if m.Str("version") == version {
			current = append(current, m)
		}
	}
	if len(current) == size {
		return nil
	}
	if c.fault == FaultUnhealthy {
		c.cloud.Later(unwaited(func() error { return replaceMembers(c, name, version, size) }))
		return c.unhealthy(size)
	}
	return replaceMembers(c, name, version, size)
}

// unhealthy is what the provider says of servers that do not become healthy: it
// waits for those of a new group only.
func (c *change) unhealthy(size int) error {
	if c.old != nil {
		return nil
	}
	return fmt.Errorf("%w: waiting for Auto Scaling Group (%s) capacity satisfied: timeout while waiting for state to become 'ok' "+
		"(last state: 'want at least %d healthy instance(s) registered to Load Balancer, have 0')", errScript, c.id, size)
}

func replaceMembers(c *change, group, version string, size int) error {
	boot, image, err := bootOf(templateOf(c.cloud, c.in))
	if err != nil {
		return err
	}
	from := diskOf(c.cloud, image)
	if from.revision == "" && boot.ProofParameter != "" {
		return c.unhealthy(size)
	}
	if err := dropMembers(c.cloud, group); err != nil {
		return err
	}
	var ids []string
	for i := range size {
		id := "i-" + c.hex(fmt.Sprintf("member %s %d", version, i), 17)
		ids = append(ids, id)
		member := resource.PropertyMap{"group": stringProp(group), "version": stringProp(version), "image": stringProp(image)}
		if err := errors.Join(c.cloud.Put(&cloud.Record{Type: tMember, ID: id, Outputs: member}), from.put(c.cloud, id)); err != nil {
			return err
		}
	}
	if len(ids) == 0 || boot.ProofParameter == "" {
		return nil
	}
	return record(c.cloud, boot.ProofParameter, func(all *server.Record) {
		all.OK = &server.Proof{
			Script:   server.Configure,
			Instance: ids[len(ids)-1],
			Image:    image,
			Revision: from.revision,
			Settings: applied(c.cloud, boot.SettingsParameter),
			Time:     c.now(),
			Healthy:  ids,
		}
	})
}

func dropMembers(c *cloud.Cloud, group string) error {
	var errs []error
	for _, m := range membersOf(c, []string{group}) {
		errs = append(errs, c.Delete(tMember, m.ID), c.Delete(tDisk, m.ID))
	}
	return errors.Join(errs...)
}

// bootOf reads what a launch template tells its servers. Of user data that is not
// the program's nothing is known.
func bootOf(template *cloud.Record) (boot server.Boot, image string, err error) {
	if template == nil {
		return boot, "", nil
	}
	decoded, err := base64.StdEncoding.DecodeString(template.Str("userData"))
	if err != nil {
		return boot, "", fmt.Errorf("the user data of %s: %w", template.ID, err)
	}
	if boot, err = server.ParseUserData(string(decoded)); errors.Is(err, server.ErrBoot) {
		err = nil
	}
	return boot, template.Str("imageId"), err
}

// getInstances is the lookup of servers, by the tags that AWS gives to those of a
// group.
func getInstances(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	keep := func(*cloud.Record) bool { return true }
	for _, filter := range at(in, "filters").ArrayValue() {
		name, values := str(filter.ObjectValue(), "name"), strs(filter.ObjectValue(), "values[*]")
		property := map[string]string{"tag:aws:autoscaling:groupName": "group", "tag:aws:ec2launchtemplate:version": "version"}[name]
		if property == "" {
			return nil, refuse("InvalidParameterValue", "the rehearsal does not model the filter %s", name)
		}
		others := keep
		keep = func(r *cloud.Record) bool { return others(r) && slices.Contains(values, r.Str(property)) }
	}
	var ids []any
	for _, member := range p.cloud.OfType(tMember) {
		if keep(member) {
			ids = append(ids, member.ID)
		}
	}
	return map[string]any{"id": p.region, "ids": ids, "privateIps": []any{}, "publicIps": []any{}, "ipv6Addresses": []any{}}, nil
}
