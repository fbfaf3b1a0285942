//go:build (dragonfly && cgo) || (freebsd && cgo) || linux || netbsd || openbsd || darwin || windows

package unlock

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// Get implements Items.
func (system) Get(service, user string) (string, error) {
	v, err := keyring.Get(service, user)
	return v, mapped(err)
}

// Set implements Items.
func (system) Set(service, user, value string) error {
	return mapped(keyring.Set(service, user, value))
}

// Delete implements Items.
func (system) Delete(service, user string) error { return mapped(keyring.Delete(service, user)) }

func mapped(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return &KeyringError{ErrKeyringEmpty, "it has no key for this vault and device", "open the vault another way (--unlock passphrase or recovery), then add the keyring again: signet slot add keyring"}
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return &KeyringError{ErrNoKeyring, "none that Signet knows on this system", hintUnsupported}
	}
	return interaction(err)
}
