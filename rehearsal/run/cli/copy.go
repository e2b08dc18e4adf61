package cli

import (
	"os"
	"path/filepath"
)

// CopyProject copies the project's settings (Pulumi.yaml and those of its
// stacks) into another folder, where stacks can be rehearsed apart from the
// project's own. The folder is made if need be.
func CopyProject(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "Pulumi*.yaml"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
