package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"signet/vault"
	"signet/vault/secret"
)

// descriptors remembers what was read from where: every descriptor gives one thing per command, and standard input is one of
// them. --passphrase-fd is asked for by several steps of a command and read once.
type descriptors struct {
	mu    sync.Mutex
	taken map[int]string
	open  []*os.File // kept, because a collected *os.File closes its descriptor, which may not be ours to close
	read  bool
	pass  secret.Secret
	err   error
}

// take claims a descriptor for one purpose.
func (d *descriptors) take(fd int, what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if by, ok := d.taken[fd]; ok {
		return usagef("%s cannot be read twice: for %s and for %s", fdName(fd), by, what)
	}
	if d.taken == nil {
		d.taken = map[int]string{}
	}
	d.taken[fd] = what
	return nil
}

func fdName(fd int) string {
	if fd == 0 {
		return "standard input"
	}
	return fmt.Sprintf("descriptor %d", fd)
}

// stdin claims standard input. A read of it ends with ctx, so that Ctrl-C works while it is waited for.
func (a *App) stdin(ctx context.Context, what string) (io.Reader, error) {
	if a.PassphraseFD == 0 && what != passphraseUse && what != "--secret-fd" {
		return nil, usagef("standard input cannot be read twice: for %s and for %s", passphraseUse, what)
	}
	if err := a.fds.take(0, what); err != nil {
		return nil, err
	}
	return ctxReader{ctx, a.In}, nil
}

const passphraseUse = "--passphrase-fd"

// passphraseFD returns what --passphrase-fd holds: up to the first LF or the end, at most 4,096 bytes, final CR removed.
func (a *App) passphraseFD(ctx context.Context) (secret.Secret, bool, error) {
	if a.PassphraseFD == -1 {
		return secret.Secret{}, false, nil
	}
	if !a.fds.read {
		a.fds.read = true
		a.fds.pass, a.fds.err = a.readFD(ctx, a.PassphraseFD, passphraseUse)
	}
	return a.fds.pass, true, a.fds.err
}

// readFD reads one secret line from a descriptor.
func (a *App) readFD(ctx context.Context, fd int, what string) (secret.Secret, error) {
	if fd < 0 {
		return secret.Secret{}, usagef("%s takes the number of an open descriptor", what)
	}
	if fd == 0 {
		r, err := a.stdin(ctx, what)
		if err != nil {
			return secret.Secret{}, err
		}
		return a.readCodeOrLine(r)
	}
	if err := a.fds.take(fd, what); err != nil {
		return secret.Secret{}, err
	}
	r, err := a.descriptor(fd)
	if err != nil {
		return secret.Secret{}, err
	}
	return a.readCodeOrLine(ctxReader{ctx, r})
}

// readCodeOrLine reads one line; where it has to be a recovery code, the lines of a recovery sheet that begin with #
// are passed over, so that the file that --recovery-file wrote can be given as it is.
func (a *App) readCodeOrLine(r io.Reader) (secret.Secret, error) {
	for left := maxPrompt; ; {
		s, err := readSecretLine(r)
		text := s.Reveal()
		if err != nil || a.Unlock != vault.MethodRecovery || len(text) > 0 && text[0] != '#' {
			return s, err
		}
		if left -= len(text) + 1; left <= 0 || len(text) == 0 {
			return s, nil
		}
		s.Wipe()
	}
}

// descriptor opens an inherited descriptor. It stays open: closing one that was never ours could close what the Go runtime
// holds under that number.
func (a *App) descriptor(fd int) (io.Reader, error) {
	if a.FD != nil {
		return a.FD(fd)
	}
	f := os.NewFile(uintptr(fd), fdName(fd))
	if f == nil {
		return nil, usagef("descriptor %d is not open", fd)
	}
	a.fds.open = append(a.fds.open, f)
	return f, nil
}

// ctxReader gives up waiting when its context ends. A read that still waits then ends with the process.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	got, err := await(c.ctx, func() ([]byte, error) {
		own := make([]byte, min(len(p), 1<<16)) // the read may outlive the caller's buffer
		n, err := c.r.Read(own)
		return own[:n], err
	})
	n := copy(p, got)
	clear(got)
	return n, err
}

func readSecretLine(r io.Reader) (secret.Secret, error) {
	buf := make([]byte, 0, maxPrompt+1)
	one := make([]byte, 1)
	for len(buf) <= maxPrompt {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				break
			}
			buf = append(buf, one[0])
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			clear(buf)
			return secret.Secret{}, readError("the passphrase", err)
		}
	}
	if len(buf) > maxPrompt {
		clear(buf)
		return secret.Secret{}, usagef("the passphrase is longer than %d bytes", maxPrompt)
	}
	if n := len(buf); n > 0 && buf[n-1] == '\r' {
		buf = buf[:n-1]
	}
	return secret.New(buf), nil
}

func readError(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return usagef("cannot read %s: %v", what, err)
}

// readStdin returns all of standard input for FIELD=-, with one final LF removed; once per command.
func (a *App) readStdin(ctx context.Context, what string, max int64) (secret.Secret, error) {
	r, err := a.stdin(ctx, what)
	if err != nil {
		return secret.Secret{}, err
	}
	b, err := io.ReadAll(io.LimitReader(r, max+2))
	if err != nil {
		clear(b)
		return secret.Secret{}, readError(what, err)
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if int64(len(b)) > max {
		clear(b)
		return secret.Secret{}, usagef("%s is longer than %d bytes", what, max)
	}
	return secret.New(b), nil
}
