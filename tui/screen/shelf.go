package screen

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// shelf is a list under headings whose row under the cursor is told in full: beside the list where there is room, else below it,
// and on the whole screen on request. The screens of ways in, passkeys, hardware keys and settings are made of it.
type shelf struct {
	rows   []shelfRow
	at     []int       // line of each row
	lines  widget.List // over lines, headings included; its Cursor is the line of the row under the cursor
	cursor int
	w, h   int
	whole  bool // the telling has the whole screen
	linear bool // one pane: a screen reader reads along
	scroll int
}

// shelfRow is one row. Its texts may be foreign.
type shelfRow struct {
	head       string // a heading above it, "" for none
	text, note string // what stands at the left, and at the right where it fits
	more       string // goes on behind the text as far as the note leaves room
	warn       bool   // the note wants to be seen
}

// shelfLayout is where list and telling stand.
type shelfLayout struct{ List, Tell Rect }

// Sizes of a shelf.
const (
	shelfListMost = 64
	tellMost      = 90 // columns of a paragraph: longer lines are hard to read
	shelfTellFrom = 10 // rows from which there is a telling below the list
)

// arrange divides the room. It is pure, and gives a sane answer for every size.
func (s *shelf) arrange(w, h int) shelfLayout {
	w, h = max(w, 0), max(h, 0)
	switch {
	case s.whole:
		return shelfLayout{Tell: Rect{0, 0, w, h}}
	case w >= twoPanes && !s.linear:
		l := min(w*45/100, shelfListMost)
		return shelfLayout{List: Rect{0, 0, l, h}, Tell: Rect{l + 3, 0, w - l - 3, h}}
	case h < shelfTellFrom:
		return shelfLayout{List: Rect{0, 0, w, h}}
	}
	list := min(s.lineCount(), h/2)
	return shelfLayout{List: Rect{0, 0, w, list}, Tell: Rect{0, list + 1, w, h - list - 1}}
}

// place notes on which line every row stands; every heading but the first has an empty line above it.
func (s *shelf) place() {
	s.at = make([]int, len(s.rows))
	n := 0
	for i, r := range s.rows {
		if r.head != "" {
			n++
			if i > 0 {
				n++
			}
		}
		s.at[i] = n
		n++
	}
}

func (s *shelf) lineCount() int {
	if len(s.at) == 0 {
		return 0
	}
	return s.at[len(s.at)-1] + 1
}

func (s *shelf) set(rows []shelfRow) {
	s.rows = rows
	s.place()
	s.to(s.cursor)
}

func (s *shelf) sized(w, h int) {
	s.w, s.h = w, h
	s.to(s.cursor)
}

// to puts the cursor on a row; the heading above a first row is shown with it.
func (s *shelf) to(i int) {
	i = min(max(i, 0), max(len(s.rows)-1, 0))
	if i != s.cursor {
		s.scroll = 0
	}
	s.cursor = i
	s.lines.Count, s.lines.Height = s.lineCount(), s.arrange(s.w, s.h).List.H
	if i >= len(s.rows) {
		return
	}
	if s.rows[i].head != "" {
		s.lines.To(s.at[i] - 1)
	}
	s.lines.To(s.at[i])
}

// key applies a movement key; it reports whether it was one.
func (s *shelf) key(k MoveKeys, p widget.Press) bool {
	if s.whole {
		l := widget.List{Count: 1 << 20, Height: max(1, s.h), Cursor: s.scroll}
		if !k.moved(&l, p) {
			return false
		}
		s.scroll = l.Cursor
		if key.Matches(p, k.Last) { // the end is known only to the view, which stops there
			s.scroll = 1 << 19
		}
		return true
	}
	l := widget.List{Count: len(s.rows), Height: max(1, s.lines.Height), Cursor: s.cursor}
	if !k.moved(&l, p) {
		return false
	}
	s.to(l.Cursor)
	return true
}

// click puts the cursor on the row at a place of the shelf's own room; it reports whether there is one.
func (s *shelf) click(x, y int) bool {
	r := s.arrange(s.w, s.h).List
	if s.whole || x < r.X || x >= r.X+r.W || y < 0 || y >= r.H {
		return false
	}
	from, _ := s.lines.Visible(r.H)
	i, found := slices.BinarySearch(s.at, from+y)
	if found {
		s.to(i)
	}
	return found
}

func (s *shelf) wheel(by int) {
	if s.whole {
		s.scroll = max(0, s.scroll+3*by)
		return
	}
	s.to(s.cursor + by)
}

