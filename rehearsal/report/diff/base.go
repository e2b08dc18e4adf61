package diff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/webphases/webphases/rehearsal/run/cli"
)

// ErrBase says that the base revision cannot be rehearsed. The change itself
// may be sound, but nobody can tell.
var ErrBase = errors.New("the base cannot be rehearsed")

// ErrRevision says that git knows no such revision.
var ErrRevision = errors.New("no such revision")

// repository is the git repository that holds the project.
type repository struct {
	dir    string // the project's folder
	prefix string // the project's folder as seen from the repository's root
}

func openRepository(ctx context.Context, dir string) (repository, error) {
	r := repository{dir: dir}
	prefix, err := r.git(ctx, "rev-parse", "--show-prefix")
	r.prefix = prefix
	return r, err
}

// git runs a git command in the project's folder and returns what it printed.
func (r repository) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.dir
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// commit is the full id of the commit that a tag, branch or id stands for.
func (r repository) commit(ctx context.Context, revision string) (string, error) {
	id, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("BASE=%s: %w: give a commit, tag or branch that this clone holds (`git fetch` gets more)", revision, ErrRevision)
	}
	return id, nil
}

// describe names a commit for people.
func (r repository) describe(ctx context.Context, commit string) string {
	subject, err := r.git(ctx, "log", "-1", "--format=%h %s", commit)
	if err != nil {
		return commit
	}
	return subject
}

// same tells whether the working tree, edits and new files included, is what the
// commit holds.
func (r repository) same(ctx context.Context, commit string) (bool, error) {
	changed, err := r.git(ctx, "diff", "--name-only", commit)
	if err != nil {
		return false, err
	}
	added, err := r.git(ctx, "ls-files", "--others", "--exclude-standard")
	return changed == "" && added == "", err
}

// edited tells whether the working tree differs from the last commit.
func (r repository) edited(ctx context.Context) bool {
	same, err := r.same(ctx, "HEAD")
	return err == nil && !same
}

// worktree checks the commit out into a folder until done is called. What an
// interrupted run has left there is cleared away first.
func (r repository) worktree(ctx context.Context, commit, folder string) (done func(), err error) {
	clear := func() {
		// An interrupt ends the run, not the clearing.
		ctx := context.WithoutCancel(ctx)
		_, _ = r.git(ctx, "worktree", "remove", "--force", folder) // there may be none
		_ = os.RemoveAll(folder)
		_, _ = r.git(ctx, "worktree", "prune")
	}
	clear()
	if _, err := r.git(ctx, "worktree", "add", "--detach", "--force", folder, commit); err != nil {
		clear()
		return nil, err
	}
	return clear, nil
}

// rehearsalOf builds the rehearsal of a revision from that revision's own source
// and keeps the program: the next stack on the same base need not build it.
func rehearsalOf(ctx context.Context, source, commit, bin string) (string, error) {
	program := filepath.Join(bin, "rehearse-"+commit[:12])
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if _, err := os.Stat(filepath.Join(source, "rehearsal", "cmd", "rehearse")); err != nil {
		return "", fmt.Errorf("%w: that revision has no rehearsal/cmd/rehearse", ErrBase)
	}
	old, err := filepath.Glob(filepath.Join(bin, "rehearse-*"))
	if err != nil {
		return "", err
	}
	for _, name := range old { // one is kept: each is large
		os.Remove(name)
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	args := []string{"build", "-buildvcs=false", "-o", program}
	if toolexec := filepath.Join(source, "rehearsal", "toolexec.sh"); executable(toolexec) {
		args = append(args, "-toolexec", toolexec)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./cmd/rehearse")...)
	cmd.Dir = filepath.Join(source, "rehearsal")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: building it: %w\n%s", ErrBase, err, said)
	}
	return program, nil
}

func executable(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode()&0o100 != 0
}

// raise brings a stack of the base up, by the base's own rehearsal, in the
// base's own folder. The pulumi CLI is the head's.
func raise(ctx context.Context, program, dir, stack, pulumi string) error {
	path, err := os.MkdirTemp("", "pulumi-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(path)
	if err := os.Symlink(pulumi, filepath.Join(path, "pulumi")); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "up", "--dir", dir, "--stack", stack, "--yes")
	cmd.Env = append(os.Environ(), "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: raising its %s: %w\n%s", ErrBase, stack, err, said)
	}
	return nil
}

// adopt copies the state and the modelled cloud of one rehearsed stack to another.
func adopt(from, to *cli.Runner) error {
	source, target := filepath.Dir(from.CloudFile()), filepath.Dir(to.CloudFile())
	if err := to.Reset(); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(target, "state"), os.DirFS(filepath.Join(source, "state"))); err != nil {
		return err
	}
	for _, name := range []string{"cloud.jsonl", "salt"} {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
