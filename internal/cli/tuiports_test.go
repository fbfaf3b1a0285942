package cli

import (
	"context"
	"crypto/rand"
	"io"
	"path/filepath"
	"testing"
	"time"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// desk is a vault of its own on the disk, as the screens' ports see it.
type desk struct {
	*testing.T
	app    *App
	opener *tuiOpener
	vault  *tuiVault
	code   string // the recovery code
}

const deskPass = "open sesame"

// newDesk makes a vault with a passphrase and a recovery code. Its home is empty and has no keyring.
func newDesk(t *testing.T) *desk {
	t.Helper()
	home := t.TempDir()
	env := map[string]string{"HOME": home, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
	a := &App{Out: io.Discard, Err: io.Discard, Env: func(k string) string { return env[k] }, Now: time.Now, Rand: rand.Reader, Terminal: answered{}, PassphraseFD: -1}
	d := &desk{T: t, app: a, opener: &tuiOpener{a: a, dir: filepath.Join(home, "vault")}}
	v, err := vault.Init(t.Context(), d.opener.dir, d.opener.options(), vault.InitOptions{
		DeviceName: "laptop", Prompter: unlock.Nobody{},
		Ways: []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(deskPass), WorkFactor: unlock.MinWorkFactor}},
		Show: func(_ context.Context, s vault.Sheet) error { d.code = s.Text.RevealString(); return s.Check(s.Text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.vault = &tuiVault{a: a, s: session.NewLocal(v, a.Now)}
	t.Cleanup(func() { _ = d.vault.s.Lock(context.Background()) })
	return d
}

// opens reports whether a way in with that secret opens the vault from the outside.
func (d *desk) opens(way, typed string) bool {
	d.Helper()
	v, err := d.opener.Open(d.Context(), way, secret.FromString(typed))
	if err != nil {
		return false
	}
	_ = v.Lock(d.Context())
	return true
}

// reads counts the entries that a way in with that secret reads; -1 when it opens nothing.
func (d *desk) reads(way, typed string) int {
	d.Helper()
	v, err := d.opener.Open(d.Context(), way, secret.FromString(typed))
	if err != nil {
		return -1
	}
	defer v.Lock(d.Context()) //nolint:errcheck // nothing was written
	rows, err := v.Rows(d.Context(), false)
	if err != nil {
		return -1
	}
	return len(rows)
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

var _ = []any{screen.Ways(tuiWays{})}
