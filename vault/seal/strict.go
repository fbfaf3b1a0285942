package seal

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// age opens a file for whoever holds one of several keys. Every file of a vault has one key holder, so anything else was
// not written by Signet: one is what stands between age and the real identity, and refuses it.
type one struct {
	stanza string
	id     age.Identity
}

var errStanzas = errors.New("not exactly one stanza of the expected type")

func (o one) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != o.stanza {
		return nil, errStanzas
	}
	return o.id.Unwrap(stanzas)
}

// ioError marks an error of the reader underneath, so that a disk that fails is not taken for a file that was altered.
type ioError struct{ error }

func (e ioError) Unwrap() error { return e.error }

func fromBelow(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return ioError{err}
}

type source struct{ r io.Reader }

func (s source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	return n, fromBelow(err)
}

type sourceAt struct{ r io.ReaderAt }

func (s sourceAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(p, off)
	return n, fromBelow(err)
}

// headerError says why a file did not open: by age's error only which kind it is, because its text quotes the file.
func headerError(err error) error {
	var below ioError
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &below):
		return fmt.Errorf("open: %w", below.error)
	case errors.As(err, &noMatch):
		return fmt.Errorf("open: %w", ErrNotForUs)
	case errors.Is(err, errStanzas):
		return fmt.Errorf("open: %w: %w", ErrDamaged, errStanzas)
	}
	return damaged("header")
}

func damaged(part string) error { return fmt.Errorf("open: %w: %s", ErrDamaged, part) }

func payloadError(err error) error {
	var below ioError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.As(err, &below):
		return fmt.Errorf("open: %w", below.error)
	}
	return damaged("payload")
}

type payload struct{ r io.Reader }

func (p payload) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	return n, payloadError(err)
}

type payloadAt struct{ r io.ReaderAt }

func (p payloadAt) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.r.ReadAt(b, off)
	return n, payloadError(err)
}
