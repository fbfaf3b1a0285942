package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"signet/vault/format"
	"signet/vault/secret"
)

// Purpose separates what the device's local secret authenticates (vault.md 5.3).
type Purpose string

// The purposes: HKDF-SHA256(local, info "signet/v1/<purpose>").
const (
	PurposeCache Purpose = "cache"
	PurposeTail  Purpose = "tail"
	PurposeHeads Purpose = "heads"
	PurposeBound Purpose = "bound"
	PurposeLocal Purpose = "local"
	PurposeSpool Purpose = "spool" // under a secret made for one use, never the device's
)

// purposeID derives the public key id of the heads file.
const purposeID Purpose = "id"

const keySize = 32

// Key derives the 32-byte key of a purpose from the 32-byte local secret. Without such a secret (wiped away, never read) the
// key is empty, and an empty key opens and seals nothing: a key derived from nothing would be known to everybody.
func Key(local secret.Secret, p Purpose) secret.Secret {
	if len(local.Reveal()) != keySize {
		return secret.Secret{}
	}
	key, err := hkdf.Key(sha256.New, local.Reveal(), nil, "signet/v1/"+string(p), keySize)
	if err != nil {
		return secret.Secret{}
	}
	return secret.New(key)
}

// HeadsKey derives the key of the heads file.
func HeadsKey(local secret.Secret) format.HeadsKey {
	k := format.HeadsKey{MAC: Key(local, PurposeHeads)}
	copy(k.ID[:], Key(local, purposeID).Reveal())
	return k
}

// Local is both recipient and identity of age files with one stanza signet-local: the file key wrapped with
// XChaCha20-Poly1305 under Key(local, p). Files from another hand do not open (I17).
type Local struct{ key secret.Secret }

var (
	_ age.RecipientWithLabels = Local{}
	_ age.Identity            = Local{}
)

// NewLocal makes the stanza of one purpose.
func NewLocal(local secret.Secret, p Purpose) Local { return Local{Key(local, p)} }

// Wipe overwrites the key.
func (l Local) Wipe() { l.key.Wipe() }

const fileKeySize = 16

var (
	stanza64  = base64.RawStdEncoding.Strict()
	errStanza = errors.New("malformed signet-local stanza")
)

// Wrap implements age.Recipient.
func (l Local) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	aead, err := chacha20poly1305.NewX(l.key.Reveal())
	if err != nil {
		return nil, errors.New("signet-local: no key")
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("signet-local: %w", err)
	}
	return []*age.Stanza{{
		Type: StanzaLocal,
		Args: []string{stanza64.EncodeToString(nonce)},
		Body: aead.Seal(nil, nonce, fileKey, nil),
	}}, nil
}

// WrapWithLabels implements age.RecipientWithLabels: a label that no other recipient has keeps the stanza alone, because a
// second recipient could replace the file.
func (l Local) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	s, err := l.Wrap(fileKey)
	if err != nil {
		return nil, nil, err
	}
	return s, []string{StanzaLocal + " " + s[0].Args[0]}, nil
}

// Unwrap implements age.Identity.
func (l Local) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != StanzaLocal {
		return nil, age.ErrIncorrectIdentity
	}
	s := stanzas[0]
	if len(s.Args) != 1 || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return nil, errStanza
	}
	nonce, err := stanza64.DecodeString(s.Args[0])
	if err != nil || len(nonce) != chacha20poly1305.NonceSizeX {
		return nil, errStanza
	}
	aead, err := chacha20poly1305.NewX(l.key.Reveal())
	if err != nil {
		return nil, errors.New("signet-local: no key")
	}
	fileKey, err := aead.Open(nil, nonce, s.Body, nil)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}
