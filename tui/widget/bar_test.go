package widget

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/theme"
)

func barFrame(style lipgloss.Style, linear bool) Frame {
	th := theme.Theme{}
	th.Selected, th.Linear = style, linear
	return Frame{Theme: th}
}

func TestABarCoversTheRowAndKeepsWhatMatched(t *testing.T) {
	t.Parallel()
	blue := lipgloss.NewStyle().Background(lipgloss.Color("#0000ff"))
	muted, match := lipgloss.NewStyle().Foreground(lipgloss.Color("#040404")), lipgloss.NewStyle().Foreground(lipgloss.Color("#00ff00")).Underline(true)
	line := muted.Render("a") + match.Render("日") + muted.Render("é") + "  " + lipgloss.NewStyle().Foreground(lipgloss.ANSIColor(4)).Render("x")
	got := Bar(barFrame(blue, false), line, 12)
	want := blue.Render("a") + blue.Underline(true).Render("日") + blue.Render("é  x     ")
	if got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if plain := ansi.Strip(Bar(barFrame(blue, false), strings.Repeat("ab", 9), 5)); Width(plain) > 5 {
		t.Errorf("%q is too wide", plain)
	}
}

func TestABarWithoutABackgroundAddsNoBlanks(t *testing.T) {
	t.Parallel()
	for _, f := range []Frame{barFrame(lipgloss.NewStyle().Bold(true), false), barFrame(lipgloss.NewStyle().Reverse(true), true)} {
		if got := ansi.Strip(Bar(f, "abc", 9)); got != "abc" {
			t.Errorf("%q", got)
		}
	}
	if got := ansi.Strip(Bar(barFrame(lipgloss.NewStyle().Reverse(true), false), "abc", 5)); got != "abc  " {
		t.Errorf("%q: the terminal's own inverse reaches the edge", got)
	}
}

func TestUnderliningIsReadFromColourSequences(t *testing.T) {
	t.Parallel()
	for seq, want := range map[string]string{
		"\x1b[4mx": "x", "\x1b[38;5;4mx": "", "\x1b[38;2;4;4;4mx": "", "\x1b[48;5;4;4mx": "x", "\x1b[4m\x1b[24mx": "", "\x1b[4m\x1b[mx": "", "\x1b[38mx": "", "\x1b[38;2mx": "",
	} {
		under := lipgloss.NewStyle().Underline(true)
		got := Bar(barFrame(lipgloss.NewStyle(), false), seq, 9)
		if (got == under.Render("x")) != (want == "x") {
			t.Errorf("%q becomes %q", seq, got)
		}
	}
}
