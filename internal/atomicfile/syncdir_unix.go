//go:build unix

package atomicfile

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir makes the entries of a directory durable. File systems that cannot sync a directory say so in several ways; with
// them there is nothing better to do than to go on.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	for _, cannot := range []error{syscall.EINVAL, syscall.ENOTSUP, syscall.ENOTTY, syscall.ENOSYS, syscall.EBADF} {
		if errors.Is(err, cannot) {
			return nil
		}
	}
	return err
}
