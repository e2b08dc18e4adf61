package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
)

// step is a line of a preview's event log.
func step(op, typ, name, before, after, more string) string {
	urn := fmt.Sprintf("urn:pulumi:prod::webphases::%s::%s", typ, name)
	state := func(inputs string) string {
		if inputs == "" {
			return "null"
		}
		return fmt.Sprintf(`{"type":%q,"urn":%q,"custom":true,"inputs":%s,"outputs":{"engine":"mysql"}}`, typ, urn, inputs)
	}
	return fmt.Sprintf(`{"resourcePreEvent":{"planning":true,"metadata":{"op":%q,"urn":%q,"type":%q,"old":%s,"new":%s%s}}}`,
		op, urn, typ, state(before), state(after), more)
}

const end = `{"summaryEvent":{}}`

func read(t *testing.T, events ...string) Plan {
	t.Helper()
	plan, err := ReadPlan(strings.NewReader(strings.Join(append(events, end), "\n")))
	require.NoError(t, err)
	return plan
}

const (
	database = catalog.RDSInstance
	secret   = `{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"c2VjcmV0"}`
	unknownV = `"04da6b54-80e4-46f7-96ec-b56ff0331ba9"`
)

func replacedDatabase() string {
	return step("create-replacement", database, "database", `{"dbName":"one"}`, `{"dbName":"two"}`,
		`,"keys":["dbName"],"detailedDiff":{"dbName":{"diffKind":"update-replace","inputDiff":true}}`)
}

func TestTheVerdictComesFirstAndNamesWhatIsLost(t *testing.T) {
	t.Parallel()
	plan := read(t, step("same", catalog.EC2VPC, "vpc", "{}", "{}", ""), replacedDatabase(),
		step("replace", database, "database", "{}", "{}", ""), step("delete-replaced", database, "database", "{}", "", ""),
		step("delete", catalog.EFSFileSystem, "files", "{}", "", ""),
		step("delete", catalog.CloudWatchLogGroup, "logs", "{}", "", ""))
	r := Result{Stack: "prod", Base: "b", Head: "h", Plan: plan, From: 3, To: 3}
	assert.False(t, r.OK())
	said := strings.Split(r.Comment(), "\n")
	assert.Equal(t, "<!-- webphases-diff stack=prod changes=true -->", said[0])
	assert.Equal(t, "## ❌ `prod`: 2 data holders would be replaced or deleted", said[1])
	assert.Equal(t, "- **`aws:rds:Instance` `database` is replaced: what it holds is lost** (by `dbName`)", said[3])
	assert.Equal(t, "- **`aws:efs:FileSystem` `files` is deleted: what it holds is lost**", said[4])
	assert.NotContains(t, strings.Join(said[:5], ""), "logs", "a log group is no data holder")
	assert.Contains(t, r.Comment(), "| 0 | 0 | 1 | 2 | 1 |", "a replacement has three events and counts once")

	r.AllowLoss = true
	assert.True(t, r.OK())
	assert.Contains(t, r.Comment(), "## ⚠️ `prod`: 2 data holders replaced or deleted, as allowed")
	assert.Contains(t, r.Comment(), "**`aws:rds:Instance` `database` is replaced", "it is said all the same")

	r.Refusal = "protected"
	assert.False(t, r.OK(), "the allowance is for lost data, not for a refusal")
}

func TestWhatIsProtectedIsAHolder(t *testing.T) {
	t.Parallel()
	deletion := strings.Replace(step("delete", catalog.S3BucketV2, "logs", "{}", "", ""), `"custom":true`, `"custom":true,"protect":true`, 1)
	assert.Len(t, read(t, deletion).Lost(3, 3), 1)
}

func TestTheServerIsAHolderUntilTheBalancerTakesOver(t *testing.T) {
	t.Parallel()
	plan := read(t, step("delete", catalog.EC2Instance, "server", "{}", "", ""))
	assert.False(t, Result{Plan: plan, From: 1, To: 2}.OK())
	assert.True(t, Result{Plan: plan, From: 2, To: 3}.OK())
}

