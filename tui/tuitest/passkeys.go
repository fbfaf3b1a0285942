package tuitest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"signet/tui/screen"
	"signet/vault/entry"
)

// Passkeys are a few passkeys; the entries of the first two are in Sample.
type Passkeys struct {
	Rows    []screen.PasskeyRow
	Renames []string
	Err     error
}

// NewPasskeys has one of each kind.
func NewPasskeys() *Passkeys {
	then := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &Passkeys{Rows: []screen.PasskeyRow{
		{
			Entry: ID(1), Title: "GitHub", Cred: "aaaaaaaa", RP: "github.com", RPName: "GitHub", User: "octocat", Display: "The Octocat", Binding: screen.BindingSynced,
			Where: []string{"this vault"}, Created: then, Used: then, Algorithm: "ES256 (P-256)", Discoverable: true, Here: true, BE: "1", BS: "1", Protect: 3,
			Extensions: []string{"hmac-secret", "large blob"}, CredentialID: "00112233445566778899aabbccddeeff",
		},
		{
			Entry: ID(10), Title: "GitLab", Cred: "bbbbbbbb", RP: "gitlab.com", User: "ada@example.com", Binding: screen.BindingDevice, Where: []string{"the device that made it"},
			Created: then, BE: "0", BS: "0", Protect: 1,
		},
		{
			Entry: ID(10), Title: "GitLab", Cred: "cccccccc", RP: "gitlab.com", User: "work@example.com", Binding: screen.BindingSynced, Told: screen.BindingDevice,
			Where: []string{"this vault"}, Counter: 7, Here: true, BE: "0", BS: "0",
		},
		{Entry: ID(16), Title: Hostile, Cred: "dddddddd", RP: "аpple.com", User: Hostile, Binding: screen.BindingSynced, Unusable: true, Extensions: []string{Hostile}, CredentialID: Hostile},
	}}
}

// ManyPasskeys are n passkeys of many sites and some accounts.
func ManyPasskeys(n int) *Passkeys {
	p := &Passkeys{}
	for i := range n {
		p.Rows = append(p.Rows, screen.PasskeyRow{
			Entry: entry.ID(fmt.Sprintf("%026d", i)), Title: fmt.Sprintf("Site %05d", i/2), Cred: "aaaaaaaa", RP: fmt.Sprintf("site%05d.example", i/2), User: fmt.Sprintf("user%02d@example.com", i%50),
			Binding: screen.BindingSynced, Here: true, CredentialID: fmt.Sprintf("%032x", i),
		})
	}
	return p
}

// List implements screen.Passkeys.
func (p *Passkeys) List(context.Context, screen.Vault) ([]screen.PasskeyRow, error) {
	return slices.Clone(p.Rows), p.Err
}

// Of implements screen.Passkeys.
func (p *Passkeys) Of(_ context.Context, _ screen.Vault, id entry.ID) ([]screen.PasskeyRow, error) {
	return slices.DeleteFunc(slices.Clone(p.Rows), func(r screen.PasskeyRow) bool { return r.Entry != id }), p.Err
}

// Rename implements screen.Passkeys.
func (p *Passkeys) Rename(_ context.Context, _ screen.Vault, r screen.PasskeyRow, user, display string) (screen.Applied, error) {
	if p.Err != nil {
		return screen.Applied{}, p.Err
	}
	for i := range p.Rows {
		if p.Rows[i].Entry == r.Entry && p.Rows[i].Cred == r.Cred {
			p.Rows[i].User, p.Rows[i].Display = user, display
		}
	}
	p.Renames = append(p.Renames, user)
	return screen.Applied{Step: "rename"}, nil
}

// Delete implements screen.Passkeys.
func (p *Passkeys) Delete(_ context.Context, _ screen.Vault, r screen.PasskeyRow) (screen.Applied, error) {
	if p.Err != nil {
		return screen.Applied{}, p.Err
	}
	p.Rows = slices.DeleteFunc(p.Rows, func(o screen.PasskeyRow) bool { return o.Entry == r.Entry && o.Cred == r.Cred })
	return screen.Applied{Step: "delete"}, nil
}

// HardwareKeys are keys that a test plugs in and out.
type HardwareKeys struct {
	mu   sync.Mutex
	rows []screen.KeyRow
	err  error
	asks int
}

// Plug says which keys are there from now on.
func (h *HardwareKeys) Plug(rows ...screen.KeyRow) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rows = rows
}

// Fail makes every look fail, until it is called with nil.
func (h *HardwareKeys) Fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
}

// Asked is how often somebody looked.
func (h *HardwareKeys) Asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asks
}

// Key is a key by its number.
func Key(n string) screen.KeyRow {
	return screen.KeyRow{ID: "/dev/hidraw" + n, Name: "Test Key " + n, Maker: "Example Inc.", Product: "Test Key " + n, USB: "1209:000" + n, Path: "/dev/hidraw" + n}
}

// Library implements screen.HardwareKeys.
func (h *HardwareKeys) Library() string { return "libfido2 1.15.0" }

// List implements screen.HardwareKeys.
func (h *HardwareKeys) List(context.Context) ([]screen.KeyRow, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asks++
	return slices.Clone(h.rows), h.err
}
