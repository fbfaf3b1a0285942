package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks one base character may carry; Hebrew with cantillation and Tibetan stay below it,
// text that climbs over its neighbours does not.
const maxMarks = 8

// refused stands for a character that must not be shown.
const refused = utf8.RuneError

// Line returns s as one line that is safe on a terminal. Text that is clean is returned as it is, without allocation.
func Line(s string) string { return clean(s, false) }

// Text is like [Line] but keeps line feeds and tabs. CR LF and the Unicode line and paragraph separators become line
// feeds; a CR alone, with which a line could overwrite itself, becomes its picture.
func Text(s string) string { return clean(s, true) }

// Dirty reports whether [Line] would change s.
func Dirty(s string) bool { return firstDirty(s, false) < len(s) }

// clean copies s only from the first character on that has to change.
func clean(s string, text bool) string {
	first := firstDirty(s, text)
	if first == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	w := walker{s: s, text: text}
	for w.more() {
		if r := w.next(); r >= 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// firstDirty returns the offset of the first character that clean would change, or len(s).
func firstDirty(s string, text bool) int {
	i := 0
	for i < len(s) && s[i] >= 0x20 && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return i
	}
	w := walker{s: s, text: text}
	for w.more() {
		at := w.at
		r := w.next()
		if n := w.at - at; r < 0 || r == refused && n == 1 || s[at:w.at] != string(r) {
			return at
		}
	}
	return len(s)
}

// walker yields what is shown for each character of s and remembers what it needs to judge the next one.
type walker struct {
	s     string
	at    int
	text  bool
	shown rune // what was last shown, 0 at the start of a line
	marks int  // combining marks since the last base
}

func (w *walker) more() bool { return w.at < len(w.s) }

// next returns what to show for the next character, or -1 for nothing (the CR of a CR LF).
func (w *walker) next() rune {
	r, n := utf8.DecodeRuneInString(w.s[w.at:])
	w.at += n
	if w.text {
		switch r {
		case '\r':
			if strings.HasPrefix(w.s[w.at:], "\n") {
				return -1
			}
		case '\n', '\u2028', '\u2029':
			w.shown, w.marks = 0, 0
			return '\n'
		case '\t':
			w.shown, w.marks = r, 0
			return r
		}
	}
	out := w.judge(r)
	if unicode.Is(unicode.M, out) {
		w.marks++
	} else {
		w.marks = 0
	}
	w.shown = out
	return out
}

// judge decides about one character: itself, its picture, or U+FFFD.
func (w *walker) judge(r rune) rune {
	switch {
	case r >= 0x20 && r < 0x7f:
		return r
	case r < 0x20:
		return 0x2400 + r
	case r == 0x7f:
		return 0x2421
	case r == '\u200c' || r == '\u200d':
		return keepIf(r, w.joins(r))
	case unicode.Is(unicode.Variation_Selector, r):
		return keepIf(r, w.selects(r))
	case unicode.Is(unicode.M, r):
		return keepIf(r, w.shown != 0 && w.marks < maxMarks && visible(r))
	}
	return keepIf(r, visible(r))
}

func keepIf(r rune, ok bool) rune {
	if ok {
		return r
	}
	return refused
}

// visible reports whether r is assigned, public and draws something. The few format characters that do draw (the Arabic
// number signs and their like) count as visible.
func visible(r rune) bool {
	if unicode.Is(unicode.Cf, r) {
		return unicode.Is(unicode.Prepended_Concatenation_Mark, r)
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// joins reports whether a joiner has work to do here: between letters of one script that joins, or (ZWJ only) between
// two emoji. Elsewhere it is an invisible difference between two names.
func (w *walker) joins(r rune) bool {
	next, _ := utf8.DecodeRuneInString(w.s[w.at:])
	if r == '\u200d' && (pictograph(w.shown) || modifier(w.shown)) && pictograph(next) {
		return true
	}
	for _, script := range joining {
		if unicode.Is(script, w.shown) {
			return unicode.Is(script, next) && unicode.IsLetter(next)
		}
	}
	return false
}

// joining are the scripts in whose ordinary spelling ZWNJ and ZWJ occur (Unicode standard, section 23.2).
var joining = [...]*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
	unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer,
}

// selects reports whether a variation selector follows what it can vary.
func (w *walker) selects(r rune) bool {
	switch {
	case r == '\ufe0e' || r == '\ufe0f':
		return pictograph(w.shown) || w.shown == '#' || w.shown == '*' || w.shown >= '0' && w.shown <= '9'
	case r <= '\ufe0f' && r >= '\ufe00', r >= 0xE0100:
		return unicode.Is(unicode.Han, w.shown)
	}
	return unicode.Is(unicode.Mongolian, w.shown) && unicode.IsLetter(w.shown)
}

// modifier reports the characters that may stand between an emoji and the joiner after it.
func modifier(r rune) bool { return r == '\ufe0f' || r >= 0x1F3FB && r <= 0x1F3FF }

// pictograph is a generous notion of emoji: the blocks in which they live, as far as this Go's Unicode knows them.
func pictograph(r rune) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2190 && r <= 0x21FF, r >= 0x2300 && r <= 0x23FF, r >= 0x25A0 && r <= 0x27BF,
		r >= 0x2B00 && r <= 0x2BFF, r == 0xA9, r == 0xAE, r == 0x203C, r == 0x2049, r == 0x2122, r == 0x2139, r == 0x24C2,
		r == 0x3030, r == 0x303D, r == 0x3297, r == 0x3299:
		return unicode.IsGraphic(r)
	}
	return false
}
