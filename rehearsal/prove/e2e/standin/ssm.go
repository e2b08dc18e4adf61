package standin

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// association is a State Manager association as the API shows it.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AssociationDescription.html
type association struct {
	AssociationID      string `json:"AssociationId"`
	AssociationVersion string
	Date               float64
	DocumentVersion    string
	Name               string
	MaxConcurrency     string `json:",omitempty"`
	MaxErrors          string `json:",omitempty"`
	Overview           overview
	Parameters         map[string][]string
	Targets            []target
	LastUpdate         float64 `json:"LastUpdateAssociationDate"`

	version, asked int
	outcome        overview
	tags           []tag
}

type overview struct {
	Status         string
	DetailedStatus string
}

type target struct {
	Key    string
	Values []string
}

type tag struct{ Key, Value string }

// associationInput holds what the actions take.
type associationInput struct {
	AssociationID   string `json:"AssociationId"`
	ResourceType    string // of the actions on tags
	ResourceID      string `json:"ResourceId"`
	TagKeys         []string
	Name            string
	DocumentVersion string
	MaxConcurrency  string
	MaxErrors       string
	Parameters      map[string][]string
	Targets         []target
	Tags            []tag
}

// Associations keeps associations of State Manager, which the servers carry out. A
// new one is pending when it is first asked for, and its outcome is known after
// that.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateAssociation.html
func Associations(servers *Servers) StandIn {
	all := map[string]*association{}
	return StandIn{Name: "SSM associations", Answer: func(c *Call) *Answer {
		if c.Service != "ssm" {
			return nil
		}
		var in associationInput
		create := func(all map[string]*association, in associationInput) *Answer {
			outcome, err := servers.run(c, in)
			if err != nil {
				return failure("InternalServerError", err.Error())
			}
			return create(all, in, outcome)
		}
		act, ours := map[string]func(map[string]*association, associationInput) *Answer{
			"CreateAssociation": create, "UpdateAssociation": update, "DescribeAssociation": describe, "DeleteAssociation": remove,
			"ListAssociations": list, "AddTagsToResource": retag, "RemoveTagsFromResource": retag, "ListTagsForResource": retag,
		}[c.Action]
		if !ours {
			return nil
		}
		if err := json.Unmarshal(c.Body, &in); err != nil {
			return failure("ValidationException", err.Error())
		}
		if strings.HasSuffix(c.Action, "Resource") && in.ResourceType != "Association" {
			return nil // the server keeps the tags of everything else
		}
		return act(all, in)
	}}
}

func create(all map[string]*association, in associationInput, outcome overview) *Answer {
	now := float64(time.Now().Unix())
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	a := &association{
		AssociationID:      fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		AssociationVersion: "1",
		Date:               now,
		DocumentVersion:    in.DocumentVersion,
		Name:               in.Name,
		MaxConcurrency:     in.MaxConcurrency,
		MaxErrors:          in.MaxErrors,
		Overview:           overview{Status: "Pending", DetailedStatus: "Creating"},
		Parameters:         in.Parameters,
		Targets:            in.Targets,
		LastUpdate:         now,
		version:            1,
		outcome:            outcome,
		tags:               in.Tags,
	}
	if a.DocumentVersion == "" {
		a.DocumentVersion = "$DEFAULT"
	}
	all[a.AssociationID] = a
	return described(a)
}

func update(all map[string]*association, in associationInput) *Answer {
	a := all[in.AssociationID]
	if a == nil {
		return absent(in)
	}
	a.version++
	a.AssociationVersion, a.LastUpdate = fmt.Sprint(a.version), float64(time.Now().Unix())
	if in.Targets != nil {
		a.Targets = in.Targets
	}
	if in.DocumentVersion != "" {
		a.DocumentVersion = in.DocumentVersion
	}
	return described(a)
}

func describe(all map[string]*association, in associationInput) *Answer {
	a := all[in.AssociationID]
	if a == nil {
		return absent(in)
	}
	if a.asked++; a.asked > 1 {
		a.Overview = a.outcome
	}
	return described(a)
}

func remove(all map[string]*association, in associationInput) *Answer {
	if all[in.AssociationID] == nil {
		return absent(in)
	}
	delete(all, in.AssociationID)
	return reply(struct{}{})
}

func list(all map[string]*association, _ associationInput) *Answer {
	items := make([]*association, 0, len(all))
	for _, a := range all {
		items = append(items, a)
	}
	return reply(map[string]any{"Associations": items})
}

// retag adds the tags given, takes away those named, and lists what there is then.
func retag(all map[string]*association, in associationInput) *Answer {
	a := all[in.ResourceID]
	if a == nil {
		return failure("InvalidResourceId", "There is no association "+in.ResourceID)
	}
	for _, t := range in.Tags {
		in.TagKeys = append(in.TagKeys, t.Key) // a new value takes the old one's place
	}
	a.tags = slices.DeleteFunc(a.tags, func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	a.tags = append(a.tags, in.Tags...)
	return reply(map[string]any{"TagList": a.tags})
}

func described(a *association) *Answer { return reply(map[string]any{"AssociationDescription": a}) }

func absent(in associationInput) *Answer {
	return failure("AssociationDoesNotExist", "The association "+in.AssociationID+" does not exist")
}

func reply(body any) *Answer {
	text, err := json.Marshal(body)
	if err != nil {
		return failure("InternalFailure", err.Error())
	}
	return &Answer{Status: http.StatusOK, Type: "application/x-amz-json-1.1", Body: text}
}

// failure is an error as the JSON protocols carry it; EFS reads ErrorCode.
func failure(code, message string) *Answer {
	answer := reply(map[string]string{"__type": code, "ErrorCode": code, "message": message})
	answer.Status = http.StatusBadRequest
	return answer
}
