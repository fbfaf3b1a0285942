package widget

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// pieces are what texts of the properties are made of: narrow, wide, combining, joined, flags, right-to-left, spaces, tabs, line breaks.
var pieces = []string{"a", "bc", " ", "  ", "\n", "\t", "é", "e\u0301", "日本", "👍", "👩‍👩‍👧", "🇩🇪", "עברית", "word ", "averyveryverylongword", "\u0301", "\r\n", "\x1b[31m", "\u202e"}

func drawText(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, label), "")
}

// boundaries are the offsets between graphemes of a text.
func boundaries(text []byte) map[int]bool {
	out, at := map[int]bool{0: true}, 0
	for rest := text; len(rest) > 0; {
		var cluster []byte
		cluster, rest, _, _ = uniseg.FirstGraphemeCluster(rest, -1)
		at += len(cluster)
		out[at] = true
	}
	return out
}

// The rows that are kept up to date edit by edit are those of a fresh look at the text.
func TestRowsAreWhatAFreshLookWouldGive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(drawText(t, "text"))
		r := newRows(text, rapid.IntRange(1, 30).Draw(t, "w"))
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			between := slices.Sorted(maps.Keys(boundaries(text)))
			i := rapid.IntRange(0, len(between)-1).Draw(t, "from")
			from, to := between[i], between[rapid.IntRange(i, len(between)-1).Draw(t, "to")]
			in := []byte(drawText(t, "in"))
			old := slices.Clone(text)
			text = slices.Concat(text[:from], in, text[to:])
			r.edited(text, from, to-from, len(in))
			if want := newRows(text, r.w); !slices.Equal(r.starts, want.starts) {
				t.Fatalf("%q[%d:%d] = %q at %d columns: rows %v, want %v", old, from, to, in, r.w, r.starts, want.starts)
			}
		}
	})
}

// Rows hold the whole text in order, none is wider than the width but by one space, and a row is broken at a space where it has one.
func TestRowsHoldTheTextAndFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, w := []byte(drawText(t, "text")), rapid.IntRange(1, 30).Draw(t, "w")
		r := newRows(text, w)
		if r.starts[0] != 0 || !slices.IsSorted(r.starts) {
			t.Fatalf("starts %v", r.starts)
		}
		for i := range r.starts {
			from, to := r.span(text, i)
			if n := utf8.RuneCount(text[from:to]); n > 1 && Width(strings.TrimSuffix(showLine(text[from:to]), " ")) > w && len(boundaries(text[from:to])) > 2 {
				t.Errorf("row %q is wider than %d", text[from:to], w)
			}
		}
	})
}

// An area is a text and a cursor, whatever is done to it: it agrees with a plain string, the cursor never stands inside a character, it is
// always seen, and everything can be taken back and done again.
func TestAreaProperties(t *testing.T) {
	t.Parallel()
	names := []string{"left", "right", "home", "end", "backspace", "delete", "alt+left", "alt+right", "ctrl+w", "ctrl+u", "ctrl+k", "up", "down", "enter"}
	rapid.Check(t, func(t *rapid.T) {
		var a Area
		start := drawText(t, "start")
		a.Set([]byte(start))
		w, h := rapid.IntRange(1, 30).Draw(t, "w"), rapid.IntRange(1, 6).Draw(t, "h")
		a.SetSize(w, h)
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			before, at := string(a.Bytes()), a.At()
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				in := rapid.SampledFrom([]string{"x", "é", "日", "👍", " "}).Draw(t, "typed")
				a.Key(testKeys, press(in))
				if got := string(a.Bytes()); got != before[:at]+in+before[at:] {
					t.Fatalf("%q at %d and %q: %q", before, at, in, got)
				}
			case 1:
				in := drawText(t, "pasted")
				a.Paste(in)
			default:
				a.Key(testKeys, press(rapid.SampledFrom(names).Draw(t, "key")))
			}
			view, cur := a.View(frame(w, h), true)
			for _, line := range strings.Split(view, "\n") {
				if ansi.StringWidth(line) > w {
					t.Fatalf("line %q is wider than %d", line, w)
				}
			}
			if cur.X < 0 || cur.X >= max(w, 1) || cur.Y < 0 || cur.Y >= h {
				t.Fatalf("cursor %+v in %dx%d of %q at %d", cur, w, h, a.Bytes(), a.At())
			}
		}
		last := string(a.Bytes())
		steps := 0
		for a.Undo() {
			steps++
		}
		if got := string(a.Bytes()); got != start {
			t.Fatalf("taken back: %q, want %q", got, start)
		}
		for range steps {
			a.Redo()
		}
		if got := string(a.Bytes()); got != last {
			t.Fatalf("done again: %q, want %q", got, last)
		}
	})
}

