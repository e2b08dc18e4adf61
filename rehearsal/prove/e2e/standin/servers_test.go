package standin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/server"
)

// document is the answer that holds the program's document; it is a parameter's
// too, with an empty record.
func document(t *testing.T) string {
	t.Helper()
	content, err := server.Document()
	require.NoError(t, err)
	answer, err := json.Marshal(map[string]any{"Content": content, "Parameter": map[string]string{"Value": "{}"}})
	require.NoError(t, err)
	return string(answer)
}

func bakeOf(instance string) string { return runOf("bake", "-", "-", "InstanceIds", instance) }

func runOf(script, settings, want, key, value string) string {
	return fmt.Sprintf(`{"Name":"d","Targets":[{"Key":%q,"Values":[%q]}],"Parameters":{"script":[%q],"settings":[%q],"proof":["proof"],`+
		`"want":[%q],"again":["-"],"timeout":["60"]}}`, key, value, script, settings, want)
}

// cloud is an API server with the parameters, the secret and the servers that the
// scripts ask for.
type cloud struct {
	lab
	servers    *Servers
	parameters map[string]string
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{servers: NewServers(), parameters: map[string]string{"proof": "{}"}}
	c.start(t, c.servers, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var in struct{ Name, Value string }
		_ = json.Unmarshal(body, &in)
		var answer any
		switch r.Header.Get("X-Amz-Target") {
		case "AmazonSSM.GetDocument":
			_, _ = io.WriteString(w, document(t))
			return
		case "AmazonSSM.PutParameter":
			c.parameters[in.Name] = in.Value
		case "AmazonSSM.GetParameter":
			answer = map[string]any{"Parameter": map[string]string{"Value": c.parameters[in.Name]}}
		case "secretsmanager.GetSecretValue":
			answer = map[string]string{"VersionId": "v1"}
		default:
			_, _ = io.WriteString(w, "<instanceId>i-1</instanceId><instanceId>i-2</instanceId>")
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	return c
}

// run makes an association and returns the status that a wait would see, and the
// record after it.
func (c *cloud) run(t *testing.T, association string) (string, server.Record) {
	t.Helper()
	var made struct {
		AssociationDescription struct {
			AssociationID string `json:"AssociationId"`
			Overview      overview
		}
	}
	read := func(action, in string) {
		answer := c.json(action, in)
		require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &made))
	}
	read("CreateAssociation", association)
	for range 2 {
		read("DescribeAssociation", `{"AssociationId":"`+made.AssociationDescription.AssociationID+`"}`)
	}
	return made.AssociationDescription.Overview.DetailedStatus, c.record(t)
}

func (c *cloud) record(t *testing.T) server.Record {
	t.Helper()
	record, err := server.ParseRecord(c.parameters["proof"])
	require.NoError(t, err)
	return record
}

func TestServersRecordWhatTheyDo(t *testing.T) {
	t.Parallel()
	revision, err := server.Revision()
	require.NoError(t, err)
	c := newCloud(t)
	c.parameters["settings"] = `{"secretArn":"s","database":{"local":true}}`
	status, record := c.run(t, runOf("configure", "settings", "0", "InstanceIds", "i-1"))
	assert.Equal(t, "Success", status)
	assert.Equal(t, server.Version(c.parameters["settings"], "v1"), record.OK.Settings)
	assert.Equal(t, revision, record.OK.Revision)
	assert.Nil(t, record.OK.Moved, "the data are where they were")

	c.parameters["settings"] = `{"secretArn":"s","database":{"host":"db"}}`
	_, record = c.run(t, runOf("migrate", "settings", "0", "InstanceIds", "i-1"))
	assert.NotNil(t, record.OK.Moved)
	_, record = c.run(t, runOf("migrate", "settings", "0", "InstanceIds", "i-2"))
	assert.Nil(t, record.OK.Moved, "this server never held them")
	_, record = c.run(t, runOf("configure", "settings", "0", "tag:aws:autoscaling:groupName", "web"))
	assert.Equal(t, []string{"i-1", "i-2"}, record.OK.Healthy)
}

func TestServersThatFail(t *testing.T) {
	t.Parallel()
	for fault, want := range map[model.Fault]struct {
		status     string
		now, later string // what the record holds
	}{
		model.FaultFails:      {status: "Failed", now: "failed", later: "failed"},
		model.FaultHangs:      {status: "TimedOut"},
		model.FaultEarly:      {status: "Success", later: "ok"},
		model.FaultEarlyFails: {status: "Success", later: "failed"},
	} {
		c := newCloud(t)
		c.servers.Break(server.Bake, fault)
		status, _ := c.run(t, bakeOf("i-1"))
		assert.Equal(t, want.status, status, fault)
		holds := func(what, when string) {
			assert.Equal(t, what == "ok", strings.Contains(c.parameters["proof"], `"ok"`), "%s %s", fault, when)
			assert.Equal(t, what == "failed", strings.Contains(c.parameters["proof"], `"failed"`), "%s %s", fault, when)
		}
		holds(want.now, "now")
		require.NoError(t, c.servers.Settle())
		holds(want.later, "later")
		c.servers.Break(server.Bake, model.NoFault)
		status, record := c.run(t, bakeOf("i-1"))
		assert.Equal(t, "Success", status, "mended")
		assert.NotNil(t, record.OK)
	}
}
