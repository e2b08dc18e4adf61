package site

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

// files is a folder in EFS' place. Where there is bindfs, that stands before the
// folder, so that it can hang as a network's file system does.
type files struct {
	folder  string // what servers mount
	behind  string // where it is kept
	process *exec.Cmd
}

// raiseFiles makes the file system, and lets its mount targets answer.
func (s *Site) raiseFiles() error {
	if s.files == nil {
		made := &files{behind: filepath.Join(s.folder, "efs"), folder: filepath.Join(s.folder, "efs")}
		s.files = made
		if err := os.MkdirAll(made.behind, 0o750); err != nil {
			return err
		}
		if err := os.Chown(made.behind, 33, 33); err != nil { // the access point's user
			return err
		}
		if at, err := exec.LookPath("bindfs"); err == nil {
			if err := made.mount(at, filepath.Join(s.folder, "efs-mounted")); err != nil {
				fmt.Fprintf(s.out, "SKIPPED: a file system that can hang; %v\n", err)
				made.stop()
				made.process, made.folder = nil, made.behind
			}
		}
	}
	for _, h := range s.Plan.Find(reach.FileSystem) {
		err := netlab.In(s.Lab.Namespace(h), func() error {
			listener, err := net.Listen("tcp4", netip.AddrPortFrom(h.Address, 2049).String())
			if err == nil {
				s.closers = append(s.closers, listener)
			}
			return err
		})
		if err != nil && !errors.Is(err, syscall.EADDRINUSE) { // it answers already
			return err
		}
	}
	return nil
}

func (f *files) mount(bindfs, at string) error {
	f.folder = at
	if err := os.Mkdir(at, 0o755); err != nil {
		return err
	}
	f.process = exec.Command(bindfs, "-f", f.behind, at)
	f.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := f.process.Start(); err != nil {
		return fmt.Errorf("starting bindfs: %w", err)
	}
	for range 50 {
		var what syscall.Statfs_t
		if err := syscall.Statfs(at, &what); err == nil && what.Type == fuse {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%w: bindfs did not mount %s", ErrServer, f.behind)
}

const fuse = 0x65735546 // FUSE_SUPER_MAGIC of statfs(2)

func (f *files) hang() error { return f.process.Process.Signal(syscall.SIGSTOP) }
func (f *files) goOn() error { return f.process.Process.Signal(syscall.SIGCONT) }

func (f *files) stop() {
	if f.process == nil || f.process.Process == nil {
		return
	}
	_ = f.goOn()
	_ = syscall.Unmount(f.folder, syscall.MNT_DETACH)
	_ = f.process.Process.Kill()
	_ = f.process.Wait()
}
