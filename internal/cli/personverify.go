package cli

import (
	"context"
	"errors"
	"slices"

	"signet/internal/session"
	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// vaultVerifier verifies by the vault's passphrase and by the PIN of the virtual key.
type vaultVerifier struct {
	dir   string
	state passkeys.State
	local func() *session.Local // the open vault; nil while it is locked
}

var _ verifier = vaultVerifier{}

// ways puts the PIN first: who set one did it to type less.
func (v vaultVerifier) ways(ctx context.Context) []screen.VerifyWay {
	var out []screen.VerifyWay
	if v.state != nil {
		if m, err := v.state.Read(ctx); err == nil && m.HasPIN() {
			out = append(out, screen.VerifyPIN)
		}
	}
	if v.hasPassphrase() {
		out = append(out, screen.VerifyPassphrase)
	}
	return out
}

// hasPassphrase trusts an open vault; of a locked one it takes what lies beside it for a hint: opening it shows whether that is right.
func (v vaultVerifier) hasPassphrase() bool {
	if l := v.local(); l != nil {
		return l.Vault().HasPassphrase()
	}
	d, err := vault.At(v.dir, vault.Options{Notice: func(vault.Notice) {}})
	if err != nil {
		return false
	}
	ways, err := d.Ways()
	return err == nil && slices.ContainsFunc(ways, func(w vault.Way) bool { return w.Kind == unlock.KindPassphrase })
}

// verify implements verifier.
func (v vaultVerifier) verify(ctx context.Context, way screen.VerifyWay, s secret.Secret) error {
	if way == screen.VerifyPIN {
		left, err := passkeys.CheckPIN(ctx, v.state, s)
		if errors.Is(err, passkeys.ErrNotVerified) {
			return &wrongSecretError{way, left}
		}
		return err
	}
	defer s.Wipe()
	l := v.local()
	if l == nil {
		return passkeys.ErrLocked
	}
	err := l.VerifyPassphrase(ctx, s)
	if errors.Is(err, vault.ErrWrongPassphrase) {
		return &wrongSecretError{way, -1}
	}
	return err
}
