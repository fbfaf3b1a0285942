package format

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
)

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

// The signature line is the last line of every signed text and has one length: {"sig":"<86 characters>"} and LF.
const (
	sigStart   = `{"sig":"`
	sigEnd     = "\"}\n"
	sigText    = 86 // base64url of 64 bytes
	sigLineLen = len(sigStart) + sigText + len(sigEnd)
)

var errUnsigned = errors.New("no signature line at the end")

// Verified is text whose signature was checked over its exact bytes. Only Verify makes one; decoders of signed text take
// nothing else, which is invariant I16 in the type system.
type Verified struct {
	body  []byte  // the lines before the signature line
	hash  Hash    // SHA-256 of the whole plaintext, signature line included
	key   int     // index of the key that verified
	kind  Kind    // what it was signed as
	vault VaultID // for which vault
}

// Body returns the verified lines without the signature line.
func (v Verified) Body() []byte { return v.body }

// Hash returns the SHA-256 of the whole plaintext; its SID is the identity of a segment or snapshot.
func (v Verified) Hash() Hash { return v.hash }

// Key returns which of the keys given to Verify had signed.
func (v Verified) Key() int { return v.key }

// SignedText returns what an Ed25519 signature of kind covers: "signet/v1/<kind>", a zero byte, the 32 bytes of the vault
// id (not for KindJoin: who joins does not know it yet), and the SHA-256 of the exact body.
func SignedText(kind Kind, vault VaultID, body []byte) []byte {
	return signedText(kind, vault, Sum(body))
}

func signedText(kind Kind, vault VaultID, sum Hash) []byte {
	text := append([]byte("signet/v1/"), kind...)
	text = append(text, 0)
	if kind != KindJoin {
		text = append(text, vault[:]...)
	}
	return append(text, sum[:]...)
}

func appendSigLine(dst, sig []byte) []byte {
	return append(b64.AppendEncode(append(dst, sigStart...), sig), sigEnd...)
}

// parseSigLine reads a signature line in its one spelling.
func parseSigLine(line []byte) ([]byte, bool) {
	if len(line) != sigLineLen || string(line[:len(sigStart)]) != sigStart || string(line[len(sigStart)+sigText:]) != sigEnd {
		return nil, false
	}
	return decode64(string(line[len(sigStart):len(sigStart)+sigText]), ed25519.SignatureSize)
}

// Sign appends the signature line {"sig":"…"}\n to body, which must end with LF, and returns the whole plaintext.
func Sign(kind Kind, vault VaultID, body []byte, key ed25519.PrivateKey) []byte {
	out := make([]byte, 0, len(body)+sigLineLen)
	return appendSigLine(append(out, body...), ed25519.Sign(key, SignedText(kind, vault, body)))
}

// Verify checks that plain is lines plus one signature line and nothing after it, and that one of keys signed exactly
// those bytes. ErrBadSignature when none did; other errors say that the shape is wrong.
func Verify(kind Kind, vault VaultID, plain []byte, keys ...ed25519.PublicKey) (Verified, error) {
	cut := len(plain) - sigLineLen
	if cut < 1 || plain[cut-1] != '\n' {
		return Verified{}, fmt.Errorf("verify %s: %w", kind, errUnsigned)
	}
	sig, ok := parseSigLine(plain[cut:])
	if !ok {
		return Verified{}, fmt.Errorf("verify %s: %w", kind, errUnsigned)
	}
	body := plain[:cut:cut]
	i := verifyAny(SignedText(kind, vault, body), sig, keys)
	if i < 0 {
		return Verified{}, fmt.Errorf("verify %s: %w", kind, ErrBadSignature)
	}
	return Verified{body, Sum(plain), i, kind, vault}, nil
}

// verifyAny returns the index of the key that made the signature, or -1.
func verifyAny(text, sig []byte, keys []ed25519.PublicKey) int {
	return slices.IndexFunc(keys, func(k ed25519.PublicKey) bool {
		return len(k) == ed25519.PublicKeySize && ed25519.Verify(k, text, sig)
	})
}

// LogKind says which signature a file of a log must be checked for, by the first bytes of its plaintext: KindSegment or
// KindSnapshot, or "" for neither. It decides nothing else: what it returns is part of what was signed.
func LogKind(start []byte) Kind {
	switch {
	case bytes.HasPrefix(start, []byte(`{"t":"seg",`)):
		return KindSegment
	case bytes.HasPrefix(start, []byte(`{"t":"snap",`)):
		return KindSnapshot
	}
	return ""
}
