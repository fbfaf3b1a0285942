package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/secret"
)

// View implements Screen.
func (s *Setup) View(f widget.Frame) (string, widget.Cursor) {
	if s.step == stepShow && s.hasQR {
		return s.qrAlone(f), widget.Cursor{}
	}
	lines := s.above(f)
	switch s.step {
	case stepMenu:
		y := len(s.head(f)) + 1 + len(s.menuView(f)) - len(s.menuItems()) + s.menu.Cursor
		return widget.Lines(f, lines), widget.Cursor{X: 2, Y: y, Shown: f.Theme.Linear}
	case stepShow:
		return widget.Lines(f, lines), widget.Cursor{Y: len(s.head(f)) + 1, Shown: f.Theme.Linear}
	}
	body, cur := s.form.View(f.Sized(f.W, f.H-len(lines)))
	if s.busy != "" {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// above is everything above the form.
func (s *Setup) above(f widget.Frame) []string {
	lines := append(s.head(f), "")
	switch s.step {
	case stepMenu:
		lines = append(lines, s.menuView(f)...)
	case stepShow:
		if s.made != nil {
			lines = append(lines, s.showView(f.Sized(f.W, f.H-len(lines)))...)
		}
	default:
		lines = append(lines, s.intro(f)...)
	}
	return append(lines, s.stateView(f)...)
}

// click puts the cursor on a row of the menu, where a double click chooses; in a form it works on the field.
func (s *Setup) click(m Click) tea.Cmd {
	switch {
	case s.busy != "" || s.looking() || s.step == stepShow:
		return nil
	case s.step == stepMenu:
		items := len(s.menuItems())
		i := m.Y - (len(s.head(m.Frame)) + 1 + len(s.menuView(m.Frame)) - items)
		if i < 0 || i >= items {
			return nil
		}
		if s.menu.To(i); m.Double {
			return s.chooseItem()
		}
		return nil
	}
	above := len(s.above(m.Frame))
	if s.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above) == buttonGo {
		return s.goOn()
	}
	return nil
}

func (s *Setup) head(f widget.Frame) []string {
	what := map[setupStep]string{
		stepMenu: "Welcome", stepMembers: "What may still open the vault", stepWays: "How do you want to open your vault?",
		stepShow: "Your recovery code", stepSheet: "Save the recovery sheet", stepCheck: "Type the code back",
	}[s.step]
	return []string{f.Theme.Title.Render("Signet") + "  " + f.Theme.Section.Render(widget.Fit(f, what, f.W-9))}
}

// para wraps one paragraph.
func para(f widget.Frame, text string) []string {
	return widget.Paint(f.Theme.Text, widget.Wrap(sanitize.Line(text), min(f.W, 76)))
}

func (s *Setup) menuView(f widget.Frame) []string {
	var lines []string
	if f.H >= 12 {
		lines = para(f, "Your passwords, codes and passkeys will live in one encrypted vault on this machine. First you choose how it is opened. Then you get a recovery code, the one way back when this machine is lost.")
		if s.survey.Dir != "" {
			lines = append(lines, f.Theme.Muted.Render(widget.Fit(f, "It will be in "+s.survey.Dir, f.W)))
		}
		lines = append(lines, "")
	}
	for i, m := range s.menuItems() {
		mark, style := "  ", f.Theme.Text
		if i == s.menu.Cursor {
			mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
		}
		line := mark + style.Render(m.label)
		if m.about != "" {
			line += f.Theme.Muted.Render("  " + m.about)
		}
		lines = append(lines, widget.Cut(f, line, f.W))
	}
	return lines
}

// intro explains the step above its form.
func (s *Setup) intro(f widget.Frame) []string {
	var lines []string
	switch s.step {
	case stepMembers:
		lines = para(f, "These can open the vault today. Switch on only what you have in your hands; everything else is shut out, and a new recovery code replaces the old one.")
		if !s.about.Newest.IsZero() {
			lines = append(lines, f.Theme.Muted.Render(widget.Fit(f, "Newest edit in this copy: "+day(s.about.Newest, f.Now.Location())+". Whether a newer copy exists cannot be known here.", f.W)))
		}
		for _, l := range s.about.Lost {
			lines = append(lines, f.Theme.Warn.Render(widget.Fit(f, "Lost on this machine: "+l, f.W)))
		}
	case stepWays:
		if lines = s.suggestion(f); lines != nil {
			return lines
		}
		lines = s.waysIntro(f)
	case stepCheck:
		lines = para(f, "This makes sure that what you have written down works. It is asked only now.")
	}
	if len(lines) > 0 && f.H > 10 {
		lines = append(lines, "")
	}
	if f.H <= 8 {
		return nil
	}
	return lines
}

// waysIntro says what this machine has, and what that means. How a keyring is set up is a long story for another place.
func (s *Setup) waysIntro(f widget.Frame) []string {
	if f.H < 12 {
		return nil // the fields count more
	}
	if s.survey.Keyring {
		return para(f, "The keyring of this computer can keep the key: the vault then opens without asking while you are logged in. A passphrase works everywhere.")
	}
	lines := para(f, "No keyring can be used here, so a passphrase opens the vault.")
	if s.survey.KeyringFound != "" && f.H > 16 {
		lines = append(lines, widget.Paint(f.Theme.Muted, widget.Wrap(sanitize.Line("Found: "+s.survey.KeyringFound+". How to get a keyring later: signet doctor"), min(f.W, 76)))...)
	}
	return lines
}

func (s *Setup) stateView(f widget.Frame) []string {
	switch {
	case s.looking():
		return []string{"", widget.Spinner(f) + f.Theme.Muted.Render(" looking what this machine has; "+s.env.Keys.Form.Cancel.Help().Key+" cancels")}
	case s.busy != "":
		hint := ""
		if s.cancel != nil {
			hint = "; " + s.env.Keys.Form.Cancel.Help().Key + " cancels"
		}
		return []string{"", widget.Spinner(f) + f.Theme.Muted.Render(" "+s.busy+hint)}
	case s.err != "":
		return append(append([]string{}, widget.Paint(f.Theme.Danger, widget.Wrap(sanitize.Line(s.err), f.W))...), "")
	}
	return nil
}

// showView shows the code as characters and as words, and as a QR code where there is room beside them.
func (s *Setup) showView(f widget.Frame) []string {
	qr, fits := widget.QR(f, s.qrText().RevealString())
	qrWidth := widget.Width(strings.SplitN(qr, "\n", 2)[0])
	if !fits || f.W < qrWidth+36 || f.Theme.Linear {
		return s.codeText(f, f.W, !fits)
	}
	left := s.codeText(f, f.W-qrWidth-2, false)
	return strings.Split(widget.Beside(f, strings.Join(left, "\n"), f.W-qrWidth-2, "  ", paintQR(f, qr)), "\n")
}

func (s *Setup) qrText() secret.Secret {
	if s.code.QR.IsEmpty() {
		return s.code.Text
	}
	return s.code.QR
}

func (s *Setup) codeText(f widget.Frame, w int, noRoom bool) []string {
	lines := widget.Paint(f.Theme.Secret, widget.Wrap(sanitize.Line(s.code.Text.RevealString()), w))
	if !s.code.Words.IsEmpty() {
		lines = append(lines, f.Theme.Muted.Render("or the same as words:"))
		lines = append(lines, widget.Paint(f.Theme.Secret, widget.Wrap(sanitize.Line(s.code.Words.RevealString()), w))...)
	}
	if f.H > 14 {
		lines = append(lines, "")
		lines = append(lines, widget.Paint(f.Theme.Text, widget.Wrap("Write it down and keep it away from this machine. It opens everything, and it is shown only now.", w))...)
	}
	if s.saved != "" {
		text := "Saved to " + s.saved + " and read back. " + s.env.Keys.Setup.Skip.Help().Key + " goes on without typing it."
		lines = append(lines, widget.Paint(f.Theme.Good, widget.Wrap(sanitize.Line(text), w))...)
	}
	if noRoom && f.H > 10 {
		lines = append(lines, f.Theme.Muted.Render(widget.Fit(f, "The QR code needs a larger window.", w)))
	}
	return lines
}

// paintQR draws light modules light on a dark ground, whatever the terminal's colours are.
func paintQR(f widget.Frame, qr string) string {
	if !f.Theme.Colour {
		return qr
	}
	return strings.Join(widget.Paint(f.Theme.QR, strings.Split(qr, "\n")), "\n")
}

func (s *Setup) qrAlone(f widget.Frame) string {
	qr, fits := widget.QR(f, s.qrText().RevealString())
	if !fits {
		return widget.Lines(f, para(f, "The QR code needs a larger window. Any key shows the code again."))
	}
	return widget.Lines(f, strings.Split(paintQR(f, qr), "\n"))
}

// Keys implements Screen.
func (s *Setup) Keys() []key.Binding {
	k := s.env.Keys
	switch s.step {
	case stepMenu:
		return []key.Binding{k.Form.Submit, k.Move.Up, k.Move.Down, k.Do.Leave, k.Global.Quit}
	case stepShow:
		if s.made == nil {
			return []key.Binding{k.Form.Cancel}
		}
		return []key.Binding{k.Setup.Continue, k.Setup.SaveSheet, k.Setup.QR, k.Setup.Skip, k.Form.Cancel}
	case stepCheck:
		again := k.Form.Cancel
		again.SetHelp(again.Help().Key, "show the code again")
		return []key.Binding{k.Form.Submit, again, k.Setup.Skip}
	}
	ks := []key.Binding{k.Form.Submit}
	if s.step == stepWays && s.env.Ports.Generator != nil {
		ks = append(ks, k.Form.Generate)
	}
	return append(ks, k.Form.Next, k.Form.Cancel, k.Form.Show, k.Form.Prev, k.Setup.Toggle)
}
