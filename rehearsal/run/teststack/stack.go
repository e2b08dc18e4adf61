// Package teststack is stacks of this project on the real engine, for tests.
package teststack

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/stack"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/rehearsal/run/cli"
	"github.com/webphases/webphases/rehearsal/run/events"
	"github.com/webphases/webphases/rehearsal/run/testcli"
)

// Stack is a rehearsed stack in a folder of its own. It belongs to one test.
type Stack struct {
	cli.Runner
	// Said is what the CLI said to the last command.
	Said bytes.Buffer
}

// Root is the project's folder, as seen from a package of the rehearsal.
const Root = "../../.."

// New returns a stack that does not exist yet, with the settings of the
// project's stack of that name and the overrides. Without a pulumi CLI the test is skipped.
func New(t *testing.T, name string, set ...string) *Stack {
	t.Helper()
	s := &Stack{}
	s.Dir, s.Stack, s.Set, s.CLI = t.TempDir(), name, set, testcli.Find(t)
	s.Stdout, s.Stderr = &s.Said, &s.Said
	s.Program = stack.Rehearse
	require.NoError(t, cli.CopyProject(Root, s.Dir))
	return s
}

// Copy returns a stack in the same state, with a cloud of its own.
func (s *Stack) Copy(t *testing.T) *Stack {
	t.Helper()
	c := New(t, s.Stack, s.Set...)
	c.Program = s.Program
	const kept = ".rehearsal"
	require.NoError(t, os.CopyFS(filepath.Join(c.Dir, kept), os.DirFS(filepath.Join(s.Dir, kept))), "copying the stack %s", s.Stack)
	return c
}

// Up updates the stack and returns what was done.
func (s *Stack) Up(t *testing.T) events.Step {
	t.Helper()
	step, err := s.Do(t, events.ReadStep, "up", "--yes", "--skip-preview")
	require.NoError(t, err, s.Said.String())
	return step
}

// Refresh brings the state in line with the cloud and returns what it found.
func (s *Stack) Refresh(t *testing.T) events.Step {
	t.Helper()
	step, err := s.Do(t, events.ReadStep, "refresh", "--yes", "--skip-preview")
	require.NoError(t, err, s.Said.String())
	return step
}

// Preview returns what an update would do.
func (s *Stack) Preview(t *testing.T) events.Step {
	t.Helper()
	step, err := s.Do(t, events.ReadPlan, "preview")
	require.NoError(t, err, s.Said.String())
	return step
}

// Try gives the CLI a command that may fail, such as a refused update.
func (s *Stack) Try(t *testing.T, command string, args ...string) error {
	t.Helper()
	_, err := s.Do(t, events.ReadStep, command, args...)
	return err
}

// Do gives the CLI a command and reads its event log.
func (s *Stack) Do(t *testing.T, read func(io.Reader) (events.Step, error), command string, args ...string) (events.Step, error) {
	t.Helper()
	s.Said.Reset()
	log := filepath.Join(t.TempDir(), "events")
	if err := s.Run(t.Context(), command, append(args, "--event-log", log)...); err != nil {
		return events.Step{}, err
	}
	file, err := os.Open(log)
	require.NoError(t, err)
	defer file.Close()
	step, err := read(file)
	require.NoError(t, err)
	return step, nil
}

// Export is the stack's state as `pulumi stack export` writes it.
func (s *Stack) Export(t *testing.T) []byte {
	t.Helper()
	s.Said.Reset()
	require.NoError(t, s.Query(t.Context(), "stack", "export"), s.Said.String())
	return bytes.Clone(s.Said.Bytes())
}

// Records are what the cloud holds.
func (s *Stack) Records(t *testing.T) []*cloud.Record {
	t.Helper()
	records, err := s.Remains()
	require.NoError(t, err)
	return records
}

// moment is when, and as how many, a server has written a proof.
var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|"version":\d+`)

// Cloud maps what each resource made to what a reader gets of it, without the ids
// that AWS draws and the times of proofs: two clouds are equal if they differ in
// these only.
func (s *Stack) Cloud(t *testing.T) map[string]string {
	t.Helper()
	records := s.Records(t)
	var ids []string
	for _, r := range records {
		if r.URN != "" {
			ids = append(ids, r.ID, "<"+r.Type+">")
		}
		if r.Type == catalog.BackupSelection {
			ids = append(ids, r.Str("name"), "<name>")
		}
		// A server's successor has another network interface in the same subnet.
		for _, own := range []string{"primaryNetworkInterfaceId", "privateDns", "privateIp", "publicDns", "publicIp"} {
			if r.Type == catalog.EC2Instance && r.Str(own) != "" {
				ids = append(ids, r.Str(own), "<"+own+">")
			}
		}
	}
	plain := strings.NewReplacer(ids...)
	all := map[string]string{}
	for _, r := range records {
		key := r.URN
		if key == "" {
			key = plain.Replace(r.Type + " " + r.ID)
		}
		text, err := json.Marshal([]any{r.Inputs.Mappable(), r.Outputs.Mappable()})
		require.NoError(t, err)
		all[key] = moment.ReplaceAllString(plain.Replace(string(text)), "<when>")
	}
	return all
}

// Names lists what changes touch, as name and type: "web (aws:ec2/eip:Eip)".
func Names(changes []events.Change) []string {
	names := []string{}
	for _, c := range changes {
		names = append(names, c.URN.Name()+" ("+string(c.URN.Type())+")")
	}
	return names
}
