//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// endSignals end the program; the last one is what the editor is told.
var endSignals = []os.Signal{unix.SIGTERM, unix.SIGHUP}

// holdDir marks a directory as in use; the end of the process frees it. It fails when another process holds it.
func holdDir(dir string) (release func(), err error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return func() { _ = unix.Close(fd) }, nil
}

// ownDir reports whether a path is a directory of this user that nobody else may enter.
func ownDir(dir string) bool {
	var st unix.Stat_t
	if unix.Lstat(dir, &st) != nil {
		return false
	}
	return uint32(st.Mode)&unix.S_IFMT == unix.S_IFDIR && int(st.Uid) == os.Getuid() && st.Mode&0o077 == 0
}
