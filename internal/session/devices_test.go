package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

func passphraseWay() []vault.NewWay {
	return []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(testPass), WorkFactor: 10}}
}

// A second device of the vault shares what is synced and nothing else: it says where a device-bound passkey is, cannot use it, and leaves it alone. The person
// is told by site and account what a machine that is set up anew loses.
func TestTwoDevices(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "laptop")
	var code secret.Secret
	v, err := vault.Init(t.Context(), dir, vault.Options{}, vault.InitOptions{
		DeviceName: "laptop", Ways: passphraseWay(), Show: func(_ context.Context, s vault.Sheet) error { code = s.Text.Clone(); return s.Check(s.Text) },
	})
	must(t, err)
	laptop := session.NewLocal(v, time.Now)
	one := session.NewDoor(session.DoorOptions{})
	one.Use(laptop)
	bound, shared := deviceCredential(t, "bank.example", "u", "ada"), credential(t, "mail.example", "u", "ada")
	must(t, one.Store().Put(t.Context(), bound))
	must(t, one.Store().Put(t.Context(), shared))
	both, own := random32(), random32()
	must(t, one.State().Update(t.Context(), func(m *passkeys.Memory) error {
		m.PIN, m.PINLength, m.PINMisses, m.PersistentToken, m.AlwaysUV = random32(), 4, 2, random32(), true
		m.SealKeys = []passkeys.SealKey{{Binding: passkeys.Synced, Key: both}, {Binding: passkeys.Device, Key: own}}
		return nil
	}))
	must(t, laptop.Close())

	elsewhere := filepath.Join(t.TempDir(), "desktop")
	must(t, os.CopyFS(elsewhere, os.DirFS(dir)))
	at, err := vault.At(elsewhere, vault.Options{})
	must(t, err)
	var lost []string
	v, err = at.Enrol(t.Context(), vault.EnrolOptions{
		Code: code, DeviceName: "desktop", Ways: passphraseWay(), Confirm: func(context.Context, vault.MemberInfo) (bool, error) { return true, nil },
		Show:   func(_ context.Context, s vault.Sheet) error { return s.Check(s.Text) },
		Review: func(_ context.Context, r vault.EnrolReview) error { lost = r.Bound; return nil },
	})
	must(t, err)
	desktop := session.NewLocal(v, time.Now)
	defer desktop.Close()
	if !slices.Contains(lost, "bank.example (ada)") || len(lost) != 2 {
		t.Errorf("named as lost: %q", lost)
	}
	two := session.NewDoor(session.DoorOptions{})
	two.Use(desktop)
	if found, err := two.Store().Find(t.Context(), "bank.example"); len(found) != 0 || err != nil {
		t.Errorf("%d found of another device, %v", len(found), err)
	}
	if _, err := two.Store().ByID(t.Context(), bound.ID); !errors.Is(err, passkeys.ErrNoCredential) {
		t.Errorf("by its id: %v", err)
	}
	if got, err := two.Store().ByID(t.Context(), shared.ID); err != nil || !got.SecretUV.Equal(shared.SecretUV) {
		t.Errorf("the synced one: %v", err)
	}
	p := whereIs(t, desktop, bound.ID, session.PasskeyQuery{})
	if p.Here || p.Where != "laptop" || !slices.Contains(p.Extensions, "hmac-secret") {
		t.Errorf("listed %+v", p)
	}
	m, err := two.State().Read(t.Context())
	must(t, err)
	if !m.PIN.IsEmpty() || m.PINMisses != 0 || !m.PersistentToken.IsEmpty() || !m.AlwaysUV || len(m.SealKeys) != 1 || !m.SealKeys[0].Key.Equal(both) {
		t.Errorf("state %+v", m)
	}

	// The same account on this device joins the entry, and the other device's passkey stays what it is; so does it through a reset.
	mine := deviceCredential(t, "bank.example", "u", "ada")
	must(t, two.Store().Put(t.Context(), mine))
	if got := whereIs(t, desktop, mine.ID, session.PasskeyQuery{}); got.Entry != p.Entry || got.Where != "desktop" || !got.Here {
		t.Errorf("the new one is in %q", got.Title)
	}
	if n, err := two.Store().Count(t.Context()); n != 2 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
	must(t, two.Store().Clear(t.Context()))
	if got := whereIs(t, desktop, bound.ID, session.PasskeyQuery{}); !got.Trashed.IsZero() || got.Entry != p.Entry {
		t.Errorf("after a reset here: %+v", got)
	}
	if r := doctor(t, desktop); !r.Intact() || slices.ContainsFunc(r.Files, func(f vault.FileReport) bool { return strings.HasPrefix(f.Path, "bound/") && f.State != vault.StateOK }) {
		t.Error("doctor finds something")
	}
}

// What the recovery code opens can be looked at, and signs where nothing has to be written for it.
func TestReadOnlyPasskeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	var code secret.Secret
	v, err := vault.Init(t.Context(), dir, vault.Options{}, vault.InitOptions{
		DeviceName: "laptop", Ways: passphraseWay(), Show: func(_ context.Context, s vault.Sheet) error { code = s.Text.Clone(); return s.Check(s.Text) },
	})
	must(t, err)
	l := session.NewLocal(v, time.Now)
	d := session.NewDoor(session.DoorOptions{})
	d.Use(l)
	still, counts, bound := credential(t, "a.example", "u", "ada"), credential(t, "b.example", "u", "ada"), deviceCredential(t, "c.example", "u", "ada")
	counts.Counter = 3
	for _, c := range []passkeys.Credential{still, counts, bound} {
		c.Protect = passkeys.ProtectOptional
		must(t, d.Store().Put(t.Context(), c))
	}
	must(t, l.Close())
	at, err := vault.At(dir, vault.Options{})
	must(t, err)
	if v, err = at.Unlock(t.Context(), vault.UnlockOptions{Method: vault.MethodRecovery, Secret: code}); err != nil {
		t.Fatal(err)
	}
	l = session.NewLocal(v, time.Now)
	defer l.Close()
	d.Use(l)
	if list, err := l.Passkeys(t.Context(), session.PasskeyQuery{}); err != nil || len(list) != 3 || list[2].Here || list[2].Where != "laptop" {
		t.Errorf("%+v, %v", list, err)
	}
	a := authenticator(t, d)
	for rp, want := range map[string]passkeys.Status{"a.example": passkeys.StatusOK, "b.example": passkeys.StatusOther, "c.example": passkeys.StatusNoCredentials} {
		if _, _, status := signIn(t, a, rp); status != byte(want) {
			t.Errorf("%s: status %#x", rp, status)
		}
	}
	if err := d.Store().Put(t.Context(), credential(t, "d.example", "u", "ada")); !errors.Is(err, vault.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if rows, err := l.Requests(t.Context(), 0); len(rows) != 0 || err != nil {
		t.Errorf("requests %v, %v", rows, err)
	}
	if l.CanVerifyPassphrase() {
		t.Error("a passphrase of a vault that is open by its code verifies")
	}
}
