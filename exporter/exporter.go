package exporter

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

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
	// Want says, before an item's attachments are stored, whether they will be needed; nil: always. Planner.Import sets it.
	Want func(Item) bool
	// Now tells plausible times from impossible ones; nil is time.Now.
	Now func() time.Time
}

func (o ReadOptions) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// WriteOptions say how to write.
type WriteOptions struct {
	Passphrase secret.Secret // age-encrypt to it
	Recipients []string      // age-encrypt to these
	WorkFactor int           // scrypt cost of Passphrase; 0: default
	Now        func() time.Time
}

// Item is one entry as a file holds it. The entry has no id yet, and says nothing of folders: Folders does.
//
// An item whose Entry.Rec is vault.RecFolder is no entry: it tells of the folder Folders[0] itself, so that an empty one is
// not lost and one that was only known by its id gets its title. Without a folder it only brings Losses to the report: what
// was lost of the file as a whole.
type Item struct {
	Entry    vault.Entry
	Folders  []Folder
	SourceID string // the item's id in the source, "" when it has none
	Place    string // where it stands in the file, for the report: "item 7", "line 12"
	Losses   []Loss
}

// Folder is one folder of the source: the way down to it, the top one first.
type Folder []FolderStep

// FolderStep is one folder on the way. The id is the source's; it keeps two folders of one name apart. A step with an
// id and no title is a folder that the file has not told of yet.
type FolderStep struct {
	ID      string
	Title   string
	Sources []vault.Source // kept with the folder when the import makes it
}

// Source is what an export reads.
type Source interface {
	// Entries yields every entry to export, revealed, with history and sources, one at a time; the caller wipes it.
	Entries(ctx context.Context) iter.Seq2[vault.Entry, error]
	// Folders lists every folder that the export is to have, empty ones and parents too, with what imports kept of them.
	Folders(ctx context.Context) ([]SourceFolder, error)
	// File writes an attachment's bytes.
	File(ctx context.Context, ref vault.FieldRef, w io.Writer) error
}

// SourceFolder is one folder of the vault.
type SourceFolder struct {
	ID, Parent vault.ID
	Title      string
	Sources    []vault.Source
}
