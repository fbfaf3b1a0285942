//go:build windows

package mirror

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const noFollow = 0

// What a full disk answers.
var (
	errIsLink error = errors.New("never")
	diskFull        = []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}
)

// refuseLink looks before opening: Windows has no O_NOFOLLOW in Go's OpenFile.
func refuseLink(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
		return fmt.Errorf("open %s: %w", info.Name(), ErrNotRegular)
	}
	return nil
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

func syncData(f *os.File) error { return f.Sync() }

// TryLock locks the first byte of the file; the system takes the lock back when the process ends.
func (o osFS) TryLock(name string) (unlock func(), ok bool, err error) {
	p := o.path(name)
	if err := refuseLink(p); err != nil {
		return nil, false, err
	}
	f, err := os.OpenFile(p, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	var at windows.Overlapped
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY)
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &at)
	if err != nil {
		_ = f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			return nil, false, nil
		}
		return nil, false, err
	}
	return func() { _ = f.Close() }, true, nil
}
