package tests

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/webphases/webphases/internal/catalog"
)

type workflow struct {
	Permissions *map[string]string
	Jobs        map[string]struct {
		Uses        string
		Timeout     int `yaml:"timeout-minutes"`
		Permissions *map[string]string
		Steps       []workflowStep
	}
}

// A deployment that outlives its session or its job would be cut off while data
// move.
func TestADeploymentHasTheTimeThatItsWaitsTake(t *testing.T) {
	t.Parallel()
	w, _ := readWorkflow(t, "../.github/workflows/deploy.yml")
	up := w.Jobs["up"]
	session := 0
	for _, step := range up.Steps {
		if seconds, ok := step.With["role-duration-seconds"].(int); ok {
			session = seconds
		}
	}
	role := identity(t).Get(t, catalog.IAMRole, "github-deploy-prod")
	assert.InDelta(t, role.Input("maxSessionDuration").NumberValue(), session, 0, "the role allows what the workflow asks for")
	assert.LessOrEqual(t, session, up.Timeout*60)
	const database = 3600 // the provider waits up to an hour for RDS
	migrate := deploy(t, stackFile(t, "staging")).Get(t, catalog.SSMAssociation, "web-setup")
	assert.GreaterOrEqual(t, session, database+int(migrate.Input("waitForSuccessTimeoutSeconds").NumberValue()))
}

type workflowStep struct {
	Uses, Run string
	With      map[string]any
}

func workflowFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 6)
	return files
}

func readWorkflow(t *testing.T, file string) (workflow, string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var w workflow
	require.NoError(t, yaml.Unmarshal(raw, &w), file)
	return w, string(raw)
}

var (
	usesLine   = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinnedUses = regexp.MustCompile(`^([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$`)
)

// A tag can be moved to other code, a commit cannot.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	pins := map[string]string{}
	for _, file := range append(workflowFiles(t), "../.github/actions/setup/action.yml") {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range usesLine.FindAllStringSubmatch(string(raw), -1) {
			if strings.HasPrefix(m[1], "./") {
				continue
			}
			pin := pinnedUses.FindStringSubmatch(m[1])
			if !assert.NotNil(t, pin, "%s: %s: write it like owner/action@COMMIT # vX.Y.Z", file, m[1]) {
				continue
			}
			if known := pins[pin[1]]; known != "" {
				assert.Equal(t, known, pin[2], "%s: one version of an action everywhere", file)
			}
			pins[pin[1]] = pin[2]
		}
	}
	assert.Len(t, pins, 11)
}

func TestWorkflowsMayDoLittle(t *testing.T) {
	t.Parallel()
	for _, file := range workflowFiles(t) {
		w, _ := readWorkflow(t, file)
		if assert.NotNil(t, w.Permissions, file) {
			assert.Empty(t, *w.Permissions, "%s: nothing by default; each job says what it needs", file)
		}
		for name, job := range w.Jobs {
			assert.NotNil(t, job.Permissions, "%s: %s", file, name)
			if job.Uses == "" {
				assert.Positive(t, job.Timeout, "%s: %s has no timeout", file, name)
			}
			for _, s := range job.Steps {
				assert.NotContains(t, s.Run, "${{", "%s: %s: pass it by env: it could hold shell code", file, name)
				if strings.HasPrefix(s.Uses, "actions/checkout@") {
					assert.Equal(t, false, s.With["persist-credentials"], "%s: %s", file, name)
				}
			}
		}
	}
}

