package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
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

// No size breaks a frame: it has exactly h lines, none wider than w, and drawing changes nothing.
func TestEverySizeDraws(t *testing.T) {
	t.Parallel()
	screens := map[string]func(*driver){
		"list":    func(d *driver) { d.want("15") },
		"entry":   func(d *driver) { d.want("15").keys("enter").want("One-time code") },
		"form":    func(d *driver) { d.want("15").keys("ctrl+x e").want("unchanged") },
		"dialog":  func(d *driver) { d.want("15").keys("ctrl+x n").want("Login") },
		"help":    func(d *driver) { d.want("15").keys("f1").want("Everywhere") },
		"folders": func(d *driver) { d.want("15").keys("ctrl+x f").want("#code") },
		"picker":  func(d *driver) { d.want("15").keys("ctrl+x T").want("[✓] code") },
		"trash":   func(d *driver) { d.want("15").keys("ctrl+x t").want("Old forum") },
		"gen":     func(d *driver) { d.want("15").keys("ctrl+x e").want("unchanged").keys("ctrl+g").want("bits") },
		"welcome": func(d *driver) { d.want("Create a vault") },
		"ways":    func(d *driver) { d.want("Create a vault").keys("enter").want("Once more") },
		"code": func(d *driver) {
			d.want("Create a vault").keys("enter").want("Once more").keys("up", "enter").want("able acid")
		},
		"unlock": func(d *driver) { d.want("Passphrase") },
		"import": func(d *driver) { d.want("15").keys("ctrl+x i").want("Look into it") },
	}
	for name, reach := range screens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := []setting{opened}
			switch name {
			case "welcome", "ways", "code":
				start = []setting{fresh}
			case "unlock":
				start = nil
			}
			d := drive(t, 100, 40, start...)
			reach(d)
			for w := 0; w <= 210; w += 1 + w/5 {
				for h := 0; h <= 60; h += 1 + h/4 {
					d.send(tea.WindowSizeMsg{Width: w, Height: h})
					checkFrame(t, d, w, h)
				}
			}
		})
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
