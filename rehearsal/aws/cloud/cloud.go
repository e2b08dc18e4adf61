// Package cloud keeps the modelled cloud of a rehearsal: what exists in it,
// apart from what Pulumi's state says, so that the two can drift apart as they
// do on AWS.
//
// The cloud of a stack is one file, a journal to which every change is appended.
// It is read and rewritten in short form when it is opened. A crash loses at
// most the change that was being written.
package cloud

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Record is one thing that exists in the cloud.
type Record struct {
	// Type is the resource type's token and ID the physical id; together they
	// are the record's key.
	Type string
	ID   string
	// URN of the resource that made it; empty for what is left behind, such as
	// a final snapshot.
	URN string
	// Inputs is what was asked for, Outputs all that a reader gets.
	Inputs  resource.PropertyMap
	Outputs resource.PropertyMap
}

// Str returns a string output, or "" if it is absent or no string.
func (r *Record) Str(name string) string {
	if v := r.Outputs[resource.PropertyKey(name)]; v.IsString() {
		return v.StringValue()
	}
	return ""
}

// Cloud is the modelled cloud of one stack. It is safe for concurrent use;
// records that it returns must not be changed, except in copies passed to Put.
type Cloud struct {
	mu      sync.Mutex
	records map[string]*Record
	made    map[string]int
	journal *journal
	later   []func() error
}

// New returns an empty cloud that is kept in memory only, for tests.
func New() *Cloud {
	return &Cloud{records: map[string]*Record{}, made: map[string]int{}}
}

// Open reads the cloud kept in the file, which need not exist yet.
func Open(file string) (*Cloud, error) {
	c := New()
	j, err := openJournal(file, c)
	if err != nil {
		return nil, err
	}
	c.journal = j
	return c, nil
}

// Later keeps the effect of an operation that is still under way, until Settle.
// It may change the cloud by the methods here.
func (c *Cloud) Later(effect func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.later = append(c.later, effect)
}

// Settle brings about the effects of all operations that are still under way, in
// their order. It is for the time between two updates.
func (c *Cloud) Settle() error {
	c.mu.Lock()
	effects := c.later
	c.later = nil
	c.mu.Unlock()
	var errs []error
	for _, effect := range effects {
		errs = append(errs, effect())
	}
	return errors.Join(errs...)
}

// Clone returns a copy of the cloud that is kept in memory only.
func (c *Cloud) Clone() *Cloud {
	c.mu.Lock()
	defer c.mu.Unlock()
	clone := New()
	maps.Copy(clone.records, c.records)
	maps.Copy(clone.made, c.made)
	return clone
}

// Close releases the file.
func (c *Cloud) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.journal == nil {
		return nil
	}
	return c.journal.close()
}

func key(typ, id string) string { return typ + "\x00" + id }

// Get returns the record, or nil if there is none.
func (c *Cloud) Get(typ, id string) *Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.records[key(typ, id)]
}

// OfType returns the records of one type, sorted by id.
func (c *Cloud) OfType(typ string) []*Record {
	return c.filter(func(r *Record) bool { return r.Type == typ })
}

// All returns every record, sorted by type and id.
func (c *Cloud) All() []*Record {
	return c.filter(func(*Record) bool { return true })
}

func (c *Cloud) filter(keep func(*Record) bool) []*Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*Record
	for _, r := range c.records {
		if keep(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Record) int { return strings.Compare(key(a.Type, a.ID), key(b.Type, b.ID)) })
	return found
}

// Made returns how often a resource with the URN has been created. Ids and
// names are derived from it, so that a replacement gets new ones and a repeated
// rehearsal the same.
func (c *Cloud) Made(urn string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made[urn]
}

// Create adds a record and counts it for Made.
func (c *Cloud) Create(r *Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.count(r.URN); err != nil {
		return err
	}
	return c.put(r)
}

// Count counts a creation for Made that leaves no record.
func (c *Cloud) Count(urn string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count(urn)
}

func (c *Cloud) count(urn string) error {
	if urn == "" {
		return nil
	}
	c.made[urn]++
	return c.write(entry{Op: opMade, URN: urn, Count: c.made[urn]})
}

// Put adds or replaces a record.
func (c *Cloud) Put(r *Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(r)
}

func (c *Cloud) put(r *Record) error {
	c.records[key(r.Type, r.ID)] = r
	return c.write(putEntry(r))
}

// Delete removes a record; removing what is not there does nothing.
func (c *Cloud) Delete(typ, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.records[key(typ, id)]; !ok {
		return nil
	}
	delete(c.records, key(typ, id))
	return c.write(entry{Op: opDelete, Type: typ, ID: id})
}

func (c *Cloud) write(e entry) error {
	if c.journal == nil {
		return nil
	}
	return c.journal.append(e)
}

// entries returns the journal in its short form.
func (c *Cloud) entries() []entry {
	var all []entry
	for _, urn := range slices.Sorted(maps.Keys(c.made)) {
		all = append(all, entry{Op: opMade, URN: urn, Count: c.made[urn]})
	}
	for _, k := range slices.Sorted(maps.Keys(c.records)) {
		all = append(all, putEntry(c.records[k]))
	}
	return all
}

func (c *Cloud) replay(e entry) {
	switch e.Op {
	case opMade:
		c.made[e.URN] = e.Count
	case opPut:
		c.records[key(e.Type, e.ID)] = e.record()
	case opDelete:
		delete(c.records, key(e.Type, e.ID))
	}
}
