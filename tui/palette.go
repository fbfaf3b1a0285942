package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/screen"
	"signet/tui/widget"
)

// maxRecent is how many actions the palette remembers as used last.
const maxRecent = 20

// place is a screen that can be gone to from everywhere.
type place struct {
	key  key.Binding
	name string
	line string
	ask  tea.Msg
}

// places are all screens to go to. Those that route.go has no row for, or whose port is missing, are left out.
func (r *root) places() []place {
	d := r.keys.Do
	all := []place{
		{d.Trash, "go to the trash", "what was deleted, to restore or remove for good", screen.OpenTrash{}},
		{d.Folders, "go to folders and tags", "rename, merge and remove them", screen.OpenFolders{}},
		{d.Audit, "go to the audit", "weak, reused and old passwords, expired cards", screen.OpenAudit{}},
		{d.Passkeys, "go to passkeys", "the passkeys of this vault", screen.OpenPasskeys{}},
		{d.Requests, "go to requests of programs", "who asked for which passkey, and what came of it", screen.OpenRequests{}},
		{d.HardwareKeys, "go to hardware keys", "security keys that are plugged in", screen.OpenHardwareKeys{}},
		{d.Ways, "go to ways in and devices", "what can open this vault", screen.OpenWays{}},
		{d.Settings, "go to settings", "locking, clipboard, looks", screen.OpenSettings{}},
		{d.Import, "go to import", "entries from another program", screen.OpenImport{}},
		{d.Export, "go to export", "entries into a file", screen.OpenExport{}},
	}
	return slices.DeleteFunc(all, func(p place) bool { return !r.wired(p.ask) })
}

// wired reports whether a request opens a screen here and now.
func (r *root) wired(ask tea.Msg) bool { return r.session.open() && r.opens(ask) != nil }

// palette opens the list of everything that can be done now, or closes it.
func (r *root) palette() tea.Cmd {
	if len(r.stack) == 0 {
		return nil
	}
	if _, open := r.top().(*screen.Palette); open {
		return r.pop()
	}
	actions := r.actions()
	return r.push(func(e screen.Env) screen.Screen { return screen.NewPalette(e, actions) })
}

// actions are those of the top screen, those that work everywhere, and the screens to go to; what was used last comes first.
func (r *root) actions() []screen.Action {
	var out []screen.Action
	seen := map[string]bool{}
	add := func(a screen.Action) {
		if a.Keys != "" || a.Ask != nil {
			if !seen[a.Name] {
				out = append(out, a)
			}
			seen[a.Name] = true
		}
	}
	places := r.places()
	move := r.keys.Move
	for _, b := range r.top().Keys() {
		going := slices.ContainsFunc(places, func(p place) bool { return p.key.Help().Desc == b.Help().Desc })
		if !going && !sameKeys(b, move.Up, move.Down, move.PageUp, move.PageDown, move.First, move.Last) {
			add(r.named(pressing(b)))
		}
	}
	for _, p := range places {
		add(screen.Action{Name: p.name, Line: p.line, Keys: shownKeys(p.key), Ask: p.ask})
	}
	for _, b := range r.global()[1:] { // the palette itself is open
		add(pressing(b))
	}
	add(screen.Action{Name: "theme: next", Line: "now: " + string(r.theme.Name) + "; tried until the program ends, 'signet config set ui.theme' keeps one", Ask: screen.NextTheme{}})
	slices.SortStableFunc(out, func(a, b screen.Action) int { return r.recency(b.Name) - r.recency(a.Name) })
	return out
}

// recency is 0 for what was not used lately, and more the later it was.
func (r *root) recency(name string) int { return slices.Index(r.recent, name) + 1 }

// global are the bindings that work on every screen.
func (r *root) global() []key.Binding {
	g, d := r.keys.Global, r.keys.Do
	bs := []key.Binding{d.Palette, g.Help, d.Messages, d.Mouse}
	if r.opt.Ports.VirtualKey != nil {
		bs = append(bs, d.VirtualKey)
	}
	if r.session.open() {
		bs = append(bs, g.Lock)
	}
	return append(bs, g.Suspend, g.Quit)
}

