//go:build cgo && !nolibfido2 && !windows

package fido

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// reachable tells why a device cannot be opened, which libfido2 does not: absent, not allowed, or locked by another program that uses libfido2. It waits
// a moment for the other one.
func reachable(ctx context.Context, path string) error {
	until := time.Now().Add(busyWait)
	for {
		err := tryDevice(path)
		if CodeOf(err) != Busy || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return failure(ctx, "open key", 0)
		case <-time.After(cancelEvery):
		}
	}
}

func tryDevice(path string) error {
	no := func(c Code, cause error) error { return &Error{Op: "open key", Code: c, Retries: -1, cause: cause} }
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return no(Denied, nil)
	case errors.Is(err, unix.EBUSY):
		return no(Busy, nil)
	case err != nil:
		return no(Absent, nil)
	}
	defer func() { _ = f.Close() }()
	if st, err := f.Stat(); err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return no(Absent, errors.New("not a device"))
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return no(Failed, err)
	}
	var locked error
	err = conn.Control(func(fd uintptr) { locked = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) }) //nolint:gosec // a descriptor fits an int
	if errors.Is(locked, unix.EWOULDBLOCK) {
		return no(Busy, nil)
	}
	return err
}
