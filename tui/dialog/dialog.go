package dialog

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// Dialog is one overlay.
type Dialog interface {
	Update(tea.Msg, Keys) (Dialog, Action)
	// View draws the box; f is the whole screen, the result is at most that large.
	View(f widget.Frame) (string, widget.Cursor)
	Keys(Keys) []key.Binding
}

// Click is a press of the mouse's left button at a cell of the dialog's own View, drawn in that frame.
type Click struct {
	X, Y  int
	Frame widget.Frame
}

// Keys are the keys of all dialogs.
type Keys struct{ Next, Prev, Accept, Cancel key.Binding }

// Action is what a dialog wants done. The zero Action is nothing.
type Action struct {
	Close  bool
	Answer Answered // delivered when Close is set
	Send   any      // a request to the root, while the dialog stays; nil: none
}

// Answered is the answer to a question.
type Answered struct {
	Question string // the dialog's id
	Choice   string // the chosen option's id; "" when it was cancelled
}

// The grace period of a dialog that appears by itself (style.md, section 2).
const (
	Quiet    = 425 * time.Millisecond
	MaxGrace = 1500 * time.Millisecond
)

// Grace is how long a sudden dialog still swallows keys.
type Grace struct{ since, last time.Time }

// NewGrace begins a grace period.
func NewGrace(now time.Time) Grace { return Grace{now, now} }

// Swallows reports whether a key that arrives now is swallowed; it counts as noise when it is.
func (g *Grace) Swallows(now time.Time) bool {
	if g.since.IsZero() || now.Sub(g.since) >= MaxGrace || now.Sub(g.last) >= Quiet {
		g.since = time.Time{}
		return false
	}
	g.last = now
	return true
}
