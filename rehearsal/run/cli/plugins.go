package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Real says which provider plugins run instead of the models, and where AWS is.
type Real struct {
	// Plugins are the folders that hold the plugins.
	Plugins []string
	// Env is what the plugins learn from the environment, each "NAME=value",
	// such as the address of the API.
	Env []string
}

// env puts the plugins first on PATH, where the CLI looks for them.
func (r *Real) env() []string {
	path := slices.Concat(r.Plugins, []string{os.Getenv("PATH")})
	return append([]string{"PATH=" + strings.Join(path, string(filepath.ListSeparator))}, r.Env...)
}

// ErrNoPlugin says that a provider's plugin is not on this machine and cannot be
// downloaded.
var ErrNoPlugin = errors.New("a provider plugin is missing")

// sdks are the modules whose version is the version of the plugin.
var sdks = map[string]string{
	"aws":    "github.com/pulumi/pulumi-aws/sdk/v6",
	"random": "github.com/pulumi/pulumi-random/sdk/v4",
}

// FindPlugins returns the folders that hold the plugins of the providers aws and
// random: from PATH, from PULUMI_HOME (by default ~/.pulumi), or downloaded there
// by the CLI. It fails with ErrNoPlugin, which says how to get them.
func (r *Runner) FindPlugins(ctx context.Context) ([]string, error) {
	cli, err := r.CLIPath()
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, name := range []string{"aws", "random"} {
		folder, err := findPlugin(ctx, cli, name, sdkVersion(sdks[name]))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

func findPlugin(ctx context.Context, cli, name, version string) (string, error) {
	program := "pulumi-resource-" + name
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if found, err := exec.LookPath(program); err == nil {
		return filepath.Abs(filepath.Dir(found))
	}
	home, err := pulumiHome()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(home, "plugins", "resource-"+name+"-"+version)
	if _, err := os.Stat(filepath.Join(folder, program)); err == nil {
		return folder, nil
	}
	get := exec.CommandContext(ctx, cli, "plugin", "install", "resource", name, version)
	get.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_HOME="+home)
	said, err := get.CombinedOutput()
	if _, missing := os.Stat(filepath.Join(folder, program)); err != nil || missing != nil {
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		return "", fmt.Errorf("%w: %s is neither on PATH nor in %s, and the CLI could not download it (%s): run `pulumi plugin install resource %s %s` on a machine with internet access and copy the folder, or put %s on PATH",
			ErrNoPlugin, program, folder, lines[len(lines)-1], name, version, program)
	}
	return folder, nil
}

func pulumiHome() (string, error) {
	if home := os.Getenv("PULUMI_HOME"); home != "" {
		return filepath.Abs(home)
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("PULUMI_HOME is not set: %w", err)
	}
	return filepath.Join(user, ".pulumi"), nil
}

// sdkVersion is the version of a module that this program was built with.
func sdkVersion(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return ""
}
