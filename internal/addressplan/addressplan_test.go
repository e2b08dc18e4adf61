package addressplan

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var tiers = []Tier{Public, Web, Database}

func TestTheLabsAddresses(t *testing.T) {
	t.Parallel()
	plan, err := New("10.0.0.0/16")
	require.NoError(t, err)
	for _, c := range []struct {
		tier Tier
		zone int
		want string
	}{
		{Public, 0, "10.0.0.0/24"}, {Public, 1, "10.0.2.0/24"}, {Public, 5, "10.0.10.0/24"},
		{Database, 0, "10.0.1.0/24"}, {Database, 1, "10.0.3.0/24"},
		{Web, 0, "10.0.128.0/24"}, {Web, 1, "10.0.129.0/24"},
	} {
		got, err := plan.Subnet(c.tier, c.zone)
		require.NoError(t, err)
		assert.Equal(t, c.want, got.String(), "%s %d", c.tier, c.zone)
	}
	assert.Equal(t, "10.0.0.2", plan.Resolver().String())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, cidr := range map[string]string{
		"text": "ten", "too large": "10.0.0.0/15", "too small": "10.0.0.0/21", "host bits": "10.0.1.0/16",
		"IPv6": "fd00::/16", "public": "8.8.0.0/16", "half outside": "192.169.0.0/16",
	} {
		_, err := New(cidr)
		require.ErrorIs(t, err, ErrVPC, name)
	}
	plan, err := New("10.0.0.0/16")
	require.NoError(t, err)
	for _, zone := range []int{-1, MaxZones} {
		_, err := plan.Subnet(Public, zone)
		require.Error(t, err)
	}
	_, err = plan.Subnet("office", 0)
	require.Error(t, err)
}

// For every VPC that is allowed: all subnets lie inside it, none overlap, and
// each is large enough for a load balancer (AWS wants /27 or larger).
func TestEveryPlanIsSound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(16, 20).Draw(t, "bits")
		addr := netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "b"), rapid.Byte().Draw(t, "c"), 0})
		vpc := netip.PrefixFrom(addr, bits).Masked()
		plan, err := New(vpc.String())
		require.NoError(t, err)
		seen := map[string]netip.Prefix{}
		for _, tier := range tiers {
			for zone := range MaxZones {
				s, err := plan.Subnet(tier, zone)
				require.NoError(t, err)
				require.Equal(t, s, s.Masked(), "no host bits")
				require.True(t, vpc.Contains(s.Addr()) && s.Bits() > vpc.Bits(), "%s in %s", s, vpc)
				require.LessOrEqual(t, s.Bits(), 27)
				for name, other := range seen {
					require.False(t, other.Overlaps(s), "%s %d overlaps %s", tier, zone, name)
				}
				seen[fmt.Sprint(tier, zone)] = s
			}
		}
	})
}
