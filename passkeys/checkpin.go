package passkeys

import (
	"context"
	"crypto/sha256"

	"signet/vault/secret"
)

// HasPIN reports whether a PIN is set and may be tried: not after too many wrong ones, and not when it has to be changed first.
func (m *Memory) HasPIN() bool { return m.hasPIN() && m.retries() > 0 && !m.ForceChangePIN }

// CheckPIN checks a PIN that was typed at an Approver's prompt. It takes one try, durably, before it looks, from the same retries that clientPIN uses; a right
// PIN gives all tries back. It returns how many tries are left, ErrNotVerified for a wrong PIN, and ErrVerifyBlocked when there is none or no try is left. It
// takes the PIN over.
func CheckPIN(ctx context.Context, s State, pin secret.Secret) (left int, err error) {
	defer pin.Wipe()
	var tried Memory
	if err := s.Update(ctx, func(m *Memory) error {
		if !m.HasPIN() {
			return ErrVerifyBlocked
		}
		m.PINMisses++
		tried = *m
		return nil
	}); err != nil {
		return 0, err
	}
	sum := sha256.Sum256(pin.Reveal())
	defer clear(sum[:])
	if tried.samePIN(sum[:pinHashSize]) {
		return maxRetries, s.Update(ctx, func(m *Memory) error { m.PINMisses = 0; return nil })
	}
	if left = tried.retries(); left == 0 {
		return 0, ErrVerifyBlocked
	}
	return left, ErrNotVerified
}
