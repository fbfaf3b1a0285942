package screen

import (
	"strings"

	"signet/tui/widget"
)

// View implements Screen.
func (s *SettingsScreen) View(f widget.Frame) (string, widget.Cursor) {
	if s.form != nil {
		return s.formView(f)
	}
	lines := make([]string, waysHead(f.H))
	lines[0] = f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W))
	switch {
	case !s.known:
		return widget.Lines(f, append(lines, widget.Spinner(f)+f.Theme.Muted.Render(" reading the settings"))), widget.Cursor{}
	case s.err != "" && len(s.rows) == 0:
		return widget.Lines(f, append(lines, tellText(f, f.Theme.Danger, s.err)...)), widget.Cursor{}
	}
	body, cur := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

func (s *SettingsScreen) tell(f widget.Frame) []string {
	r, ok := s.current()
	if !ok {
		return nil
	}
	lines := []string{f.Theme.Title.Render(widget.Fit(f, r.Name, f.W))}
	lines = append(lines, tellText(f, f.Theme.Muted, r.About)...)
	lines = append(lines, "")
	lines = append(lines, tellPair(f, "Value", settingValue(r.Value)+settingFrom(r))...)
	if r.Source == SettingDevice {
		lines = append(lines, tellPair(f, "In the vault", settingValue(r.Vault))...)
	}
	if r.Default != "" || r.Source != SettingFile {
		lines = append(lines, tellPair(f, "Default", settingValue(r.Default))...)
	}
	lines = append(lines, tellPair(f, "Stands in", r.File)...)
	if r.Locked != "" {
		lines = append(lines, tellText(f, f.Theme.Warn, title(r.Locked))...)
	}
	if r.Source == SettingFile {
		return lines
	}
	lines = append(lines, "")
	return append(lines, tellText(f, f.Theme.Faint, "What protects less than now asks you to unlock again first. The value counts on every device, unless one has its own.")...)
}

func settingFrom(r SettingRow) string {
	switch r.Source {
	case SettingDefault:
		return " (the default)"
	case SettingDevice:
		return " (on this device only)"
	}
	return ""
}

func (s *SettingsScreen) formView(f widget.Frame) (string, widget.Cursor) {
	lines := s.formHead(f)
	body, cur := s.form.form.View(f.Sized(f.W, f.H-len(lines)))
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// formHead is what stands above the fields of the form.
func (s *SettingsScreen) formHead(f widget.Frame) []string {
	lines := []string{f.Theme.Title.Render(widget.Fit(f, s.form.row.Name, f.W))}
	if f.H >= 10 {
		lines = append(lines, tellText(f, f.Theme.Muted, s.form.row.About)...)
		lines = append(lines, "")
	}
	return append(lines, s.task.view(f, s.env)...)
}