// pressing is the action of a binding: its own key, as a chord, so that it is no text even where somebody types.
func pressing(b key.Binding) screen.Action {
	if !b.Enabled() || len(b.Keys()) == 0 {
		return screen.Action{}
	}
	return screen.Action{Name: b.Help().Desc, Line: lines[b.Help().Desc], Keys: shownKeys(b), Press: widget.Press{Chord: b.Keys()[0]}}
}

// named says of an undo what it would take back.
func (r *root) named(a screen.Action) screen.Action {
	if n := len(r.steps); n > 0 && a.Name == r.keys.Do.Undo.Help().Desc {
		a.Line = "takes back " + sanitize.Line(r.steps[n-1].name)
	}
	return a
}

// sameKeys reports whether a binding is one of others, also as it is while text is typed.
func sameKeys(b key.Binding, others ...key.Binding) bool {
	return slices.ContainsFunc(others, func(o key.Binding) bool { return o.Help().Desc == b.Help().Desc })
}

func shownKeys(b key.Binding) string {
	names := make([]string, len(b.Keys()))
	for i, k := range b.Keys() {
		names[i] = widget.ShowKey(k)
	}
	return strings.Join(names, "  ")
}

// chosen closes the palette and does what was chosen, on the screen below.
func (r *root) chosen(a screen.Action) tea.Cmd {
	r.pop()
	if r.recent = append(slices.DeleteFunc(r.recent, func(n string) bool { return n == a.Name }), a.Name); len(r.recent) > maxRecent {
		r.recent = r.recent[1:]
	}
	if a.Ask != nil {
		return r.request(a.Ask)
	}
	return r.pressed(a.Press)
}

// shortcut are the keys of the palette, of the messages and of the screens to go to. A screen that has such a key itself keeps it.
func (r *root) shortcut(p widget.Press, match func(key.Binding) bool) (tea.Cmd, bool) {
	d := r.keys.Do
	switch {
	case len(r.dialogs) > 0 || len(r.stack) == 0:
		return nil, false
	case match(d.Palette):
		return r.palette(), true
	case slices.ContainsFunc(r.top().Keys(), func(b key.Binding) bool { return key.Matches(p, b) }):
		return nil, false
	case match(d.Messages):
		return r.messages(), true
	case match(d.Mouse):
		return r.toggleMouse(), true
	case match(d.VirtualKey) && r.opt.Ports.VirtualKey != nil:
		return r.switchKey(), true
	}
	for _, to := range r.places() {
		if match(to.key) {
			return r.request(to.ask), true
		}
	}
	return nil, false
}

// lines say more about an action where its name alone is not enough.
var lines = map[string]string{
	"copy password":                     "and clears the clipboard after a while",
	"copy user, password, code in turn": "press it again for the next one: for sign-in forms",
	"copy code":                         "the one-time code that holds now",
	"reveal":                            "shows the secret in this row",
	"reveal all":                        "shows every secret of the entry",
	"to trash":                          "it can be taken back",
	"remove for good":                   "with its history; asks first",
	"empty trash":                       "removes everything in it for good; asks first",
	"undo":                              "takes the last change back",
	"lock":                              "wipes the keys from memory and clears the clipboard",
	"suspend":                           "back to the shell; fg comes back",
	"mouse on/off":                      "off: the terminal selects text again",
	"virtual key on/off":                "browsers find it like a security key that is plugged in",
	"messages":                          "what the status line said",
	"help":                              "the keys of this screen",
	"list/search":                       "moves the keys between the search line and the list",
	"QR code":                           "to scan with a phone",
	"peek":                              "shows the secret for a moment",
	"edit in $EDITOR":                   "leaves Signet for a moment; the text is a file then",
	"keep this value":                   "settles a conflict",
	"generate":                          "makes a password",
	"passwords made before":             "generated lately on this device",
}
