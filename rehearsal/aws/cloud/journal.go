package cloud

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	opPut    = "put"
	opDelete = "delete"
	opMade   = "made"
)

// entry is one line of the journal.
type entry struct {
	Op      string         `json:"op"`
	Type    string         `json:"type,omitempty"`
	ID      string         `json:"id,omitempty"`
	URN     string         `json:"urn,omitempty"`
	Count   int            `json:"count,omitempty"`
	Inputs  map[string]any `json:"inputs,omitempty"`
	Outputs map[string]any `json:"outputs,omitempty"`
}

func putEntry(r *Record) entry {
	return entry{
		Op: opPut, Type: r.Type, ID: r.ID, URN: r.URN,
		Inputs: r.Inputs.Mappable(), Outputs: r.Outputs.Mappable(),
	}
}

func (e entry) record() *Record {
	return &Record{
		Type: e.Type, ID: e.ID, URN: e.URN,
		Inputs:  resource.NewPropertyMapFromMap(e.Inputs),
		Outputs: resource.NewPropertyMapFromMap(e.Outputs),
	}
}

type journal struct{ file *os.File }

// openJournal replays the file into the cloud, writes it anew in short form and
// opens it for appending. The new file takes the old one's place only when it
// is complete, so that a crash here loses nothing either.
func openJournal(name string, c *Cloud) (*journal, error) {
	if err := replayFile(name, c); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	// The file holds the modelled secrets too: it is for its owner alone.
	tmp := name + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f}
	if err := j.append(c.entries()...); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := os.Rename(tmp, name); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

func replayFile(name string, c *Cloud) error {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// A last line without its end was cut off by a crash: it never happened.
	b = b[:bytes.LastIndexByte(b, '\n')+1]
	for number, line := range bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("the modelled cloud %s is damaged at line %d (`rehearse reset` starts it anew): %w", name, number+1, err)
		}
		c.replay(e)
	}
	return nil
}

func (j *journal) append(entries ...entry) error {
	w := bufio.NewWriter(j.file)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range entries {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("writing the modelled cloud: %w", err)
		}
	}
	return w.Flush()
}

func (j *journal) close() error { return j.file.Close() }
