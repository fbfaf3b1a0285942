//go:build !windows

package cli

import "os"

// openTTY opens the controlling terminal; nil when there is none.
func openTTY() (in, out *os.File) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, nil
	}
	return f, f
}
