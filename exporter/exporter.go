package exporter

import (
	"context"
	"errors"
	"io"
	"iter"

	"signet/vault"
	"signet/vault/secret"
)

// Errors that a caller branches on: each wants another next step.
var (
	ErrUnknownFormat = errors.New("format not recognised")
	ErrDamaged       = errors.New("file is damaged or cut off")
	ErrEncrypted     = errors.New("file is encrypted") // ReadOptions.Passphrase is needed, or wrong form
	ErrWrongSecret   = errors.New("wrong passphrase for this file")
	ErrUnsupported   = errors.New("this variant cannot be read") // the text says which and what to export instead
)

// Format is one file format. Import or Export may be nil.
type Format struct {
	Name  string // as in --format: bitwarden-json
	Label string // for people: Bitwarden JSON
	Ext   string // usual file name ending, for proposals
	Plain bool   // an export holds secrets in clear

	// Detect says whether the first bytes of a file (up to DetectBytes) look like this format.
	Detect func(head []byte) bool
	// Import reads items one by one and calls emit for each; it stops at emit's error.
	Import func(ctx context.Context, r io.Reader, o ReadOptions, emit func(Item) error) error
	// Export writes entries (revealed, with history and sources) and reports what the format cannot hold.
	Export func(ctx context.Context, w io.Writer, src Source, o WriteOptions, rep *Report) error
}

// DetectBytes is how much of a file Detect is given.
const DetectBytes = 64 << 10

// ReadOptions say how to read.
type ReadOptions struct {
	Passphrase secret.Secret
	// Store takes an attachment's bytes and returns the member that says where they are; nil in a dry run.
	Store func(r io.Reader) (vault.Member, error)
}

// WriteOptions say how to write.
type WriteOptions struct {
	Passphrase secret.Secret // age-encrypt to it
	Recipients []string      // age-encrypt to these
	WorkFactor int           // scrypt cost of Passphrase; 0: default
}

// Item is one entry as a file holds it. The entry has no id yet; Folder is the path of its folder's titles.
type Item struct {
	Entry    vault.Entry
	Folder   []string
	SourceID string // the item's id in the source, "" when it has none
	Place    string // where it stands in the file, for the report: "item 7", "line 12"
	Losses   []Loss
}

// Source is what an export reads.
type Source interface {
	// Entries yields every entry to export, revealed, with history and sources, one at a time; the caller wipes it.
	Entries(ctx context.Context) iter.Seq2[vault.Entry, error]
	// Folder returns the path of a folder's titles.
	Folder(id vault.ID) []string
	// File writes an attachment's bytes.
	File(ctx context.Context, ref vault.FieldRef, w io.Writer) error
}
