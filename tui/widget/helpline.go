package widget

import (
	"strings"

	"charm.land/bubbles/v2/key"
)

// HelpLine draws as many bindings as fit into one line, in their order. The last one is always kept when anything is, because it
// is the way to the whole help.
func HelpLine(f Frame, bindings []key.Binding) string {
	shown := helpShown(f, bindings)
	parts := make([]string, len(shown))
	for i, b := range shown {
		parts[i] = f.Theme.Key.Render(SpellKey(f, b.Help().Key)) + " " + f.Theme.Muted.Render(b.Help().Desc)
	}
	return strings.Join(parts, f.Theme.Faint.Render(f.Theme.Sep))
}

// HelpAt is the binding that stands at column x of the help line.
func HelpAt(f Frame, bindings []key.Binding, x int) (key.Binding, bool) {
	at := 0
	for _, b := range helpShown(f, bindings) {
		w := helpWidth(f, b)
		if x >= at && x < at+w {
			return b, true
		}
		at += w + Width(f.Theme.Sep)
	}
	return key.Binding{}, false
}

func helpWidth(f Frame, b key.Binding) int {
	return Width(SpellKey(f, b.Help().Key)) + 1 + Width(b.Help().Desc)
}

// helpShown are the bindings that fit: the first ones, and the last.
func helpShown(f Frame, bindings []key.Binding) []key.Binding {
	var all []key.Binding
	for _, b := range bindings {
		if b.Enabled() && b.Help().Key != "" {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		return nil
	}
	sep, last := Width(f.Theme.Sep), all[len(all)-1]
	room := f.W - helpWidth(f, last)
	if room < 0 {
		return nil
	}
	n := 0
	for ; n < len(all)-1; n++ {
		if room -= helpWidth(f, all[n]) + sep; room < 0 {
			break
		}
	}
	return append(all[:n:n], last)
}

// SpellKey spells keys with letters where the theme is ASCII.
func SpellKey(f Frame, s string) string {
	switch {
	case f.Theme.Linear:
		return spoken.Replace(s)
	case f.Theme.ASCII:
		return letters.Replace(s)
	}
	return s
}

var (
	letters = strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right")
	spoken  = strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right", "^", "Ctrl+", "Alt-", "Alt+", "Shift-", "Shift+", "PgUp", "Page up", "PgDn", "Page down", "Esc", "Escape", "Del", "Delete")
)
