package server

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Record is what a server leaves in the proof parameter: its last success and its
// last failure, each beside the other. The scripts write it (files/lib/proof.sh),
// the program believes nothing else.
type Record struct {
	OK     *Proof   `json:"ok,omitempty"`
	Failed *Failure `json:"failed,omitempty"`
}

// Proof is what a script has achieved.
type Proof struct {
	Script   string    `json:"script"`             // [Bake], or [Configure]: a migration ends in it
	Instance string    `json:"instance"`           // the server that did it
	Image    string    `json:"image,omitempty"`    // that the server was started from
	Revision string    `json:"revision"`           // of the scripts that ran
	Settings string    `json:"settings,omitempty"` // the [Version] that was applied; not of Bake
	Time     time.Time `json:"time"`
	// Healthy are the servers that the load balancer has found healthy, this one
	// among them; none without a load balancer.
	Healthy []string `json:"healthy,omitempty"`
	// Moved is what a migration has copied and compared, if this server ever held
	// the data.
	Moved *Moved `json:"moved,omitempty"`
}

// Moved counts what a migration has found equal on both sides.
type Moved struct {
	Tables int       `json:"tables"`
	Rows   int       `json:"rows"`
	Files  int       `json:"files"`
	Time   time.Time `json:"time"`
}

// Failure is a script that ended in an error.
type Failure struct {
	Script   string    `json:"script"`
	Instance string    `json:"instance"`
	Revision string    `json:"revision"`
	Time     time.Time `json:"time"`
	Why      string    `json:"why"`
}

// ParseRecord reads the proof parameter's value. It fails with [ErrRecord] if the
// value is not a record.
func ParseRecord(text string) (r Record, err error) {
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("%w: %q: %w", ErrRecord, text, err)
	}
	return r, nil
}

// JSON returns the record as the parameter holds it.
func (r Record) JSON() (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encoding the record: %w", err)
	}
	return string(text), nil
}

// Wanted is a proof that has to be there. Empty fields are not looked at.
type Wanted struct {
	Script   string
	Instance string
	Revision string
	Settings string
	Healthy  int // at least so many healthy servers
	// Among are the servers of which Healthy have to be healthy; none: any.
	Among []string
	// Moved wants the counts of a migration.
	Moved bool
}

// Missing says what a record lacks of a proof; "" if it has all of it.
func (w Wanted) Missing(r Record) string {
	if r.OK == nil {
		return "no server has recorded a success"
	}
	for _, one := range []struct{ what, want, got string }{
		{"the script", w.Script, r.OK.Script},
		{"the server", w.Instance, r.OK.Instance},
		{"the scripts' revision", w.Revision, r.OK.Revision},
		{"the settings' version", w.Settings, r.OK.Settings},
	} {
		if one.want != "" && one.want != one.got {
			return fmt.Sprintf("the last success (%s) is of another time: %s is %q, want %q",
				r.OK.Time.Format(time.RFC3339), one.what, one.got, one.want)
		}
	}
	if w.Moved && r.OK.Moved == nil {
		return fmt.Sprintf("%s serves, but has recorded no migration: nothing was counted and compared", r.OK.Instance)
	}
	healthy := 0
	for _, id := range r.OK.Healthy {
		if len(w.Among) == 0 || slices.Contains(w.Among, id) {
			healthy++
		}
	}
	if healthy < w.Healthy {
		return fmt.Sprintf("the load balancer finds %d of the new servers healthy, want %d or more", healthy, w.Healthy)
	}
	return ""
}

// Version names what a server applies: the settings' text and the version of the
// secret's content. The scripts compute it from what they have read.
func Version(settings, secretVersion string) string {
	sum := sha256.Sum256([]byte(settings + "\n" + secretVersion + "\n"))
	return fmt.Sprintf("%x", sum[:8])
}

func matches(pattern, value string) bool {
	form, err := regexp.Compile(pattern)
	return err == nil && form.MatchString(value)
}
