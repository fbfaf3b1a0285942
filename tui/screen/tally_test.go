package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"signet/tui/theme"
	"signet/tui/widget"
)

// BenchmarkTally draws the longest list that a screen is given.
func BenchmarkTally(b *testing.B) {
	t := Tally{Items: 5000, Added: 5000, Lost: 2000}
	for i := range MaxItemRows {
		t.Rows = append(t.Rows, ItemRow{Title: fmt.Sprintf("Entry %d", i), Place: "item 7", What: "new", Bad: true, Values: []ValueRow{{Field: "custom field", Fate: "lost", Note: "the file does not hold its content, and nothing else does", Lost: true}}})
	}
	f := widget.Frame{W: 120, H: 40, Theme: theme.New(theme.Options{})}
	s := scroller{w: f.W, h: 38}
	text := func(w int) []toldLine { return tallyLines(w, t, "all") }
	s.tell(text)
	for b.Loop() {
		s.view(f, text)
	}
}

// Lines are broken once; what is drawn is the same where they have to be broken anew.
func TestATallyIsToldAtEveryWidth(t *testing.T) {
	t.Parallel()
	tally := Tally{Items: 2, Rows: []ItemRow{{Title: "a\x1b[31mb", Place: "item 1", What: "new", Values: []ValueRow{{Field: "note", Fate: "lost", Note: "for a reason that takes many words", Lost: true}}}}, More: 3}
	text := func(w int) []toldLine { return tallyLines(w, tally, "all") }
	for w := range 100 {
		f := widget.Frame{W: w, H: 50, Theme: theme.New(theme.Options{NoColor: true})}
		kept, anew := scroller{w: w, h: 50}, scroller{w: w + 1, h: 50}
		kept.tell(text)
		anew.tell(text)
		a, b := kept.view(f, text), anew.view(f, text)
		if !slices.Equal(a, b) {
			t.Fatalf("%d columns:\n%q\n%q", w, a, b)
		}
		for _, l := range a {
			if widget.Width(l) > w || strings.Contains(l, "\x1b[31m") {
				t.Fatalf("%d columns: %q", w, l)
			}
		}
	}
}
