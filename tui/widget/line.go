package widget

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"signet/internal/sanitize"
	"signet/vault/secret"
)

// maxLine bounds what a one-line field takes: far above every real password, far below what would slow a frame down.
const maxLine = 16 << 10

// Line is a text field of one line.
type Line struct {
	Buffer
	Placeholder string
	Max         int    // bytes; 0 means maxLine
	Refused     string // why the last paste was refused
}

// Key applies a key; it reports whether the key was the field's.
func (l *Line) Key(k EditKeys, p Press) bool {
	if s := p.Typed(); s != "" {
		return l.insert(s)
	}
	return k.edit(&l.Buffer, p)
}

func (l *Line) insert(s string) bool {
	limit := l.Max
	if limit == 0 {
		limit = maxLine
	}
	if l.Refused = ""; l.Len()+len(s) > limit {
		l.Refused = fmt.Sprintf("not taken: a line holds at most %d characters", limit)
		return true
	}
	l.Insert([]byte(s))
	return true
}

// Paste puts pasted text in as one line: line breaks and tabs become spaces, a break at the end goes.
func (l *Line) Paste(s string) {
	s = strings.TrimRight(s, "\r\n")
	s = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s)
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	l.insert(s)
}

// Point puts the cursor at a column of the last view, which was w columns wide.
func (l *Line) Point(x, w int, focused bool) {
	from := 0
	if focused {
		before := Width(sanitize.Line(string(l.Bytes()[:l.At()])))
		_, at := window(sanitize.Line(l.Text()), before, w, true)
		from = before - at
	}
	at, col := 0, 0
	for at < l.Len() {
		n := l.next(at)
		cw := Width(sanitize.Line(string(l.Bytes()[at:n])))
		if col+cw > from+max(x, 0) {
			break
		}
		at, col = n, col+cw
	}
	l.at = at
}

// Text is what the field holds, as a string.
func (l *Line) Text() string { return string(l.Bytes()) }

// View draws the field w columns wide, with the cursor's column inside it.
func (l *Line) View(f Frame, focused bool) (string, Cursor) {
	if l.Len() == 0 && l.Placeholder != "" {
		return f.Theme.Faint.Render(Fit(f, l.Placeholder, f.W)), Cursor{Shown: focused}
	}
	shown := sanitize.Line(l.Text())
	before := Width(sanitize.Line(string(l.Bytes()[:l.At()])))
	text, x := window(shown, before, f.W, focused)
	return f.Theme.Text.Render(text), Cursor{X: x, Shown: focused}
}

// window cuts a long line so that the column at is visible, and returns where that column now is. An unfocused field shows its
// beginning.
func window(s string, at, w int, focused bool) (string, int) {
	total := Width(s)
	if w <= 0 {
		return "", 0
	}
	if total < w || !focused {
		return cutLeft(s, 0, w), min(at, w-1)
	}
	from := min(max(0, at-w*2/3), max(0, total-w+1))
	return cutLeft(s, from, w), at - from
}

func cutLeft(s string, from, w int) string {
	out, col := strings.Builder{}, 0
	for len(s) > 0 {
		cluster, rest, cw := nextCluster(s)
		if col >= from && col+cw <= from+w {
			out.WriteString(cluster)
		}
		col += cw
		if col >= from+w {
			break
		}
		s = rest
	}
	return out.String()
}

// Echo says how a secret field shows itself.
type Echo int

// The echoes. EchoNothing hides the length too.
const (
	EchoDots Echo = iota
	EchoNothing
	EchoPlain
)

// SecretField is a field of one line whose content is shown only on request. It never changes what it is given: a final line
// break of a paste is dropped, everything else that one line cannot hold is refused with a reason (bubbletea.md 4d.2).
type SecretField struct {
	Line
	Echo    Echo
	Refused string // why the last paste was refused
}

// Key applies a key; it reports whether the key was the field's.
func (s *SecretField) Key(k EditKeys, p Press) bool {
	s.Refused = ""
	return s.Line.Key(k, p)
}

// Paste puts pasted text in exactly, or refuses it.
func (s *SecretField) Paste(text string) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	why := Unfit([]byte(text))
	limit := s.Max
	if limit == 0 {
		limit = maxLine
	}
	if why == "" && s.Len()+len(text) > limit {
		why = "it is longer than this field can be"
	}
	if why != "" {
		s.Refused = "not pasted: " + why
		return
	}
	s.Refused = ""
	s.Insert([]byte(text))
}

// Unfit says why a text cannot stand in a field of one line, or "".
func Unfit(text []byte) string {
	switch {
	case bytes.ContainsAny(text, "\r\n"):
		return "it has several lines"
	case !utf8.Valid(text):
		return "it is not text"
	case bytes.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return "it holds control characters"
	}
	return ""
}

// View draws the field.
func (s *SecretField) View(f Frame, focused bool) (string, Cursor) {
	switch {
	case s.Echo == EchoPlain || s.Len() == 0:
		return s.Line.View(f, focused)
	case s.Echo == EchoNothing:
		return f.Theme.Muted.Render(Fit(f, "(hidden)", f.W)), Cursor{Shown: focused}
	}
	before := graphemes(s.Bytes()[:s.At()])
	text, x := window(strings.Repeat(f.Theme.Dot, graphemes(s.Bytes())), before, f.W, focused)
	return f.Theme.Text.Render(text), Cursor{X: x, Shown: focused}
}

// Same reports whether two fields hold the same.
func Same(a, b secret.Secret) bool { return bytes.Equal(a.Reveal(), b.Reveal()) }
