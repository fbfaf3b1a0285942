package widget

import (
	"strings"

	"charm.land/bubbles/v2/key"
)

// HelpLine draws as many bindings as fit into one line, in their order. The last one is always kept when anything is, because it
// is the way to the whole help.
func HelpLine(f Frame, bindings []key.Binding) string {
	var parts []string
	for _, b := range bindings {
		if h := b.Help(); b.Enabled() && h.Key != "" {
			parts = append(parts, f.Theme.Key.Render(showKey(f, h.Key))+" "+f.Theme.Muted.Render(h.Desc))
		}
	}
	sep := f.Theme.Faint.Render(f.Theme.Sep)
	for n := len(parts); n > 0; n-- {
		shown := append([]string{}, parts[:n-1]...)
		shown = append(shown, parts[len(parts)-1])
		if line := strings.Join(shown, sep); Width(line) <= f.W {
			return line
		}
	}
	return ""
}

// showKey spells keys with letters where the theme is ASCII.
func showKey(f Frame, s string) string {
	if !f.Theme.ASCII {
		return s
	}
	return strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right").Replace(s)
}
