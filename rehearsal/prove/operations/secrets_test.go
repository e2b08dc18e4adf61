package operations_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
	reportpage "github.com/webphases/webphases/rehearsal/report/page"
	"github.com/webphases/webphases/rehearsal/report/reach"
	"github.com/webphases/webphases/rehearsal/run/teststack"
)

const (
	generated = catalog.RandomPassword
	content   = catalog.SecretsManagerSecretVersion
	databases = catalog.RDSInstance
)

// Every value that was generated is in the secret, the master's password in the database, and
// neither anywhere else: not in what the CLI says or logs, in outputs, in the encrypted
// state, in what AWS shows of any resource, or on the report's page.
func TestGeneratedSecretsAreNowhereElse(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			s := teststack.New(t, stack)
			places := map[string][]byte{}
			run := func(name string, args ...string) {
				s.Said.Reset()
				log := filepath.Join(t.TempDir(), "events")
				require.NoError(t, s.Run(t.Context(), args[0], append(args[1:], "--event-log", log)...), s.Said.String())
				places["what the CLI says: "+name] = bytes.Clone(s.Said.Bytes())
				events, err := os.ReadFile(log)
				require.NoError(t, err)
				places["event log: "+name] = events
			}
			run("plan", "preview", "--diff")
			run("update", "up", "--yes", "--skip-preview", "--diff")
			s.Set = append(s.Set, "credentials.rotation=1")
			run("plan of a rotation", "preview", "--diff")
			s.Said.Reset()
			require.NoError(t, s.Query(t.Context(), "stack", "output", "--json"))
			places["outputs"] = bytes.Clone(s.Said.Bytes())
			export := s.Export(t)
			places["state"] = export
			g, err := graph.Read(bytes.NewReader(export))
			require.NoError(t, err)
			report, err := reportpage.New(t.Context(), g, cost.Defaults(), func(context.Context, *graph.Graph, *reach.Model) ([]byte, error) { return nil, nil })
			require.NoError(t, err)
			var text bytes.Buffer
			require.NoError(t, report.WriteHTML(&text))
			places["report"] = text.Bytes()

			secrets, held := plaintexts(t, s), 0
			for _, record := range s.Records(t) {
				switch record.Type {
				case content, databases:
					held++
				default:
					shown, err := json.Marshal(record)
					require.NoError(t, err)
					places["AWS: "+record.Type+" "+record.ID] = shown
				}
			}
			require.Len(t, secrets, 11)
			require.Positive(t, held)
			for _, secret := range secrets {
				require.GreaterOrEqual(t, len(secret), 24)
				for place, shown := range places {
					for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(secret)), "="), url.QueryEscape(secret)} {
						assert.False(t, bytes.Contains(shown, []byte(form)), "%s shows a generated secret", place)
					}
				}
			}
		})
	}
}

// plaintexts are the values that the stack's state holds encrypted.
func plaintexts(t *testing.T, s *teststack.Stack) (values []string) {
	t.Helper()
	s.Said.Reset()
	require.NoError(t, s.Query(t.Context(), "stack", "export", "--show-secrets"))
	var state struct {
		Deployment struct {
			Resources []struct {
				Type    string
				Outputs struct{ Result struct{ Plaintext string } }
			}
		}
	}
	require.NoError(t, json.Unmarshal(s.Said.Bytes(), &state))
	for _, r := range state.Deployment.Resources {
		if r.Type == generated {
			var value string
			require.NoError(t, json.Unmarshal([]byte(r.Outputs.Result.Plaintext), &value))
			values = append(values, value)
		}
	}
	return values
}
