package format

import (
	"crypto/ed25519"
	"io"
	"iter"
)

// Context says which writes a state has seen: Have lists the sid of every folded file per log in seq order; Cloud lists
// dots replaced by folded ops whose own segment is not in Have (vault.md 5.3, 5.4).
type Context struct {
	Have  map[MemberID][]SID
	Cloud []Dot // sorted
}

// SnapshotHeader is the first line of a snapshot; Heads are the marks it covers.
type SnapshotHeader struct {
	SegmentHeader
	Heads map[MemberID]Mark
}

// WriteSnapshot streams a padded and signed snapshot: header, have and cloud lines, one line or several per record (sorted
// by record id, split below MaxLine), padding, signature. It returns the hash of the whole plaintext. Records are read
// once and never held together.
func WriteSnapshot(w io.Writer, h SnapshotHeader, c Context, records iter.Seq2[Record, error], key ed25519.PrivateKey) (Hash, error) {
	panic("contract: format.WriteSnapshot")
}

// VerifiedSnapshot is a snapshot whose signature was checked in a first pass over all bytes; Read makes the second pass.
type VerifiedSnapshot struct {
	open func() (io.ReadCloser, error)
	hash Hash
	key  int
}

// Hash returns the SHA-256 of the whole plaintext.
func (v VerifiedSnapshot) Hash() Hash { return v.hash }

// VerifySnapshot reads the plaintext once, bounded by MaxSnapshot, and checks the signature. open is called again by Read;
// it must yield the same bytes (an age file that authenticates), and Read checks that it did.
func VerifySnapshot(vault VaultID, open func() (io.ReadCloser, error), keys ...ed25519.PublicKey) (VerifiedSnapshot, error) {
	panic("contract: format.VerifySnapshot")
}

// Read parses the header and context, then calls record for each record in file order (a record split over several lines
// arrives as one). The bytes are hashed again on the way; a difference from the first pass is an error.
func (v VerifiedSnapshot) Read(head func(SnapshotHeader, Context) error, record func(Record) error) error {
	panic("contract: format.VerifiedSnapshot.Read")
}
