package screen

import (
	"context"
	"io"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Ports are what the TUI needs from the outside. internal/cli fills them; tests fill them with tuitest. A port that is nil
// switches the actions off that need it. Every call may be made from any goroutine and ends early when its context does.
type Ports struct {
	Opener       Opener
	Clipboard    Clipboard
	Importer     Importer      // nil: no import
	Exporter     Exporter      // nil: no export
	Files        Files         // nil: paths are not completed
	Generator    Generator     // nil: no generator in forms
	Made         Made          // nil: generated passwords are not remembered
	Editor       Editor        // nil: notes are edited in forms only
	Demo         Demo          // nil: no demo vault
	Browser      Browser       // nil: web sites are not opened
	Auditor      Auditor       // nil: no audit, and no is:weak and the like
	Estimator    Estimator     // nil: forms do not say how strong a password is
	Ways         Ways          // nil: no screen of ways in and devices
	Settings     SettingsStore // nil: no screen of settings
	Passkeys     Passkeys      // nil: no screen of passkeys
	Approvals    Approvals     // nil: no program can ask anything
	VirtualKey   VirtualKey    // nil: there is none
	RequestLog   RequestLog    // nil: no screen of requests
	HardwareKeys HardwareKeys  // nil: this build cannot use them, and they are not mentioned
	Now          func() time.Time
	Rand         io.Reader // for ids of new entries, credentials and URLs
	Faults       Faults
	Machine      Machine // nil: nothing is known of suspend and screen lock
}

// Vault is an open vault: session.Session as the screens see it. After Lock, and when another process locked it, every call
// fails with an error for which Faults.Locked is true.
type Vault interface {
	Info(ctx context.Context) (Info, error)
	// Rows lists all entries in no particular order: those outside the trash, or those in it. The caller may keep the slice.
	Rows(ctx context.Context, trash bool) ([]entry.Row, error)
	// Folders returns every folder with its whole path.
	Folders(ctx context.Context) ([]Folder, error)
	// Usage says how often and when this device used each entry. It may be empty.
	Usage(ctx context.Context) (map[entry.ID]Use, error)

	// Get returns an entry with its concealed values withheld; history says whether previous values and what an import could not place
	// are listed (withheld too).
	Get(ctx context.Context, id entry.ID, history bool) (entry.Entry, error)
	// Field returns the live values of one field, displayed one first; several are a conflict.
	Field(ctx context.Context, ref entry.FieldRef) ([]entry.Candidate, error)
	// Past returns one previous value that Get withheld.
	Past(ctx context.Context, id entry.ID, p entry.Past) (secret.Secret, error)
	// Code computes the one-time code of a credential. A counter-based one is computed only with Advance, and the raised counter is
	// stored before the answer; without it Code.Counter is true and nothing else is set.
	Code(ctx context.Context, c CodeRef) (Code, error)

	// Apply writes edits as one step. A field of base that was changed since is an error for which Faults.Changed names the paths.
	Apply(ctx context.Context, base entry.Base, edits []entry.Edit) (Applied, error)
	// Undo takes a step back. What cannot be restored stands in Applied.Skipped.
	Undo(ctx context.Context, step string) (Applied, error)
	// Purge removes entries for good, their history included.
	Purge(ctx context.Context, ids []entry.ID) (Applied, error)
	// RestorePast writes a previous value back.
	RestorePast(ctx context.Context, id entry.ID, p entry.Past) (Applied, error)

	// Drafts returns the forms with unsaved changes that were kept on this device and that no other program works on. What cannot be read is named by
	// the error, which comes beside the others.
	Drafts(ctx context.Context) ([]StoredDraft, error)
	// SaveDraft keeps a draft, sealed, until DropDraft, in place of the one of that id. Data is the caller's to wipe.
	SaveDraft(ctx context.Context, d StoredDraft) error
	DropDraft(ctx context.Context, id string) error

	Settings(ctx context.Context) (Settings, error)
	EntryPort
	// Used notes that an entry was used on this device.
	Used(ctx context.Context, id entry.ID) error
	// Watch sends an event when the vault changed, here or in another process, and when it was locked; then the channel is closed.
	Watch(ctx context.Context) (<-chan Event, error)
	// Lock wipes the keys. Idempotent.
	Lock(ctx context.Context) error
}

// Differ is a Vault that can say what changed, so that a list of a hundred thousand entries is not read again after an edit of one.
type Differ interface {
	// Changes says what changed since a mark of an earlier answer; without a mark the answer is All, with a mark to begin with.
	Changes(ctx context.Context, since string) (Changes, error)
}

// Changes is what changed in a vault. All says that it is not known: Rows has to be asked.
type Changes struct {
	Rows []entry.Row // changed or new: entries, those in the trash, and other records
	Gone []entry.ID
	Mark string
	All  bool
}

// Info says what is open.
type Info struct {
	Name     string // what a person calls it: the vault's directory, or "demo"
	Device   string
	OpenedBy string // name of the way in
	ReadOnly bool   // opened with a recovery code
	Demo     bool
	Warnings []string
}

// StoredDraft is a Draft as Encode wrote it.
type StoredDraft struct {
	ID   string
	Data secret.Secret
}

// Folder is a folder with its path of titles.
type Folder struct {
	ID     entry.ID
	Parent entry.ID // the folder that it is in; "" at the top
	Path   []string
}

// Use is how often and when this device used an entry.
type Use struct {
	Count int
	Last  time.Time
}

// CodeRef names the one-time code of an entry. An empty Cred is its first.
type CodeRef struct {
	Entry   entry.ID
	Cred    string
	At      time.Time
	Advance bool
}

// Code is a one-time code and the time for which it holds.
type Code struct {
	Value, Next secret.Secret
	From, Until time.Time // zero for a counter-based code
	Counter     bool
}

// Applied says what a step did.
type Applied struct {
	Step    string // what Undo takes; "" when it cannot be undone
	Records []entry.ID
	Skipped []string // in words
}

// Settings are the protection settings that the TUI obeys.
type Settings struct {
	LockIdle    time.Duration // 0: never
	LockMax     time.Duration // since the vault was opened; 0: never
	LockSuspend bool          // before the machine sleeps
	LockScreen  bool          // when its screen is locked
	RevealAgain bool          // ask to unlock again before a value is revealed
	ClipClear   time.Duration
}

// EventKind says what happened to the vault.
type EventKind int

// The events.
const (
	EventChanged EventKind = iota
	EventLocked
)

// Event is one thing that happened to the vault.
type Event struct{ Kind EventKind }

// Opener opens and makes the vault of one directory.
type Opener interface {
	// Exists says whether there is a vault.
	Exists(ctx context.Context) (bool, error)
	// Ways lists how it can be opened here, best first. All of it is a hint: nothing was tried.
	Ways(ctx context.Context) ([]Way, error)
	// Open opens the vault by one way. secret is the passphrase or the code; it is the caller's to wipe. ctx may be cancelled while a
	// key derivation, a dialog or a touch is waited for.
	Open(ctx context.Context, way string, secret secret.Secret) (Vault, error)
	// Survey says what this machine offers to a new vault.
	Survey(ctx context.Context) (Survey, error)
	// Prepare makes everything of a new vault except its files. Nothing is written before Prepared.Commit.
	Prepare(ctx context.Context, o NewVault) (Prepared, error)
	// Enrolment says what is known before a vault opened with a recovery code takes this machine in; PrepareEnrolment does it. v is a
	// vault that Open returned with Info.ReadOnly.
	Enrolment(ctx context.Context, v Vault) (Enrolment, error)
	PrepareEnrolment(ctx context.Context, v Vault, keep []string, o NewVault) (Prepared, error)
}

// WayKind is what kind of way in it is.
type WayKind string

// The kinds that the screens treat differently; others are opened by choosing them.
const (
	WayKeyring    WayKind = "keyring"
	WayPassphrase WayKind = "passphrase"
	WayRecovery   WayKind = "recovery"
)

// Way is one way in.
type Way struct {
	Name   string
	Kind   WayKind
	Person bool // needs somebody: a touch, a dialog
}

// Survey is what a machine has.
type Survey struct {
	Dir          string // where the vault will be
	Keyring      bool   // there is a working one
	KeyringFound string // what was found, one line for people
	KeyringHint  string // the exact next step when it does not work
}

// NewVault says which ways in a new vault or a new device gets. At least one must be chosen.
type NewVault struct {
	Keyring    bool
	Passphrase secret.Secret // empty: none
	NoRecovery bool          // an explicit choice
}

// Prepared is a vault, or a device, that is complete in memory.
type Prepared interface {
	// Recovery gives the code; false when there is none.
	Recovery() (Recovery, bool)
	// Check reports whether typed is the code, as text or as words, however it is spaced.
	Check(typed secret.Secret) bool
	// SaveSheet writes the recovery sheet to a file that must not exist yet, readable by the user alone.
	SaveSheet(ctx context.Context, path string) error
	// Commit writes everything and opens the vault.
	Commit(ctx context.Context) (Vault, error)
	// Discard wipes what was made. After Commit it does nothing.
	Discard()
}

// Recovery is a recovery code in its spellings.
type Recovery struct {
	Text  secret.Secret // groups of characters
	Words secret.Secret // words with a space between; empty when there is no such spelling
	QR    secret.Secret // what the QR code holds; empty: Text
}

// Enrolment is what a user decides about when a recovery code takes a machine in.
type Enrolment struct {
	Members []Member
	Newest  time.Time // of the newest edit: whether that is the latest cannot be known
	Lost    []string  // what becomes unusable here, in words
}

// Member is something that can open the vault today.
type Member struct{ ID, Kind, Name string }

// Clipboard copies and cleans up. The clearing outlives the TUI.
type Clipboard interface {
	Copy(ctx context.Context, value secret.Secret, o CopyOptions) (Copied, error)
	// Clear empties the clipboard now, if it still holds what was copied last.
	Clear(ctx context.Context) error
}

// CopyOptions say how to copy.
type CopyOptions struct {
	Sensitive bool
	ClearIn   time.Duration // 0: never
	Terminal  io.Writer     // where an OSC 52 sequence may be written in one piece; nil: not at all
	// ByTerminal: OSC 52 is taken even where it is not asked for by the surroundings. The user agreed.
	ByTerminal bool
}

// Copied says what was done.
type Copied struct {
	Via     string // how, in words: "wl-copy", "OSC 52"
	ClearIn time.Duration
	Notes   []string // what is weaker than usual, one sentence each
}

// Generator makes passwords.
type Generator interface {
	Generate(ctx context.Context, r Recipe) (value secret.Secret, bits float64, err error)
}

// Recipe is what a generated password is made of.
type Recipe struct {
	Words     int    // above 0: a passphrase of that many words
	Separator string // between words
	Length    int
	Symbols   bool
	Digits    bool
	Capitals  bool
	Clear     bool // leave out characters that look alike
}

// Demo makes a throw-away vault with sample entries.
type Demo interface {
	Open(ctx context.Context) (Vault, error)
}

// Machine tells what happens to the machine while a vault is open.
type Machine interface {
	// LockEvents tells until ctx ends when the machine is about to sleep and when its screen was locked; then the channel is closed. Sleep waits a
	// few seconds for LockEvent.Done.
	LockEvents(ctx context.Context) <-chan LockEvent
	// Missing says, for people, why a suspend or a screen lock is not noticed here; "" where it is.
	Missing(ctx context.Context) (suspend, screen string)
}

// LockEvent asks for the vault to be locked. Done says that it is, or that it shall not be; it may be called more than once.
type LockEvent struct {
	Why  LockReason
	Done func()
}

// Faults tells errors of the ports apart. The functions may be nil.
type Faults struct {
	Locked         func(error) bool     // the vault is locked
	WrongSecret    func(error) bool     // wrong passphrase or code
	Changed        func(error) []string // paths of fields that were changed since
	NotFound       func(error) bool
	FilePassphrase func(error) bool // the file to import is encrypted
	Exists         func(error) bool // a file of that name is there already
	NoBrowser      func(error) bool // nothing here can show a web site
	NoClipboard    func(error) bool // there is no clipboard that a program could reach
	// Explain gives the text for people and, when there is one, the exact next step.
	Explain func(error) (text, hint string)
}
