package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
)

var errNoReport = errors.New("there is no report program beside this one: `make report` builds it")

// reportCommand hands over to the program that writes reports. That one draws,
// which takes long to compile; this one is not to wait for it.
func reportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "report", Short: "Write a stack's report as an HTML page (report --help shows its flags)", DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			return runReport(cmd, filepath.Join(filepath.Dir(self), "report"), args)
		},
	}
}

func runReport(cmd *cobra.Command, program string, args []string) error {
	c := exec.CommandContext(cmd.Context(), program, args...)
	c.Stdin, c.Stdout, c.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	err := c.Run()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w (%s)", errNoReport, program)
	case errors.As(err, new(*exec.ExitError)):
		return errSaid
	}
	return err
}

// errSaid says that the other program has said why it failed.
var errSaid = errors.New("the report was not written")
