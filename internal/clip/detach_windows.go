package clip

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

func rootDir() string { return "" }

// detach takes a command out of the console: closing the window does not reach it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}
