package model

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

const ssmArn = "arn:{partition}:ssm:{region}:{account}:"

var managementKinds = []Kind{
	{
		Token: catalog.SSMParameter, ID: "{.name}",
		Outputs: []string{"dataType", "text", "tier", "Standard"},
		Rules: []Rule{
			oneOf("type", "String", "StringList", "SecureString"), exactlyOne("value", "insecureValue"), required("type"),
			func(in resource.PropertyMap) []failure {
				if n := len(str(in, "value") + str(in, "insecureValue")); n > 4096 && (str(in, "tier") == "" || str(in, "tier") == "Standard") {
					return fail("value", "Standard tier parameters support a maximum parameter value of 4096 characters, got %d", n)
				}
				return nil
			},
		},
		Unique:  []Unique{{Paths: []string{"name"}, Code: "ParameterAlreadyExists", What: "the parameter"}},
		Renewed: map[string][]string{"version": {"value", "insecureValue"}},
		Fill: func(c *change) {
			name := str(c.out, "name")
			if !strings.HasPrefix(name, "/") {
				name = "/" + name
			}
			c.set("arn", c.expand("arn", ssmArn+"parameter")+name)
			// Either spelling of the value can be read back from the other.
			if given(c.in, "insecureValue") {
				c.out["value"] = c.in["insecureValue"]
			}
			c.count("version", "value", "insecureValue")
		},
	},
	{
		Token: catalog.SSMDocument, ID: "{.name}",
		Outputs: []string{
			"arn", ssmArn + "document/{.name}", "hashType", "Sha256", "hash", "{hex64}", "owner", "{account}", "status", "Active",
			"schemaVersion", "2.2", "description", "",
		},
		Name:     &Naming{Property: "name", Max: 128},
		Defaults: map[string]any{"documentFormat": "JSON"},
		Rules: []Rule{
			oneOf("documentFormat", "JSON", "YAML", "TEXT"), oneOf("documentType", "Command", "Session", "Automation", "Policy", "Package"),
			matches("name", `^[A-Za-z0-9_.-]{3,128}$`, "3 to 128 letters, digits, hyphens, underscores and periods"),
			when("documentFormat", "JSON", isJSON("content"), when("documentType", "Command", commandDocument)),
			func(in resource.PropertyMap) []failure {
				if n := len(str(in, "content")); n > 64*1024 {
					return fail("content", "MaxDocumentSizeExceeded: the limit is 64 KB, got %d bytes", n)
				}
				return nil
			},
		},
		Unique:  []Unique{{Paths: []string{"name"}, Code: "DocumentAlreadyExists", What: "the document"}},
		Renewed: map[string][]string{"latestVersion": {"content"}, "defaultVersion": {"content"}, "documentVersion": {"content"}, "hash": {"content"}},
		Fill: func(c *change) {
			c.count("latestVersion", "content")
			version := text(c.out["latestVersion"])
			for _, name := range []string{"latestVersion", "defaultVersion", "documentVersion"} {
				c.set(name, version)
			}
			c.set("hash", c.hex("hash"+str(c.out, "content"), 64))
			c.set("platformTypes", []any{"Linux"})
		},
	},
	{
		Token: catalog.SSMAssociation, ID: "{uuid}",
		Outputs:  []string{"associationId", "{id}", "arn", ssmArn + "association/{id}", "documentVersion", "$DEFAULT"},
		Defaults: map[string]any{"applyOnlyAtCronInterval": false},
		Refs: []Ref{
			{Path: "name", To: catalog.SSMDocument, By: "name", Outside: func(v string) bool { return strings.HasPrefix(v, "AWS-") }},
			{Path: "instanceId", To: catalog.EC2Instance},
		},
		Rules: []Rule{
			required("name"), oneOf("complianceSeverity", "UNSPECIFIED", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
			matches("scheduleExpression", `^(rate|cron|at)\(.+\)$`, "a rate(), cron() or at() expression"), between("waitForSuccessTimeoutSeconds", 0, 86400),
		},
		Apply: func(c *change) error {
			targets, _ := at(c.in, "targets").Mappable().([]any)
			for _, target := range targets {
				t, _ := target.(map[string]any)
				values, _ := t["values"].([]any)
				for _, id := range values {
					if id, ok := id.(string); ok && t["key"] == "InstanceIds" && id != "*" && c.cloud.Get(catalog.EC2Instance, id) == nil {
						return refuse("InvalidInstanceId", "the association's target %s does not exist", id)
					}
				}
			}
			return nil
		},
		After: func(c *change) error {
			if c.old != nil { // the provider waits for new ones only
				return nil
			}
			return runScripts(c)
		},
	},
	{
		Token: catalog.CloudWatchLogGroup, ID: "{.name}",
		Outputs:  []string{"arn", "arn:{partition}:logs:{region}:{account}:log-group:{.name}", "logGroupClass", "STANDARD"},
		Name:     &Naming{Property: "name", Max: 512, Prefix: "namePrefix"},
		Defaults: map[string]any{"retentionInDays": 0, "skipDestroy": false},
		Rules: []Rule{func(in resource.PropertyMap) []failure {
			days := num(in, "retentionInDays")
			for _, n := range []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
				if days == n {
					return nil
				}
			}
			return fail("retentionInDays", "CloudWatch Logs does not offer a retention of %d days", days)
		}},
		Unique: []Unique{{Paths: []string{"name"}, Code: "ResourceAlreadyExistsException", What: "the log group"}},
	},
}

// count numbers the versions of a resource: one more whenever one of the inputs
// changes.
func (c *change) count(output string, inputs ...string) {
	version := 1
	if c.old != nil {
		version = num(c.old.Outputs, output)
		if v := c.old.Str(output); v != "" {
			version = atoi(v)
		}
		for _, name := range inputs {
			if !same(c.old.Inputs[resource.PropertyKey(name)], c.in[resource.PropertyKey(name)]) {
				version++
				break
			}
		}
	}
	c.set(output, version)
}

// commandDocument checks the parts that SSM demands of a command document.
func commandDocument(in resource.PropertyMap) []failure {
	var doc struct {
		SchemaVersion string `json:"schemaVersion"`
		MainSteps     []struct {
			Action string `json:"action"`
			Name   string `json:"name"`
		} `json:"mainSteps"`
	}
	content := str(in, "content")
	if content == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		return fail("content", "InvalidDocumentContent: %v", err)
	}
	if doc.SchemaVersion != "2.2" || len(doc.MainSteps) == 0 {
		return fail("content", "InvalidDocumentContent: a command document needs schemaVersion 2.2 and mainSteps")
	}
	for _, step := range doc.MainSteps {
		if step.Action == "" || step.Name == "" {
			return fail("content", "InvalidDocumentContent: every step needs an action and a name")
		}
	}
	return nil
}
