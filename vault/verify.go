package vault

import (
	"context"
	"errors"
	"fmt"

	"signet/vault/secret"
	"signet/vault/unlock"
)

// ErrNoPassphrase says that this device has no way in by a passphrase.
var ErrNoPassphrase = errors.New("this vault has no passphrase on this device")

// HasPassphrase reports whether this device has a way in by a passphrase. It reads the trusted list only.
func (v *Vault) HasPassphrase() bool {
	list, err := v.passphraseWays()
	return err == nil && len(list) > 0
}

// VerifyPassphrase checks that a passphrase opens this very vault: nil when one of its ways in by a passphrase yields the key that the vault is open with.
// ErrWrongPassphrase when none does, ErrNoPassphrase where there is none. It costs one KDF for each such way, changes nothing, and gives the KDF's memory back.
func (v *Vault) VerifyPassphrase(ctx context.Context, pass secret.Secret) error {
	if err := unlock.CheckPassphrase(pass); err != nil {
		return fmt.Errorf("verify passphrase: %w", ErrWrongPassphrase)
	}
	list, err := v.passphraseWays()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("verify passphrase: %w", ErrNoPassphrase)
	}
	wrong := fmt.Errorf("verify passphrase: %w", ErrWrongPassphrase)
	for _, w := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		ok, err := v.opensWith(ctx, w, pass)
		switch {
		case ok:
			return nil
		case err != nil && !errors.Is(err, ErrWrongPassphrase):
			wrong = fmt.Errorf("verify passphrase: %w", err)
		}
	}
	return wrong
}

// passphraseWays are the ways in by a passphrase, as the trusted list names them: what somebody else put beside them verifies nobody.
func (v *Vault) passphraseWays() ([]Way, error) {
	if v.readOnly {
		return nil, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return nil, err
	}
	list, err := v.ways()
	if err != nil {
		return nil, err
	}
	var out []Way
	for _, row := range list.Ways {
		if row.Kind != unlock.KindPassphrase || row.Gone || row.New {
			continue
		}
		if w, err := readWay(v.m, row.ID); err == nil {
			out = append(out, w)
		}
	}
	return out, nil
}

// opensWith tries one way in and compares the key that comes out: a file of another vault in its place verifies nobody.
func (v *Vault) opensWith(ctx context.Context, w Way, pass secret.Secret) (bool, error) {
	key, err := dirOn(v.m, v.o).try(ctx, w, UnlockOptions{Method: w.Name, Secret: pass})
	if err != nil {
		return false, err
	}
	defer key.Wipe()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return false, err
	}
	if !key.Sign.Equal(v.key.Sign) || !key.Local.Equal(v.key.Local) || !key.Identity.Equal(v.key.Identity) {
		return false, fmt.Errorf("%w: it holds another key than the vault is open with", ErrWayChanged)
	}
	return true, nil
}
