package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/tui/widget"
)

// doubleIn is how soon the second press of a double click follows.
const doubleIn = 400 * time.Millisecond

// mouse is what the root remembers of the mouse.
type mouse struct {
	on     bool
	x, y   int
	at     time.Time // of the last press; zero after a double click
	hinted bool      // it was said how to select text
}

// clicked gives a press of the left button to whom it belongs: the help line, the status line, the dialog, the top screen.
func (r *root) clicked(m tea.MouseClickMsg) tea.Cmd {
	if m.Button != tea.MouseLeft || len(r.stack) == 0 || r.late() {
		return nil
	}
	r.pending = false
	double := m.X == r.mouse.x && m.Y == r.mouse.y && !r.mouse.at.IsZero() && elapsed(r.mouse.at, r.now()) < doubleIn
	r.mouse.x, r.mouse.y, r.mouse.at = m.X, m.Y, r.now()
	if double {
		r.mouse.at = time.Time{}
	}
	l := r.parts()
	switch {
	case l.Help.H > 0 && m.Y == l.Help.Y:
		if b, ok := widget.HelpAt(r.frame().Sized(l.Help.W, 1), r.shownKeys(), m.X-l.Help.X); ok {
			return r.pressed(widget.Press{Chord: b.Keys()[0]})
		}
		return nil
	case len(r.dialogs) > 0:
		x, y, _, _ := r.place()
		return r.toDialog(dialog.Click{X: m.X - x, Y: m.Y - y, Frame: r.dialogFrame()})
	case l.Status.H > 0 && m.Y >= l.Status.Y && m.Y < l.Status.Y+l.Status.H:
		if r.status.notice.Text != "" {
			return r.messages()
		}
		return nil
	case m.Y >= l.Body.Y && m.Y < l.Body.Y+l.Body.H:
		return r.toTop(screen.Click{X: m.X - l.Body.X, Y: m.Y - l.Body.Y, Double: double, Frame: r.frame().Sized(l.Body.W, l.Body.H)})
	}
	return nil
}

// wheeled scrolls what is under the mouse; in a dialog it moves the cursor.
func (r *root) wheeled(m tea.MouseWheelMsg) tea.Cmd {
	by := map[tea.MouseButton]int{tea.MouseWheelUp: -1, tea.MouseWheelDown: 1}[m.Button]
	if by == 0 || len(r.stack) == 0 {
		return nil
	}
	if len(r.dialogs) > 0 {
		b := r.keys.Dialog.Next
		if by < 0 {
			b = r.keys.Dialog.Prev
		}
		return r.toDialog(widget.Press{Chord: b.Keys()[0]})
	}
	l := r.parts()
	return r.toTop(screen.Wheel{X: m.X - l.Body.X, Y: m.Y - l.Body.Y, By: by, Frame: r.frame().Sized(l.Body.W, l.Body.H)})
}

// dragged says once how text is selected, because a terminal that gives the mouse away does not select by itself.
func (r *root) dragged(m tea.MouseMotionMsg) tea.Cmd {
	if m.Button != tea.MouseLeft || r.mouse.hinted || (m.X == r.mouse.x && m.Y == r.mouse.y) {
		return nil
	}
	r.mouse.hinted = true
	r.say(screen.Notify{Text: "Hold Shift to select text, or " + chordOf(r.keys.Do.Mouse) + " gives the mouse back"})
	return nil
}

func (r *root) toggleMouse() tea.Cmd {
	r.mouse.on = !r.mouse.on
	text := "The mouse belongs to the terminal: it selects text. " + chordOf(r.keys.Do.Mouse) + " takes it back"
	if r.mouse.on {
		text = "The mouse works in Signet. Hold Shift to select text"
	}
	r.say(screen.Notify{Text: text})
	return nil
}

// chordOf is the key of a binding that works while text is typed as well.
func chordOf(b key.Binding) string { return widget.Typing(b).Help().Key }
