package widget

import (
	"time"

	"signet/tui/theme"
)

// Frame is what a view may know: how much room there is, how things look, and what time it is. A view that gets the same
// value in the same Frame draws the same picture.
type Frame struct {
	W, H  int
	Theme theme.Theme
	Now   time.Time
}

// Sized returns the frame with another size, never negative.
func (f Frame) Sized(w, h int) Frame {
	f.W, f.H = max(w, 0), max(h, 0)
	return f
}

// Cursor is where the terminal's cursor stands inside a view. A zero Shown means that there is none.
type Cursor struct {
	X, Y  int
	Shown bool
}

// Moved shifts a cursor that is shown.
func (c Cursor) Moved(dx, dy int) Cursor {
	c.X, c.Y = c.X+dx, c.Y+dy
	return c
}