func TestValues(t *testing.T) {
	t.Parallel()
	plan := read(t, step("update", database, "db",
		`{"size":20,"password":`+secret+`,"was":`+secret+`,"tags":{"a.b":"1"},"ids":["x","y"],"gone":true}`,
		`{"size":30,"password":`+secret+`,"was":"open","tags":{"a.b":"2"},"ids":["x",`+unknownV+`],"engine":"mariadb"}`,
		`,"detailedDiff":{"size":{"diffKind":"update","inputDiff":true},"password":{"diffKind":"update"},"was":{"diffKind":"update"},
		"tags[\"a.b\"]":{"diffKind":"update"},"ids[1]":{"diffKind":"update"},"gone":{"diffKind":"delete"},"engine":{"diffKind":"update"}}`))
	said := Result{Stack: "prod", Plan: plan}.Comment()
	for _, want := range []string{
		"| `size` | `20` | `30` |", "| `password` | `[secret]` | `[secret]` |", "| `tags[\"a.b\"]` | `1` | `2` |",
		"| `ids[1]` | `y` | `(known after up)` |", "| `gone` | `true` | – |", "| `engine` | `mysql` | `mariadb` |",
		"| `was` | `[secret]` | `[secret]` |",
	} {
		assert.Contains(t, said, want)
	}
	assert.NotContains(t, said, "c2VjcmV0")
	assert.NotContains(t, said, "| `open` |", "what one side hides is not shown by the other")
}

func TestSecretsWithinObjectsStayHidden(t *testing.T) {
	t.Parallel()
	plan := read(t, step("create", database, "db", "", `{"login":{"user":"u","password":`+secret+`}}`, ""),
		step("update", database, "other", `{"login":`+secret+`}`, `{"login":`+secret+`}`, `,"detailedDiff":{"login.password":{"diffKind":"update"}}`))
	r := Result{Stack: "prod", Plan: plan}
	assert.NotContains(t, r.Comment()+r.Full(), "c2VjcmV0")
	assert.Contains(t, r.Full(), `"password": "[secret]"`)
	assert.Contains(t, r.Comment(), "| `login.password` | `[secret]` | `[secret]` |")
}

func TestValuesCannotLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	evil := "a|b `c` <img src=x> @team\\n```\\n</details>\\u202e# not a heading"
	plan := read(t, step("update", database, "db|`x`", `{"v":"one"}`, `{"v":"`+evil+`"}`, `,"detailedDiff":{"v":{"diffKind":"update"}}`))
	r := Result{Stack: "prod", Plan: plan, Head: "subject `with` <b>"}
	said := r.Comment()
	var row string
	for line := range strings.Lines(said) {
		if strings.Contains(line, "not a heading") && strings.HasPrefix(line, "|") {
			row = line
		}
	}
	require.NotEmpty(t, row, "the value stays on its line")
	assert.Equal(t, 5, strings.Count(strings.ReplaceAll(row, `\|`, ""), "|"), "no bar makes a new cell")
	assert.Contains(t, row, "````", "the code span's fence is longer than any run of backticks in it")
	assert.NotContains(t, said, "\u202e")
	_, folded, _ := strings.Cut(said, "<summary>Full diff</summary>")
	assert.Contains(t, folded, "````diff\n", "the fence is longer than the one in the value")
	assert.Equal(t, 1, strings.Count(said, "\n</details>\n")-strings.Count(folded, "     </details>\n"))
}

func TestALongDiffIsCutWhereItIsFolded(t *testing.T) {
	t.Parallel()
	events := []string{replacedDatabase()}
	for i := range 2000 {
		name := fmt.Sprintf("subnet-%04d-%s", i, strings.Repeat("é", 200))
		value := fmt.Sprintf(`{"v":"%04d %s"}`, i, strings.Repeat("`|", 200))
		events = append(events, step("update", catalog.EC2Subnet, name, `{"v":"1"}`, value, `,"detailedDiff":{"v":{"diffKind":"update"}}`),
			step("delete", catalog.EC2VPC, name, "{}", "", ""))
	}
	r := Result{Stack: "prod", Base: strings.Repeat("b", 500), Head: strings.Repeat("h", 500), Plan: read(t, events...), Refusal: strings.Repeat("long reason\n", 9000)}
	r.Sections = []Section{{"Reachability", strings.Repeat("x", extraSize)}, {"Cost", strings.Repeat("x", extraSize)}, {"Sketch", strings.Repeat("x", sketchSize)}}
	said := r.Comment()
	assert.LessOrEqual(t, len(said), Limit)
	assert.Contains(t, said, "## ❌ `prod`: refused; 2001 data holders would be replaced or deleted")
	assert.Contains(t, said, "**`aws:rds:Instance` `database` is replaced")
	assert.Contains(t, said, "and 1961 more")
	assert.Regexp(t, `Cut here, \d+ resources left out`, said)
	assert.Less(t, strings.Index(said, "is replaced"), strings.Index(said, "<details>"))
	assert.Greater(t, len(r.Full()), Limit, "the file has all of it")
}

