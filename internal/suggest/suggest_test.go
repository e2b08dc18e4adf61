package suggest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	keys := []string{"web.minSize", "web.maxSize", "phase"}
	assert.Equal(t, "web.maxSize", Nearest("web.maxsize", keys))
	assert.Equal(t, "phase", Nearest("fase", keys))
	assert.Equal(t, "a", Nearest("x", []string{"b", "a"}), "ties go to the first in order")
	assert.Empty(t, Nearest("x", nil))
}

func TestLikely(t *testing.T) {
	t.Parallel()
	keys := []string{"minSize", "maxSize", "image"}
	assert.Equal(t, "maxSize", Likely("maxsize", keys))
	assert.Equal(t, "minSize", Likely("minSzie", keys))
	assert.Empty(t, Likely("tpye", keys), "image is nearest, and not meant")
}
