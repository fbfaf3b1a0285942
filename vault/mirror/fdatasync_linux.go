package mirror

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncData is fdatasync: a slot overwritten in place changes neither size nor place, so the inode can wait.
func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
