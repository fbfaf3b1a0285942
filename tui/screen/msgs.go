package screen

import (
	tea "charm.land/bubbletea/v2"

	"time"

	"signet/tui/dialog"
	"signet/vault/entry"
)

// Requests to the root.
type (
	// OpenEntry shows an entry.
	OpenEntry struct{ ID entry.ID }
	// OpenEdit opens the form of an entry.
	OpenEdit struct{ ID entry.ID }
	// OpenNew opens the form of a new entry. Type is the credential that it begins with, "" for the usual one of its kind.
	OpenNew struct {
		Kind entry.Kind
		Type string
	}
	// OpenTrash shows what is in the trash.
	OpenTrash struct{}
	// OpenImport asks for a file to import.
	OpenImport struct{}
	// OpenEnrol takes this machine in after a recovery code opened the vault.
	OpenEnrol struct{}
	// OpenPalette lists every action that can be done now, with its keys; choosing one presses its key.
	OpenPalette struct{}
	// OpenMessages lists what the status line said.
	OpenMessages struct{}
	// OpenFolders shows folders and tags.
	OpenFolders struct{}
	// OpenAudit shows what the audit finds.
	OpenAudit struct{}
	// OpenPasskeys lists the passkeys of the vault.
	OpenPasskeys struct{}
	// OpenRequests lists what programs asked for.
	OpenRequests struct{}
	// OpenHardwareKeys lists the security keys that are plugged in.
	OpenHardwareKeys struct{}
	// OpenWays lists the ways into the vault and its devices.
	OpenWays struct{}
	// OpenRecovery makes a recovery code for an open vault, in place of the one that Replace names; To is told when it is made.
	OpenRecovery struct {
		To      int64
		Replace string
	}
	// OpenSettings shows the settings.
	OpenSettings struct{}
	// OpenExport guides through an export of these entries (the marked ones, or the one under the cursor), of what a search shows, or of
	// everything: the user chooses among those that are given.
	OpenExport struct{ IDs, Found []entry.ID }
	// NextTheme tries another theme, until the program ends; nothing is written.
	NextTheme struct{}
	// Look puts a setting of looks (ui.theme, ui.ascii, ui.mouse, ui.screen_reader) into effect at once. It writes nothing.
	Look struct{ Name, Value string }
	// Working says what takes time from now on. The status line shows it once a second has passed, until the next notice.
	Working struct{ What string }
	// ToggleMouse gives the mouse back to the terminal, or takes it.
	ToggleMouse struct{}
	// SwitchKey plugs the virtual security key in, or out.
	SwitchKey struct{}
	// CopyNext copies the next part of an entry: user name, password, code, in turn.
	CopyNext struct{ ID entry.ID }
	// OpenURL opens a web site of an entry: that of a field, or its first.
	OpenURL struct {
		ID   entry.ID
		Path string // of the field under the cursor; "" or another one: the first
	}
	// OpenQR shows something of an entry as a QR code. Where that is a secret the asker was proven before.
	OpenQR struct {
		ID        entry.ID
		What      QRWhat
		Path      string // of the field
		Cred      string // QRCode, QRWiFi: the credential
		Candidate string // the dot of a value in conflict
		Past      entry.Past
		Name      string // what it is called
		Title     string // QRCode: of the entry
	}
	// OpenFile asks for the name of a file: to write an attachment to, or to put into an entry when Cred is empty.
	OpenFile struct {
		Entry       entry.ID
		Cred        string
		Title, Name string // of the entry and of the attachment, not yet safe
		Size        int64
	}
	// OpenHelp shows the keys.
	OpenHelp struct{}
	// Back closes the top screen.
	Back struct{}
	// Quit ends the program; unsaved changes are asked about.
	Quit struct{}
	// Lock locks the vault.
	Lock struct{ Why LockReason }
	// Opened hands a vault over that is open: the stack is replaced. Then is a request to follow, or nil.
	Opened struct {
		Vault Vault
		Then  any
	}
	// Ask puts a dialog up; its answer comes to the screen To.
	Ask struct {
		To     int64
		Dialog dialog.Dialog
		Sudden bool // it appears by itself, not as the answer to a key: keys are swallowed at first
	}
	// RunOutside gives the terminal to another program until that ends; what Done makes of its end comes to the screen To.
	RunOutside struct {
		To   int64
		Run  tea.ExecCommand
		Done func(error) tea.Msg
	}
	// Stepped tells that the vault was changed, so that Undo knows the last step.
	Stepped struct {
		Step string
		Done string // a sentence: "“Example” is saved"
		Name string // what is taken back: "the edit of “Example”"
	}
	// Prove asks for whatever shows a secret: where the vault's setting reveal.again is on, the user unlocks again first. Then is
	// delivered to the screen To.
	// Always asks even where the setting is off, as before protection is lowered; Why is told to the user.
	Prove struct {
		To     int64
		Then   any
		Always bool
		Why    string
	}
	// Proven tells the root that the user unlocked again.
	Proven struct {
		To   int64
		Then any
	}
	// UndoLast takes the last step back.
	UndoLast struct{}
	// Copy copies a value of an entry; the root counts the clearing down.
	Copy struct {
		What      CopyWhat
		ID        entry.ID
		Path      string // CopyField: the field; CopyCode: the credential, "" for the first
		Name      string // what the status line calls it
		Concealed bool   // CopyField: it is cleared from the clipboard
		Past      entry.Past
		Candidate string // CopyField: the dot of a value in conflict; "" is the displayed one
		Text      string // CopyText
		Proven    bool
		Next      string // of a sequence: what the next press copies, "" at its end
		Sequence  bool   // it is part of a sequence
		Terminal  bool   // through the terminal: the user was asked
	}
)

// News of the root to screens.
type (
	// Changed says that the vault's entries changed, here or elsewhere.
	Changed struct{}
	// KeyIs says that the virtual key was switched on or off.
	KeyIs struct{ On bool }
	// RequestAnswered says that a program got its answer.
	RequestAnswered struct{}
	// Answered is a dialog's answer.
	Answered = dialog.Answered
)

// CopyWhat says what to copy.
type CopyWhat int

// What can be copied without knowing the entry.
const (
	CopyPassword CopyWhat = iota
	CopyUser
	CopyCode
	CopyField
	CopyPast
	CopyText     // Text itself, which is no secret: what the screen says about an entry
	CopyComposed // what several fields of a credential make together: an address, a name
)

// QRWhat says what a QR code holds.
type QRWhat int

// What can be shown as a QR code.
const (
	QRMain QRWhat = iota // what a person most likely means: the network, the password, the note, the web site
	QRField
	QRPast
	QRCode // the one-time code's key, as authenticators read it
	QRWiFi // the network, as phones read it
	QRComposed
)

// LockReason says why the vault is locked.
type LockReason int

// The reasons.
const (
	LockedByKey LockReason = iota
	LockedIdle
	LockedMax
	LockedElsewhere
	LockedSuspend
	LockedScreen
)

// Level is how a notice looks.
type Level int

// The levels.
const (
	Plain Level = iota
	Good
	Bad
)

// Notify shows a line in the status line. Until, when set, is counted down and then Then is shown.
type Notify struct {
	Level Level
	Text  string
	Less  []string // shorter wordings, the longest first, for where Text has no room
	Until time.Time
	Then  string
}
