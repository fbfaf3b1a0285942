package passkeys

import (
	"context"
	"crypto/sha256"
	"errors"

	"signet/vault/secret"
)

// Bounds of the authenticator's own state.
const (
	maxRetries       = 8  // of the PIN, until it is blocked
	maxMisses        = 3  // of the PIN since it was switched on, until it is blocked for so long
	leastPIN         = 4  // code points
	mostPIN          = 63 // bytes
	maxPINLengthRPs  = 8
	maxLargeBlobs    = 16 << 10
	maxCredentials   = 100_000
	maxCredBlob      = 32
	maxCredentialID  = 1023
	maxRPID          = 255
	maxUserID        = 64
	maxList          = 1024 // credentials that a request names
	maxNextAssertion = 1000 // accounts handed out one after the other
)

// SealKey seals non-discoverable credentials into their ids.
type SealKey struct {
	Binding Binding // Synced: known to all devices of the vault
	Key     secret.Secret
}

// Memory is what an authenticator keeps besides credentials. The zero value is a new one.
type Memory struct {
	PIN            secret.Secret // hardened hash; empty when there is no PIN
	PINSalt        []byte
	PINLength      int // in code points
	PINMisses      int // wrong PINs in a row, for ever
	ForceChangePIN bool
	MinPINLength   int      // 0 for leastPIN
	MinPINRPs      []string // who may learn it
	AlwaysUV       bool

	PersistentToken secret.Secret // opens the list of passkeys to a program that was trusted once; empty for none
	Identifier      []byte        // 16 bytes by which such a program knows this device again, until a reset; empty while no program was trusted
	LargeBlobs      []byte        // the serialized large-blob array; empty for a new one
	SealKeys        []SealKey     // at most one of each binding is sealed with: the first
	RetiredKeys     []SealKey     // of before a reset; kept so that it can be undone
}

// ErrLocked says that Options.Open has to be called first.
var ErrLocked = errors.New("the vault is locked")

// State keeps the Memory. It is shared by all processes that serve the same device.
type State interface {
	// Read returns what there is now. While the vault is locked it returns what it knows of before, without the secrets, or ErrLocked when it knows nothing.
	Read(ctx context.Context) (Memory, error)
	// Update calls change with what there is now and keeps what it leaves, durably, before it returns. Nobody else changes anything meanwhile. An error of
	// change is returned as it is, and nothing is kept.
	Update(ctx context.Context, change func(*Memory) error) error
}

// hasPIN is known of a locked vault too, where PIN is empty.
func (m *Memory) hasPIN() bool { return m.PINLength != 0 }

func (m *Memory) retries() int { return max(0, maxRetries-m.PINMisses) }

func (m *Memory) minPIN() int { return max(leastPIN, m.MinPINLength) }

// largeBlobs is the array as it is read: an empty CBOR array and its checksum when nothing was written (CTAP 2.1, section 6.10).
func (m *Memory) largeBlobs() []byte {
	if len(m.LargeBlobs) != 0 {
		return m.LargeBlobs
	}
	sum := sha256.Sum256([]byte{0x80})
	return append([]byte{0x80}, sum[:blobChecksum]...)
}
