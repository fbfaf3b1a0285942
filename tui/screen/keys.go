package screen

import (
	"charm.land/bubbles/v2/key"

	"signet/tui/dialog"
	"signet/tui/widget"
)

// Keys is the key map as the screens see it. tui/keys.go fills it and is the only file that names keys.
type Keys struct {
	Edit   widget.EditKeys
	Dialog dialog.Keys
	Move   MoveKeys
	Global GlobalKeys
	Do     CommandKeys
	Form   FormKeys
	Setup  SetupKeys
	Way    WayKeys
	Set    SetKeys
	Audit  AuditKeys

	Request RequestKeys
	Passkey PasskeyKeys

	Generator GeneratorKeys
	Folder    FolderKeys
	Pick      PickKeys
}

// MoveKeys move a cursor in a list.
type MoveKeys struct{ Up, Down, PageUp, PageDown, First, Last key.Binding }

// GlobalKeys work everywhere.
type GlobalKeys struct{ Leader, Help, Lock, Quit, Suspend key.Binding }

// CommandKeys act on the entry under the cursor or on the list.
type CommandKeys struct {
	Open, Back, Leave, Search, Focus     key.Binding
	Take, Into                           key.Binding // of the list: copy what the entry is there for; look into it
	Password, User, Code, CopyRow        key.Binding
	Reveal, RevealAll, History           key.Binding
	Edit, New, Delete, Restore, Purge    key.Binding
	PurgeAll, Trash, Undo, Import, Enrol key.Binding

	// Of the list: several entries at once, order, folders.
	Mark, MarkAll, MarkTo, Sort, Folders key.Binding
	Tag, Move, Favorite, Export          key.Binding
	// Of an entry, and of the one under the cursor.
	OpenURL, CopyNext, QR                    key.Binding
	Peek, SaveFile, AddFile, KeepValue, Find key.Binding
	// Other screens and what belongs to the whole program.
	Palette, Messages, Mouse                      key.Binding
	Audit, Passkeys, HardwareKeys, Ways, Settings key.Binding
	VirtualKey, Requests                          key.Binding
}

// FolderKeys work on the screen of folders and tags.
type FolderKeys struct{ Entries, New, Rename, Move, Remove key.Binding }

// PickKeys work where something is chosen by typing: tags, a folder, a name.
type PickKeys struct{ Take, Save, Switch, Cancel key.Binding }

// FormKeys work in forms.
type FormKeys struct {
	Next, Prev, Save, Cancel, Show, Generate, AddURL, Submit key.Binding
	AddField, RemoveField, Editor, Past                      key.Binding
	Undo, Redo, Label, Match, Up, Down                       key.Binding
}

// SetupKeys work in the welcome and unlock screens.
type SetupKeys struct{ Toggle, Ways, SaveSheet, Skip, Continue, QR key.Binding }

// moved applies a movement key to a list; it reports whether it was one.
func (k MoveKeys) moved(l *widget.List, p widget.Press) bool {
	switch {
	case key.Matches(p, k.Up):
		l.Move(-1)
	case key.Matches(p, k.Down):
		l.Move(1)
	case key.Matches(p, k.PageUp):
		l.Page(-1)
	case key.Matches(p, k.PageDown):
		l.Page(1)
	case key.Matches(p, k.First):
		l.To(0)
	case key.Matches(p, k.Last):
		l.To(l.Count - 1)
	default:
		return false
	}
	return true
}

// GeneratorKeys work in the generator's panel.
type GeneratorKeys struct {
	Accept, Again, Longer, Shorter, Words, Symbols, Clear, Cancel key.Binding
	Capitals, Digits, Older, Separator                            key.Binding
	Reveal, Forget                                                key.Binding // of those made before
}

// AuditKeys work in the audit.
type AuditKeys struct{ Next, Prev, Again, Online, Ignore, Details key.Binding }

// WayKeys work in the screen of ways in and devices.
type WayKeys struct{ Add, Test, Rename, Change, Remove, Details key.Binding }

// SetKeys work in the screen of settings.
type SetKeys struct{ Change, Default, Details key.Binding }

// RequestKeys answer what a program asks.
type RequestKeys struct{ Allow, Refuse, Take, Next, Prev, Way, Show key.Binding }

// PasskeyKeys work in the screen of passkeys.
type PasskeyKeys struct{ Rename, Delete, CopyAccount, CopyID, Group key.Binding }
