package tui

import (
	"charm.land/bubbles/v2/key"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/widget"
)

// The key map. This is the only file that names keys; the help line, the help screen and the README's table are made from it.
//
// How it is thought: in a list a single letter acts. While text is typed (the search line, forms) letters are text, so every
// letter also works behind the leader ^X: "p" in the list is "^X p" in the search line. The three copies that people need most
// have a direct key as well (^Y, ^T, ^O). Nothing needs ^S, ^Q, ^B, ^A-only or Alt, so that flow control, tmux and screen
// may keep theirs.

const leader = "ctrl+x"

// both binds a letter, its chord, and more keys; the help shows the letter in lists and the direct key while text is typed.
func both(desc, letter string, more ...string) key.Binding {
	return widget.Bind(desc, append(append([]string{letter}, more...), leader+" "+letter)...)
}

// Keys is the key map.
func Keys() screen.Keys {
	b := widget.Bind
	return screen.Keys{
		Edit: widget.EditKeys{
			Left: b("left", "left", "ctrl+b"), Right: b("right", "right", "ctrl+f"),
			WordLeft: b("word left", "alt+left", "ctrl+left", "alt+b"), WordRight: b("word right", "alt+right", "ctrl+right", "alt+f"),
			Start: b("start of line", "home", "ctrl+a"), End: b("end of line", "end", "ctrl+e"),
			Backspace: b("delete left", "backspace", "ctrl+h"), Delete: b("delete right", "delete", "ctrl+d"),
			DeleteWord:    b("delete word", "ctrl+w", "alt+backspace", "ctrl+backspace"),
			DeleteToStart: b("delete to start", "ctrl+u"), DeleteToEnd: b("delete to end", "ctrl+k"),
			Up: b("line up", "up", "ctrl+p"), Down: b("line down", "down", "ctrl+n"), Newline: b("new line", "enter", "ctrl+j"),
			PageUp: b("page up", "pgup"), PageDown: b("page down", "pgdown"), Top: b("start of text", "ctrl+home"), Bottom: b("end of text", "ctrl+end"),
		},
		Dialog: dialog.Keys{
			Next: b("next", "down", "tab", "ctrl+n", "j"), Prev: b("previous", "up", "shift+tab", "ctrl+p", "k"),
			Accept: b("choose", "enter", "space"), Cancel: b("cancel", "esc", "q"),
		},
		Move: screen.MoveKeys{
			Up: b("up", "up", "ctrl+p", "k"), Down: b("down", "down", "ctrl+n", "j"),
			PageUp: b("page up", "pgup", "K"), PageDown: b("page down", "pgdown", "J"),
			First: b("first", "ctrl+home", "g", "alt+<"), Last: b("last", "ctrl+end", "G", "alt+>"),
		},
		Global: screen.GlobalKeys{
			Leader: b("leader", leader), Help: b("help", "?", "f1", leader+" ?"), Lock: b("lock", "L", leader+" l", leader+" L"),
			Quit: b("quit", "ctrl+c", leader+" q"), Suspend: b("suspend", "ctrl+z"),
		},
		Do:    commands(),
		Form:  forms(),
		Setup: setup(),
		Audit: screen.AuditKeys{
			Next: b("next kind", "tab", "right"), Prev: b("previous kind", "shift+tab", "left"), Again: both("look again", "r"),
			Online: both("look breaches up online", "b"), Ignore: both("leave this out", "I"), Details: b("details", "space"),
		},
		Way: screen.WayKeys{
			Add: both("add a way in", "n"), Test: both("test it", "t"), Rename: both("rename", "r"), Change: both("change", "e"), Remove: both("remove", "d", "delete"),
			Details: b("details", "enter"),
		},
		Set: screen.SetKeys{Change: both("change", "e", "enter"), Default: both("back to the default", "R"), Details: both("details", "v")},
		Folder: screen.FolderKeys{
			Entries: b("list its entries", "enter"), New: both("new folder", "n"), Rename: both("rename", "e"), Move: both("move into another folder", "M"),
			Remove: both("remove", "d", "delete"),
		},
		Request: screen.RequestKeys{
			Allow: both("allow", "y"), Refuse: b("refuse", "esc", "n", leader+" n"), Take: b("take it", "enter"),
			Next: b("next", "down", "tab", "ctrl+n", "j"), Prev: b("previous", "up", "shift+tab", "ctrl+p", "k"),
			Way: b("PIN or passphrase", "ctrl+o", leader+" o"), Show: b("show/hide", "ctrl+r", leader+" r"),
		},
		Passkey: screen.PasskeyKeys{
			Rename: both("rename", "r"), Delete: both("to trash", "d", "delete"), CopyAccount: both("copy account", "u", "ctrl+t"), CopyID: both("copy credential id", "c"),
			Group: both("by site/account", "b"),
		},
		Pick: screen.PickKeys{Take: b("take it", "enter"), Save: b("save", "enter"), Switch: b("switch and go on", "tab"), Cancel: b("cancel", "esc")},
		Generator: screen.GeneratorKeys{
			Accept: b("take it", "enter"), Again: b("another", "space", "ctrl+g"), Shorter: b("shorter", "left", "-"), Longer: b("longer", "right", "+"),
			Words: b("words", "w"), Symbols: b("symbols", "s"), Clear: b("no look-alikes", "l"), Cancel: b("cancel", "esc"),
			Capitals: b("capitals", "c"), Digits: b("digits", "d"), Older: b("made before", "h"),
			Separator: b("separator", "e"), Reveal: b("show/hide", "r"), Forget: b("forget all", "D"),
		},
	}
}

