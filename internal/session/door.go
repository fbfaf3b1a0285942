package session

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"signet/passkeys"
	"signet/vault"
)

// DoorOptions say how a Door opens.
type DoorOptions struct {
	// Open asks a person to open the vault; waiting(true) is told while they are waited for. nil: a locked vault stays locked.
	Open func(ctx context.Context, waiting func(bool)) (*Local, error)
	Dir  string // of the vault, for what is recorded while it is locked; "": nothing is
	Now  func() time.Time
	Rand io.Reader
	// Changed is told what a request changed in the vault, before that request is answered; ctx is the request's. nil: nobody is.
	Changed func(ctx context.Context, done Applied)
}

// Door is a vault that an authenticator stands on: open, or locked and opened when it is needed. Its methods may be called from several goroutines. What it
// knows of the authenticator's settings stays known while the vault is locked, without the secrets.
type Door struct {
	o       DoorOptions
	opening sync.Mutex // one question to a person at a time

	mu    sync.Mutex
	local *Local
	known *passkeys.Memory // of before it was locked, without secrets
	taken func()           // called when the vault is taken away
}

// NewDoor makes one that is locked.
func NewDoor(o DoorOptions) *Door {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return &Door{o: o}
}

// Use hands an open vault over, which stays its owner's to close; nil takes it away.
func (d *Door) Use(l *Local) {
	d.mu.Lock()
	d.local = l
	taken := d.taken
	d.mu.Unlock()
	if l == nil && taken != nil {
		taken()
	}
}

// OnTaken says what happens when the vault is taken away: an authenticator forgets what it keeps of earlier requests. One function, which must not wait.
func (d *Door) OnTaken(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = f
}

// open returns the vault while it is open, else passkeys.ErrLocked.
func (d *Door) open() (*Local, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.local == nil || d.local.isLocked() {
		return nil, passkeys.ErrLocked
	}
	return d.local, nil
}

// locked turns what a vault says that was locked meanwhile into what an authenticator knows.
func locked(err error) error {
	if errors.Is(err, vault.ErrLocked) {
		return passkeys.ErrLocked
	}
	return err
}

// Open opens the vault when it is locked: passkeys.Options.Open.
func (d *Door) Open(ctx context.Context, waiting func(bool)) error {
	if _, err := d.open(); err == nil {
		return nil
	}
	d.opening.Lock()
	defer d.opening.Unlock()
	if _, err := d.open(); err == nil {
		return nil // by somebody else meanwhile
	}
	if d.o.Open == nil {
		return passkeys.ErrLocked
	}
	if waiting == nil {
		waiting = func(bool) {}
	}
	l, err := d.o.Open(ctx, waiting)
	if err != nil {
		return err
	}
	if l == nil {
		return passkeys.ErrLocked
	}
	d.Use(l)
	return nil
}

// Store is the vault's passkeys; while the vault is locked every call fails with passkeys.ErrLocked.
func (d *Door) Store() passkeys.CredentialStore { return doorStore{d} }

// State is the authenticator's own memory: what is synced of it in the vault's record, the rest sealed to this device.
func (d *Door) State() passkeys.State { return doorState{d} }

// Record writes one row of the request log, durably; while the vault is locked, sealed to this device and marked as not authenticated.
func (d *Door) Record(ctx context.Context, r Request) error {
	l, err := d.open()
	if err == nil {
		err = locked(l.record(ctx, r))
	}
	if errors.Is(err, passkeys.ErrLocked) && d.o.Dir != "" {
		return recordLocked(d.o, r)
	}
	return err
}

// Binding returns where the key of a new passkey of a site lives by the vault's settings: passkey.rp/<rp>, else passkey.default, else synced.
func (d *Door) Binding(ctx context.Context, rpID string) (passkeys.Binding, error) {
	var b passkeys.Binding
	err := d.with(ctx, func(l *Local) (err error) { b, err = l.bindingOf(ctx, rpID); return err })
	return b, err
}

