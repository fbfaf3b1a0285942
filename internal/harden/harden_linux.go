package harden

import "golang.org/x/sys/unix"

// steps: without the dumpable flag, /proc/PID/mem and ptrace are closed to all processes but root's, and no core is written
// even where core_pattern is a pipe, which ignores the limit.
func steps() []step {
	return append(common(), step{"keep other programs from reading this one's memory", func() error {
		return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	}})
}
