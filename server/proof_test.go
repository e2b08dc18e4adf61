package server

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheRecordIsReadBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	want := Record{
		OK: &Proof{
			Script: Configure, Instance: "i-1", Image: "ami-1", Revision: "r", Settings: "v", Time: now,
			Healthy: []string{"i-1"}, Moved: &Moved{Tables: 12, Rows: 3153, Files: 7, Time: now},
		},
		Failed: &Failure{Script: Migrate, Instance: "i-1", Revision: "r", Time: now, Why: "cannot reach the managed database"},
	}
	text, err := want.JSON()
	require.NoError(t, err)
	got, err := ParseRecord(text)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	empty, err := ParseRecord("{}")
	require.NoError(t, err)
	assert.Equal(t, Record{}, empty)
	_, err = ParseRecord("soon")
	assert.ErrorIs(t, err, ErrRecord)
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	wanted := Wanted{Script: Configure, Instance: "i-1", Revision: "r", Settings: "v", Healthy: 2, Among: []string{"i-1", "i-2"}, Moved: true}
	full := func(change func(*Proof)) Record {
		p := &Proof{Script: Configure, Instance: "i-1", Revision: "r", Settings: "v", Healthy: []string{"i-2", "i-1"}, Moved: &Moved{Tables: 12}}
		change(p)
		return Record{OK: p}
	}
	assert.Empty(t, wanted.Missing(full(func(*Proof) {})))
	assert.NotEmpty(t, wanted.Missing(Record{}))
	assert.NotEmpty(t, wanted.Missing(Record{Failed: &Failure{}}))
	for want, change := range map[string]func(*Proof){
		"script":     func(p *Proof) { p.Script = Bake },
		"the server": func(p *Proof) { p.Instance = "i-2" },
		"revision":   func(p *Proof) { p.Revision = "other" },
		"settings'":  func(p *Proof) { p.Settings = "other" },
		"migration":  func(p *Proof) { p.Moved = nil },
		"1 of the":   func(p *Proof) { p.Healthy = []string{"i-1", "i-old"} },
	} {
		assert.Contains(t, wanted.Missing(full(change)), want)
	}
	assert.Empty(t, Wanted{}.Missing(full(func(*Proof) {})), "nothing was asked for")
}

// The scripts and the program must come to the same version.
func TestTheVersionIsThatOfTheScripts(t *testing.T) {
	t.Parallel()
	const settings, secret = `{"region":"ap-northeast-1"}`, "0a1b"
	command := exec.Command("bash", "-c", `{ echo "$0"; echo "$1"; } | sha256sum | cut -c1-16`, settings, secret)
	out, err := command.Output()
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(out)), Version(settings, secret))
	assert.NotEqual(t, Version(settings, secret), Version(settings, "0a1c"))
}

func TestTheRevisionOfADocument(t *testing.T) {
	t.Parallel()
	revision, err := Revision()
	require.NoError(t, err)
	assert.Equal(t, revision, RevisionOf(rendered(t, Document, Configure)))
	assert.Empty(t, RevisionOf(rendered(t, ReconfigureDocument, Configure)))
}
