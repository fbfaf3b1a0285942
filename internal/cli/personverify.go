package cli

import (
	"context"
	"errors"

	"signet/internal/session"
	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// vaultVerifier verifies by the vault's passphrase and by the PIN of the virtual key.
type vaultVerifier struct {
	a     *App
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

func (v vaultVerifier) hasPassphrase() bool {
	d, err := vault.At(v.dir, vault.Options{Notice: func(vault.Notice) {}})
	if err != nil {
		return false
	}
	ways, err := d.Ways()
	if err != nil {
		return false
	}
	for _, w := range ways {
		if w.Kind == unlock.KindPassphrase {
			return true
		}
	}
	return false
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
	err := v.passphrase(ctx, s)
	if errors.Is(err, vault.ErrWrongPassphrase) {
		return &wrongSecretError{way, -1}
	}
	return err
}

// passphrase opens the vault with it once more, in vain: nothing else proves that it is right.
func (v vaultVerifier) passphrase(ctx context.Context, s secret.Secret) error {
	d, err := vault.At(v.dir, v.a.vaultOptions())
	if err != nil {
		return err
	}
	again, err := d.Unlock(ctx, vault.UnlockOptions{Method: string(unlock.KindPassphrase), Secret: s.Clone()})
	if err != nil {
		return err
	}
	return again.Close()
}
