package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/run/cli"
)

// Comparison compares a stack of the working tree with the same stack of an
// earlier revision.
type Comparison struct {
	// Dir is the project's folder in a git repository, Stack the stack's name.
	Dir, Stack string
	// Base is the revision to compare with: a commit, tag or branch.
	Base string
	// Program is the head's; CLI is the pulumi command, found or built if empty.
	Program cli.Program
	CLI     string
	// AllowLoss lets the change lose data.
	AllowLoss bool
	// Raise brings the base's stack up in a folder; nil means: build the base's
	// rehearsal from its source, checked out there, and run it.
	Raise func(ctx context.Context, dir string) error
}

// Run compares. Its error says what kept it from comparing at all; what is
// wrong with either revision is in the result.
func (c Comparison) Run(ctx context.Context) (Result, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return Result{}, err
	}
	c.Dir = dir
	repo, err := openRepository(ctx, dir)
	if err != nil {
		return Result{}, err
	}
	commit, err := repo.commit(ctx, c.Base)
	if err != nil {
		return Result{}, err
	}
	result := Result{Stack: c.Stack, Base: repo.describe(ctx, commit), Head: repo.describe(ctx, "HEAD"), AllowLoss: c.AllowLoss}
	if repo.edited(ctx) {
		result.Head += ", with uncommitted edits"
	}
	if same, err := repo.same(ctx, commit); err != nil || same {
		return result, err
	}
	unlock, err := cli.Lock(c.folder(""))
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	return result, c.compare(ctx, repo, commit, &result)
}

// folder is a place of the comparison's own.
func (c Comparison) folder(name string) string {
	return filepath.Join(c.Dir, ".rehearsal", "diff", name)
}

func (c Comparison) compare(ctx context.Context, repo repository, commit string, result *Result) error {
	head := &cli.Runner{Dir: c.folder(filepath.Join("head", c.Stack)), Stack: c.Stack, Program: c.Program}
	defer os.RemoveAll(head.Dir)
	if err := os.RemoveAll(head.Dir); err != nil {
		return err
	}
	if err := cli.CopyProject(c.Dir, head.Dir); err != nil {
		return err
	}
	pulumi, err := (&cli.Runner{Dir: c.Dir, CLI: c.CLI, Stdout: os.Stderr, Stderr: os.Stderr}).CLIPath()
	if err != nil {
		return err
	}
	head.CLI = pulumi
	before, err := c.base(ctx, repo, commit, head)
	if errors.Is(err, ErrBase) {
		result.BaseError = err.Error()
		return nil
	} else if err != nil {
		return err
	}
	after, err := plan(ctx, head, result)
	if err != nil {
		return err
	}
	result.From, result.To = before.phase(), before.phase()
	if after.graph != nil {
		result.To = after.phase()
		if !result.Plan.Empty() {
			result.Sections = meaning(before.graph, after.graph, result.Plan)
		}
	}
	return nil
}

// base raises the base's stack, if the base has one, and hands it to the head.
func (c Comparison) base(ctx context.Context, repo repository, commit string, head *cli.Runner) (export, error) {
	folder := c.folder("base")
	done, err := repo.worktree(ctx, commit, folder)
	if err != nil {
		return export{}, err
	}
	defer done()
	dir := filepath.Join(folder, repo.prefix)
	if _, err := os.Stat(filepath.Join(dir, "Pulumi."+c.Stack+".yaml")); errors.Is(err, os.ErrNotExist) {
		return export{}, nil // a new stack: all of it will be created
	}
	raiseBase := c.Raise
	if raiseBase == nil {
		raiseBase = func(ctx context.Context, dir string) error {
			program, err := rehearsalOf(ctx, dir, commit, c.folder("bin"))
			if err != nil {
				return err
			}
			return raise(ctx, program, dir, c.Stack, head.CLI)
		}
	}
	if err := raiseBase(ctx, dir); err != nil {
		return export{}, err
	}
	if err := adopt(&cli.Runner{Dir: dir, Stack: c.Stack}, head); err != nil {
		return export{}, fmt.Errorf("%w: taking over its state: %w", ErrBase, err)
	}
	return exported(ctx, head)
}

