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

// look puts a setting of looks into effect. What the program's start decides (auto, a default) stays as it was decided.
func (r *root) look(m screen.Look) tea.Cmd {
	on := m.Value == "true"
	given := on || m.Value == "false"
	switch {
	case m.Name == "ui.theme":
		r.looks.Name = theme.Name(m.Value)
	case m.Name == "ui.ascii" && given:
		r.looks.ASCII = on
	case m.Name == "ui.mouse" && given:
		r.mouse.on = on
	case m.Name == "ui.screen_reader" && given:
		r.looks.Linear = on
	}
	r.theme = theme.New(r.looks)
	return r.broadcast(r.sized())
}
