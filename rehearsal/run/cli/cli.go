package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// cliVersion is the version that is built when PATH has none that is recent
// enough; rehearsal/go.mod pins the same.
const (
	cliVersion = "3.255.0"
	cliModule  = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
)

// findCLI returns the path of a pulumi command: the caller's choice, one on
// PATH, or one built from its module, once.
func (r *Runner) findCLI() (string, error) {
	if r.CLI != "" {
		return filepath.Abs(r.CLI)
	}
	bin := filepath.Join(r.Dir, ".rehearsal", "bin")
	if found, err := exec.LookPath("pulumi"); err == nil {
		if found, err = filepath.Abs(found); err == nil && recent(found, filepath.Join(bin, "pulumi.json")) {
			return found, nil
		}
	}
	built := filepath.Join(bin, "pulumi-"+cliVersion)
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	return built, r.buildCLI(built)
}

// CLIPath is the pulumi command that the rehearsal runs. It is built if there is
// none, so that later calls need not wait.
func (r *Runner) CLIPath() (string, error) {
	dir, err := filepath.Abs(r.Dir)
	if err != nil {
		return "", err
	}
	r.Dir = dir
	return r.findCLI()
}

func (r *Runner) buildCLI(target string) error {
	fmt.Fprintf(r.Stderr, "Building the pulumi CLI %s from its module, once: about 4 minutes on two cores (or install it: https://www.pulumi.com/docs/install/).\n", cliVersion)
	start := time.Now()
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-o", target+".new", "-toolexec", filepath.Join(r.Dir, "rehearsal", "toolexec.sh"),
		"-ldflags", "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v"+cliVersion, cliModule)
	cmd.Dir = filepath.Join(r.Dir, "rehearsal")
	cmd.Stdout, cmd.Stderr = r.Stderr, r.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building the pulumi CLI: %w", err)
	}
	if err := os.Rename(target+".new", target); err != nil {
		return err
	}
	fmt.Fprintf(r.Stderr, "Built the pulumi CLI in %s.\n", time.Since(start).Round(time.Second))
	return nil
}

// known is what was learnt about a CLI on PATH, and about which file.
type known struct {
	Path     string    `json:"path"`
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size"`
	Recent   bool      `json:"recent"`
}

// recent tells whether the CLI has version 3.255 or a later 3.x. Asking it takes
// a third of a second, so the answer is kept.
func recent(path, cache string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	var k known
	if b, err := os.ReadFile(cache); err == nil && json.Unmarshal(b, &k) == nil &&
		k.Path == path && k.Modified.Equal(info.ModTime()) && k.Size == info.Size() {
		return k.Recent
	}
	cmd := exec.Command(path, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.Output()
	if err != nil {
		return false
	}
	k = known{path, info.ModTime(), info.Size(), recentVersion(string(out))}
	if b, err := json.Marshal(k); err == nil && os.MkdirAll(filepath.Dir(cache), 0o755) == nil {
		_ = os.WriteFile(cache, b, 0o644) // only a cache
	}
	return k.Recent
}

var versionFormat = regexp.MustCompile(`^v?3\.(\d+)\.\d+`)

func recentVersion(s string) bool {
	m := versionFormat.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return false
	}
	minor, err := strconv.Atoi(m[1])
	return err == nil && minor >= 255
}
