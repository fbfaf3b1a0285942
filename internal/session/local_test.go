package session_test

import (
	"path/filepath"
	"testing"
	"time"

	"signet/internal/session"
	"signet/internal/session/sessiontest"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

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
