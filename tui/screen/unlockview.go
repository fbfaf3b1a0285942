package screen

import (
	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

func wayName(w Way) string {
	switch w.Kind {
	case WayKeyring:
		return "keyring of this computer"
	case WayPassphrase:
		return "passphrase"
	case WayRecovery:
		return "recovery code"
	}
	return w.Name
}

// View implements Screen.
func (s *Unlock) View(f widget.Frame) (string, widget.Cursor) {
	lines, cur := s.head(f)
	if s.listed() {
		from, to := s.list.Visible(max(1, f.H-len(lines)))
		for i := from; i < to; i++ {
			if i == s.list.Cursor && !s.typing && f.Theme.Linear {
				cur = widget.Cursor{X: 2, Y: len(lines), Shown: true}
			}
			lines = append(lines, s.wayLine(f, i, s.ways[i]))
		}
	}
	return widget.Lines(f, lines), cur
}

// listed reports whether the ways stand below the field.
func (s *Unlock) listed() bool { return s.known && (len(s.ways) > 1 || !s.typing) }

// head is everything above the ways.
func (s *Unlock) head(f widget.Frame) ([]string, widget.Cursor) {
	lines := []string{f.Theme.Title.Render("Signet") + "  " + f.Theme.Muted.Render(widget.Fit(f, s.reason(), f.W-10))}
	if s.note.Draft {
		lines = append(lines, f.Theme.Warn.Render(widget.Fit(f, "Unsaved changes wait for the unlock.", f.W)))
	}
	lines = append(lines, tellText(f, f.Theme.Accent, s.waiting.lines(s.env.Keys))...)
	lines = append(lines, "")
	cur := widget.Cursor{}
	if !s.known {
		if s.field.Len() > 0 {
			text, _ := s.field.View(f.Sized(f.W-12, 1), false)
			lines = append(lines, f.Theme.Label.Render("Passphrase  ")+text)
		}
		return append(lines, widget.Spinner(f)+f.Theme.Muted.Render(" looking how this vault can be opened")), cur
	}
	if w, ok := s.way(); ok && w.asks() {
		label := title(wayName(w)) + "  "
		text, at := s.field.View(f.Sized(f.W-widget.Width(label)-1, 1), s.typing && s.busy == "")
		cur = at.Moved(widget.Width(label), len(lines))
		lines = append(lines, f.Theme.Label.Render(label)+text)
	}
	lines = append(lines, s.state(f)...)
	if s.listed() {
		lines = append(lines, "", f.Theme.Section.Render("Ways to open it"))
	}
	return lines, cur
}

func (s *Unlock) state(f widget.Frame) []string {
	switch {
	case s.busy != "":
		return []string{"", widget.Spinner(f) + f.Theme.Muted.Render(widget.Fit(f, " opening; "+s.env.Keys.Form.Cancel.Help().Key+" cancels", f.W-2))}
	case s.err != "":
		out := []string{""}
		for _, l := range widget.Wrap(sanitize.Line(s.err), f.W-2) {
			out = append(out, f.Theme.Danger.Render(l))
		}
		return out
	}
	return nil
}

func (s *Unlock) wayLine(f widget.Frame, i int, w Way) string {
	mark, style := "  ", f.Theme.Text
	if i == s.list.Cursor {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	name := title(wayName(w))
	if w.Name != string(w.Kind) && w.Name != wayName(w) {
		name += "  " + w.Name
	}
	if w.Person && !w.asks() {
		name += "  (asks you)"
	}
	return mark + style.Render(widget.Fit(f, name, f.W-2))
}

func title(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		return string(c-32) + s[1:]
	}
	return s
}

func (s *Unlock) reason() string {
	switch {
	case s.note.Prove != nil && s.note.Prove.Why != "":
		return s.note.Prove.Why
	case s.note.Prove != nil:
		return "asks again before it shows or copies a secret (setting reveal.again)"
	case s.note.Fresh:
		return "is locked"
	}
	switch s.note.Why {
	case LockedIdle:
		return "was locked because nobody was there (setting lock.idle)"
	case LockedMax:
		return "was locked: it had been open for long (setting lock.max)"
	case LockedSuspend:
		return "was locked before the machine went to sleep (setting lock.on)"
	case LockedScreen:
		return "was locked with the screen (setting lock.on)"
	case LockedElsewhere:
		return "was locked from outside"
	}
	return "is locked"
}

// Keys implements Screen.
func (s *Unlock) Keys() []key.Binding {
	k := s.env.Keys
	if s.busy != "" {
		return []key.Binding{k.Form.Cancel, k.Global.Quit}
	}
	ks := []key.Binding{k.Form.Submit, k.Form.Show, k.Form.Next, k.Form.Prev, k.Global.Quit}
	if s.note.Prove != nil {
		ks = append(ks, k.Form.Cancel)
	}
	if len(s.waiting.asked) > 0 {
		refuse := k.Form.Cancel
		refuse.SetHelp(refuse.Help().Key, "refuse")
		ks = append(ks, refuse)
	}
	return ks
}
