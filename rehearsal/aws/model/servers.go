package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/server"
)

// What servers do is modelled as far as the program relies on it: which scripts a
// disk has, which settings a server has applied, and what it records. These types
// are no resources: a program cannot make them.
const (
	// tDisk is a server's or an image's disk, under its id: the scripts on it, and
	// whether the site's data are there.
	tDisk = "aws:ec2/disk:Disk"
	// tMember is a server that an Auto Scaling group has started.
	tMember = "aws:autoscaling/member:Member"
)

// epoch is when every rehearsal takes place; a later run of the same script is a
// minute later.
var epoch = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func (c *change) now() time.Time { return epoch.Add(time.Duration(c.born) * time.Minute) }

// scriptRun is one run of one of the server's scripts.
type scriptRun struct {
	*change
	script, proof, want, settings string
	revision                      string // that the document brings; "": that on the disk
	servers                       []string
	group                         bool
}

// runScripts is what State Manager does with a new association: it runs the
// document on the targets. Other documents than the program's do nothing here.
func runScripts(c *change) error {
	r := c.scriptRun()
	if r == nil {
		return nil
	}
	broken := func() error { return r.fail("the rehearsal's fault " + string(c.fault)) }
	switch c.fault {
	case FaultFails:
		return broken()
	case FaultHangs:
		return fmt.Errorf("%w: timeout while waiting for state to become 'Success' (last state: 'Pending')", errScript)
	case FaultEarly:
		c.cloud.Later(unwaited(r.run))
		return nil
	case FaultEarlyFails:
		c.cloud.Later(unwaited(broken))
		return nil
	default:
		return r.run()
	}
}

// errScript is a wait for servers that has failed.
var errScript = errors.New("the servers did not do what was waited for")

// unwaited is what servers do when nobody waits for them any more.
func unwaited(run func() error) func() error {
	return func() error {
		if err := run(); !errors.Is(err, errScript) {
			return err
		}
		return nil
	}
}

func (c *change) scriptRun() *scriptRun {
	doc, known := resolve(c.cloud, Ref{To: catalog.SSMDocument, By: "name"}, str(c.in, "name"))
	if !known {
		return nil
	}
	values := map[string]string{}
	for name, value := range at(c.in, "parameters").ObjectValue() {
		values[string(name)] = text(value)
	}
	rendered, err := server.Render(doc.Str("content"), values)
	if err != nil {
		return nil
	}
	r := &scriptRun{
		change:   c,
		script:   values[server.ParameterScript],
		proof:    values[server.ParameterProof],
		want:     values[server.ParameterWant],
		settings: values[server.ParameterSettings],
		revision: server.RevisionOf(rendered),
	}
	for _, key := range strs(c.in, "targets[*].key") {
		values := strs(c.in, "targets[*].values[*]")
		r.servers, r.group = values, key != "InstanceIds"
		if r.group {
			r.servers = nil
			for _, member := range membersOf(c.cloud, values) {
				r.servers = append(r.servers, member.ID)
			}
		}
	}
	return r
}

// run is a script that does its work on each of the servers.
func (r *scriptRun) run() error {
	for _, id := range r.servers {
		disk := diskOf(r.cloud, id)
		if r.revision != "" {
			disk.revision = r.revision
		}
		proof := &server.Proof{Script: server.Configure, Instance: id, Revision: disk.revision, Time: r.now()}
		if r.script == server.Bake {
			proof.Script = server.Bake
		} else if proof.Settings = applied(r.cloud, r.settings); proof.Settings != r.want {
			return r.fail(fmt.Sprintf("the settings are %s, and the program means %s", proof.Settings, r.want))
		}
		if r.script != server.Bake {
			proof.Moved = disk.settle(r.cloud, r.settings, r.now())
		}
		if r.group {
			proof.Healthy = r.servers
		} else if server := r.cloud.Get(catalog.EC2Instance, id); server != nil {
			proof.Image = server.Str("ami")
		}
		if err := errors.Join(disk.put(r.cloud, id), record(r.cloud, r.proof, func(all *server.Record) { all.OK = proof })); err != nil {
			return err
		}
	}
	return nil
}

func (r *scriptRun) fail(why string) error {
	failure := &server.Failure{Script: r.script, Revision: r.revision, Time: r.now(), Why: why}
	if len(r.servers) > 0 {
		failure.Instance = r.servers[0]
	}
	if err := record(r.cloud, r.proof, func(all *server.Record) { all.Failed = failure }); err != nil {
		return err
	}
	return fmt.Errorf("%w: unexpected state 'Failed', wanted target 'Success': %s", errScript, why)
}

// record changes what a proof parameter holds, as a server does.
func record(c *cloud.Cloud, name string, change func(*server.Record)) error {
	parameter := c.Get(catalog.SSMParameter, name)
	if parameter == nil {
		return nil // the server may not write it either
	}
	all, err := server.ParseRecord(parameter.Str("insecureValue"))
	if err != nil {
		return err
	}
	change(&all)
	written, err := all.JSON()
	if err != nil {
		return err
	}
	next := *parameter
	next.Inputs, next.Outputs = parameter.Inputs.Copy(), parameter.Outputs.Copy()
	for _, where := range []resource.PropertyMap{next.Inputs, next.Outputs} {
		where["insecureValue"] = stringProp(written)
	}
	next.Outputs["value"] = stringProp(written)
	next.Outputs["version"] = resource.NewNumberProperty(float64(num(parameter.Outputs, "version") + 1))
	return c.Put(&next)
}

// applied is the version of what a server reads now: its settings and the secret
// that they name.
func applied(c *cloud.Cloud, parameter string) string {
	text, settings := settingsIn(c, parameter)
	if text == "" {
		return ""
	}
	var version string
	for _, v := range c.OfType(catalog.SecretsManagerSecretVersion) {
		if v.Str("secretId") == settings.SecretARN && slices.Contains(strs(v.Outputs, "versionStages[*]"), "AWSCURRENT") {
			version = v.Str("versionId")
		}
	}
	return server.Version(text, version)
}

// settingsIn reads a settings parameter; "" if there is none.
func settingsIn(c *cloud.Cloud, parameter string) (text string, settings server.Settings) {
	p := c.Get(catalog.SSMParameter, parameter)
	if p == nil || json.Unmarshal([]byte(p.Str("insecureValue")), &settings) != nil {
		return "", settings
	}
	return p.Str("insecureValue"), settings
}

// getParameter is the lookup of a parameter.
func getParameter(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	found := p.cloud.Get(catalog.SSMParameter, str(in, "name"))
	if found == nil {
		return nil, refuse("ParameterNotFound", "%s", str(in, "name"))
	}
	return map[string]any{
		"id": found.ID, "arn": found.Str("arn"), "type": found.Str("type"), "version": num(found.Outputs, "version"),
		"value": found.Str("value"), "insecureValue": found.Str("insecureValue"),
	}, nil
}
