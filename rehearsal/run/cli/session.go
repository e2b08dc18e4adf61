package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// passphrase encrypts the secrets in the rehearsal's state. They are derived
// from names and protect nothing; a fixed passphrase spares everybody a prompt.
const passphrase = "rehearsal"

// patience is how long a cancelled command may take to end in order.
const patience = 20 * time.Second

// session is one locked use of a stack.
type session struct {
	*Runner
	project string
	cli     string
	env     []string
}

func (r *Runner) newSession() (*session, error) {
	s := &session{Runner: r}
	var err error
	if s.project, err = s.copyProject(); err != nil {
		return nil, err
	}
	if s.cli, err = r.findCLI(); err != nil {
		return nil, err
	}
	state := filepath.Join(r.stateDir(), "state")
	if err := os.MkdirAll(state, 0o755); err != nil {
		return nil, err
	}
	// Nobody else is here, as we hold our own lock: the CLI's was left by a crash.
	if err := os.RemoveAll(filepath.Join(state, ".pulumi", "locks")); err != nil {
		return nil, err
	}
	s.env = append(cleanEnv(os.Environ()),
		"PULUMI_HOME="+filepath.Join(r.Dir, ".rehearsal", "home"),
		"PULUMI_BACKEND_URL=file://"+state,
		"PULUMI_CONFIG_PASSPHRASE="+passphrase,
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true",
		"PULUMI_SUPPRESS_NEO_LINK=true",
		"PULUMI_DEBUG_COMMANDS=true", // gives commands the flag --event-log
	)
	if r.Real != nil {
		s.env = append(s.env, r.Real.env()...)
	} else {
		s.env = append(s.env, "PULUMI_IGNORE_AMBIENT_PLUGINS=true")
	}
	return s, nil
}

// cleanEnv drops what could reach an account or change the outcome.
func cleanEnv(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "PULUMI_") && !strings.HasPrefix(v, "AWS_") {
			kept = append(kept, v)
		}
	}
	return kept
}

func (s *session) stackExists() bool {
	_, err := os.Stat(filepath.Join(s.stateDir(), "state", ".pulumi", "stacks", s.project, s.Stack+".json"))
	return err == nil
}

func (s *session) ensureStack(ctx context.Context) error {
	if s.stackExists() {
		return nil
	}
	cmd := s.command(ctx, "stack", "init", s.Stack, "--secrets-provider", "passphrase", "--no-select", "--non-interactive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(errors.New(strings.TrimSpace(string(out))), err)
	}
	return nil
}

func (s *session) workDir() string { return filepath.Join(s.stateDir(), "work") }

func (s *session) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.cli, args...)
	cmd.Dir = s.workDir()
	cmd.Env = s.env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = patience
	return cmd
}

// pulumi runs the CLI on the caller's streams. An interrupt from the terminal
// reaches the CLI by itself, which then ends in order; we wait for it.
func (s *session) pulumi(ctx context.Context, args ...string) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	cmd := s.command(ctx, append(args, "--color", colour())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stdout, s.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ErrFailed
	}
	return err
}

func colour() string {
	switch {
	case os.Getenv("NO_COLOR") != "":
		return "never"
	case os.Getenv("FORCE_COLOR") != "" && os.Getenv("FORCE_COLOR") != "0":
		return "always"
	}
	return "auto"
}
