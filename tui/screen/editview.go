package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// head is what stands above the form: its title, and the panel that is open.
func (s *Edit) head(f widget.Frame) []string {
	title := "Edit " + sanitize.Line(s.e.Title)
	if s.isNew {
		title = "New " + s.newLabel()
	}
	state := ""
	switch {
	case s.saving:
		state = widget.Spinner(f) + " saving"
	case s.isDirty():
		state = f.Theme.Warn.Render("unsaved")
	}
	lines := []string{widget.Ends(f, f.Theme.Title.Render(widget.Fit(f, title, f.W-10)), state, f.W)}
	if f.H >= roomyFrom {
		lines = append(lines, "")
	}
	switch {
	case s.past != nil:
		lines = append(lines, s.past.view(f)...)
	case s.gen != nil:
		lines = append(lines, s.gen.view(f)...)
	}
	return lines
}

// newLabel is how the heading calls a new entry.
func (s *Edit) newLabel() string {
	for _, n := range newKinds {
		if n.kind == s.kind && n.typ == s.typ {
			if strings.ToUpper(n.label[1:2]) == n.label[1:2] || strings.Contains(n.label, "-F") {
				return n.label // an abbreviation, a name
			}
			return strings.ToLower(n.label[:1]) + n.label[1:]
		}
	}
	return string(s.kind)
}

// resize tells the form how much room it has.
func (s *Edit) resize() {
	above := 1
	if s.h >= roomyFrom {
		above = 2
	}
	s.form.SetSize(s.w, s.h-above)
}

// View implements Screen.
func (s *Edit) View(f widget.Frame) (string, widget.Cursor) {
	if s.outside != nil {
		return widget.Lines(f, []string{f.Theme.Muted.Render(widget.Fit(f, "The text is in "+s.outside.name+". Come back here when it is closed.", f.W))}), widget.Cursor{}
	}
	if !s.ready {
		return widget.Lines(f, []string{widget.Spinner(f) + f.Theme.Muted.Render(" reading")}), widget.Cursor{}
	}
	lines := s.head(f)
	body, cur := s.form.View(f.Sized(f.W, f.H-len(lines)))
	if s.gen != nil || s.past != nil || s.saving {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// click gives a click to the form or to the panel above it.
func (s *Edit) click(m Click) tea.Cmd {
	if !s.takesText() {
		return nil
	}
	above := len(s.head(m.Frame))
	s.justDropped = false
	return s.pressed(s.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above))
}

// Keys implements Screen.
func (s *Edit) Keys() []key.Binding {
	if s.past != nil {
		return s.past.keys(s.env.Keys)
	}
	if s.gen != nil {
		return s.gen.keys(s.env.Keys)
	}
	k := s.env.Keys.Form
	ks := []key.Binding{k.Save}
	d := s.form.Focused()
	if d != nil && d.Concealed() {
		ks = append(ks, k.Show)
		if s.generates(d) || s.makesKeys(d) {
			ks = append(ks, k.Generate)
		}
	}
	if d != nil && s.mayGoOutside(d) {
		ks = append(ks, k.Editor)
	}
	ks = append(ks, k.Next, k.Prev, k.AddField, k.RemoveField, k.AddURL)
	if d != nil && prefixOf(d.ID) != "" {
		ks = append(ks, k.Label, k.Up, k.Down)
		if strings.HasPrefix(d.ID, "url/") {
			ks = append(ks, k.Match)
		}
	}
	if s.env.Ports.Made != nil {
		ks = append(ks, k.Past)
	}
	return append(ks, k.Undo, k.Redo, k.Cancel)
}