// Code of a pull request must never run where something can be written:
// pull_request_target and workflow_run check nothing out and run one script of their own.
func TestPrivilegedWorkflowsRunNoForeignCode(t *testing.T) {
	t.Parallel()
	for _, file := range workflowFiles(t) {
		w, raw := readWorkflow(t, file)
		privileged := strings.Contains(raw, "\n  workflow_run:") || strings.Contains(raw, "\n  pull_request_target:")
		foreign := strings.Contains(raw, "\n  pull_request:")
		for name, job := range w.Jobs {
			for scope, access := range *job.Permissions {
				if foreign && scope != "id-token" {
					assert.NotEqual(t, "write", access, "%s: %s: %s", file, name, scope)
				}
			}
			for _, s := range job.Steps {
				if privileged {
					assert.NotContains(t, s.Uses, "checkout", file)
					assert.False(t, strings.HasPrefix(s.Uses, "./"), file)
					assert.Empty(t, s.Run, file)
				}
			}
		}
		if foreign && strings.Contains(raw, "id-token: write") {
			assert.Contains(t, raw, "github.event.pull_request.head.repo.full_name == github.repository", file)
		}
	}
}

// A branch rule names a check by its job alone: two jobs of one name, and the one that
// passes speaks for both.
func TestEachCheckHasOneJob(t *testing.T) {
	t.Parallel()
	jobs := map[string]string{}
	for _, file := range workflowFiles(t) {
		w, _ := readWorkflow(t, file)
		for name := range w.Jobs {
			assert.Empty(t, jobs[name], "%s: job %s", file, name)
			jobs[name] = file
		}
	}
	assert.Equal(t, "../.github/workflows/test.yml", jobs["test"])
	assert.Equal(t, "../.github/workflows/preview.yml", jobs["preview"])
}

// A token that lasts would be there for the code of a pull request.
func TestNoTokenOutlivesItsJob(t *testing.T) {
	t.Parallel()
	for _, file := range workflowFiles(t) {
		_, raw := readWorkflow(t, file)
		for _, secret := range regexp.MustCompile(`secrets\.(\w+)`).FindAllStringSubmatch(raw, -1) {
			assert.Equal(t, "PULUMI_CONFIG_PASSPHRASE", secret[1], "%s: sign in by OIDC", file)
		}
	}
}

// What allowed a loss was given to one commit.
func TestTheLabelCountsForOneCommit(t *testing.T) {
	t.Parallel()
	_, preview := readWorkflow(t, "../.github/workflows/preview.yml")
	assert.Contains(t, preview, `ALLOW: ${{ contains(fromJSON('["labeled", "unlabeled"]'), github.event.action) && contains(`)
	_, label := readWorkflow(t, "../.github/workflows/label.yml")
	assert.Contains(t, label, "types: [synchronize]")
	assert.Contains(t, label, "removeLabel({ ...context.repo, issue_number: context.payload.pull_request.number, name: 'allow-data-loss' })")
}

// Approval comes before the job's first step, so the step sees what happened meanwhile.
func TestADeploymentIsOfTheBranchsHead(t *testing.T) {
	t.Parallel()
	w, _ := readWorkflow(t, "../.github/workflows/deploy.yml")
	check := slices.IndexFunc(w.Jobs["up"].Steps, func(s workflowStep) bool { return strings.Contains(s.Run, "git/ref/heads") })
	signIn := slices.IndexFunc(w.Jobs["up"].Steps, func(s workflowStep) bool {
		return strings.HasPrefix(s.Uses, "aws-actions/configure-aws-credentials@")
	})
	require.GreaterOrEqual(t, check, 0)
	assert.Less(t, check, signIn)

	bin := t.TempDir()
	for head, fails := range map[string]bool{"aaaa": false, "bbbb": true} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, "gh"), []byte("#!/bin/sh\necho "+head+"\n"), 0o700))
		cmd := exec.Command("bash", "-e", "-c", w.Jobs["up"].Steps[check].Run)
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "GITHUB_SHA=aaaa", "GITHUB_REPOSITORY=o/r", "GITHUB_REF_NAME=main")
		said, err := cmd.CombinedOutput()
		assert.Equal(t, fails, err != nil, string(said))
	}
}

