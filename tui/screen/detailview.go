package screen

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// maxShown is how many bytes of one value a detail looks at; a value holds 1 MiB at most (decisions.md, "Compaction and limits").
const maxShown = 1 << 20

// column is a part of a detail that was drawn: its rows, and where each of its lines begins in them.
type column struct {
	from int   // the first line
	at   []int // at[i] is the first row of line from+i; one more for the end
	rows []row
}

// row is one row of a column. Its body is painted only when it is in view: a note may have twenty thousand rows.
type row struct {
	head, tail string // painted already
	body       string // safe
	style      *lipgloss.Style
}

func (r row) paint() string {
	if r.style == nil || r.body == "" {
		return r.head + r.body + r.tail
	}
	return r.head + r.style.Render(r.body) + r.tail
}

// plain is the row without colours.
func (r row) plain() string { return ansi.Strip(r.head) + r.body + ansi.Strip(r.tail) }

// painted are the rows that are in view from the row top on.
func (c column) painted(top, h int) []string {
	var out []string
	for i := max(top, 0); i < len(c.rows) && len(out) < h; i++ {
		out = append(out, c.rows[i].paint())
	}
	return out
}

// heads are rows that are painted already.
func heads(texts []string) []row {
	out := make([]row, len(texts))
	for i, t := range texts {
		out[i].head = t
	}
	return out
}

// bodies are safe texts in one style.
func bodies(texts []string, style lipgloss.Style) []row {
	out := make([]row, len(texts))
	for i, t := range texts {
		out[i] = row{body: t, style: &style}
	}
	return out
}

// span is the rows of a line, with the heading right above it where that belongs to it alone.
func (c column) span(line int) (first, last int) {
	i := line - c.from
	if i < 0 || i+1 >= len(c.at) {
		return 0, 0
	}
	return c.at[i], c.at[i+1]
}

// has reports whether the line stands in this column.
func (c column) has(line int) bool { return line >= c.from && line < c.from+len(c.at)-1 }

// lineAt is the line at a row.
func (c column) lineAt(row int) (int, bool) {
	for i := range len(c.at) - 1 {
		if row >= c.at[i] && row < c.at[i+1] {
			return c.from + i, true
		}
	}
	return 0, false
}

// draw draws the lines from..to, the one under the cursor marked; cursor -1 marks none.
func (d *detail) draw(f widget.Frame, from, to, cursor int) column {
	c := column{from: from, at: make([]int, 0, to-from+1)}
	labels := d.labelWidth(f.W, from, to)
	for i := from; i < to; i++ {
		c.at = append(c.at, len(c.rows))
		l := d.lines[i]
		switch {
		case l.kind == lineHeading:
			if len(c.rows) > 0 {
				c.rows = append(c.rows, row{})
			}
			c.rows = append(c.rows, bodies(widget.Wrap(sanitize.Line(l.text), max(f.W, 1)), f.Theme.Section)...)
		case l.kind == lineCandidate && d.beside(f, i):
			if l.candidate == 0 {
				c.rows = append(c.rows, heads(d.sideBySide(f, i, cursor))...)
			}
		case l.kind == lineCandidate:
			c.rows = append(c.rows, heads(d.candidateRows(f, l, f.W, i == cursor))...)
		default:
			c.rows = append(c.rows, d.block(f, l, labels, i == cursor)...)
		}
	}
	c.at = append(c.at, len(c.rows))
	d.share(&c)
	return c
}

// share gives values that stand beside each other the same rows.
func (d *detail) share(c *column) {
	for i := len(c.at) - 3; i >= 0; i-- {
		l, next := d.lines[c.from+i], d.lines[c.from+i+1]
		if l.kind == lineCandidate && next.kind == lineCandidate && l.conflict == next.conflict && c.at[i+1] == c.at[i+2] {
			c.at[i+1] = c.at[i] // found by its column, scrolled to by its row
		}
	}
}

// view draws the lines that fit, from the first on; it is for the entry beside the list.
func (d *detail) view(f widget.Frame, cursor int) string {
	c := d.draw(f, 0, len(d.lines), cursor)
	first, last := c.span(cursor)
	return widget.Lines(f, c.painted(scrolled(0, first, last, len(c.rows), f.H), f.H))
}

// scrolled moves the first visible row as little as needed to show the rows first to last; of more rows than fit a part stays in view.
func scrolled(top, first, last, total, h int) int {
	switch {
	case last <= first:
	case last-first <= h:
		top = max(min(top, first), last-h)
	default:
		top = min(max(top, first), last-h)
	}
	return max(0, min(top, total-h))
}

// timeFrom is from how many columns a time is shown in full.
const timeFrom = 36

// labelWidth is the widest label, within reason.
func (d *detail) labelWidth(w, from, to int) int {
	most, least := 4, 4
	for _, l := range d.lines[from:to] {
		if l.kind != lineHeading && l.kind != lineCandidate {
			most = max(most, widget.Width(sanitize.Line(l.label)))
		}
		if l.kind == lineHistory && w >= timeFrom {
			least = len(timeLayout) // half a time says nothing
		}
	}
	return min(most, max(least, w/3), 22)
}

// sentenceFrom is from how many columns sentences stand below the values instead of below the labels.
const sentenceFrom = 60

