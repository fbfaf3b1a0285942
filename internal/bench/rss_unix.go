//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak gives the largest resident set of an ended process. It is never below this program's own at the start of the child,
// which is why the generator streams.
func peak(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return u.Maxrss
	}
	return int64(u.Maxrss) * 1024 //nolint:unconvert // int32 on some systems
}
