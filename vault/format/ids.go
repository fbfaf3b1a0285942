package format

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is the format version that this package writes and the only one it writes to.
const Version = 1

var (
	b64        = base64.RawURLEncoding.Strict()
	b32        = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	errBadID   = errors.New("malformed id")
	errBadHash = errors.New("malformed hash")
)

// Hash is a SHA-256. In JSON and in text it is 43 characters of unpadded base64url.
type Hash [sha256.Size]byte

// Sum hashes exact bytes.
func Sum(b []byte) Hash { return sha256.Sum256(b) }

// String returns 43 characters of base64url.
func (h Hash) String() string { return b64.EncodeToString(h[:]) }

// IsZero reports whether h is the absent hash, as in the prev of a log's first file.
func (h Hash) IsZero() bool { return h == Hash{} }

// SID returns the sid of the plaintext that h is the hash of: the first 96 bits.
func (h Hash) SID() SID { return SID(h.String()[:sidLen]) }

// ParseHash reads what String wrote and nothing else.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, ok := decode64(s, len(h))
	if !ok {
		return Hash{}, errBadHash
	}
	copy(h[:], b)
	return h, nil
}

// decode64 reads unpadded base64url of exactly n bytes. The length is compared first because package base64 skips line
// breaks, also when strict, and one value has one spelling here.
func decode64(s string, n int) ([]byte, bool) {
	if len(s) != b64.EncodedLen(n) {
		return nil, false
	}
	b, err := b64.DecodeString(s)
	return b, err == nil && len(b) == n
}

// VaultID is the SHA-256 of the genesis statement's body: 64 lower-case hex in text, these 32 bytes under signatures.
type VaultID Hash

// String returns 64 lower-case hex characters.
func (v VaultID) String() string { return hex.EncodeToString(v[:]) }

// ParseVaultID reads exactly 64 lower-case hex characters.
func ParseVaultID(s string) (VaultID, error) {
	var v VaultID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(v) || s != strings.ToLower(s) {
		return VaultID{}, errBadID
	}
	copy(v[:], b)
	return v, nil
}

const (
	sidLen  = 16
	id16Len = 26 // characters of base32 for 16 bytes
)

// SID identifies a segment or snapshot: the first 16 base64url characters (96 bits) of SHA-256 over its whole plaintext.
type SID string

// ParseSID checks the alphabet and the length.
func ParseSID(s string) (SID, error) {
	if !isSID(s) {
		return "", errBadID
	}
	return SID(s), nil
}

// isSID checks length and alphabet; 16 characters are 12 whole bytes, so that every spelling is a value.
func isSID(s string) bool {
	if len(s) != sidLen {
		return false
	}
	for i := range sidLen {
		if !isBase64URL(s[i]) {
			return false
		}
	}
	return true
}

func isBase64URL(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// MemberID names a member, and a device's log: 16 random bytes as 26 characters of lower-case base32.
type MemberID string

// RecordID names a record: 16 random bytes as 26 characters of lower-case base32.
type RecordID string

// NewMemberID encodes 16 random bytes.
func NewMemberID(random [16]byte) MemberID { return MemberID(b32.EncodeToString(random[:])) }

// NewRecordID encodes 16 random bytes.
func NewRecordID(random [16]byte) RecordID { return RecordID(b32.EncodeToString(random[:])) }

// Short returns the first 8 characters, as used in file names.
func (m MemberID) Short() string { return string(m[:min(8, len(m))]) }

// ParseMemberID checks alphabet and length, and that the text is the one encoding of its bytes.
func ParseMemberID(s string) (MemberID, error) {
	err := check16(s)
	if err != nil {
		return "", err
	}
	return MemberID(s), nil
}

// ParseRecordID checks alphabet and length, and that the text is the one encoding of its bytes.
func ParseRecordID(s string) (RecordID, error) {
	err := check16(s)
	if err != nil {
		return "", err
	}
	return RecordID(s), nil
}

func check16(s string) error {
	if !isID16(s) {
		return errBadID
	}
	return nil
}

// isID16 checks 26 characters of base32, the last of which carries three bits only: the other two must be zero.
func isID16(s string) bool {
	if len(s) != id16Len {
		return false
	}
	for i := range id16Len {
		if !isBase32(s[i]) {
			return false
		}
	}
	return strings.IndexByte("aeimquy4", s[id16Len-1]) >= 0
}

func isBase32(c byte) bool { return 'a' <= c && c <= 'z' || '2' <= c && c <= '7' }

// Dot names one write for ever: the op with index I (0 is the first line after the header) in the segment SID.
type Dot struct {
	SID SID
	I   int
}

// String returns "<sid>.<i>".
func (d Dot) String() string { return string(d.SID) + "." + strconv.Itoa(d.I) }

// Compare orders dots by the bytes of their sid, then by number.
func (d Dot) Compare(e Dot) int {
	if c := strings.Compare(string(d.SID), string(e.SID)); c != 0 {
		return c
	}
	return d.I - e.I
}

// ParseDot reads "<sid>.<i>", where i has no sign and no leading zero and is below MaxOps.
func ParseDot(s string) (Dot, error) {
	if len(s) < sidLen+2 || s[sidLen] != '.' {
		return Dot{}, fmt.Errorf("parse dot: %w", errBadID)
	}
	sid, err := ParseSID(s[:sidLen])
	if err != nil {
		return Dot{}, fmt.Errorf("parse dot: %w", err)
	}
	i, ok := parseInt(s[sidLen+1:])
	if !ok || i < 0 || i >= MaxOps {
		return Dot{}, fmt.Errorf("parse dot: %w", errBadID)
	}
	return Dot{sid, int(i)}, nil
}

// Mark is a place in a log: the file with number Seq and identity SID. In JSON [seq,sid]. The zero Mark is "nothing yet".
type Mark struct {
	Seq int
	SID SID
}
