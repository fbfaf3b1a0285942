package passkeys_test

import (
	"errors"
	"testing"

	"signet/passkeys"
	"signet/vault/secret"
)

// The PIN of an approver's prompt and the PIN of a host have the same tries, taken before they are judged.
func TestPromptAndHostShareTheTriesOfThePIN(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	try := func(pin string, left int, want error) {
		t.Helper()
		if got, err := passkeys.CheckPIN(t.Context(), h.state, secret.FromString(pin)); got != left || !errors.Is(err, want) {
			t.Errorf("%q: %d left, %v; want %d, %v", pin, got, err, left, want)
		}
	}
	try("1234", 0, passkeys.ErrVerifyBlocked) // there is none
	h.protect()
	try("1234", 8, nil)
	try("", 7, passkeys.ErrNotVerified)
	try("12345", 6, passkeys.ErrNotVerified)
	if got := h.retries(); got != 6 {
		t.Errorf("a host is told of %d tries", got)
	}
	try("1234", 8, nil)
	if got := h.retries(); got != 8 {
		t.Errorf("after the right one a host is told of %d tries", got)
	}
	for left := 7; left > 0; left-- {
		try("0000", left, passkeys.ErrNotVerified)
	}
	try("0000", 0, passkeys.ErrVerifyBlocked)
	try("1234", 0, passkeys.ErrVerifyBlocked) // too late
	r, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitGet, "example.com")
	h.refused("a token with the right PIN", passkeys.StatusPINBlocked, 6, r)
}

// Where the try cannot be kept, the PIN is not looked at.
func TestPINIsNotJudgedWhereTheTryCannotBeKept(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	h.state.Err = errors.New("disk full")
	if _, err := passkeys.CheckPIN(t.Context(), h.state, secret.FromString("1234")); !errors.Is(err, h.state.Err) {
		t.Error(err)
	}
}
