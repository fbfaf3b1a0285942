package cli

import (
	"os/exec"
	"syscall"
)

// apart opens no window of a console beside ours.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
