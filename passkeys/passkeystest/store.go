package passkeystest

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"sync"

	"signet/passkeys"
)

// Store keeps credentials in memory.
type Store struct {
	mu    sync.Mutex
	byID  map[string]*passkeys.Credential
	sites map[string][]*passkeys.Credential // the newest last
	order []string                          // of the sites, as they came
	Trash []passkeys.Credential
	Room  int   // how many fit; 0 for any number
	Err   error // what every call returns, when it is not nil

	version int
}

// NewStore returns an empty one.
func NewStore() *Store {
	return &Store{byID: map[string]*passkeys.Credential{}, sites: map[string][]*passkeys.Credential{}}
}

var (
	_ passkeys.CredentialStore = (*Store)(nil)
	_ passkeys.Versioned       = (*Store)(nil)
)

// Version implements Versioned.
func (s *Store) Version(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.Itoa(s.version), s.Err
}

// begin is how every call begins.
func (s *Store) begin(ctx context.Context) (func(), error) {
	s.mu.Lock()
	if s.Err != nil {
		return s.mu.Unlock, s.Err
	}
	return s.mu.Unlock, ctx.Err()
}

// Find implements CredentialStore.
func (s *Store) Find(ctx context.Context, rpID string) ([]passkeys.Credential, error) {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return nil, err
	}
	var found []passkeys.Credential
	for _, c := range slices.Backward(s.sites[rpID]) {
		if c.Discoverable {
			found = append(found, own(c))
		}
	}
	return found, nil
}

// ByID implements CredentialStore.
func (s *Store) ByID(ctx context.Context, id []byte) (passkeys.Credential, error) {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return passkeys.Credential{}, err
	}
	c := s.byID[string(id)]
	if c == nil {
		return passkeys.Credential{}, passkeys.ErrNoCredential
	}
	return own(c), nil
}

// own is a copy that belongs to whoever gets it.
func own(c *passkeys.Credential) passkeys.Credential {
	o := *c
	o.ID, o.User.ID, o.Blob = bytes.Clone(c.ID), bytes.Clone(c.User.ID), bytes.Clone(c.Blob)
	return o
}

// Put implements CredentialStore.
func (s *Store) Put(ctx context.Context, c passkeys.Credential) error {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return err
	}
	s.version++
	same := slices.IndexFunc(s.sites[c.RPID], func(o *passkeys.Credential) bool { return o.Key.Usable() && bytes.Equal(o.User.ID, c.User.ID) })
	if same < 0 && s.Room != 0 && len(s.byID) >= s.Room {
		return passkeys.ErrStoreFull
	}
	if same >= 0 {
		s.drop(s.sites[c.RPID][same])
	}
	if len(s.sites[c.RPID]) == 0 {
		s.order = append(s.order, c.RPID)
	}
	c = own(&c)
	s.byID[string(c.ID)] = &c
	s.sites[c.RPID] = append(s.sites[c.RPID], &c)
	return nil
}

func (s *Store) drop(c *passkeys.Credential) {
	s.Trash = append(s.Trash, *c)
	delete(s.byID, string(c.ID))
	left := slices.DeleteFunc(s.sites[c.RPID], func(o *passkeys.Credential) bool { return o == c })
	s.sites[c.RPID] = left
	if len(left) == 0 {
		delete(s.sites, c.RPID)
		s.order = slices.DeleteFunc(s.order, func(o string) bool { return o == c.RPID })
	}
}

// change calls f with a credential.
func (s *Store) change(ctx context.Context, id []byte, f func(*passkeys.Credential)) error {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return err
	}
	c := s.byID[string(id)]
	if c == nil {
		return passkeys.ErrNoCredential
	}
	s.version++
	f(c)
	return nil
}

// SetUser implements CredentialStore.
func (s *Store) SetUser(ctx context.Context, id []byte, u passkeys.User) error {
	return s.change(ctx, id, func(c *passkeys.Credential) { c.User = u })
}

// Used implements CredentialStore.
func (s *Store) Used(ctx context.Context, id []byte, u passkeys.Use) error {
	return s.change(ctx, id, func(c *passkeys.Credential) { c.Counter, c.LastUsed = max(c.Counter, u.Counter), u.At })
}

// Delete implements CredentialStore.
func (s *Store) Delete(ctx context.Context, id []byte) error {
	return s.change(ctx, id, s.drop)
}

// Clear implements CredentialStore.
func (s *Store) Clear(ctx context.Context) error {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return err
	}
	s.version++
	for _, c := range s.byID {
		s.Trash = append(s.Trash, *c)
	}
	s.byID, s.sites, s.order = map[string]*passkeys.Credential{}, map[string][]*passkeys.Credential{}, nil
	return nil
}

// Trashed is how many are in the trash.
func (s *Store) Trashed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.Trash)
}

// Count implements CredentialStore.
func (s *Store) Count(ctx context.Context) (int, error) {
	end, err := s.begin(ctx)
	defer end()
	return len(s.byID), err
}

// RPs implements CredentialStore.
func (s *Store) RPs(ctx context.Context) ([]passkeys.RP, error) {
	end, err := s.begin(ctx)
	defer end()
	if err != nil {
		return nil, err
	}
	var all []passkeys.RP
	for _, id := range s.order {
		all = append(all, passkeys.RP{ID: id, Name: s.sites[id][0].RPName})
	}
	return all, nil
}