func commands() screen.CommandKeys {
	b := widget.Bind
	return screen.CommandKeys{
		Open: b("open", "enter"), Back: b("back", "esc"), Leave: b("leave", "q"), Search: both("search", "/"), Focus: b("list/search", "tab"),
		Take: b("copy", "enter"), Into: b("open", "right", "l"),
		Password: both("copy password", "p", "ctrl+y"), User: both("copy user", "u", "ctrl+t"), Code: both("copy code", "c", "ctrl+o"),
		CopyRow: b("copy row", "enter", "y"), Reveal: both("reveal", "r"), RevealAll: both("reveal all", "a"),
		History: both("history", "h"), Edit: both("edit", "e"), New: both("new", "n"), Delete: both("to trash", "d", "delete"),
		Restore: both("restore", "R"), Purge: both("remove for good", "D"), PurgeAll: both("empty trash", "E"),
		Trash: both("trash", "t"), Undo: both("undo", "z"), Import: both("import", "i"), Enrol: both("take this machine in", "m"),

		Mark: both("mark", "space"), MarkAll: both("mark all", "*"), MarkTo: both("mark from the last mark to here", "V"), Sort: both("sort", "S"), Folders: both("folders and tags", "f"),
		Tag: both("tags", "T"), Move: both("move to a folder", "M"), Favorite: both("favourite", "F"), Export: both("export", "x"),
		OpenURL: both("open web site", "o"), CopyNext: both("copy in turn", "s"), QR: both("QR code", "v"),
		Peek: b("peek", "space"), SaveFile: both("save file", "w"), AddFile: both("add file", "+"), KeepValue: both("keep this value", "b"),
		Find:    both("find in the entry", "/"),
		Palette: both("all commands", ":", leader+" "+leader), Messages: both("messages", "'"), Mouse: both("mouse on/off", "~"),
		Audit: both("audit", "A"), Passkeys: both("passkeys", "P"), HardwareKeys: both("hardware keys", "H"), Ways: both("ways in and devices", "W"),
		Settings: both("settings", ","), VirtualKey: both("virtual key on/off", "U"), Requests: both("requests of programs", "Q"),
	}
}

func forms() screen.FormKeys {
	b := widget.Bind
	return screen.FormKeys{
		Next: b("next field", "tab", "down", "ctrl+n"), Prev: b("previous field", "shift+tab", "up", "ctrl+p"),
		Save: b("save", leader+" s", "ctrl+enter"), Cancel: b("cancel", "esc", leader+" c"), Show: b("show/hide", "ctrl+r", leader+" r"),
		Generate: b("generate", "ctrl+g", leader+" g"), AddURL: b("add web site", leader+" u"), Submit: b("go on", "enter"),
		AddField: b("add a field", leader+" a"), RemoveField: b("remove the field", leader+" d"), Editor: b("edit in $EDITOR", leader+" e"),
		Past: b("passwords made before", leader+" h"), Undo: b("undo typing", leader+" z"), Redo: b("redo typing", leader+" y"),
		Label: b("name it", leader+" n"), Match: b("where it matches", leader+" m"), Up: b("move up", leader+" up"), Down: b("move down", leader+" down"),
	}
}

func setup() screen.SetupKeys {
	b := widget.Bind
	return screen.SetupKeys{
		Toggle: b("switch", "space", "x"), Ways: b("other ways", "ctrl+o", leader+" o"), SaveSheet: b("save to a file", leader+" f"),
		Skip: b("go on without", leader+" k"), Continue: b("go on", "enter"), QR: b("QR code", leader+" v"),
	}
}
