package tui

import (
	"math/rand/v2"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// Where somebody types, the terminal's own cursor stands in the text: input methods, screen readers and magnifiers follow it.
func TestTheCursorIsWhereOneTypes(t *testing.T) {
	t.Parallel()
	for _, p := range everyPicture() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, p.start...)
			p.reach(d)
			for _, size := range sizes {
				d.resize(size[0], size[1])
				_, cur := d.r.picture()
				if d.r.typing() && len(d.r.dialogs) == 0 && !d.r.busy() && !cur.Shown {
					t.Errorf("%dx%d: no cursor", size[0], size[1])
				}
			}
		})
	}
}

// Nobody breaks anything with the mouse: presses, double presses, wheels and drags anywhere, on every screen, in every mode.
func TestTheMouseAnywhere(t *testing.T) {
	t.Parallel()
	for i, p := range everyPicture() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, uint64(i))) //nolint:gosec // the same every time
			for _, mode := range [][]setting{{}, {linear}} {
				d := drive(t, 80, 24, append(mode, p.start...)...)
				p.reach(d)
				for range 60 {
					w, h := sizes[rnd.IntN(3)][0], sizes[rnd.IntN(3)][1]
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
					x, y := rnd.IntN(w+2)-1, rnd.IntN(h+2)-1
					switch rnd.IntN(5) {
					case 0:
						d.send(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
					case 1:
						d.send(tea.MouseMotionMsg{X: x, Y: y, Button: tea.MouseLeft})
					case 2:
						d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
						fallthrough
					default:
						d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
					}
					checkFrame(t, d, w, h)
				}
			}
		})
	}
}
