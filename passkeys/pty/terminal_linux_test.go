package pty_test

import "syscall"

// controlling makes the first extra file the terminal that a tool asks for PINs on.
func controlling() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
}
