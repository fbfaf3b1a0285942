package session

import (
	"context"
	"io"
	"iter"
	"time"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// Session is an open vault in use. Every method may be called from several goroutines. After Lock every call returns
// vault.ErrLocked.
type Session interface {
	// Info says what is open; it never fails while the session is open.
	Info(ctx context.Context) (Info, error)

	// Count counts the entries; it looks at every row.
	Count(ctx context.Context) (Count, error)

	// Find returns rows that match, best first. An empty query lists everything outside the trash.
	Find(ctx context.Context, q Query) (Page, error)
	// Changes says what changed since a mark that an earlier call gave, for lists that need not be read again as a whole. An empty mark
	// is never known: the answer is All, with a mark to begin with.
	Changes(ctx context.Context, since string) (Changes, error)
	// Folders returns every folder with its whole path.
	Folders(ctx context.Context) ([]Folder, error)
	// Resolve finds the one entry that ref means (decisions.md, "ENTRY"): id or unique prefix of at least 6, exact title
	// folding case, all words. vault.ErrNotFound, or *AmbiguousError with the candidates.
	Resolve(ctx context.Context, ref string, o ResolveOptions) (entry.ID, error)
	// Get returns an entry; concealed values are withheld unless o.Reveal. vault.ErrNotFound.
	Get(ctx context.Context, id entry.ID, o GetOptions) (entry.Entry, error)
	// Field returns the live values of one field, displayed one first; several are a conflict.
	Field(ctx context.Context, ref entry.FieldRef) ([]entry.Candidate, error)

	// Apply writes edits as one atomic segment. A field that base names and that was changed since fails the whole call with
	// *vault.ChangedError; a field that base does not name is replaced, and its old value goes to the history.
	Apply(ctx context.Context, base entry.Base, edits []entry.Edit) (Applied, error)
	// Import writes one atomic edit of any size; every batch holds the edits of whole records.
	Import(ctx context.Context, title string, batches iter.Seq2[[]entry.Edit, error]) (Applied, error)
	// Undo takes an edit back. *vault.UndoError names what was edited since and stays.
	Undo(ctx context.Context, sids []format.SID) (Applied, error)
	// Purge removes records for good from the current state: fields, history and sources.
	Purge(ctx context.Context, ids []entry.ID) (Applied, error)
	// Restore writes an old value back.
	Restore(ctx context.Context, id entry.ID, old format.Dot) (Applied, error)

	// Authors says which device wrote which segment. Segments that nobody knows any more are left out.
	Authors(ctx context.Context, sids []format.SID) (map[format.SID]Author, error)

	// All yields every entry, the trash included, one at a time, sorted by id. An entry that is changed meanwhile comes as it was before
	// or after; the session may be used from within the loop.
	All(ctx context.Context, o GetOptions) iter.Seq2[entry.Entry, error]

	// Store keeps a file's bytes and returns the member of a file credential that says where they are; an edit has to put it
	// into an entry.
	Store(ctx context.Context, r io.Reader) (entry.Member, error)
	// Attach stores a file in an entry and returns the new credential's path prefix. size may be -1 when unknown.
	Attach(ctx context.Context, id entry.ID, name, mediaType string, size int64, r io.Reader) (Applied, error)
	// Attachment writes a file's bytes to w and verifies them on the way; an error after bytes were written means: discard.
	Attachment(ctx context.Context, ref entry.FieldRef, w io.Writer) error

	// Settings returns the protection settings of the vault as this device sees them, with defaults filled in.
	Settings(ctx context.Context) (Settings, error)
	// Used notes that an entry's secret was used, on this device only.
	Used(ctx context.Context, id entry.ID) error
	// Usage returns use counts and last uses of this device.
	Usage(ctx context.Context) (map[entry.ID]Use, error)

	// Drafts returns the forms with unsaved changes that SaveDraft kept on this device and that no living process works on; from now on they are this
	// session's until DropDraft, Lock or Close. What cannot be read is left out and named by the error, which comes beside the others.
	Drafts(ctx context.Context) ([]Draft, error)
	// SaveDraft seals a draft durably on this device, in place of the one of that id. vault.ErrReadOnly, vault.ErrTooLarge.
	SaveDraft(ctx context.Context, d Draft) error
	// DropDraft removes a draft; one that is not there is no error.
	DropDraft(ctx context.Context, id string) error

	// Made returns the passwords that were generated and taken on this device, the newest first. They are the caller's to wipe.
	Made(ctx context.Context) ([]Made, error)
	// AddMade seals one more on this device, durably; the oldest beyond vault.MaxMade go. vault.ErrReadOnly, vault.ErrTooLarge.
	AddMade(ctx context.Context, m Made) error
	// ClearMade forgets them all.
	ClearMade(ctx context.Context) error

	// Passkeys returns passkeys by site, then account.
	Passkeys(ctx context.Context, q PasskeyQuery) ([]Passkey, error)
	// SetPasskeyUser changes the names of a passkey's account, as CTAP's update user does. ErrUnknownPasskey.
	SetPasskeyUser(ctx context.Context, ref PasskeyRef, name, display string) (Applied, error)
	// TrashPasskey moves a passkey to the trash: with its entry where that holds nothing else, else as an entry of its own. ErrUnknownPasskey.
	TrashPasskey(ctx context.Context, ref PasskeyRef) (Applied, error)
	// Requests returns the newest rows of the request log of this device, the newest first; limit 0 for all that are kept.
	Requests(ctx context.Context, limit int) ([]Request, error)

	// Watch sends an event when the vault changed, by this session or another process, and when it locks; the channel is
	// closed after that or when ctx ends.
	Watch(ctx context.Context) (<-chan Event, error)
	// Lock wipes the keys. Idempotent.
	Lock(ctx context.Context) error
	// Close finishes pending upkeep (compaction, cache) and locks.
	Close() error
}

// Info says what is open.
type Info struct {
	VaultID    string
	Dir        string // "" when remote
	Device     string // its name
	DeviceID   string
	OpenedBy   string // name of the slot
	ReadOnly   bool   // opened with a recovery code
	Generation uint64 // changes with every change of the vault
	Warnings   []string
}

// Count is how many entries there are, folders and other records not counted.
type Count struct {
	Entries int // outside the trash
	Trashed int
}

// Query says what to find.
type Query struct {
	Text      string // words, filters like tag:work kind:passkey has:totp in:trash folder:Bank
	Limit     int    // 0: all
	Offset    int
	Trash     bool // only the trash
	AnyRecord bool // folders and other records too
	Unsorted  bool // in no order: who sorts by itself does not pay for it twice
}

// Page is one answer of Find.
type Page struct {
	Rows  []entry.Row
	Total int // matches in all
}

// Changes is what changed since a mark. Rows are of records that changed or are new, of entries, of those in the trash and of other records;
// Gone are those that are no more. Some may be named that did not change. All says that it is not known: everything has to be read.
type Changes struct {
	Rows []entry.Row
	Gone []entry.ID
	Mark string
	All  bool
}

// Folder is a folder with its path of titles.
type Folder struct {
	ID     entry.ID
	Parent entry.ID
	Title  string
	Path   []string
}

// ResolveOptions says where to look.
type ResolveOptions struct{ Trash bool }

// GetOptions says what to give out.
type GetOptions struct {
	Reveal  bool // concealed values too
	History bool // previous values too
	Sources bool // what imports could not place, too
}

// Applied says what an edit did.
type Applied struct {
	SIDs    []format.SID
	Records []entry.ID
	Skipped []string // what an undo could not restore, in words
}

// Author is the device that wrote a segment.
type Author struct {
	Device string // its id
	Name   string // as the roster calls it
	This   bool   // this very device
}

// Use is how often and when this device used an entry.
type Use struct {
	Count int
	Last  time.Time
}

// Draft is a form with unsaved changes, in whatever shape its writer gave it. ID is 1 to 32 of a-z and 0-9, and is never used again.
type Draft struct {
	ID   string
	Data secret.Secret
}

// Made is a generated password. Recipe is how it was made, in whatever words its writer used.
type Made struct {
	Value  secret.Secret
	Time   int64 // ms since 1970
	Recipe string
}

// Settings are the protection settings (decisions.md): fields of the record rec=settings.
type Settings struct {
	LockIdle    time.Duration // lock.idle, default 15 m; 0 is never
	LockMax     time.Duration // lock.max, default 12 h
	LockOn      []string      // lock.on: suspend, screen
	RevealAgain bool          // reveal.again
	ClipClear   time.Duration // clip.clear, default 45 s
	TrashDays   int           // trash.days, 0 is never
	AgentKeep   bool          // agent.keep
	AuditOnline bool          // audit.online: the audit may ask the breach service

	PasskeyDefault string            // passkey.default: synced or device, where the key of a new passkey lives
	PasskeyRPs     map[string]string // passkey.rp/<RP ID>: the same for one site
}

// EventKind says what happened.
type EventKind string

// The events.
const (
	EventChanged EventKind = "changed"
	EventLocked  EventKind = "locked"
)

// Event is one thing that happened to the vault.
type Event struct {
	Kind       EventKind
	Generation uint64
}

// AmbiguousError says that several entries fit.
type AmbiguousError struct {
	Ref  string
	Rows []entry.Row // some of them
	More int         // how many beyond Rows
}

// Error names the reference only; the command line lists the rows.
func (e *AmbiguousError) Error() string { return "several entries match" }

// Opener opens the vault of one directory; the TUI's unlock screen and the command line use it.
type Opener interface {
	// Ways lists how the vault can be opened here.
	Ways(ctx context.Context) ([]Way, error)
	// Open tries one way, or all that need nobody when o.Way is empty.
	Open(ctx context.Context, o OpenOptions) (Session, error)
}

// Way is one way in, as known before unlocking; all of it is a hint.
type Way struct {
	Name   string
	Kind   string // keyring, passphrase, recovery, fido2, plugin
	Person bool   // needs somebody: a passphrase, a touch, a dialog
}

// OpenOptions says how to open.
type OpenOptions struct {
	Way    string
	Secret secret.Secret // passphrase, code, PIN; empty: none given
}
