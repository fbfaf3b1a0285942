package passkeystest

import (
	"context"
	"slices"
	"sync"

	"signet/passkeys"
)

// State keeps a Memory in memory.
type State struct {
	mu     sync.Mutex
	Memory passkeys.Memory
	Err    error // what every call returns, when it is not nil
	Writes int
}

var _ passkeys.State = (*State)(nil)

// Read implements State.
func (s *State) Read(context.Context) (passkeys.Memory, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return clone(s.Memory), s.Err
}

// Update implements State.
func (s *State) Update(_ context.Context, change func(*passkeys.Memory) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return s.Err
	}
	m := clone(s.Memory)
	if err := change(&m); err != nil {
		return err
	}
	s.Memory = m
	s.Writes++
	return nil
}

func clone(m passkeys.Memory) passkeys.Memory {
	m.MinPINRPs, m.SealKeys, m.RetiredKeys = slices.Clone(m.MinPINRPs), slices.Clone(m.SealKeys), slices.Clone(m.RetiredKeys)
	m.LargeBlobs, m.PINSalt, m.Identifier = slices.Clone(m.LargeBlobs), slices.Clone(m.PINSalt), slices.Clone(m.Identifier)
	return m
}
