package vault

import (
	"context"
	"errors"
	"sync"
	"testing"

	"signet/vault/mirror"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// fakeRing is a keyring in memory that a test can lock, break and look into.
type fakeRing struct {
	mu     sync.Mutex
	items  map[string]string
	locked bool
	broken bool // nothing can be stored
	sets   int
}

func newFakeRing() *fakeRing { return &fakeRing{items: map[string]string{}} }

var errRing = errors.New("keyring is broken")

func (r *fakeRing) Probe(context.Context) unlock.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locked {
		return unlock.State{Available: true, Locked: true, Err: unlock.ErrKeyringLocked, Found: "a fake keyring, locked"}
	}
	return unlock.State{Available: true, Found: "a fake keyring"}
}

func (r *fakeRing) Unlock(context.Context) error {
	return &unlock.KeyringError{Err: unlock.ErrKeyringDismissed}
}

func (r *fakeRing) Get(service, user string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.items[service+"|"+user]
	if !ok {
		return "", &unlock.KeyringError{Err: unlock.ErrKeyringEmpty}
	}
	return v, nil
}

func (r *fakeRing) Set(service, user, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sets++
	if r.broken {
		return errRing
	}
	r.items[service+"|"+user] = value
	return nil
}

func (r *fakeRing) Delete(service, user string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken {
		return errRing
	}
	delete(r.items, service+"|"+user)
	return nil
}

func (r *fakeRing) snapshot() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]string{}
	for k, v := range r.items {
		out[k] = v
	}
	return out
}

// person answers questions from a script.
type person struct {
	secrets []string
	heard   []string
}

func (p *person) Secret(_ context.Context, prompt string) (secret.Secret, error) {
	p.heard = append(p.heard, prompt)
	if len(p.secrets) == 0 {
		return secret.Secret{}, unlock.ErrNeedsPerson
	}
	s := p.secrets[0]
	p.secrets = p.secrets[1:]
	return secret.FromString(s), nil
}
func (p *person) Message(text string) { p.heard = append(p.heard, text) }
func (p *person) Confirm(_ context.Context, prompt, _, _ string) (bool, error) {
	p.heard = append(p.heard, prompt)
	return true, nil
}

// home is one machine: a directory, a keyring, and what was noticed.
type home struct {
	t       *testing.T
	dir     string
	ring    *fakeRing
	opt     Options
	code    string // the recovery code of the vault
	sheet   string // the file that was made of it
	notices []string
}

const (
	testPass = "correct horse battery staple"
	cheap    = unlock.MinWorkFactor
)

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, dir: t.TempDir() + "/vault", ring: newFakeRing()}
	h.opt = Options{Keyring: unlock.Keyring{Items: h.ring}, Notice: func(n Notice) { h.notices = append(h.notices, n.Code+": "+n.Text) }}
	return h
}

func passWay() NewWay {
	return NewWay{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(testPass), WorkFactor: cheap}
}

// show is a person who writes the code down and types it again.
func (h *home) show(_ context.Context, s Sheet) error {
	h.code, h.sheet = s.Text.RevealString(), s.File.RevealString()
	return s.Check(secret.FromString(h.code))
}

func (h *home) init(ways ...NewWay) *Vault {
	h.t.Helper()
	if len(ways) == 0 {
		ways = []NewWay{{Kind: unlock.KindKeyring}, passWay()}
	}
	v, err := Init(h.t.Context(), h.dir, h.opt, InitOptions{DeviceName: "laptop", Ways: ways, Show: h.show})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = v.Close() })
	return v
}

func (h *home) at() *Dir {
	h.t.Helper()
	d, err := At(h.dir, h.opt)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *home) try(o UnlockOptions) (*Vault, error) {
	h.t.Helper()
	v, err := h.at().Unlock(h.t.Context(), o)
	if err == nil {
		h.t.Cleanup(func() { _ = v.Close() })
	}
	return v, err
}

func (h *home) open(method string) *Vault {
	h.t.Helper()
	o := UnlockOptions{Method: method}
	switch method {
	case "passphrase":
		o.Secret = secret.FromString(testPass)
	case MethodRecovery:
		o.Secret = secret.FromString(h.code)
	}
	v, err := h.try(o)
	if err != nil {
		h.t.Fatalf("open by %q: %v", method, err)
	}
	return v
}

func (h *home) mirror() *mirror.Mirror {
	h.t.Helper()
	m, err := mirror.Open(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}
