//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// openTTY opens the controlling terminal; nil when there is none.
func openTTY() (in, out *os.File) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, nil
	}
	return f, f
}

// silence switches the echo off and returns what brings it back. Lines and Ctrl-C work on as before.
func silence(f *os.File) (restore func(), err error) {
	fd := int(f.Fd()) //nolint:gosec // a descriptor fits
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO | unix.ECHONL
	quiet.Lflag |= unix.ICANON | unix.ISIG
	quiet.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &quiet); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, before) }, nil
}
