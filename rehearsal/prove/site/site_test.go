package site

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
)

// Every step of the script is one where it is killed: a step that is added is too.
func TestDeaths(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../../server/files/bin/migrate")
	require.NoError(t, err)
	var begun []string
	for _, d := range deaths(string(script)) {
		if d.after == "0" {
			begun = append(begun, d.step)
		}
	}
	assert.Equal(t, "check_source old_site remote_client_file check_target mount_shared claim_shared copy_files verify_files "+
		"stop_writes copy_database verify_database copy_files changed_files verify_changed_files finish_move "+
		`exec "$ROOT/bin/configure"`, strings.Join(begun, " "))
}

// The balancer has the target group's own checks.
func TestChecksAreThePlans(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod", "loadBalancer.healthCheckInterval=20", "loadBalancer.unhealthyThreshold=4",
		"loadBalancer.healthCheckTimeout=7", "loadBalancer.healthCheckPath=/ok")
	c := readChecks(g.OfType(catalog.LBTargetGroup)[0], g.OfType(catalog.LBLoadBalancer)[0])
	assert.Equal(t, 20*4+7, c.unseen())
	text := c.configuration("/socket", 80)
	assert.Contains(t, text, "meth GET uri /ok ")
	assert.Contains(t, text, "inter 20s rise 3 fall 4")
	assert.Contains(t, text, "timeout check 7s")
}

func TestImpact(t *testing.T) {
	t.Parallel()
	at := time.Now()
	visits := []visit{
		{at: at, status: 200},
		{at: at.Add(1 * time.Second), status: 0, took: 2 * time.Second},
		{at: at.Add(2 * time.Second), status: 503},
		{at: at.Add(5 * time.Second), status: 502, took: time.Second},
		{at: at.Add(6 * time.Second), status: 404},
	}
	i := (&traffic{stop: func() {}, visits: visits}).end()
	assert.Equal(t, 5, i.requests)
	assert.Equal(t, 3, i.failed)
	assert.InDelta(t, 5, i.seconds, 0.01, "from the first request that failed to the last one's end")
	assert.Equal(t, 2, (&traffic{stop: func() {}, visits: visits}).end(503).failed, "the announced 503 is no failure")

	var table strings.Builder
	err := writeTrials(&table, []trial{{what: "fine"}, {what: "a server dies", wrong: worse(i, nil)}})
	require.ErrorIs(t, err, ErrFailure)
	assert.Contains(t, err.Error(), "a server dies: 3 requests failed")
	assert.Contains(t, worse(impact{}, []string{"i-1"}), "would replace i-1")
}

// Metadata are version 2 only, and each server's own.
func TestMetadata(t *testing.T) {
	t.Parallel()
	c := &Cloud{parameters: map[string]string{"settings": "{}"}, instances: map[netip.Addr]instance{}}
	c.know(netip.MustParseAddr("10.0.0.9"), instance{id: "i-1"})
	ask := func(from, token string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/latest/meta-data/instance-id", http.NoBody)
		r.RemoteAddr = from + ":4000"
		r.Header.Set("X-aws-ec2-metadata-token", token)
		w := httptest.NewRecorder()
		c.metadata(w, r)
		return w.Code, w.Body.String()
	}
	code, _ := ask("10.0.0.9", "")
	assert.Equal(t, http.StatusUnauthorized, code)
	code, id := ask("10.0.0.9", "imds-token")
	assert.Equal(t, http.StatusOK, code)
	assert.Equal(t, "i-1", id)
	code, _ = ask("10.0.0.8", "imds-token")
	assert.Equal(t, http.StatusNotFound, code, "a stranger is nobody's server")
}
