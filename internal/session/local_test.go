package session_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"signet/internal/session"
	"signet/internal/session/sessiontest"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// What lies in the trash leaves it only when trash.days says so, and only when it is old enough.
func TestTrashIsEmptiedWhenTheSettingSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	pass := secret.FromString("correct horse")
	v, err := vault.Init(t.Context(), dir, vault.Options{}, vault.InitOptions{
		DeviceName: "test", NoRecovery: true, Ways: []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: pass.Clone(), WorkFactor: 10}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := session.NewLocal(v, time.Now)
	old, oldEdits := sessiontest.Login("Old", "u", "p")
	young, youngEdits := sessiontest.Login("Young", "u", "p")
	edits := append(append(oldEdits, youngEdits...), vault.Trash(old, time.Now().Add(-48*time.Hour)), vault.Trash(young, time.Now()))
	step := func(edits []vault.Edit) {
		t.Helper()
		if _, err := s.Apply(t.Context(), nil, edits); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		d, err := vault.At(dir, vault.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, err = d.Unlock(t.Context(), vault.UnlockOptions{Secret: pass.Clone()}); err != nil {
			t.Fatal(err)
		}
		s = session.NewLocal(v, time.Now)
	}
	step(edits)
	if _, err := s.Get(t.Context(), old, session.GetOptions{}); err != nil {
		t.Fatalf("without the setting the trash was emptied: %v", err)
	}
	_, set, err := session.SettingEdits(t.Context(), s, "trash.days", "1", vault.SystemIDs())
	if err != nil {
		t.Fatal(err)
	}
	step(set)
	if _, err := s.Get(t.Context(), old, session.GetOptions{}); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("what was old is still there: %v", err)
	}
	if _, err := s.Get(t.Context(), young, session.GetOptions{}); err != nil {
		t.Errorf("what was young is gone: %v", err)
	}
	_ = s.Close()
}

func TestLocalPassesTheSuite(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Session {
		v, err := vault.Init(t.Context(), filepath.Join(t.TempDir(), "vault"), vault.Options{}, vault.InitOptions{
			DeviceName: "test", NoRecovery: true,
			Ways: []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString("correct horse"), WorkFactor: 10}},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := session.NewLocal(v, time.Now)
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		return s
	})
}
