package pty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"signet/passkeys/ctaphid"
)

// Device is a security key on a pseudo-terminal.
type Device struct {
	ours   *os.File
	theirs *os.File // kept open: without any host, reading would fail
	closed atomic.Bool
}

// Open plugs a device in. Only the user who runs this process can open it.
func Open() (*Device, error) {
	ours, theirs, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	if ours, err = pollable(ours); err != nil {
		return nil, errors.Join(fmt.Errorf("set up a pseudo-terminal: %w", err), theirs.Close())
	}
	d := &Device{ours: ours, theirs: theirs}
	if err := errors.Join(raw(ours), raw(theirs), theirs.Chmod(0o600)); err != nil {
		return nil, errors.Join(fmt.Errorf("set up a pseudo-terminal: %w", err), d.Close())
	}
	return d, nil
}

// pollable gives a file that Close ends a read of. The one of creack/pty is blocking: as long as a host held the other end, closing it unplugged nothing.
func pollable(f *os.File) (*os.File, error) {
	defer func() { _ = f.Close() }()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil //nolint:gosec // a descriptor is not negative
}

// Path is what a host opens.
func (d *Device) Path() string { return d.theirs.Name() }

// Serve answers hosts until ctx ends or the device is closed, which it is afterwards.
func (d *Device) Serve(ctx context.Context, s *ctaphid.Server) error {
	stop := context.AfterFunc(ctx, func() { _ = d.ours.Close() })
	defer stop()
	err := s.Serve(ctx, &reports{r: d.ours}, d.ours)
	// A read that begins while Close is at work sees the other end gone before its own: EIO.
	unplugged := d.closed.Load()
	closing := d.Close()
	if ctx.Err() != nil || unplugged {
		return ctx.Err()
	}
	return errors.Join(err, closing)
}

// Close unplugs the device.
func (d *Device) Close() error {
	d.closed.Store(true)
	err := errors.Join(d.ours.Close(), d.theirs.Close())
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// reports takes the report id off what a host sends.
type reports struct {
	r    io.Reader
	buf  [1 + ctaphid.PacketSize]byte
	left []byte
}

func (r *reports) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		if _, err := io.ReadFull(r.r, r.buf[:]); err != nil {
			return 0, err
		}
		r.left = r.buf[1:]
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// raw turns everything off that a terminal does to bytes.
func raw(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			failed = err
			return
		}
		t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		t.Oflag &^= unix.OPOST
		t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		failed = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
	})
	return errors.Join(err, failed)
}