// view draws both parts; tell gives the telling's lines for a width.
func (s *shelf) view(f widget.Frame, tell func(widget.Frame) []string) (string, widget.Cursor) {
	at := s.arrange(f.W, f.H)
	told := s.told(f.Sized(at.Tell.W, at.Tell.H), tell)
	if s.whole {
		return told, widget.Cursor{Shown: f.Theme.Linear}
	}
	list, cur := s.listView(f.Sized(at.List.W, at.List.H))
	switch {
	case at.Tell.X > 0:
		gap := " " + f.Theme.Border.Render(f.Theme.Box.Left) + " "
		return widget.Beside(f, list, at.List.W, gap, told), cur
	case at.Tell.H > 0:
		return list + "\n\n" + told, cur
	}
	return list, cur
}

func (s *shelf) told(f widget.Frame, tell func(widget.Frame) []string) string {
	if f.H <= 0 || f.W <= 0 || len(s.rows) == 0 {
		return widget.Lines(f, nil)
	}
	lines := tell(f)
	top := 0
	if s.whole {
		top = min(s.scroll, max(0, len(lines)-f.H))
	}
	if left := len(lines) - top; left > f.H && f.H > 1 {
		lines = append(append([]string{}, lines[top:top+f.H-1]...), f.Theme.Faint.Render(f.Theme.Ellipsis))
		top = 0
	}
	return widget.Lines(f, lines[top:])
}

func (s *shelf) listView(f widget.Frame) (string, widget.Cursor) {
	from, to := s.lines.Visible(f.H)
	out := make([]string, max(0, to-from))
	put := func(line int, text func() string) {
		if line >= from && line < to {
			out[line-from] = text()
		}
	}
	first, _ := slices.BinarySearch(s.at, from)
	for i := first; i < len(s.rows) && s.at[i] <= to+1; i++ {
		r := s.rows[i]
		if r.head != "" {
			put(s.at[i]-1, func() string { return f.Theme.Section.Render(widget.Fit(f, r.head, f.W)) })
		}
		put(s.at[i], func() string { return shelfLine(f, r, i == s.cursor) })
	}
	cur := widget.Cursor{}
	if s.cursor < len(s.at) {
		cur = widget.Cursor{Y: s.at[s.cursor] - from, Shown: f.Theme.Linear}
	}
	return widget.Lines(f, out), cur
}

func shelfLine(f widget.Frame, r shelfRow, selected bool) string {
	mark, style := "  ", f.Theme.Text
	if selected {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	note := f.Theme.Muted
	if r.warn {
		note = f.Theme.Warn
	}
	w := max(0, f.W-2)
	text := r.text
	if room := w - widget.Width(sanitize.Line(text)) - widget.Width(sanitize.Line(r.note)) - 4; r.more != "" && room >= 3 {
		text = sanitize.Line(text) + "  " + widget.Fit(f, r.more, room)
	}
	right := ""
	if room := w - widget.Width(sanitize.Line(text)) - 2; r.note != "" && room >= min(8, widget.Width(r.note)) {
		right = note.Render(widget.Fit(f, r.note, room))
	}
	line := widget.Ends(f, style.Render(widget.Fit(f, text, w)), right, w)
	if selected {
		return mark + widget.Bar(f, line, w)
	}
	return mark + line
}

// tellPair is a label and its value in a telling; nothing when there is no value.
func tellPair(f widget.Frame, label, value string) []string {
	if value == "" {
		return nil
	}
	const labels = 13
	if f.W < 3*labels {
		return append([]string{f.Theme.Label.Render(widget.Fit(f, label, f.W))}, indent(widget.Paint(f.Theme.Text, widget.Wrap(sanitize.Line(value), f.W-2)))...)
	}
	lines := widget.Paint(f.Theme.Text, widget.Wrap(sanitize.Line(value), min(f.W-labels, tellMost)))
	for i := range lines {
		head := strings.Repeat(" ", labels)
		if i == 0 {
			head = f.Theme.Label.Render(widget.Pad(f, label, labels))
		}
		lines[i] = head + lines[i]
	}
	return lines
}

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// tellText is a paragraph of a telling.
func tellText(f widget.Frame, style interface{ Render(...string) string }, text string) []string {
	if text == "" {
		return nil
	}
	var out []string
	for _, l := range widget.Wrap(sanitize.Line(text), min(f.W, tellMost)) {
		out = append(out, style.Render(l))
	}
	return out
}
