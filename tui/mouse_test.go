package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
	"signet/tui/widget"
)

// click presses the left button on the first cell where the picture shows a text.
func (d *driver) click(text string) *driver {
	d.t.Helper()
	x, y := d.find(text)
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	return d
}

func (d *driver) find(text string) (x, y int) {
	d.t.Helper()
	for y, line := range strings.Split(d.picture(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return widget.Width(line[:i]), y
		}
	}
	d.t.Fatalf("%q is nowhere:\n%s", text, d.picture())
	return 0, 0
}

func TestAClickOnTheHelpLineRunsTheAction(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").click("copy user").want("User", "copied")
	d.click("new").want("Login").click("Note  (n)").want("New note")
	d.keys("esc").want("15").click("help").want("^Y  ^X p")
}

func TestAClickChoosesAnAnswer(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{100, 30}, {40, 12}} {
		d := drive(t, size[0], size[1], opened).want("15").keys("ctrl+x t").want("Old forum").keys("D").want("Remove for good?")
		d.click("This cannot").want("Remove for good?") // the text is no answer
		d.click("Keep it").gone("Remove for good?").keys("D").want("Keep it")
		x, y := d.find("Keep it")
		d.send(tea.MouseClickMsg{X: x, Y: y + 1, Button: tea.MouseLeft})
		d.want("The trash is empty")
	}
}

func TestTheWheelMovesInADialogAndInThePalette(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").keys("ctrl+x n").want("▸ Login")
	d.send(tea.MouseWheelMsg{X: 1, Y: 1, Button: tea.MouseWheelDown})
	d.want("▸ Note").keys("esc", "ctrl+x :").want("▸ copy")
	d.send(tea.MouseWheelMsg{X: 1, Y: 1, Button: tea.MouseWheelDown})
	d.gone("▸ copy ").click("go to the trash").want("Old forum")
}

func TestADoubleClickIsTwoAtTheSameCellSoon(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait time.Duration
		move int
		want []bool
	}{
		"soon":         {300 * time.Millisecond, 0, []bool{false, true, false}},
		"too late":     {400 * time.Millisecond, 0, []bool{false, false, false}},
		"another cell": {time.Millisecond, 1, []bool{false, false, false}},
	} {
		d := drive(t, 80, 24, opened).want("15")
		probe := &clicks{}
		d.r.stack = append(d.r.stack, layer{id: 99, s: probe})
		for i := range 3 {
			d.send(tea.MouseClickMsg{X: 5 + i*c.move, Y: 3, Button: tea.MouseLeft})
			d.clock.Advance(c.wait)
		}
		for i, got := range probe.seen {
			if got.Double != c.want[i] || got.X != 4+i*c.move || got.Y != 3 {
				t.Errorf("%s: press %d is %+v", name, i, got)
			}
		}
	}
}

// clicks is a screen that remembers its clicks.
type clicks struct {
	screen.Help
	seen []screen.Click
}

func (c *clicks) Update(m tea.Msg) (screen.Screen, tea.Cmd) {
	if m, ok := m.(screen.Click); ok {
		c.seen = append(c.seen, m)
	}
	return c, nil
}

func TestSelectingTextIsSaidOnce(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	drag := func() {
		d.send(tea.MouseClickMsg{X: 3, Y: 4, Button: tea.MouseLeft})
		d.send(tea.MouseMotionMsg{X: 9, Y: 4, Button: tea.MouseLeft})
	}
	drag()
	d.want("Hold Shift to select text, or ^X ~ gives the mouse back")
	if d.tick(noticeFor); d.is("Hold Shift") {
		t.Error("the hint stays")
	}
	if drag(); d.is("Hold Shift") {
		t.Error("the hint comes again")
	}
}

func TestTheMouseIsGivenBack(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15")
	mode := func() tea.MouseMode { return d.r.View().MouseMode }
	if mode() != tea.MouseModeCellMotion {
		t.Errorf("mode %v at the start", mode())
	}
	if d.keys("ctrl+x ~").want("belongs to the terminal"); mode() != tea.MouseModeNone {
		t.Errorf("mode %v after it was given back", mode())
	}
	if d.keys("tab", "~").want("The mouse works in Signet"); mode() != tea.MouseModeCellMotion {
		t.Errorf("mode %v", mode())
	}
	off := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) { o.NoMouse = true })
	if m := off.r.View().MouseMode; m != tea.MouseModeNone {
		t.Errorf("mode %v with ui.mouse = false", m)
	}
}

// The mouse is somebody who is there: the vault does not lock under a hand that scrolls.
func TestTheMouseKeepsTheVaultOpen(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 30, opened).want("15").tick(14 * time.Minute)
	d.send(tea.MouseWheelMsg{X: 1, Y: 5, Button: tea.MouseWheelDown})
	d.tick(2 * time.Minute)
	if !d.r.session.open() {
		t.Error("locked")
	}
}

func TestTheMouseBeforeTheVaultIsOpen(t *testing.T) {
	t.Parallel()
	drive(t, 80, 24).want("Passphrase").click("Recovery code").want("Recovery code").click("Keyring").want("GitHub")
	w := drive(t, 80, 24, fresh).want("Create a vault").settled().click("Try a demo").want("▸ Try a demo").click("Create a vault").want("▸ Create a vault")
	w.click("Create a vault").want("Once more").click("Once more").typed("x").click("[ Go on ]")
}

// No more of the mouse is asked for than presses, the wheel and drags, in the one encoding that has no limits; at the end it is given back.
func TestTheTerminalsMouseModes(t *testing.T) {
	t.Parallel()
	p := start(t, 80, 24, opened)
	p.Want(t, "GitHub")
	p.Type("\x03")
	if err := p.end(t); err != nil {
		t.Fatal(err)
	}
	raw := p.Raw()
	for _, on := range []string{"\x1b[?1002h", "\x1b[?1006h"} {
		if off := strings.Replace(on, "h", "l", 1); !strings.Contains(raw, on) || strings.LastIndex(raw, off) < strings.LastIndex(raw, on) {
			t.Errorf("%q was not asked for and given back", on)
		}
	}
	if strings.Contains(raw, "\x1b[?1003h") {
		t.Error("movements of the free mouse are asked for")
	}
	off := start(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.NoMouse = true })
	off.Want(t, "GitHub")
	off.Type("\x03")
	if err := off.end(t); err != nil || strings.Contains(off.Raw(), "\x1b[?1002h") {
		t.Errorf("%v: the mouse is taken with ui.mouse = false", err)
	}
}
