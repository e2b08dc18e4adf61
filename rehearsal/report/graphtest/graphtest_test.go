package graphtest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

func TestGraphOfAWholeStack(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	assert.Equal(t, "prod", g.Stack)
	assert.NotEmpty(t, g.Region)
	require.Len(t, g.OfType(catalog.RDSInstance), 1)
	db := g.OfType(catalog.RDSInstance)[0]
	assert.NotEmpty(t, db.Needs)
	assert.Equal(t, "database", db.Component())
	assert.Equal(t, graph.Secret, db.Str("password"))
}
