package passkeys_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/passkeystest"
	"signet/vault/secret"
)

// What may be a PIN is the same here and for a host (CTAP 2.1, section 6.5.5.5).
func TestSetPINPolicy(t *testing.T) {
	t.Parallel()
	for pin, fits := range map[string]bool{
		"": false, "123": false, "1234": true, "äöü": false, "äöüß": true, "12\x0034": false, "\xff\xff\xff\xff": false,
		strings.Repeat("1", 63): true, strings.Repeat("1", 64): false, strings.Repeat("ä", 32): false,
	} {
		s := &passkeystest.State{}
		err := passkeys.SetPIN(t.Context(), s, rand.Reader, secret.FromString(pin))
		if fits != (err == nil) || !fits && !errors.Is(err, passkeys.ErrPINPolicy) {
			t.Errorf("%q: %v", pin, err)
		}
		if m, _ := s.Read(t.Context()); m.PINStatus().Set != fits {
			t.Errorf("%q: set %v", pin, m.PINStatus().Set)
		}
	}
	long := &passkeystest.State{Memory: passkeys.Memory{MinPINLength: 8}}
	if err := passkeys.SetPIN(t.Context(), long, rand.Reader, secret.FromString("1234567")); !errors.Is(err, passkeys.ErrPINPolicy) {
		t.Errorf("shorter than the least length: %v", err)
	}
}

// A new PIN counts at once, gives all tries back and ends what was handed out for the old one.
func TestSetPINReplaces(t *testing.T) {
	t.Parallel()
	s := &passkeystest.State{}
	set := func(pin string) {
		t.Helper()
		if err := passkeys.SetPIN(t.Context(), s, rand.Reader, secret.FromString(pin)); err != nil {
			t.Fatal(err)
		}
	}
	set("1234")
	for range 8 {
		_, _ = passkeys.CheckPIN(t.Context(), s, secret.FromString("4321"))
	}
	s.Memory.PersistentToken = secret.FromString("trusted")
	if _, err := passkeys.CheckPIN(t.Context(), s, secret.FromString("1234")); !errors.Is(err, passkeys.ErrVerifyBlocked) {
		t.Errorf("after eight wrong ones: %v", err)
	}
	set("5678")
	m, _ := s.Read(t.Context())
	if got := m.PINStatus(); got.Left != 8 || !got.Set || !m.PersistentToken.IsEmpty() {
		t.Errorf("after another one: %+v, token kept %v", got, !m.PersistentToken.IsEmpty())
	}
	if _, err := passkeys.CheckPIN(t.Context(), s, secret.FromString("1234")); !errors.Is(err, passkeys.ErrNotVerified) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := passkeys.CheckPIN(t.Context(), s, secret.FromString("5678")); err != nil {
		t.Errorf("the new one: %v", err)
	}

	s.Memory.ForceChangePIN = true
	if err := passkeys.SetPIN(t.Context(), s, rand.Reader, secret.FromString("5678")); !errors.Is(err, passkeys.ErrPINPolicy) {
		t.Errorf("the same where another one was asked for: %v", err)
	}
	if err := passkeys.RemovePIN(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Read(t.Context()); m.PINStatus().Set || m.PINStatus().MustChange || !m.PIN.IsEmpty() {
		t.Error("a PIN is left")
	}
}
