package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy is returned when the same stack is being rehearsed by another process.
var ErrBusy = errors.New("this stack is being rehearsed by another process: wait until it has ended")

// Lock keeps other processes away from the folder until unlock is called. The
// system releases the lock if the process dies.
func Lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", filepath.Base(dir), ErrBusy)
		}
		return nil, err
	}
	return func() {
		// Closing alone would not do: a program that is just being started holds
		// a copy of the file for a moment, and with it the lock.
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		f.Close()
	}, nil
}
