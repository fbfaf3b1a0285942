package format

import "crypto/ed25519"

// Kind is what a signed text is; it is part of what is signed, so one kind can never pass for another.
type Kind string

// The kinds of signed text (vault.md 5.3).
const (
	KindSegment  Kind = "seg"
	KindSnapshot Kind = "snap"
	KindRoster   Kind = "roster"
	KindJoin     Kind = "join"
	KindMember   Kind = "member"
)

// Verified is text whose signature was checked over its exact bytes. Only Verify makes one; decoders of signed text take
// nothing else, which is invariant I16 in the type system.
type Verified struct {
	body []byte // the lines before the signature line
	hash Hash   // SHA-256 of the whole plaintext, signature line included
	key  int    // index of the key that verified
}

// Body returns the verified lines without the signature line.
func (v Verified) Body() []byte { return v.body }

// Hash returns the SHA-256 of the whole plaintext; its SID is the identity of a segment or snapshot.
func (v Verified) Hash() Hash { return v.hash }

// Key returns which of the keys given to Verify had signed.
func (v Verified) Key() int { return v.key }

// Sign appends the signature line {"sig":"…"}\n to body, which must end with LF, and returns the whole plaintext.
func Sign(kind Kind, vault VaultID, body []byte, key ed25519.PrivateKey) []byte {
	panic("contract: format.Sign")
}

// Verify checks that plain is lines plus one signature line and nothing after it, and that one of keys signed exactly
// those bytes. ErrBadSignature when none did; other errors say that the shape is wrong.
func Verify(kind Kind, vault VaultID, plain []byte, keys ...ed25519.PublicKey) (Verified, error) {
	panic("contract: format.Verify")
}
