package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/server"
)

// Servers do what State Manager tells them, as far as the program relies on it:
// they read their settings and secret from the API server and write there what
// they have achieved. Nothing boots.
type Servers struct {
	mu       sync.Mutex
	broken   map[string]model.Fault // by script
	revision string                 // of the scripts that came last: an image has them
	data     map[string]bool        // by server: its site's data are there, or were
	later    []func() error
}

// NewServers returns servers that do their work.
func NewServers() *Servers {
	return &Servers{broken: map[string]model.Fault{}, data: map[string]bool{}}
}

// Break has a script go wrong on all servers from now on, as the model's faults
// of servers do; model.NoFault mends it.
func (s *Servers) Break(script string, fault model.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[script] = fault
}

// Settle is what servers do when nobody waits for them any more.
func (s *Servers) Settle() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, do := range s.later {
		errs = append(errs, do())
	}
	s.later = nil
	return errors.Join(errs...)
}

// run is what becomes of an association: a script runs on its targets. It returns
// the status that State Manager reports in the end.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state-about.html
func (s *Servers) run(call *Call, in associationInput) (overview, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job, err := s.job(call, in)
	if err != nil {
		return overview{}, err
	}
	switch s.broken[job.script] {
	case model.FaultFails:
		return overview{"Failed", "Failed"}, job.fail()
	case model.FaultHangs:
		return overview{"Failed", "TimedOut"}, nil
	case model.FaultEarly:
		s.later = append(s.later, job.succeed)
	case model.FaultEarlyFails:
		s.later = append(s.later, job.fail)
	default:
		err = job.succeed()
	}
	return overview{"Success", "Success"}, err
}

// job is one script on some servers.
type job struct {
	*Servers
	call                   *Call
	script, settings, want string
	proof                  string // name of the parameter
	servers                []string
	group                  bool
}

// job reads what the document says for the association's parameters.
func (s *Servers) job(call *Call, in associationInput) (*job, error) {
	values := map[string]string{}
	for name, list := range in.Parameters {
		values[name] = list[0]
	}
	var document struct{ Content string }
	if err := call.JSON("ssm", "AmazonSSM.GetDocument", map[string]any{"Name": in.Name}, &document); err != nil {
		return nil, err
	}
	rendered, err := server.Render(document.Content, values)
	if err != nil {
		return nil, err
	}
	if revision := server.RevisionOf(rendered); revision != "" {
		s.revision = revision
	}
	j := &job{
		Servers:  s,
		call:     call,
		script:   values[server.ParameterScript],
		settings: values[server.ParameterSettings],
		want:     values[server.ParameterWant],
		proof:    values[server.ParameterProof],
		servers:  in.Targets[0].Values,
		group:    in.Targets[0].Key != "InstanceIds",
	}
	if j.group {
		j.servers, err = tagged(call, in.Targets[0])
	}
	return j, err
}

// tagged lists the servers that run and have one of the tag's values.
func tagged(call *Call, t target) ([]string, error) {
	form := url.Values{
		"Action": {"DescribeInstances"}, "Version": {"2016-11-15"},
		"Filter.1.Name": {t.Key}, "Filter.2.Name": {"instance-state-name"}, "Filter.2.Value.1": {"running"},
	}
	for i, value := range t.Values {
		form.Set(fmt.Sprintf("Filter.1.Value.%d", i+1), value)
	}
	body, err := call.Query("ec2", form)
	var ids []string
	for _, m := range instanceID.FindAllSubmatch(body, -1) {
		if id := string(m[1]); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

func (j *job) succeed() error {
	for _, id := range j.servers {
		proof := &server.Proof{Script: server.Configure, Instance: id, Revision: j.revision, Time: now()}
		if j.script == server.Bake {
			proof.Script = server.Bake
		} else if err := j.apply(proof); err != nil {
			return err
		}
		if j.group {
			proof.Healthy = j.servers
		}
		if err := j.record(func(r *server.Record) { r.OK = proof }); err != nil {
			return err
		}
	}
	return nil
}

// apply reads settings and secret, as configure and migrate do.
func (j *job) apply(proof *server.Proof) error {
	text, err := j.parameter(j.settings)
	if err != nil {
		return err
	}
	var settings server.Settings
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		return err
	}
	var secret struct{ VersionId string } //nolint:revive // AWS's name
	if err := j.call.JSON("secretsmanager", "secretsmanager.GetSecretValue", map[string]any{"SecretId": settings.SecretARN}, &secret); err != nil {
		return err
	}
	proof.Settings = server.Version(text, secret.VersionId)
	switch {
	case settings.Database.Local:
		j.data[proof.Instance] = true
	case j.data[proof.Instance]:
		proof.Moved = &server.Moved{Tables: 12, Rows: 3153, Files: 7, Time: now()}
	}
	return nil
}

func (j *job) fail() error {
	failure := &server.Failure{Script: j.script, Revision: j.revision, Time: now(), Why: "the run wants it"}
	if len(j.servers) > 0 {
		failure.Instance = j.servers[0]
	}
	return j.record(func(r *server.Record) { r.Failed = failure })
}

func (j *job) parameter(name string) (string, error) {
	var found struct{ Parameter struct{ Value string } }
	err := j.call.JSON("ssm", "AmazonSSM.GetParameter", map[string]any{"Name": name}, &found)
	return found.Parameter.Value, err
}

func (j *job) record(change func(*server.Record)) error {
	text, err := j.parameter(j.proof)
	if err != nil {
		return err
	}
	record, err := server.ParseRecord(text)
	if err != nil {
		return err
	}
	change(&record)
	if text, err = record.JSON(); err != nil {
		return err
	}
	in := map[string]any{"Name": j.proof, "Value": text, "Type": "String", "Overwrite": true}
	return j.call.JSON("ssm", "AmazonSSM.PutParameter", in, nil)
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
