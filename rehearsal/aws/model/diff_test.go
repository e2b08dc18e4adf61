package model

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

func resourceKey(name string) resource.PropertyKey { return resource.PropertyKey(name) }

func changedPaths(d *pulumirpc.DiffResponse) []string {
	var paths []string
	for p := range d.GetDetailedDiff() {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

func TestDiff(t *testing.T) {
	t.Parallel()
	base := m{
		"ami": "ami-0123456789abcdef0", "instanceType": "t3.small", "subnetId": "SUBNET", "vpcSecurityGroupIds": []any{"GROUP"},
		"rootBlockDevice": m{"volumeSize": 20, "encrypted": true}, "tags": m{"Name": "web", "team:owner": "a"}, "userData": "#!/bin/sh",
	}
	with := func(changes m) m {
		in := m{}
		for k, v := range base {
			in[k] = v
		}
		for k, v := range changes {
			if v == nil {
				delete(in, k)
			} else {
				in[k] = v
			}
		}
		return in
	}
	for _, c := range []struct {
		name     string
		in       m
		changed  []string
		replaces []string
	}{
		{"nothing", with(nil), nil, nil},
		{"update in place", with(m{"instanceType": "t3.large"}), []string{"instanceType"}, nil},
		{"replace", with(m{"ami": "ami-0123456789abcdef1"}), []string{"ami"}, []string{"ami"}},
		{"nested update", with(m{"rootBlockDevice": m{"volumeSize": 30, "encrypted": true}}), []string{"rootBlockDevice.volumeSize"}, nil},
		{"nested replace", with(m{"rootBlockDevice": m{"volumeSize": 20, "encrypted": false}}), []string{"rootBlockDevice.encrypted"}, []string{"rootBlockDevice"}},
		{"one tag", with(m{"tags": m{"Name": "web", "team:owner": "b"}}), []string{`tags["team:owner"]`}, nil},
		{"tag removed", with(m{"tags": m{"Name": "web"}}), []string{`tags["team:owner"]`}, nil},
		{"what AWS chose, now chosen", with(m{"tenancy": "default"}), nil, nil},
		{"another than AWS chose", with(m{"tenancy": "dedicated"}), []string{"tenancy"}, []string{"tenancy"}},
		{"what AWS keeps, no longer given", with(m{"userData": nil}), nil, nil},
		{"user data in place", with(m{"userData": "#!/bin/bash"}), []string{"userData"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l := w.lab()
			fill := func(in m) m {
				in["subnetId"], in["vpcSecurityGroupIds"] = l.a.id, []any{l.group.id}
				return in
			}
			server := w.make(catalog.EC2Instance, "web", fill(with(nil)))
			d, _ := w.diff(server, fill(c.in))
			assert.Equal(t, c.changed, changedPaths(d))
			assert.Equal(t, c.replaces, d.GetReplaces())
			assert.False(t, d.GetDeleteBeforeReplace())
		})
	}
}

// The files stay where they are when their throughput changes.
func TestTheThroughputModeChangesInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fs := w.make(catalog.EFSFileSystem, "fs", m{"encrypted": true, "throughputMode": "elastic"})
	d, _ := w.diff(fs, m{"encrypted": true, "throughputMode": "provisioned", "provisionedThroughputInMibps": 50})
	assert.Equal(t, []string{"provisionedThroughputInMibps", "throughputMode"}, changedPaths(d))
	assert.Empty(t, d.GetReplaces())
}

func TestUserDataMayReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	server, err := w.server(l, "web", m{"userData": "a", "userDataReplaceOnChange": true})
	require.NoError(t, err)
	d, _ := w.diff(server, m{
		"ami": w.image("x86_64"), "instanceType": "t3.small", "subnetId": l.a.id, "vpcSecurityGroupIds": []any{l.group.id},
		"userData": "b", "userDataReplaceOnChange": true,
	})
	assert.Equal(t, []string{"userData"}, d.GetReplaces())
}

func TestOrderInSetsAndWhitespaceInPoliciesMeanNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	group := w.make(catalog.RDSSubnetGroup, "db", m{"subnetIds": []any{l.a.id, l.c.id}})
	d, _ := w.diff(group, m{"subnetIds": []any{l.c.id, l.a.id}})
	assert.Empty(t, d.GetDetailedDiff())

	role := w.make(catalog.IAMRole, "role", m{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[]}`})
	d, _ = w.diff(role, m{"assumeRolePolicy": `{ "Statement": [], "Version": "2012-10-17" }`})
	assert.Empty(t, d.GetDetailedDiff())
}

func TestNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lab()
	long := w.make(catalog.LBTargetGroup, "a-very-long-name-for-a-target-group", m{"vpcId": l.vpc.id, "port": 80, "protocol": "HTTP"})
	name := long.props["name"].StringValue()
	assert.Len(t, name, 32)
	assert.Regexp(t, `^a-very-long-name-for-a-t-[0-9a-f]{7}$`, name)

	d, _ := w.diff(long, m{"vpcId": l.vpc.id, "port": 81, "protocol": "HTTP"})
	assert.Equal(t, []string{"port"}, d.GetReplaces(), "the automatic name is kept")
	assert.False(t, d.GetDeleteBeforeReplace(), "a new one gets a name of its own")

	named := w.make(catalog.LBTargetGroup, "named", m{"name": "web", "vpcId": l.vpc.id, "port": 80, "protocol": "HTTP"})
	d, _ = w.diff(named, m{"name": "web", "vpcId": l.vpc.id, "port": 81, "protocol": "HTTP"})
	assert.True(t, d.GetDeleteBeforeReplace(), "the chosen name cannot be taken twice")

	bucket := w.make(catalog.S3BucketV2, "Logs", m{})
	assert.Regexp(t, `^logs-[0-9a-f]{7}$`, bucket.id)
}

func TestLaunchTemplateVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := m{"imageId": w.image("x86_64"), "instanceType": "t3.small"}
	lt := w.make(catalog.EC2LaunchTemplate, "web", in)
	assert.Equal(t, 1.0, lt.props["latestVersion"].NumberValue())

	preview, err := w.update(lt, m{"imageId": w.image("x86_64"), "instanceType": "t3.large"}, true)
	require.NoError(t, err)
	assert.True(t, preview["latestVersion"].IsComputed(), "a preview cannot know it")

	tagged := m{"imageId": w.image("x86_64"), "instanceType": "t3.small", "tags": m{"a": "b"}}
	preview, err = w.update(lt, tagged, true)
	require.NoError(t, err)
	assert.False(t, preview["latestVersion"].IsComputed(), "a tag makes no version")
	after, err := w.update(lt, tagged, false)
	require.NoError(t, err)
	assert.Equal(t, 1.0, after["latestVersion"].NumberValue())

	after, err = w.update(lt, m{"imageId": w.image("x86_64"), "instanceType": "t3.large", "tags": m{"a": "b"}}, false)
	require.NoError(t, err)
	assert.Equal(t, 2.0, after["latestVersion"].NumberValue())
}
