package screen

import (
	"context"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Importer reads files of other programs.
type Importer interface {
	// Formats names what can be read, for people.
	Formats() []string
	// Inspect finds out what a file is and what importing it would do. ErrFilePassphrase (Faults) when it needs a passphrase. Nothing is
	// written. progress may be called from any goroutine; the total is not known.
	Inspect(ctx context.Context, v Vault, path string, pass secret.Secret, progress func(done, total int)) (Plan, error)
	// Import does it, as one step: there as a whole or, when it fails or ctx ends, not at all.
	Import(ctx context.Context, v Vault, plan Plan, pass secret.Secret, progress func(done, total int)) (Report, error)
}

// Plan is what an import would do.
type Plan struct {
	Path, Format string
	Size         int64 // of the file
	Encrypted    bool
	Tally
}

// Report is what an import did.
type Report struct {
	Applied
	Encrypted bool // the file was: it may stay where it is
	Tally
}

// Tally counts items, and names those of which there is something to tell.
type Tally struct {
	Items   int // all of them
	Added   int
	Merged  int // something new went into an entry that is there
	Updated int // it changed in the file alone
	Same    int // it was there already
	Differ  int // it differs from the vault's, which stays
	Skipped int
	Lost    int // values that are kept in no form
	Kinds   []KindCount
	Rows    []ItemRow // at most MaxItemRows
	More    int       // rows beyond them
}

// MaxItemRows bounds what a screen is given to list.
const MaxItemRows = 2000

// KindCount is how many items of a kind there are.
type KindCount struct {
	Kind string
	N    int
}

// ItemRow tells of one item. Title and place are foreign text; no value of the item is told.
type ItemRow struct {
	Title  string
	Place  string // where it stands in the file
	What   string // what happens to it, in words
	Bad    bool   // it, or a part of it, does not come over
	Values []ValueRow
}

// ValueRow tells of one value that does not go over as it is.
type ValueRow struct {
	Field string
	Fate  string // "kept in another form", "kept aside", "lost"
	Note  string
	Lost  bool
}

// Exporter writes entries into files.
type Exporter interface {
	// Formats lists what can be written; there is at least one.
	Formats() []ExportFormat
	// Preview writes nothing: it says what the file would hold and what the format cannot hold.
	Preview(ctx context.Context, v Vault, o ExportOptions, progress func(done, total int)) (Tally, error)
	// Export writes the file as a whole or, when it fails or ctx ends, not at all. A file of that name is replaced only with Replace, else
	// it is an error for which Faults.Exists is true.
	Export(ctx context.Context, v Vault, o ExportOptions, progress func(done, total int)) (Exported, error)
}

// ExportFormat is a format to write.
type ExportFormat struct {
	Name, Label string
	Ext         string // usual ending of a file in clear
	Clear       bool   // it holds secrets in clear unless the file is encrypted
}

// ExportOptions say what to write where.
type ExportOptions struct {
	Format     string
	IDs        []entry.ID // nil: everything, the trash included
	Path       string
	Passphrase secret.Secret // encrypt to it
	Recipient  string        // or to this age recipient
	Replace    bool          // the user was asked
}

// Exported is what an export did.
type Exported struct {
	Tally
	Path string // whole
	Size int64
	Mode string // "0600"
	Next string // what to do with the file now, in a sentence or two
}
