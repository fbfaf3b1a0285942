//go:build unix

package mirror

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const noFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC

// What opening a link with O_NOFOLLOW answers, and what a full disk or quota answers.
var (
	errIsLink error = syscall.ELOOP
	diskFull        = []error{syscall.ENOSPC, syscall.EDQUOT}
)

func refuseLink(string) error { return nil }

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// TryLock takes flock on the file: it belongs to the open file, not to the process, so that two vaults opened in one
// process exclude each other too, and it goes when the last descriptor goes, kill -9 included.
func (o osFS) TryLock(name string) (unlock func(), ok bool, err error) {
	f, err := os.OpenFile(o.path(name), os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, false, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, false, nil
		}
		return nil, false, err
	}
	return func() { _ = f.Close() }, true, nil
}
