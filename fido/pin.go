//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
#include <fido/config.h>
*/
import "C"

import (
	"context"
	"sync/atomic"

	"signet/vault/secret"
)

// Retries says how often the PIN may still be wrong before it is blocked.
func (k *Key) Retries(ctx context.Context) (int, error) {
	n, err := ask(ctx, k, "ask how many tries the pin has", func(dev *C.fido_dev_t, out *C.int) C.int { return C.fido_dev_get_retry_count(dev, out) })
	return int(n), err
}

// UVRetries says the same of the key's own verification, such as a fingerprint.
func (k *Key) UVRetries(ctx context.Context) (int, error) {
	n, err := ask(ctx, k, "ask how many tries the fingerprint has", func(dev *C.fido_dev_t, out *C.int) C.int { return C.fido_dev_get_uv_retry_count(dev, out) })
	return int(n), err
}

// withPIN is a call that may spend a try of the PIN. A wrong one comes back with the tries that are left.
func (k *Key) withPIN(ctx context.Context, op string, p secret.Secret, f func(dev *C.fido_dev_t, pin *C.char) C.int) error {
	if err := checkPIN(op, p); err != nil {
		return err
	}
	own := newOwned(p)
	defer own.unused()
	return k.count(ctx, k.call(ctx, op, func(dev *C.fido_dev_t) C.int {
		return own.use(func(pin *C.char) C.int { return f(dev, pin) })
	}))
}

// owned is a copy of a PIN that belongs to the key's thread once it is used there: a call that was left behind may still read it.
type owned struct {
	p    secret.Secret
	used atomic.Bool
}

func newOwned(p secret.Secret) *owned { return &owned{p: p.Clone()} }

func (o *owned) use(f func(*C.char) C.int) C.int {
	if o.used.Swap(true) {
		return C.FIDO_ERR_INTERNAL
	}
	defer o.p.Wipe()
	return pin(o.p, f)
}

// unused wipes a copy that the key's thread never got.
func (o *owned) unused() {
	if !o.used.Swap(true) {
		o.p.Wipe()
	}
}

// count adds the tries that are left to the error of a wrong PIN.
func (k *Key) count(ctx context.Context, err error) error {
	if CodeOf(err) != PINWrong {
		return err
	}
	e := err.(*Error) //nolint:errorlint,forcetypeassert // of this package, just made
	if n, failed := k.Retries(context.WithoutCancel(ctx)); failed == nil {
		if e.Retries = n; n == 1 {
			e.Code = PINLast
		}
	}
	return e
}

// SetPIN gives a key its first PIN, or with old changes it.
func (k *Key) SetPIN(ctx context.Context, fresh, old secret.Secret) error {
	const op = "set the pin"
	if err := checkPIN(op, fresh); err != nil {
		return err
	}
	own := newOwned(fresh)
	defer own.unused()
	return k.withPIN(ctx, op, old, func(dev *C.fido_dev_t, was *C.char) C.int {
		return own.use(func(c *C.char) C.int { return C.fido_dev_set_pin(dev, c, was) })
	})
}

// Reset makes the key forget everything: PIN, passkeys, fingerprints. It works only in the first seconds after it was plugged in, and wants a touch.
func (k *Key) Reset(ctx context.Context) error {
	return k.call(ctx, "reset the key", func(dev *C.fido_dev_t) C.int { return C.fido_dev_reset(dev) })
}

// ToggleAlwaysUV switches "verify always" to what it is not now.
func (k *Key) ToggleAlwaysUV(ctx context.Context, p secret.Secret) error {
	return k.withPIN(ctx, "switch always-verify", p, func(dev *C.fido_dev_t, pin *C.char) C.int { return C.fido_dev_toggle_always_uv(dev, pin) })
}

// SetMinPIN raises the least number of characters of a PIN; it can never fall.
func (k *Key) SetMinPIN(ctx context.Context, n int, p secret.Secret) error {
	return k.withPIN(ctx, "set the least length of a pin", p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		return C.fido_dev_set_pin_minlen(dev, C.size_t(n), pin) //nolint:gosec // checked by the key
	})
}

// ForcePINChange makes the key refuse everything until its PIN is a new one.
func (k *Key) ForcePINChange(ctx context.Context, p secret.Secret) error {
	return k.withPIN(ctx, "demand a new pin", p, func(dev *C.fido_dev_t, pin *C.char) C.int { return C.fido_dev_force_pin_change(dev, pin) })
}
