package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportHandsOver(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "report")
	c := reportCommand()
	c.SetContext(t.Context())
	var said bytes.Buffer
	c.SetOut(&said)
	require.ErrorIs(t, runReport(c, program, nil), errNoReport)

	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho \"$@\"\n[ $# = 2 ]\n"), 0o755))
	require.NoError(t, runReport(c, program, []string{"--export", "-"}))
	assert.Equal(t, "--export -\n", said.String())
	assert.ErrorIs(t, runReport(c, program, nil), errSaid)
}