func TestOneChangeOfManyResourcesTakesOneLine(t *testing.T) {
	t.Parallel()
	var events []string
	for i := range 30 {
		events = append(events, step("update", catalog.EC2Subnet, fmt.Sprint("s", i), `{"tags":{"Phase":"2"}}`, `{"tags":{"Phase":"3"}}`,
			`,"detailedDiff":{"tags.Phase":{"diffKind":"update","inputDiff":true}}`))
	}
	said := Result{Stack: "prod", Plan: read(t, events...)}.Comment()
	assert.Equal(t, 1, strings.Count(said, "| `tags.Phase` | `2` | `3` |"))
	assert.Contains(t, said, "| 30 resources: ")
}

func TestRefusalsAndNoChanges(t *testing.T) {
	t.Parallel()
	plan := read(t, `{"diagnosticEvent":{"severity":"error","message":"<{%fg 1%}>phase: no such\n<{%reset%}>","color":"never"}}`,
		`{"diagnosticEvent":{"severity":"warning","message":"only a warning"}}`)
	assert.Equal(t, []string{"phase: no such"}, plan.Errors)

	refused := Result{Stack: "prod", Refusal: "phase: no such\n```\n# heading"}
	assert.False(t, refused.OK())
	assert.Contains(t, refused.Comment(), "## ❌ `prod`: refused\n\n````text\nphase: no such\n")

	baseless := Result{Stack: "prod", BaseError: "the base cannot be rehearsed: it does not build"}
	assert.False(t, baseless.OK())
	assert.Contains(t, baseless.Comment(), "## ❌ `prod`: the base cannot be rehearsed")

	same := Result{Stack: "prod", Plan: read(t, step("same", database, "db", "{}", "{}", ""))}
	assert.True(t, same.OK())
	assert.Contains(t, same.Comment(), "changes=false -->\n## ✅ `prod`: No changes")
}

func TestALogThatEndsEarlyIsNoPlanWithoutChanges(t *testing.T) {
	t.Parallel()
	_, err := ReadPlan(strings.NewReader(replacedDatabase()))
	require.ErrorIs(t, err, ErrLog)
	_, err = ReadPlan(strings.NewReader(`{"resourcePreEvent":`))
	require.ErrorContains(t, err, "reading the event log")
}

func TestLongDocumentsShowTheLinesThatChange(t *testing.T) {
	t.Parallel()
	document := func(action string) string {
		return `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"` + action + `","Resource":"*"}],"Version":"2012-10-17"}`
	}
	payload := strings.Repeat(strings.Repeat("QUJD", 19)+"\n", 50)
	got := strings.Join(Property{Path: "policy", Old: document("s3:Get*"), New: document("s3:*")}.diff(), "\n")
	assert.Contains(t, got, `-           "Action": "s3:Get*"`)
	assert.Contains(t, got, `+           "Action": "s3:*"`)
	assert.NotContains(t, got, "2012-10-17", "far from the change")
	got = strings.Join(Property{Path: "userData", Old: "#!/bin/sh\n" + payload, New: "#!/bin/sh\n" + payload + "QUJD" + payload}.diff(), "\n")
	assert.Regexp(t, `-     \(50 lines of packed data, SHA-256 [0-9a-f]{12}…\)`, got)
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "aws:rds:Instance", short(Change{URN: resource.URN("urn:pulumi:prod::webphases::" + database + "::db")}))
}
