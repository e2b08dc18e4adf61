package cost

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Priced tells whether a type has a pricer.
func Priced(token string) bool { return pricers[token] != nil }

func TestTableOfPrices(t *testing.T) {
	t.Parallel()
	prices, err := table()
	require.NoError(t, err)
	assert.Greater(t, len(prices), 100)
	for name, p := range prices {
		assert.Positive(t, p.Amount, name)
		assert.NotEmpty(t, p.Unit, name)
		assert.True(t, strings.HasPrefix(p.Source, "https://aws.amazon.com/"), name)
	}
}

// Twice the size costs twice as much, within rounding: AWS prices sizes of one
// family so, and a mistyped price does not.
func TestSizesDouble(t *testing.T) {
	t.Parallel()
	prices, err := table()
	require.NoError(t, err)
	sizes := []string{"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"}
	for name, p := range prices {
		dot := strings.LastIndex(name.item, ".")
		for i, size := range sizes[:len(sizes)-1] {
			if dot < 0 || name.item[dot+1:] != size {
				continue
			}
			next, ok := prices[priceName{name.region, name.key, name.item[:dot+1] + sizes[i+1]}]
			if ok {
				assert.InDelta(t, 2, float64(next.Amount)/float64(p.Amount), 0.05, "%s to %s in %s", name.item, sizes[i+1], name.region)
			}
		}
	}
}

func TestDamagedTables(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"unexpected end":          `{`,
		"asOf":                    `{"blocks": [{"key": "a", "asOf": "soon"}]}`,
		"not a price":             `{"blocks": [{"asOf": "2026-01-01", "prices": {"b": "1,5"}}]}`,
		"with at most 6 decimals": `{"blocks": [{"asOf": "2026-01-01", "prices": {"b": "0.1234567"}}]}`,
		"a b in r stands there twice": `{"blocks": [{"key": "a", "region": "r", "asOf": "2026-01-01", "prices": {"b": "1"}},
			{"key": "a", "region": "r", "asOf": "2026-01-02", "prices": {"b": "1"}}]}`,
	} {
		_, err := readPrices([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}
