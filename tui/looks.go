package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/theme"
)

// nextTheme tries the next theme. Nothing is written: config.toml is changed only by who asks for it.
func (r *root) nextTheme() tea.Cmd {
	names := theme.Names()
	r.looks.Name = names[(slices.Index(names, r.theme.Name)+1)%len(names)]
	r.theme = theme.New(r.looks)
	text := "Theme “" + string(r.looks.Name) + "” until Signet ends; signet config set ui.theme " + string(r.looks.Name) + " keeps it"
	if r.opt.NoColor {
		text += " (NO_COLOR is set: no theme shows colours)"
	}
	r.say(screen.Notify{Text: text})
	return nil
}