// One version of each tool: the file that a machine reads, and whoever repeats it.
func TestVersionsAgree(t *testing.T) {
	t.Parallel()
	read := func(file string) string {
		raw, err := os.ReadFile("../" + file)
		require.NoError(t, err)
		return string(raw)
	}
	one := func(file, pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(read(file))
		require.Len(t, found, 2, "%s: %s", file, pattern)
		return found[1]
	}
	pulumi := one("go.mod", `pulumi/pulumi/sdk/v3 v(\S+)`)
	assert.Equal(t, pulumi, one("rehearsal/go.mod", `pulumi/pulumi/sdk/v3 v(\S+)`))
	assert.Equal(t, pulumi, one("rehearsal/run/cli/cli.go", `cliVersion = "(\S+)"`))
	for _, file := range []string{"actions/setup/action.yml", "workflows/deploy.yml", "workflows/drift.yml", "workflows/pulumi-preview.yml"} {
		assert.Equal(t, pulumi, one(".github/"+file, `pulumi-version: (\S+)`), file)
	}
	aws := one("go.mod", `pulumi/pulumi-aws/sdk/v6 v(\S+)`)
	assert.Equal(t, aws, one("rehearsal/go.mod", `pulumi/pulumi-aws/sdk/v6 v(\S+)`))
	assert.Equal(t, aws, one("examples/go.mod", `pulumi/pulumi-aws/sdk/v6 v(\S+)`))
	assert.Equal(t, pulumi, one("examples/go.mod", `pulumi/pulumi/sdk/v3 v(\S+)`))
	assert.Equal(t, aws, one("internal/facts/aws.json", `"version": "(\S+)"`))
	for _, file := range []string{"internal/facts/gen/main.go", "CONTRIBUTING.md"} {
		assert.Equal(t, aws, one(file, `get-schema aws@(\S+)`), file)
	}
	moto := one("rehearsal/prove/e2e/server.go", `moto\[server\]==([0-9.]+)`)
	for _, file := range []string{"docs/e2e.md", ".github/workflows/nightly.yml"} {
		assert.Equal(t, moto, one(file, `moto\[server\]==([0-9.]+)`), file)
	}
	golang := one("go.mod", `(?m)^go (\S+)$`)
	assert.Equal(t, golang, one("rehearsal/go.mod", `(?m)^go (\S+)$`))
	assert.NotContains(t, read("Makefile"), "go run github.com/", "tools/go.mod names the version")
}

// commentDriver runs the script of comment.yml with a GitHub that writes down
// what it is asked for.
const commentDriver = `
const world = JSON.parse(process.env.WORLD);
const said = [];
const github = {
  rest: {
    pulls: { get: async () => ({ data: world.pull }) },
    issues: {
      listComments: {},
      createComment: async (a) => said.push({ create: a.issue_number, body: a.body }),
      updateComment: async (a) => said.push({ update: a.comment_id, body: a.body }),
    },
  },
  paginate: async () => world.comments || [],
};
const core = { notice: (text) => said.push({ notice: text }) };
const context = { repo: { owner: 'o', repo: 'r' }, payload: { workflow_run: { head_sha: 'abc', head_repository: { id: 7 }, html_url: 'https://example.com/run' } } };
const run = new (Object.getPrototypeOf(async function () {}).constructor)('require', 'github', 'context', 'core', process.env.SCRIPT);
run(require, github, context, core).then(() => console.log(JSON.stringify(said)), (e) => { console.error(e.message); process.exit(1); });
`

