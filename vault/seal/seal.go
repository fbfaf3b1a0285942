package seal

import (
	"io"

	"filippo.io/age"

	"signet/vault/format"
	"signet/vault/secret"
)

// NewIdentity makes a fresh hybrid (ML-KEM-768 + X25519) identity and returns its secret text and its recipient string.
func NewIdentity() (identity secret.Secret, recipient string, err error) {
	panic("contract: seal.NewIdentity")
}

// ParseIdentity reads AGE-SECRET-KEY-PQ-1… text.
func ParseIdentity(text secret.Secret) (age.Identity, error) { panic("contract: seal.ParseIdentity") }

// ParseRecipient reads an age1pq1… recipient string (hybrid only).
func ParseRecipient(s string) (age.Recipient, error) { panic("contract: seal.ParseRecipient") }

// RecipientOf returns the recipient string of a hybrid identity text.
func RecipientOf(identity secret.Secret) (string, error) { panic("contract: seal.RecipientOf") }

// Stanza types that Open accepts.
const (
	StanzaHybrid = "mlkem768x25519"
	StanzaLocal  = "signet-local"
	StanzaScrypt = "scrypt"
)

// Bytes encrypts plain to exactly one recipient and returns the age file.
func Bytes(plain []byte, to age.Recipient) ([]byte, error) { panic("contract: seal.Bytes") }

// Writer streams an age file to w. Close ends it.
func Writer(w io.Writer, to age.Recipient) (io.WriteCloser, error) { panic("contract: seal.Writer") }

// Open decrypts an age file that must have exactly one stanza of the given type (vault.md 5.7). ErrNotForUs when id does not
// open it, ErrDamaged when it is not an age file, was cut or altered.
func Open(file []byte, stanza string, id age.Identity, maxPlain int) ([]byte, error) {
	panic("contract: seal.Open")
}

// OpenReader is Open for streams.
func OpenReader(r io.Reader, stanza string, id age.Identity) (io.Reader, error) {
	panic("contract: seal.OpenReader")
}

// OpenAt is Open with random access; opening decrypts and authenticates the final chunk first.
func OpenAt(r io.ReaderAt, size int64, stanza string, id age.Identity) (io.ReaderAt, int64, error) {
	panic("contract: seal.OpenAt")
}

// Purpose separates what the device's local secret authenticates (vault.md 5.3).
type Purpose string

// The purposes: HKDF-SHA256(local, info "signet/v1/<purpose>").
const (
	PurposeCache Purpose = "cache"
	PurposeTail  Purpose = "tail"
	PurposeHeads Purpose = "heads"
	PurposeBound Purpose = "bound"
	PurposeLocal Purpose = "local"
)

// Key derives the 32-byte key of a purpose from the 32-byte local secret.
func Key(local secret.Secret, p Purpose) secret.Secret { panic("contract: seal.Key") }

// HeadsKey derives the key of the heads file.
func HeadsKey(local secret.Secret) format.HeadsKey { panic("contract: seal.HeadsKey") }

// Local is both recipient and identity of age files with one stanza signet-local: the file key wrapped with
// XChaCha20-Poly1305 under Key(local, p). Files from another hand do not open (I17).
type Local struct{ key secret.Secret }

// NewLocal makes the stanza of one purpose.
func NewLocal(local secret.Secret, p Purpose) Local { panic("contract: seal.NewLocal") }
