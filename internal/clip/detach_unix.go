//go:build unix

package clip

import (
	"os/exec"
	"syscall"
)

// rootDir is where children stand: a directory that nobody wants to unmount.
func rootDir() string { return "/" }

// detach gives a command a session of its own, without a controlling terminal: closing the terminal does not reach it. Its
// process group has its own number, so that ending it ends what it started.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
