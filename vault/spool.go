package vault

import (
	"crypto/rand"
	"fmt"
	"io"

	"signet/vault/mirror"
	"signet/vault/seal"
	"signet/vault/secret"
)

// spool keeps the sorted parts of a fold that are too many for memory, as age files in state/tmp/ under a key that stands nowhere
// else and goes with this one fold: what a crash leaves there opens for nobody, and the next writer clears it away. Only under the
// file lock.
type spool struct {
	m     *mirror.Mirror
	key   seal.Local
	parts []mirror.Staged
}

func (v *Vault) newSpool() *spool {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	local := secret.New(key)
	defer local.Wipe()
	return &spool{m: v.m, key: seal.NewLocal(local, seal.PurposeSpool)}
}

// Put implements fold.Store.
func (s *spool) Put(write func(io.Writer) error) (func() (io.ReadCloser, error), error) {
	part, err := s.m.Scratch(func(w io.Writer) error {
		out, err := seal.Writer(w, s.key)
		if err != nil {
			return err
		}
		if err := write(out); err != nil {
			return err
		}
		return out.Close()
	})
	if err != nil {
		return nil, fmt.Errorf("sort: %w", err)
	}
	s.parts = append(s.parts, part)
	return func() (io.ReadCloser, error) { return s.open(part) }, nil
}

func (s *spool) open(part mirror.Staged) (io.ReadCloser, error) {
	file, err := s.m.Open(part.Path())
	if err != nil {
		return nil, fmt.Errorf("sort: %w", ErrCorrupt) // and not "it was collected meanwhile"
	}
	r, err := seal.OpenReader(file, seal.StanzaLocal, s.key)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return readCloser{r, file}, nil
}

// close removes the parts, which must not be open any more.
func (s *spool) close() {
	for _, part := range s.parts {
		s.m.Discard(part)
	}
	s.parts = nil
	s.key.Wipe()
}
