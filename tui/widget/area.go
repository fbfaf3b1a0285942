package widget

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
)

// maxArea is the format's limit of a value (1 MiB): a note cannot be longer.
const maxArea = 1 << 20

// Area is a text field of several lines, which are wrapped. Its size is set when the screen's is (SetSize): the keys for up and down
// have to know where the lines break.
type Area struct {
	Buffer
	Exact   bool   // a secret: taken as it is or not at all
	Hidden  bool   // what it holds is told by its size only
	Refused string // why the last input was refused
	h       int
	top     int // the first row that is seen
	goal    int // the column that up and down aim at, plus one; 0 is that of the cursor
}

// SetSize says how much room the area has.
func (a *Area) SetSize(w, h int) {
	a.h = max(h, 1)
	if a.rows == nil || a.rows.w != max(w-1, 1) {
		a.rows = newRows(a.Bytes(), w-1) // one column is left for a cursor behind the text
	}
	a.follow()
}

// Rows is how many rows the text takes at a width.
func (a *Area) Rows(w int) int {
	if a.Hidden {
		return 1
	}
	return len(a.layout(w).starts)
}

// layout gives the rows for a width: those at hand where they fit, else fresh ones.
func (a *Area) layout(w int) *rows {
	if a.rows != nil && a.rows.w == max(w-1, 1) {
		return a.rows
	}
	return newRows(a.Bytes(), w-1)
}

// Key applies a key; it reports whether the key was the field's.
func (a *Area) Key(k EditKeys, p Press) bool {
	a.Refused = ""
	a.ensure()
	defer a.follow()
	for _, m := range []struct {
		key key.Binding
		by  int
	}{{k.Up, -1}, {k.Down, 1}, {k.PageUp, -max(a.h-1, 1)}, {k.PageDown, max(a.h-1, 1)}} {
		if key.Matches(p, m.key) {
			return a.Move(m.by)
		}
	}
	a.goal = 0
	switch {
	case key.Matches(p, k.Top):
		a.at = 0
	case key.Matches(p, k.Bottom):
		a.at = a.Len()
	case key.Matches(p, k.Newline):
		a.insert("\n")
	case p.Typed() != "":
		a.insert(p.Typed())
	default:
		return k.edit(&a.Buffer, p)
	}
	return true
}

// ensure has rows at hand, unbroken ones as long as no size is known.
func (a *Area) ensure() {
	if a.rows == nil {
		a.rows = newRows(a.Bytes(), maxArea)
	}
}

func (a *Area) insert(s string) {
	if a.Len()+len(s) > maxArea {
		a.Refused = "not taken: a field holds at most 1 MiB"
		return
	}
	a.Insert([]byte(s))
}

// Paste puts text in with its line breaks. Control characters are left out; a secret that has some is refused.
func (a *Area) Paste(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if a.Exact && (strings.ContainsFunc(s, control) || !utf8.ValidString(s)) {
		a.Refused = "not pasted: it holds control characters"
		return
	}
	a.Refused = ""
	a.insert(strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s))
	a.goal = 0
	a.follow()
}

// Move moves the cursor by rows; it reports false where it stands at the first or the last already, so that a form can go on to the
// next field.
func (a *Area) Move(by int) bool {
	if a.Hidden {
		return false
	}
	a.ensure()
	text, r := a.Bytes(), a.rows
	row := r.at(a.at)
	to := min(max(row+by, 0), len(r.starts)-1)
	if to == row {
		return false
	}
	if a.goal == 0 {
		a.goal = Width(showLine(text[r.starts[row]:a.at])) + 1
	}
	a.at = a.column(to, a.goal-1)
	a.follow()
	return true
}

// column is the offset in a row that stands at a column, or at the row's end. The end of a row that was broken belongs to the next
// one, so the cursor stays one character before it.
func (a *Area) column(row, col int) int {
	text := a.Bytes()
	from, to := a.rows.span(text, row)
	last := row+1 == len(a.rows.starts) || to < a.rows.starts[row+1]
	at := from
	for x := 0; at < to; {
		n, w := clusterAt(text, at)
		if x+w > col || !last && at+n >= to {
			break
		}
		x, at = x+w, at+n
	}
	return at
}

// Point puts the cursor at a cell of the last view.
func (a *Area) Point(x, y int) {
	if a.rows == nil || a.Hidden {
		return
	}
	a.goal = 0
	a.at = a.column(min(max(a.top+y, 0), len(a.rows.starts)-1), max(x, 0))
	a.follow()
}

// follow scrolls as little as needed to see the cursor.
func (a *Area) follow() {
	if a.rows != nil {
		a.top = a.seen(a.rows, max(a.h, 1))
	}
}

// seen is the first row to draw in h lines.
func (a *Area) seen(r *rows, h int) int {
	row := r.at(a.at)
	top := min(max(a.top, row-h+1), row)
	return max(0, min(top, len(r.starts)-h))
}

// View draws f.H lines around the cursor.
func (a *Area) View(f Frame, focused bool) (string, Cursor) {
	if f.W <= 0 || f.H <= 0 {
		return "", Cursor{}
	}
	if a.Hidden && a.Len() > 0 {
		return Lines(f, []string{f.Theme.Muted.Render(Fit(f, a.size(), f.W))}), Cursor{Shown: focused}
	}
	text, r := a.Bytes(), a.layout(f.W)
	top := 0
	if focused {
		top = a.seen(r, f.H)
	}
	cur := Cursor{Y: r.at(a.at) - top, Shown: focused}
	var lines []string
	for i := top; i < len(r.starts) && len(lines) < f.H; i++ {
		from, to := r.span(text, i)
		if len(lines) == cur.Y {
			cur.X = min(Width(showLine(text[from:a.at])), f.W-1)
		}
		lines = append(lines, f.Theme.Text.Render(strings.TrimRight(showLine(text[from:to]), " ")))
	}
	if !focused && len(r.starts) > f.H { // there is more
		lines[len(lines)-1] = f.Theme.Faint.Render(Fit(f, fmt.Sprintf("%s %d more lines", f.Theme.Ellipsis, len(r.starts)-f.H+1), f.W))
	}
	return Lines(f, lines), cur
}

// size tells what a hidden text is.
func (a *Area) size() string {
	lines := 1
	for _, c := range a.Bytes() {
		if c == '\n' {
			lines++
		}
	}
	return fmt.Sprintf("(hidden: %s in %s)", count(utf8.RuneCount(a.Bytes()), "character"), count(lines, "line"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// showLine makes one line of a text safe; tabs take four columns.
func showLine(b []byte) string {
	return strings.ReplaceAll(sanitize.Text(string(b)), "\t", "    ")
}
