package tui

import "signet/tui/screen"

// frame is where the parts of the whole picture stand.
type frame struct{ Body, Status, Help screen.Rect }

// Heights from which the lower lines are shown.
const (
	statusFrom = 4
	helpFrom   = 6
	ruleFrom   = 14 // from here an empty line keeps the body and the status line apart
	margin     = 1
	marginFrom = 60 // columns from which there is a margin at both sides
)

// arrange divides the terminal. It is pure, and gives a sane answer for every size, odd and negative ones included.
func arrange(w, h int) frame {
	w, h = max(w, 0), max(h, 0)
	x := 0
	if w >= marginFrom {
		x = margin
	}
	status, help, rule := 0, 0, 0
	if h >= statusFrom {
		status = 1
	}
	if h >= helpFrom {
		help = 1
	}
	if h >= ruleFrom {
		rule = 1
	}
	in := w - 2*x
	body := h - status - help - rule
	return frame{
		Body:   screen.Rect{X: x, Y: 0, W: in, H: body},
		Status: screen.Rect{X: x, Y: body + rule, W: in, H: status},
		Help:   screen.Rect{X: x, Y: body + rule + status, W: in, H: help},
	}
}
