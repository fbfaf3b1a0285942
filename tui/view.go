package tui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"signet/tui/screen"
	"signet/tui/widget"
)

// windowTitle is a constant: titles are written to the terminal unfiltered (bubbletea.md 4d.6).
const windowTitle = "Signet"

// View implements tea.Model. It is pure.
func (r *root) View() tea.View {
	content, cur := r.picture()
	v := tea.NewView(content)
	v.AltScreen = true
	v.WindowTitle = windowTitle
	if r.mouse.on {
		v.MouseMode = tea.MouseModeCellMotion // the least that there is: presses, the wheel, and moves while a button is down
	}
	v.KeyboardEnhancements.ReportAlternateKeys = true
	v.ReportFocus = r.opt.Ports.Approvals != nil // where nobody looks, a question rings
	if cur.Shown {
		v.Cursor = tea.NewCursor(cur.X, cur.Y)
	}
	return v
}

// picture draws the whole terminal and says where the cursor stands.
func (r *root) picture() (string, widget.Cursor) {
	if r.stopped {
		return "", widget.Cursor{}
	}
	picture, cur := r.draw()
	if r.theme.ASCII {
		picture = plainQuotes.Replace(picture)
	}
	return picture, cur
}

// plainQuotes are for terminals that know ASCII only.
var plainQuotes = strings.NewReplacer("“", `"`, "”", `"`)

func (r *root) draw() (string, widget.Cursor) {
	if r.theme.Linear {
		return r.composeLinear()
	}
	return r.compose()
}

func (r *root) compose() (string, widget.Cursor) {
	all := r.frame()
	l := r.parts()
	if len(r.stack) == 0 || l.Body.H <= 0 || l.Body.W <= 0 {
		return widget.Lines(all, nil), widget.Cursor{}
	}
	body, cur := r.top().View(all.Sized(l.Body.W, l.Body.H))
	lines := strings.Split(widget.Lines(all.Sized(l.Body.W, l.Body.H), strings.Split(body, "\n")), "\n")
	for len(lines) < l.Status.Y {
		lines = append(lines, "")
	}
	if l.Status.H > 0 {
		status := r.statusLines(all.Sized(l.Status.W, 1))
		// What does not fit into one line takes the last lines of the body: an error is read to its end.
		lines = append(lines[:max(0, len(lines)-len(status)+1)], status...)
	}
	if l.Help.H > 0 {
		lines = append(lines, r.helpLine(all.Sized(l.Help.W, 1)))
	}
	for i := range lines {
		lines[i] = strings.Repeat(" ", l.Body.X) + lines[i]
	}
	picture, cur := widget.Lines(all, lines), cur.Moved(l.Body.X, l.Body.Y)
	if cur.X < 0 || cur.Y < 0 || cur.X >= r.w || cur.Y >= l.Body.H {
		cur.Shown = false
	}
	if len(r.dialogs) > 0 {
		return r.overlaid(all, picture)
	}
	return picture, cur
}

// overlaid draws the top dialog over the picture, in the middle.
func (r *root) overlaid(f widget.Frame, picture string) (string, widget.Cursor) {
	x, y, box, cur := r.place()
	out := lipgloss.NewCompositor(lipgloss.NewLayer(picture).Z(0), lipgloss.NewLayer(box).X(x).Y(y).Z(1)).Render()
	if cur = cur.Moved(x, y); cur.X < 0 || cur.Y < 0 || cur.X >= r.w || cur.Y >= r.h {
		cur.Shown = false
	}
	return widget.Lines(f, strings.Split(out, "\n")), cur
}

// frame is the whole terminal.
func (r *root) frame() widget.Frame {
	return widget.Frame{W: r.w, H: r.h, Theme: r.theme, Now: r.now()}
}

// place is where the top dialog stands.
func (r *root) place() (x, y int, box string, cur widget.Cursor) {
	box, cur = r.dialogs[len(r.dialogs)-1].d.View(r.dialogFrame())
	if r.theme.Linear {
		return 0, r.parts().Body.Y, box, cur
	}
	return max(0, (r.w-lipgloss.Width(box))/2), max(0, (r.h-lipgloss.Height(box))/2), box, cur
}

// dialogFrame is what a dialog is drawn in.
func (r *root) dialogFrame() widget.Frame {
	if l := r.parts().Body; r.theme.Linear {
		return r.frame().Sized(l.W, l.H)
	}
	return r.frame()
}

// maxStatus is how many lines an error may take.
const maxStatus = 4

func (r *root) statusLines(f widget.Frame) []string {
	if n := r.status.notice; n.Level == screen.Bad && !r.pending && widget.Width(n.Text) > f.W-2 {
		lines := widget.Wrap(f.Theme.Cross+" "+n.Text, f.W)
		lines = widget.Paint(f.Theme.Danger, lines[:min(len(lines), maxStatus, max(1, r.h/3))])
		lines[len(lines)-1] = r.withKey(f, lines[len(lines)-1], "")
		return lines
	}
	return []string{r.statusLine(f)}
}

func (r *root) statusLine(f widget.Frame) string {
	right := f.Theme.Muted.Render(r.where(f))
	if r.pending {
		return r.withKey(f, f.Theme.Key.Render(r.leaderName())+f.Theme.Muted.Render(" then a letter, ? lists them"), right)
	}
	return r.withKey(f, r.status.view(f), right)
}

// where says what is open, and when it is about to lock.
func (r *root) where(f widget.Frame) string {
	s := r.session
	if !s.open() {
		return ""
	}
	parts := []string{}
	if n := len(r.status.more); n > 0 {
		parts = append(parts, fmt.Sprintf("%d more", n))
	}
	if s.info.ReadOnly {
		parts = append(parts, "read only")
	}
	if s.info.Demo {
		parts = append(parts, "demo")
	}
	if idle := s.settings.LockIdle; idle > 0 {
		switch left := widget.Left(f.Now, s.active.Add(idle)); {
		case left > 60:
		case f.Theme.Linear:
			parts = append(parts, "locks at "+s.active.Add(idle).In(f.Now.Location()).Format(time.TimeOnly))
		default:
			parts = append(parts, fmt.Sprintf("locks in %ds", left))
		}
	}
	if s.info.Name != "" && !s.info.Demo {
		parts = append(parts, widget.Fit(f, s.info.Name, f.W/3))
	}
	return strings.Join(parts, f.Theme.Sep)
}

func (r *root) helpLine(f widget.Frame) string {
	return widget.HelpLine(f, r.shownKeys())
}

// shownKeys are the bindings of the help line, helped those that it is made of.
func (r *root) shownKeys() []key.Binding {
	if r.theme.Linear {
		return r.linearKeys()
	}
	return r.helped()
}

// helped are the bindings of the help line.
func (r *root) helped() []key.Binding {
	if n := len(r.dialogs); n > 0 {
		return r.dialogs[n-1].d.Keys(r.keys.Dialog)
	}
	return r.bindings()
}

// bindings are those of the top screen and the way to the whole help.
func (r *root) bindings() []key.Binding {
	top := r.top()
	ks := append([]key.Binding{}, top.Keys()...)
	help := r.keys.Global.Help
	if r.typing() {
		help = widget.Typing(help)
	}
	if _, open := top.(*screen.Help); open {
		return ks
	}
	return append(ks, help)
}