func TestThePostingJobTrustsNothing(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: the script of comment.yml; node is not installed")
	}
	w, _ := readWorkflow(t, "../.github/workflows/comment.yml")
	script, _ := w.Jobs["comment"].Steps[1].With["script"].(string)
	require.NotEmpty(t, script)
	const head, mine = `{"head":{"sha":"abc","repo":{"id":7}}}`, "<!-- webphases-diff stack=prod changes=true -->\nHello @team"
	old := `[{"id":5,"user":{"login":"github-actions[bot]"},"body":"<!-- webphases-diff stack=prod changes=true -->\nold"},
		{"id":6,"user":{"login":"somebody"},"body":"<!-- webphases-diff stack=dev changes=true -->\nforged"}]`
	for name, test := range map[string]struct {
		files          map[string]string
		pull, comments string
		want, fails    string
	}{
		"a new comment":                {files: map[string]string{"number": "12\n", "prod.md": mine}, pull: head, want: `"create":12`},
		"who wrote it comes first":     {files: map[string]string{"number": "12\n", "prod.md": mine}, pull: head, want: `changes=true -->\n> Written by [the code of this pull request](https://example.com/run), not by this repository's.\n\nHello`},
		"no one is called":             {files: map[string]string{"number": "12\n", "prod.md": mine}, pull: head, want: "Hello @\u200bteam"},
		"an update":                    {files: map[string]string{"number": "12", "prod.md": mine}, pull: head, comments: old, want: `"update":5`},
		"somebody else's comment":      {files: map[string]string{"number": "12", "dev.md": strings.ReplaceAll(mine, "prod", "dev")}, pull: head, comments: old, want: `"create":12`},
		"nothing to say":               {files: map[string]string{"number": "12", "prod.md": strings.Replace(mine, "true", "false", 1)}, pull: head, want: `[]`},
		"nothing more to say":          {files: map[string]string{"number": "12", "prod.md": strings.Replace(mine, "true", "false", 1)}, pull: head, comments: old, want: `"update":5`},
		"another's pull request":       {files: map[string]string{"number": "13", "prod.md": mine}, pull: `{"head":{"sha":"def","repo":{"id":7}}}`, want: `"notice"`},
		"the same commit elsewhere":    {files: map[string]string{"number": "13", "prod.md": mine}, pull: `{"head":{"sha":"abc","repo":{"id":8}}}`, want: `"notice"`},
		"a deleted fork":               {files: map[string]string{"number": "13", "prod.md": mine}, pull: `{"head":{"sha":"abc","repo":null}}`, want: `"notice"`},
		"no number":                    {files: map[string]string{"number": "12; rm", "prod.md": mine}, pull: head, fails: "want the number"},
		"a long number file":           {files: map[string]string{"number": strings.Repeat("1", 30)}, pull: head, fails: "at most 20 bytes"},
		"a text that is not a comment": {files: map[string]string{"number": "12", "prod.md": "Buy now"}, pull: head, fails: "does not begin with"},
		"a text of another stack":      {files: map[string]string{"number": "12", "dev.md": mine}, pull: head, fails: "does not begin with"},
		"a long text":                  {files: map[string]string{"number": "12", "prod.md": mine + strings.Repeat("x", 65536)}, pull: head, fails: "longer than 65536"},
		"a file that is no comment":    {files: map[string]string{"number": "12", "x.sh": "rm", "UP.md": "x"}, pull: head, want: `[]`},
		"no number file":               {files: map[string]string{"prod.md": mine}, pull: head, fails: "ENOENT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for file, text := range test.files {
				require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644))
			}
			world := `{"pull":` + test.pull + `}`
			if test.comments != "" {
				world = `{"pull":` + test.pull + `,"comments":` + test.comments + `}`
			}
			require.True(t, json.Valid([]byte(world)))
			cmd := exec.Command(node, "-e", commentDriver)
			cmd.Env = append(os.Environ(), "WORLD="+world, "SCRIPT="+script, "FOLDER="+folder)
			said, err := cmd.CombinedOutput()
			if test.fails != "" {
				require.Error(t, err, string(said))
				assert.Contains(t, string(said), test.fails)
				return
			}
			require.NoError(t, err, string(said))
			assert.Contains(t, string(said), test.want)
		})
	}
}

func TestThePostingJobFollowsNoLinks(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: the script of comment.yml; node is not installed")
	}
	w, _ := readWorkflow(t, "../.github/workflows/comment.yml")
	script, _ := w.Jobs["comment"].Steps[1].With["script"].(string)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "number"), []byte("12"), 0o644))
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(folder, "prod.md")))
	cmd := exec.Command(node, "-e", commentDriver)
	cmd.Env = append(os.Environ(), `WORLD={"pull":{"head":{"sha":"abc","repo":{"id":7}}}}`, "SCRIPT="+script, "FOLDER="+folder)
	said, err := cmd.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(said), "want a file")
}
