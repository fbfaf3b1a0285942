package passkeys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"unicode/utf8"

	"signet/vault/secret"
)

// ErrPINPolicy says that a PIN is too short, too long, or no text.
var ErrPINPolicy = errors.New("the PIN does not have the length that is asked for")

// PINStatus is what may be told of the PIN.
type PINStatus struct {
	Set        bool
	Left       int // wrong tries until it is blocked
	MinLength  int // in code points
	MaxBytes   int
	MustChange bool // a host asked for another one
	AlwaysUV   bool // nothing goes without verification
}

// PINStatus tells of the PIN.
func (m *Memory) PINStatus() PINStatus {
	return PINStatus{m.hasPIN(), m.retries(), m.minPIN(), mostPIN, m.ForceChangePIN, m.AlwaysUV}
}

// SetPIN sets the PIN for whoever opened the vault; one that there is gives way to it, known or not. Every persistent token ends, as with clientPIN; a token
// that another process handed out for the PIN before ends with its own time. ErrPINPolicy. It takes the PIN over.
func SetPIN(ctx context.Context, s State, rand io.Reader, pin secret.Secret) error {
	defer pin.Wipe()
	salt := make([]byte, pinSaltSize)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return err
	}
	text := pin.Reveal()
	sum := sha256.Sum256(text)
	defer clear(sum[:])
	return s.Update(ctx, func(m *Memory) error {
		if !m.fits(text) || m.ForceChangePIN && m.hasPIN() && m.samePIN(sum[:pinHashSize]) {
			return ErrPINPolicy
		}
		m.keepPIN(sum[:pinHashSize], salt, utf8.RuneCount(text))
		return nil
	})
}

// RemovePIN takes the PIN away. None is no error.
func RemovePIN(ctx context.Context, s State) error {
	return s.Update(ctx, func(m *Memory) error {
		m.PIN, m.PINSalt, m.PINLength, m.PINMisses = secret.Secret{}, nil, 0, 0
		m.ForceChangePIN, m.PersistentToken = false, secret.Secret{}
		return nil
	})
}

// fits reports whether a PIN may be set (CTAP 2.1, section 6.5.5.5).
func (m *Memory) fits(pin []byte) bool {
	return utf8.Valid(pin) && utf8.RuneCount(pin) >= m.minPIN() && len(pin) <= mostPIN && bytes.IndexByte(pin, 0) < 0
}

// keepPIN makes a PIN the one that counts.
func (m *Memory) keepPIN(hash, salt []byte, length int) {
	m.PIN, m.PINSalt, m.PINLength, m.PINMisses = hardened(hash, salt), salt, length, 0
	m.ForceChangePIN, m.PersistentToken = false, secret.Secret{}
}
