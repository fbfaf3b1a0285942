package widget

import (
	"bytes"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
)

// maxArea is the format's limit of a value (1 MiB): a note cannot be longer.
const maxArea = 1 << 20

// Area is a text field of several lines.
type Area struct {
	Buffer
	Refused string // why the last input was refused
	col     int    // the column that up and down aim at; -1 is that of the cursor
}

// Key applies a key; it reports whether the key was the field's.
func (a *Area) Key(k EditKeys, p Press) bool {
	a.Refused = ""
	if key.Matches(p, k.Up) || key.Matches(p, k.Down) {
		return a.vertical(key.Matches(p, k.Down))
	}
	a.col = -1
	switch {
	case key.Matches(p, k.Newline):
		a.insert("\n")
	case p.Typed() != "":
		a.insert(p.Typed())
	default:
		return k.edit(&a.Buffer, p)
	}
	return true
}

func (a *Area) insert(s string) {
	if a.Len()+len(s) > maxArea {
		a.Refused = "not taken: a note holds at most 1 MiB"
		return
	}
	a.Insert([]byte(s))
}

// Paste puts text in with its line breaks; control characters are left out.
func (a *Area) Paste(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	a.insert(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
	a.col = -1
}

// vertical moves by one line; it reports false at the first and the last, so that a form can go on to the next field.
func (a *Area) vertical(down bool) bool {
	start := a.lineStart(a.at)
	if a.col < 0 {
		a.col = graphemes(a.Bytes()[start:a.at])
	}
	switch {
	case down:
		end := a.lineEnd(a.at)
		if end == a.Len() {
			return false
		}
		start = end + 1
	case start == 0:
		return false
	default:
		start = a.lineStart(start - 1)
	}
	end := a.lineEnd(start)
	a.at = start
	for i := 0; i < a.col && a.at < end; i++ {
		a.at = a.next(a.at)
	}
	return true
}

// View draws f.H lines around the cursor. Long lines are not wrapped but follow the cursor, as in a plain editor.
func (a *Area) View(f Frame, focused bool) (string, Cursor) {
	if f.W <= 0 || f.H <= 0 {
		return "", Cursor{}
	}
	text := a.Bytes()
	row := bytes.Count(text[:a.at], []byte{'\n'})
	total := bytes.Count(text, []byte{'\n'}) + 1
	top := min(max(0, row-f.H/2), max(0, total-f.H))
	start := 0
	for range top {
		start = a.lineEnd(start) + 1
	}
	var lines []string
	cur := Cursor{Y: row - top, Shown: focused}
	for len(lines) < f.H && start <= len(text) {
		end := a.lineEnd(start)
		at := 0
		if len(lines) == cur.Y {
			at = Width(showLine(text[start:a.at]))
		}
		line, x := window(showLine(text[start:end]), at, f.W, focused && len(lines) == cur.Y)
		if len(lines) == cur.Y {
			cur.X = x
		}
		lines = append(lines, f.Theme.Text.Render(line))
		start = end + 1
	}
	return Lines(f, lines), cur
}

// showLine makes one line of a text safe; tabs take four columns.
func showLine(b []byte) string {
	return strings.ReplaceAll(sanitize.Text(string(b)), "\t", "    ")
}