// block is one line of the detail in as many rows as it needs.
func (d *detail) block(f widget.Frame, l detailLine, labels int, here bool) []row {
	mark, style := "  ", f.Theme.Label
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	if l.label == "" && f.W < sentenceFrom {
		labels = -2 // a sentence takes the whole of a narrow line
	}
	out := d.value(f, l, f.W-labels-4)
	margin := strings.Repeat(" ", labels+4)
	if labels < 0 {
		for i := range out {
			out[i].head = margin + out[i].head
		}
		if here {
			out[0].head = mark + strings.TrimPrefix(out[0].head, margin)
		}
		return out
	}
	out[0].head = mark + style.Render(widget.Pad(f, widget.Fit(f, l.label, labels), labels)) + "  " + out[0].head
	for i := range out[1:] {
		out[i+1].head = margin + out[i+1].head
	}
	return out
}

// value is what stands right of the label: one row at least.
func (d *detail) value(f widget.Frame, l detailLine, w int) []row {
	w = max(w, 1)
	if l.kind == lineCode {
		return heads(d.codeText(f, l, w))
	}
	note, style := d.remark(f, l)
	prefix := ""
	if l.kind == lineHistory {
		prefix = f.Theme.Label.Render(widget.Fit(f, d.pathLabel(l.past.Path), w/2)) + " "
	}
	rows := d.valueRows(f, l, max(w-widget.Width(prefix), 1))
	rows[0].head = prefix
	if note == "" {
		return rows
	}
	last := &rows[len(rows)-1]
	if widget.Width(last.head)+widget.Width(last.body)+2+widget.Width(note) <= w {
		last.tail = "  " + style.Render(note)
		return rows
	}
	return append(rows, bodies(widget.Wrap(note, w), style)...)
}

// remark is what is said behind a value, and how loud.
func (d *detail) remark(f widget.Frame, l detailLine) (string, lipgloss.Style) {
	style := f.Theme.Muted
	if l.bad {
		style = f.Theme.Warn
	}
	switch {
	case l.form == formCard:
		return d.more.cards[l.cred].brand, style
	case l.due == "":
		return l.note, style
	}
	note, over := dueNote(l.due, f.Now.In(d.zone))
	style = f.Theme.Warn
	if over {
		style = f.Theme.Danger
	}
	return note, style
}

// valueRows is the value alone, masked where it is concealed, in rows of at most w columns.
func (d *detail) valueRows(f widget.Frame, l detailLine, w int) []row {
	if !l.concealed {
		return bodies(d.wrapped(l, w), f.Theme.Text)
	}
	s, shown := d.shown[l.name()]
	if shown {
		return bodies(widget.Wrap(spelled(l, s.RevealString()), w), f.Theme.Secret)
	}
	hidden := mask(f)
	if l.form == formCard {
		hidden = maskCard(f, d.more.cards[l.cred])
	}
	return bodies([]string{hidden}, f.Theme.Faint)
}

// longText is from how many bytes the rows of an open value are remembered: wrapping a note of 1 MiB takes longer than a frame may.
const longText = 2 << 10

// wrapping is a long value that was put into rows.
type wrapping struct {
	text string
	line bool // as one line
	w    int
}

func (d *detail) wrapped(l detailLine, w int) []string {
	if len(l.text) < longText {
		return widget.Wrap(spelled(l, l.text), w)
	}
	key := wrapping{l.text, !l.multi, w}
	rows, ok := d.wraps[key]
	if ok {
		return rows
	}
	rows = widget.Wrap(spelled(l, l.text), w)
	if d.wraps == nil || len(d.wraps) >= maxWraps {
		d.wraps = map[wrapping][]string{} // of other widths, most of them
	}
	d.wraps[key] = rows
	return rows
}

// maxWraps bounds what is remembered while a window is being resized.
const maxWraps = 16

// spelled makes a value safe, in the form of its line.
func spelled(l detailLine, text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	switch {
	case l.form == formCard:
		return sanitize.Line(groupCard(text))
	case l.form == formBool:
		return sanitize.Line(yesNo(text))
	case l.multi:
		return sanitize.Text(text)
	case l.safe:
		return text
	}
	return sanitize.Line(text)
}

func yesNo(s string) string {
	if on, known := flag(s); known && on {
		return "yes"
	} else if known {
		return "no"
	}
	return s
}

// codeText is a one-time code with the time for which it holds.
func (d *detail) codeText(f widget.Frame, l detailLine, w int) []string {
	c, ok := d.codes[l.cred]
	switch {
	case d.brief || !ok:
		return []string{f.Theme.Faint.Render(mask(f))}
	case c.Counter && c.Value.IsEmpty():
		return widget.Paint(f.Theme.Muted, widget.Wrap("made on request: copying uses up one", w))
	case c.Counter:
		return []string{f.Theme.Secret.Render(widget.Group(sanitize.Line(c.Value.RevealString())))}
	}
	code := f.Theme.Secret.Render(widget.Group(sanitize.Line(c.Value.RevealString())))
	if f.Theme.Linear { // a number that changes every second would be read out every second
		code += f.Theme.Muted.Render("  until " + c.Until.In(d.zone).Format("15:04:05"))
	} else {
		code += "  " + widget.Countdown(f, c.From, c.Until, min(w-widget.Width(code)-2, 16))
	}
	if c.Next.IsEmpty() || !d.next[l.cred] && (f.Theme.Linear || widget.Left(f.Now, c.Until) > lastSeconds) {
		return []string{code}
	}
	next := f.Theme.Muted.Render("then " + widget.Group(sanitize.Line(c.Next.RevealString())))
	if widget.Width(code)+2+widget.Width(next) <= w {
		return []string{code + "  " + next}
	}
	return []string{code, next}
}

// lastSeconds is for how long the next code is shown beside one that is nearly over.
const lastSeconds = 8
