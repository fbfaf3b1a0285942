//go:build unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// ttyKeys is the controlling terminal, read key by key.
type ttyKeys struct {
	fd     int
	before *unix.Termios
}

const (
	keyLook   = 50 * time.Millisecond // how soon the end of a context is noticed
	keyBurst  = 25 * time.Millisecond // how far apart the characters of one key may come
	maxKeys   = 512                   // bytes read at once
	noControl = 0                     // as a control character: none, everywhere but on BSD, where nobody types this one either
)

var errTerminalGone = errors.New("the terminal is gone")

// keys implements keyed. Only the job in the foreground may touch a terminal: another one would be stopped, request and all.
func (t *tty) keys(ctx context.Context) (keyboard, error) {
	if !t.open() {
		return nil, errNobody
	}
	fd := int(t.in.Fd()) //nolint:gosec // a descriptor fits
	if err := t.toForeground(ctx, fd); err != nil {
		return nil, err
	}
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("ask on the terminal: %w", err)
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON
	quiet.Lflag |= unix.ISIG
	quiet.Cc[unix.VMIN], quiet.Cc[unix.VTIME] = 1, 0
	quiet.Cc[unix.VSUSP], quiet.Cc[unix.VQUIT] = noControl, noControl // a program that is stopped, or dies, in the middle leaves a terminal without echo
	if err := unix.IoctlSetTermios(fd, flushTermios, &quiet); err != nil {
		return nil, fmt.Errorf("ask on the terminal: %w", err)
	}
	return &ttyKeys{fd, before}, nil
}

// gone implements keyed.
func (t *tty) gone() bool {
	if !t.open() {
		return true
	}
	_, err := unix.IoctlGetInt(int(t.in.Fd()), unix.TIOCGPGRP) //nolint:gosec // a descriptor fits
	return errors.Is(err, unix.EIO) || errors.Is(err, unix.ENXIO)
}

// toForeground waits until this process may read the terminal; whoever sent it to the background is told.
func (t *tty) toForeground(ctx context.Context, fd int) error {
	if foreground(fd) {
		return nil
	}
	t.Write("\a" + eraseLine + "\nSignet has a question and runs in the background: 'fg' brings it back.\n")
	late := time.NewTimer(answerWithin)
	defer late.Stop()
	look := time.NewTicker(4 * keyLook)
	defer look.Stop()
	for !foreground(fd) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return errNobodyNow
		case <-look.C:
		}
	}
	return nil
}

// foreground reports whether this process may read the terminal.
func foreground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

func (k *ttyKeys) close() { _ = unix.IoctlSetTermios(k.fd, setTermios, k.before) }

func (k *ttyKeys) width() int {
	if w, _, err := term.GetSize(k.fd); err == nil && w > 0 {
		return w
	}
	return 80
}

func (k *ttyKeys) next(ctx context.Context, until time.Time) ([]byte, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		left := time.Until(until)
		if left <= 0 {
			return nil, nil
		}
		ready, err := k.ready(min(left, keyLook))
		if err != nil {
			return nil, err
		}
		if ready {
			return k.burst()
		}
	}
}

// burst reads what one key sends: some send several characters.
func (k *ttyKeys) burst() ([]byte, error) {
	buf := make([]byte, 0, maxKeys)
	for len(buf) < cap(buf) {
		n, err := unix.Read(k.fd, buf[len(buf):cap(buf)])
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			n = 0
		case err != nil:
			return nil, errTerminalGone
		case n == 0:
			return nil, fmt.Errorf("%w: %w", errTerminalGone, io.EOF)
		}
		buf = buf[:len(buf)+n]
		if more, err := k.ready(keyBurst); err != nil || !more {
			return buf, err
		}
	}
	return buf, nil
}

// ready waits for something to read. select, not poll: some systems cannot poll terminals.
func (k *ttyKeys) ready(wait time.Duration) (bool, error) {
	if k.fd >= unix.FD_SETSIZE {
		return false, errors.New("ask on the terminal: too many open files")
	}
	var set unix.FdSet
	set.Set(k.fd)
	tv := unix.NsecToTimeval(wait.Nanoseconds())
	n, err := unix.Select(k.fd+1, &set, nil, nil, &tv)
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return n > 0, err
}
