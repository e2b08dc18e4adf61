package model

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) invoke(token string, args m) (resource.PropertyMap, error) {
	res, err := w.providers["aws"].Invoke(w.t.Context(), &pulumirpc.InvokeRequest{Tok: token, Args: w.pack(args)})
	if err != nil {
		return nil, err
	}
	require.Empty(w.t, res.GetFailures())
	return w.unpack(res.GetReturn()), nil
}

func TestZonesAreTheRegionsOwn(t *testing.T) {
	t.Parallel()
	for region, want := range map[string][]any{
		"ap-northeast-1": {"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"},
		"eu-west-1":      {"eu-west-1a", "eu-west-1b", "eu-west-1c"},
	} {
		w := newWorldIn(t, m{"region": region}, nil)
		got, err := w.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", m{
			"state": "available", "filters": []any{m{"name": "opt-in-status", "values": []any{"opt-in-not-required"}}},
		})
		require.NoError(t, err)
		assert.Equal(t, want, got["names"].Mappable())
	}
	_, err := newWorld(t).invoke("aws:index/getAvailabilityZones:getAvailabilityZones", m{"filters": []any{m{"name": "moon", "values": []any{"full"}}}})
	assert.ErrorContains(t, err, "The filter 'moon' is invalid")
}

func TestAmi(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	find := func(args m) (resource.PropertyMap, error) { return w.invoke("aws:ec2/getAmi:getAmi", args) }
	debian := m{"owners": []any{debianOwner}, "mostRecent": true, "filters": []any{m{"name": "name", "values": []any{"debian-13-amd64-*"}}}}
	got, err := find(debian)
	require.NoError(t, err)
	assert.Equal(t, "debian-13-amd64-20250924-2245", got["name"].StringValue(), "the newest")
	assert.Equal(t, "x86_64", got["architecture"].StringValue())
	assert.Regexp(t, `^ami-[0-9a-f]{17}$`, got["id"].StringValue())

	debian["mostRecent"] = false
	_, err = find(debian)
	assert.ErrorContains(t, err, "more than one result")

	got, err = find(m{"owners": []any{debianOwner}, "mostRecent": true, "nameRegex": "^debian-13-", "filters": []any{m{"name": "architecture", "values": []any{"arm64"}}}})
	require.NoError(t, err)
	assert.Contains(t, got["name"].StringValue(), "arm64")

	_, err = find(m{"owners": []any{"self"}, "mostRecent": true})
	assert.ErrorContains(t, err, "Your query returned no results. Please change your search criteria and try again.")

	got, err = find(m{"owners": []any{"aws-marketplace"}, "mostRecent": true, "filters": []any{m{"name": "name", "values": []any{"bitnami-wordpress-*"}}}})
	require.NoError(t, err)
	assert.Equal(t, marketplaceOwner, got["ownerId"].StringValue())
}

func TestWhoAndWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got, err := w.invoke("aws:index/getCallerIdentity:getCallerIdentity", m{})
	require.NoError(t, err)
	assert.Equal(t, Account, got["accountId"].StringValue())
}

// An image of the user's own is taken to fit what it is asked for; one that the
// model knows is not.
func TestYourOwnImage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	find := func(id, architecture string) (resource.PropertyMap, error) {
		return w.invoke("aws:ec2/getAmi:getAmi", m{"mostRecent": true, "filters": []any{
			m{"name": "image-id", "values": []any{id}}, m{"name": "architecture", "values": []any{architecture}},
		}})
	}
	got, err := find("ami-0123456789abcdef0", "arm64")
	require.NoError(t, err)
	assert.Equal(t, "arm64", got["architecture"].StringValue())
	debian, err := w.invoke("aws:ec2/getAmi:getAmi", m{
		"mostRecent": true, "filters": []any{m{"name": "name", "values": []any{"debian-13-amd64-*"}}},
	})
	require.NoError(t, err)
	_, err = find(debian["id"].StringValue(), "arm64")
	assert.ErrorContains(t, err, "no results")
	_, err = find("my-image", "arm64")
	assert.ErrorContains(t, err, "no results")
}