// doorStore is the vault as a passkeys.CredentialStore.
type doorStore struct{ d *Door }

// with calls f with the open vault.
func (d *Door) with(ctx context.Context, f func(l *Local) error) error {
	l, err := d.open()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	return locked(f(l))
}

// change calls f with the open vault and tells what it did.
func (d *Door) change(ctx context.Context, f func(l *Local) (Applied, error)) error {
	return d.with(ctx, func(l *Local) error {
		done, err := f(l)
		if err == nil && d.o.Changed != nil {
			d.o.Changed(ctx, done)
		}
		return err
	})
}

func (s doorStore) Find(ctx context.Context, rpID string) (out []passkeys.Credential, err error) {
	err = s.d.with(ctx, func(l *Local) error { out, err = l.findPasskeys(ctx, rpID); return err })
	return out, err
}

func (s doorStore) ByID(ctx context.Context, id []byte) (c passkeys.Credential, err error) {
	err = s.d.with(ctx, func(l *Local) error { c, err = l.byID(ctx, id); return err })
	return c, err
}

func (s doorStore) Put(ctx context.Context, c passkeys.Credential) error {
	return s.d.change(ctx, func(l *Local) (Applied, error) { return l.putPasskey(ctx, c) })
}

func (s doorStore) SetUser(ctx context.Context, id []byte, u passkeys.User) error {
	return s.d.change(ctx, func(l *Local) (Applied, error) { return l.renamePasskey(ctx, l.named(id), u.Name, u.DisplayName) })
}

func (s doorStore) Used(ctx context.Context, id []byte, u passkeys.Use) error {
	return s.d.with(ctx, func(l *Local) error { return l.usedPasskey(ctx, id, u) })
}

func (s doorStore) Delete(ctx context.Context, id []byte) error {
	return s.d.change(ctx, func(l *Local) (Applied, error) { return l.trashPasskey(ctx, l.named(id)) })
}

func (s doorStore) Clear(ctx context.Context) error {
	return s.d.change(ctx, func(l *Local) (Applied, error) { return l.trashAllPasskeys(ctx) })
}

func (s doorStore) Count(ctx context.Context) (n int, err error) {
	err = s.d.with(ctx, func(l *Local) error {
		k, err := l.allKept(ctx)
		n = k.count
		return err
	})
	return n, err
}

// Version implements passkeys.Versioned. Every change of the vault is one, that of a passkey too.
func (s doorStore) Version(ctx context.Context) (version string, err error) {
	err = s.d.with(ctx, func(l *Local) error {
		n, err := l.v.Generation(ctx)
		version = strconv.FormatUint(n, 10)
		return err
	})
	return version, err
}

func (s doorStore) RPs(ctx context.Context) (out []passkeys.RP, err error) {
	err = s.d.with(ctx, func(l *Local) error {
		k, err := l.allKept(ctx)
		out = slices.Clone(k.sites)
		return err
	})
	return out, err
}

// doorState is the vault as a passkeys.State.
type doorState struct{ d *Door }

func (s doorState) Read(ctx context.Context) (passkeys.Memory, error) {
	l, err := s.d.open()
	if err == nil {
		var m passkeys.Memory
		if m, err = l.readMemory(vaultMemory{ctx, l.v}); err == nil {
			s.d.remember(m)
			return m, nil
		}
	}
	if !errors.Is(locked(err), passkeys.ErrLocked) {
		return passkeys.Memory{}, err
	}
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if s.d.known == nil {
		return passkeys.Memory{}, passkeys.ErrLocked
	}
	return cloneMemory(*s.d.known), nil
}

func (s doorState) Update(ctx context.Context, change func(*passkeys.Memory) error) error {
	return s.d.with(ctx, func(l *Local) error {
		m, err := l.updateMemory(ctx, change)
		if err == nil {
			s.d.remember(m)
		}
		return err
	})
}

// remember keeps what may be known while the vault is locked.
func (d *Door) remember(m passkeys.Memory) {
	m = withoutSecrets(m)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = &m
}
