package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

func TestArrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		w, h               int
		body, status, help screen.Rect
	}{
		{0, 0, screen.Rect{}, screen.Rect{}, screen.Rect{}},
		{-3, -1, screen.Rect{}, screen.Rect{}, screen.Rect{}},
		{10, 3, screen.Rect{W: 10, H: 3}, screen.Rect{Y: 3, W: 10}, screen.Rect{Y: 3, W: 10}},
		{40, 5, screen.Rect{W: 40, H: 4}, screen.Rect{Y: 4, W: 40, H: 1}, screen.Rect{Y: 5, W: 40}},
		{40, 12, screen.Rect{W: 40, H: 10}, screen.Rect{Y: 10, W: 40, H: 1}, screen.Rect{Y: 11, W: 40, H: 1}},
		{80, 24, screen.Rect{X: 1, W: 78, H: 21}, screen.Rect{X: 1, Y: 22, W: 78, H: 1}, screen.Rect{X: 1, Y: 23, W: 78, H: 1}},
	} {
		if got := arrange(c.w, c.h); got != (frame{c.body, c.status, c.help}) {
			t.Errorf("%dx%d: %+v", c.w, c.h, got)
		}
	}
}

// everyPicture are all screens that a test knows how to reach.
func everyPicture() []picture { return slices.Concat(pictures, roomPictures) }

// Every width is drawn with some heights, and every height with some widths.
var (
	widths  = []int{0, 1, 2, 3, 4, 5, 7, 8, 10, 13, 17, 20, 24, 29, 33, 39, 40, 44, 46, 50, 59, 60, 63, 64, 79, 80, 95, 96, 100, 119, 120, 150, 200, 300}
	heights = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 18, 24, 30, 40, 50, 80}
)

// No size breaks a frame: it has exactly h lines, none wider than w, and drawing changes nothing; the same in the mode for screen
// readers.
func TestEverySizeDraws(t *testing.T) {
	t.Parallel()
	for _, p := range everyPicture() {
		for _, mode := range []struct {
			name string
			set  setting
		}{{"boxes", func(*Options, *tuitest.Opener) {}}, {"linear", linear}} {
			t.Run(p.name+"/"+mode.name, func(t *testing.T) {
				t.Parallel()
				d := drive(t, 100, 40, append([]setting{mode.set}, p.start...)...)
				p.reach(d)
				for i, w := range widths {
					for j, h := range heights {
						if (i+j)%6 == 0 || w < 3 && h < 3 {
							d.send(tea.WindowSizeMsg{Width: w, Height: h})
							checkFrame(t, d, w, h)
						}
					}
				}
			})
		}
	}
}

func checkFrame(t *testing.T, d *driver, w, h int) {
	t.Helper()
	p, cur := d.r.picture()
	if again, _ := d.r.picture(); again != p {
		t.Fatalf("%dx%d: drawing twice gives two pictures", w, h)
	}
	lines := strings.Split(p, "\n")
	if len(lines) != max(h, 1) {
		t.Fatalf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if ansi.StringWidth(l) > w {
			t.Fatalf("%dx%d: line %d has %d columns: %q", w, h, i, ansi.StringWidth(l), l)
		}
	}
	if cur.Shown && (cur.X < 0 || cur.Y < 0 || cur.X >= w || cur.Y >= h) {
		t.Fatalf("%dx%d: the cursor stands at %d,%d", w, h, cur.X, cur.Y)
	}
}