// plan previews the head, and carries the plan out if it is not refused.
func plan(ctx context.Context, head *cli.Runner, result *Result) (export, error) {
	planned, said, err := logged(ctx, head, "preview")
	result.Plan = planned
	if errors.Is(err, cli.ErrFailed) {
		result.Refusal = refusal(planned, said)
		return export{}, unprotected(ctx, head, result)
	} else if err != nil {
		return export{}, err
	}
	done, said, err := logged(ctx, head, "up", "--yes", "--skip-preview")
	if errors.Is(err, cli.ErrFailed) {
		result.Refusal = "It can be planned, but carrying it out fails:\n\n" + refusal(done, said)
		return export{}, nil
	} else if err != nil {
		return export{}, err
	}
	return exported(ctx, head)
}

// logged runs a command of the CLI and returns what its event log holds and what
// the CLI said. The log is read even if the command failed.
func logged(ctx context.Context, head *cli.Runner, command string, args ...string) (Plan, string, error) {
	log := filepath.Join(head.Dir, "events.jsonl")
	defer os.Remove(log)
	var said bytes.Buffer
	head.Stdout, head.Stderr = &said, &said
	failed := head.Run(ctx, command, append(args, "--event-log", log)...)
	file, err := os.Open(log)
	if errors.Is(err, os.ErrNotExist) && failed != nil {
		return Plan{}, said.String(), failed // refused before the engine began
	} else if err != nil {
		return Plan{}, "", err
	}
	defer file.Close()
	events, err := ReadPlan(file)
	if err != nil && failed == nil {
		return Plan{}, "", err
	}
	return events, said.String(), failed
}

// refusal is what the engine and the program said was wrong, or else all that
// the CLI said.
func refusal(p Plan, said string) string {
	if len(p.Errors) == 0 {
		return strings.TrimSpace(said)
	}
	return strings.Join(p.Errors, "\n\n")
}

// unprotected shows what a plan would do that Pulumi refuses because of a
// resource's protection: it lifts the protection in the copy and plans again.
// The refusal stands.
func unprotected(ctx context.Context, head *cli.Runner, result *Result) error {
	if !strings.Contains(result.Refusal, "protect") {
		return nil
	}
	var said bytes.Buffer
	head.Stdout, head.Stderr = &said, &said
	if err := head.Query(ctx, "state", "unprotect", "--all", "--yes"); err != nil {
		return fmt.Errorf("lifting the protection in the copy: %w: %s", err, said.String())
	}
	whole, _, err := logged(ctx, head, "preview")
	if errors.Is(err, cli.ErrFailed) {
		return nil // refused for another reason too; what is known stands
	} else if err != nil {
		return err
	}
	result.Plan = whole
	return nil
}

// export is a stack as it stands.
type export struct {
	graph   *graph.Graph
	outputs map[string]any
}

func (e export) phase() int {
	phase, _ := e.outputs["phase"].(float64)
	return int(phase)
}

func exported(ctx context.Context, r *cli.Runner) (export, error) {
	var out, said bytes.Buffer
	r.Stdout, r.Stderr = &out, &said
	if err := r.Query(ctx, "stack", "export"); err != nil {
		return export{}, fmt.Errorf("exporting the stack: %w: %s", err, said.String())
	}
	var e export
	var err error
	if e.graph, err = graph.Read(bytes.NewReader(out.Bytes())); err != nil {
		return export{}, err
	}
	var state struct {
		Deployment apitype.DeploymentV3 `json:"deployment"`
	}
	if err := json.Unmarshal(out.Bytes(), &state); err != nil {
		return export{}, err
	}
	for _, r := range state.Deployment.Resources {
		if r.Type == resource.RootStackType {
			e.outputs = r.Outputs
		}
	}
	return e, nil
}
