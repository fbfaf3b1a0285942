package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"signet/tui/screen"
)

// mostChanges is how often a picture may change in a minute in which nobody does anything: a code is followed by another twice, the
// lock is announced once, a notice goes and another one comes.
const mostChanges = 4

// A screen reader reads what changes: in a minute in which nobody does anything it has next to nothing to read. Its cursor is always
// somewhere, and nothing is drawn that it would have to spell out.
func TestLinearIsQuiet(t *testing.T) {
	t.Parallel()
	for _, p := range everyPicture() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 24, append([]setting{linear}, p.start...)...)
			p.reach(d)
			changes, last := 0, d.linearPicture()
			for range 60 {
				d.tick(time.Second)
				d.settled()
				if now := d.linearPicture(); now != last {
					changes, last = changes+1, now
				}
			}
			if changes > mostChanges {
				t.Errorf("%d changes in a minute; the last is\n%s", changes, last)
			}
		})
	}
}

// linearPicture is the picture with the cursor's place.
func (d *driver) linearPicture() string {
	d.t.Helper()
	p, cur := d.r.picture()
	if !cur.Shown {
		d.t.Errorf("the cursor is nowhere:\n%s", ansi.Strip(p))
	}
	if i := strings.IndexAny(p, "│╭╮╰╯─━▸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"); i >= 0 {
		d.t.Errorf("drawn for eyes: %q in\n%s", []rune(p[i:])[0], ansi.Strip(p))
	}
	return fmt.Sprintf("%s\n%d,%d", p, cur.X, cur.Y)
}

// The lines that are read first say where one is and what happened.
func TestLinearSaysWhatHappened(t *testing.T) {
	t.Parallel()
	d := drive(t, 60, 20, linear, opened).want("15").typed("git").want("3 of 15").keys("ctrl+y").want("copied")
	lines := func() []string { return strings.Split(d.picture(), "\n") }
	if l := lines(); !strings.HasPrefix(l[0], "Entries, default") || !strings.HasPrefix(l[1], "Password copied") || !strings.HasSuffix(l[1], ", clears at 15:09:57") {
		t.Errorf("%q", l[:3])
	}
	if _, cur := d.r.picture(); cur.Y != 2 || cur.X != 2+3 {
		t.Errorf("the cursor is at %+v, not behind what was typed", cur)
	}
	d.send(screen.Notify{Level: screen.Bad, Text: "Not saved: the disk is full. Nothing was lost: make room on the disk, then save again"})
	if l := lines(); !strings.HasPrefix(l[1], "Error: Not saved: the disk is full.") || !strings.Contains(l[2], "then save again") {
		t.Errorf("%q", l[:4])
	}
	d.keys("ctrl+x")
	if l := lines(); l[1] != "Ctrl+X, then a letter" {
		t.Errorf("%q", l[:3])
	}
}

// A question stands alone and at the top, with the cursor on the answer.
func TestLinearQuestions(t *testing.T) {
	t.Parallel()
	d := drive(t, 60, 20, linear, opened).want("15").keys("ctrl+x t").want("Old forum").keys("D").want("Remove for good?")
	if d.is("Old forum\n") || d.is("search the trash") {
		t.Errorf("the screen below is still there:\n%s", d.picture())
	}
	lines := strings.Split(d.picture(), "\n")
	answer := func() string {
		_, cur := d.r.picture()
		return strings.TrimSpace(lines[cur.Y])
	}
	if !strings.HasPrefix(lines[2], "Remove for good?") || answer() != "Keep it" {
		t.Errorf("the cursor is at %q in\n%s", answer(), d.picture())
	}
	if d.keys("down"); answer() != "Remove for good" {
		t.Errorf("the cursor is at %q", answer())
	}
	x, y := d.find("Keep it")
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.gone("Remove for good?")
}

func TestGoldenLinear(t *testing.T) {
	t.Parallel()
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 100, 30, append([]setting{linear}, p.start...)...)
			p.reach(d)
			d.resize(80, 24)
			s, cur := d.r.picture()
			golden.RequireEqual(t, fmt.Sprintf("%s\ncursor %d,%d\n", ansi.Strip(s), cur.X, cur.Y))
		})
	}
}
