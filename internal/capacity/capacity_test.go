package capacity_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/capacity"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]float64{
		"t3.small": 2, "t4g.micro": 1, "m7g.large": 8, "c7i.2xlarge": 16, "r7g.xlarge": 32, "m6i.metal": 16,
		"db.t4g.micro": 1, "db.t3.medium": 4, "db.m7g.large": 8, "db.r7g.2xlarge": 64,
	} {
		assert.InDelta(t, want, capacity.Memory(name), 0, name)
	}
}

// The servers' own rule is the one that is counted with.
func TestPHPProcesses(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../server/files/lib/web.sh")
	require.NoError(t, err)
	assert.Contains(t, string(script), "n = int($2 / 1024 / 2 / 80); print (n < 4 ? 4 : n)")
	assert.Equal(t, 13, capacity.PHPProcesses("t3.small"))
	assert.Equal(t, 5, capacity.PHPProcesses("t3.nano"))
}
