package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"signet/tui/screen"
	"signet/tui/widget"
)

// The mode for screen readers. One thing stands above the other: in the first line what this screen is, in the second what was said
// last, then the screen, or the question that it asks instead of it. Nothing moves by itself, nothing is drawn around anything, and the
// terminal's cursor always stands at the row, the field or the answer that the person is at, because a screen reader reads there.
// docs/TUI.md tells its user.

// headFrom is the height from which what was said has a line of its own.
const headFrom = 8

// arrangeLinear divides the terminal. It is pure, and gives a sane answer for every size.
func arrangeLinear(w, h int) frame {
	w, h = max(w, 0), max(h, 0)
	head, help := 0, 0
	if h >= statusFrom {
		head = 1
	}
	if h >= helpFrom {
		help = 1
	}
	if h >= headFrom {
		head = 2
	}
	return frame{
		Status: screen.Rect{W: w, H: head},
		Body:   screen.Rect{Y: head, W: w, H: h - head - help},
		Help:   screen.Rect{Y: h - help, W: w, H: help},
	}
}

// parts is where everything stands.
func (r *root) parts() frame {
	if r.theme.Linear {
		return arrangeLinear(r.w, r.h)
	}
	return arrange(r.w, r.h)
}

func (r *root) composeLinear() (string, widget.Cursor) {
	all, l := r.frame(), r.parts()
	if len(r.stack) == 0 || l.Body.H <= 0 || l.Body.W <= 0 {
		return widget.Lines(all, nil), widget.Cursor{}
	}
	lines := r.head(all.Sized(l.Status.W, l.Status.H))
	body, cur := r.linearBody(all.Sized(l.Body.W, max(1, l.Help.Y-len(lines))))
	if !cur.Shown || cur.X < 0 || cur.Y < 0 || cur.X >= r.w || cur.Y >= l.Help.Y-len(lines) {
		cur = widget.Cursor{Shown: true}
	}
	cur = cur.Moved(0, len(lines))
	lines = append(lines, strings.Split(body, "\n")...)
	lines = lines[:min(len(lines), l.Help.Y)]
	if l.Help.H > 0 {
		lines = append(lines, r.helpLine(all.Sized(l.Help.W, 1)))
	}
	cur.Y = min(cur.Y, max(0, len(lines)-1))
	return widget.Lines(all, lines), cur
}

// linearBody is the question that is asked, or the screen.
func (r *root) linearBody(f widget.Frame) (string, widget.Cursor) {
	if n := len(r.dialogs); n > 0 {
		text, cur := r.dialogs[n-1].d.View(f)
		cur.Shown = true // the answer under the cursor is what is read
		return widget.Lines(f, strings.Split(text, "\n")), cur
	}
	return r.top().View(f)
}

// head says what this screen is, and what was said last. A long error takes the lines that it needs.
func (r *root) head(f widget.Frame) []string {
	title := f.Theme.Title.Render(r.top().Title())
	if where := r.where(f); where != "" {
		title += f.Theme.Muted.Render(f.Theme.Sep + where)
	}
	if state := r.keyState(f); state != "" {
		title += f.Theme.Muted.Render(f.Theme.Sep) + state
	}
	title = widget.Cut(f, title, f.W)
	n := r.status.notice
	switch {
	case f.H == 0:
		return nil
	case r.pending:
		return fill(f.H, title, f.Theme.Key.Render(r.leaderName()+", then a letter"))
	case r.status.work != "" && f.Now.Sub(r.status.since) >= workFrom:
		return fill(f.H, title, widget.Cut(f, r.status.work, f.W))
	case n.Text == "":
		return fill(f.H, title, "")
	case n.Level == screen.Bad:
		lines := widget.Paint(f.Theme.Danger, widget.Wrap("Error: "+n.Text, f.W))
		return fill(f.H, title, lines[:min(len(lines), maxStatus, max(1, r.h/3))]...)
	}
	return fill(f.H, title, r.status.view(f))
}

// fill is a head of h lines or more; where there is one line only, what was said counts more than the title.
func fill(h int, title string, said ...string) []string {
	if h > 1 {
		return append([]string{title}, said...)
	}
	if said[0] == "" {
		return []string{title}
	}
	return said
}

func (r *root) leaderName() string {
	return widget.SpellKey(r.frame(), widget.ShowKey(r.keys.Global.Leader.Keys()[0]))
}

// linearKeys are the help line's: it says the same on every screen, so that it is read once; a question names its keys.
func (r *root) linearKeys() []key.Binding {
	if n := len(r.dialogs); n > 0 {
		return r.dialogs[n-1].d.Keys(r.keys.Dialog)
	}
	return []key.Binding{widget.Typing(r.keys.Global.Help), widget.Typing(r.keys.Do.Palette)}
}
