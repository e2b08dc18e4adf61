package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/aws/faults"
)

func TestFaultsThroughTheCLI(t *testing.T) {
	t.Parallel()
	r, said := project(t, network)
	r.CLI = cli(t)
	left := 0
	// How much there is in the cloud after each failed update.
	for _, step := range []struct {
		fault string
		left  int
	}{{"before:create:vpc", 0}, {"timeout:create:aws:ec2:Vpc", 1}, {"after:create:aws:ec2/subnet*", 2}} {
		asked, err := faults.Parse([]string{step.fault})
		require.NoError(t, err)
		injector := faults.New(asked)
		r.Intercept = injector.Intercept
		said.Reset()
		require.ErrorIs(t, r.Run(t.Context(), "up", "--yes", "--skip-preview"), ErrFailed, step.fault)
		assert.Contains(t, said.String(), "the rehearsal's fault")
		assert.Empty(t, injector.Unused())
		records, err := r.Remains()
		require.NoError(t, err)
		assert.Len(t, records, step.left, step.fault)
		left = len(records)
	}
	r.Intercept = nil
	said.Reset()
	require.NoError(t, r.Run(t.Context(), "up", "--yes"), said)
	records, err := r.Remains()
	require.NoError(t, err)
	assert.Len(t, records, left, "nothing is made twice")
}
