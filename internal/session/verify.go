package session

import (
	"context"

	"signet/vault/secret"
)

// CanVerifyPassphrase reports whether this device's vault has a passphrase that VerifyPassphrase can be asked about.
func (l *Local) CanVerifyPassphrase() bool { return l.v.HasPassphrase() }

// VerifyPassphrase checks that whoever types a passphrase may open this vault, and changes nothing. vault.ErrWrongPassphrase; vault.ErrNoPassphrase where
// there is none. It costs a KDF: about a second.
func (l *Local) VerifyPassphrase(ctx context.Context, pass secret.Secret) error {
	return l.v.VerifyPassphrase(ctx, pass)
}
