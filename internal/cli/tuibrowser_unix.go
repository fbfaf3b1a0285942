//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// apart gives a program a session of its own: what is typed here and closing the terminal do not reach it.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