// Moving keys leave the cursor between characters.
func TestTheCursorStaysBetweenCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var a Area
		a.Set([]byte(drawText(t, "text")))
		ok := boundaries(a.Bytes())
		a.SetSize(rapid.IntRange(2, 30).Draw(t, "w"), 5)
		for range 30 {
			k := rapid.SampledFrom([]string{"left", "right", "up", "down", "home", "end"}).Draw(t, "key")
			a.Key(testKeys, press(k))
			if !ok[a.At()] {
				t.Fatalf("%s put the cursor of %q at %d", k, a.Bytes(), a.At())
			}
		}
	})
}

func TestATextIsWrappedAtWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		w    int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 8, []string{"one two", "three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"onetwothree", 4, []string{"onet", "woth", "ree"}},
		{"one\n\ntwo\n", 8, []string{"one", "", "two", ""}},
		{"日本語 x", 4, []string{"日本", "語 x"}},
		{"ab  cd", 3, []string{"ab", "cd"}},
	} {
		r := newRows([]byte(c.text), c.w)
		var got []string
		for i := range r.starts {
			from, to := r.span([]byte(c.text), i)
			got = append(got, strings.TrimRight(c.text[from:to], " "))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: %q, want %q", c.text, c.w, got, c.want)
		}
	}
}

func TestUpAndDownGoByWhatIsSeen(t *testing.T) {
	t.Parallel()
	var a Area
	a.Set([]byte("one two three four"))
	a.SetSize(9, 4) // "one two " "three " "four"
	a.Key(testKeys, press("up"))
	a.Key(testKeys, press("X"))
	if got := string(a.Bytes()); got != "one two threX"+"e four" && got != "one two threeX four" {
		t.Errorf("%q", got)
	}
}

func TestTypingIsTakenBackInRunsAndWiped(t *testing.T) {
	t.Parallel()
	var l Line
	for _, k := range strings.Split("h e l l o", " ") {
		l.Key(testKeys, press(k))
	}
	l.Key(testKeys, press("space"))
	l.Key(testKeys, press("x"))
	held := l.log.done[0].in.Reveal()
	if l.Undo(); l.Text() != "hello" {
		t.Errorf("one step back: %q", l.Text())
	}
	if l.Undo(); l.Text() != "" || l.Undo() {
		t.Errorf("two steps back: %q", l.Text())
	}
	if l.Redo(); l.Text() != "hello" {
		t.Errorf("done again: %q", l.Text())
	}
	if l.Wipe(); strings.Trim(string(held), "\x00") != "" {
		t.Errorf("a step that could be taken back still holds %q", held)
	}
}

// An edit looks at a few rows only, so a text of 1 MiB is typed into as smoothly as a short one.
func BenchmarkTypeIntoOneMebibyte(b *testing.B) {
	for name, text := range map[string]string{"words": strings.Repeat("The quick brown fox. ", 49000), "one line": strings.Repeat("x", 1<<20-1000)} {
		b.Run(name, func(b *testing.B) {
			var a Area
			a.Set([]byte(text))
			a.SetSize(80, 20)
			a.at = 1000
			for i := range b.N {
				if i%2 == 0 {
					a.Key(testKeys, press("x"))
				} else {
					a.Key(testKeys, press("backspace"))
				}
				a.View(frame(80, 20), true)
			}
		})
	}
}
