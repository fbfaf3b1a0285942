package screen

import (
	"strings"

	"charm.land/lipgloss/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// maxShown is how many bytes of one value a detail looks at; a value holds 1 MiB at most (decisions.md, "Compaction and limits").
const maxShown = 1 << 20

// column is a part of a detail that was drawn: its rows, and where each of its lines begins in them.
type column struct {
	from int   // the first line
	at   []int // at[i] is the first row of line from+i; one more for the end
	rows []string
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
				c.rows = append(c.rows, "")
			}
			c.rows = append(c.rows, widget.Paint(f.Theme.Section, widget.Wrap(sanitize.Line(l.text), max(f.W, 1)))...)
		case l.kind == lineCandidate && d.beside(f, i):
			if l.candidate == 0 {
				c.rows = append(c.rows, d.sideBySide(f, i, cursor)...)
			}
		case l.kind == lineCandidate:
			c.rows = append(c.rows, d.candidateRows(f, l, f.W, i == cursor)...)
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
	return widget.Lines(f, c.rows[min(scrolled(0, first, last, len(c.rows), f.H), len(c.rows)):])
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

// block is one line of the detail in as many rows as it needs.
func (d *detail) block(f widget.Frame, l detailLine, labels int, here bool) []string {
	mark, style := "  ", f.Theme.Label
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	label := style.Render(widget.Pad(f, widget.Fit(f, l.label, labels), labels))
	var out []string
	for i, v := range d.value(f, l, f.W-labels-4) {
		if i > 0 {
			mark, label = "  ", strings.Repeat(" ", labels)
		}
		out = append(out, mark+label+"  "+v)
	}
	return out
}

// value is what stands right of the label.
func (d *detail) value(f widget.Frame, l detailLine, w int) []string {
	w = max(w, 1)
	if l.kind == lineCode {
		return d.codeText(f, l, w)
	}
	note, style := d.remark(f, l)
	prefix := ""
	if l.kind == lineHistory {
		prefix = f.Theme.Label.Render(widget.Fit(f, d.pathLabel(l.past.Path), w/2)) + " "
	}
	lines := d.valueText(f, l, max(w-widget.Width(prefix), 1))
	lines[0] = prefix + lines[0]
	if note == "" {
		return lines
	}
	if n := len(lines) - 1; widget.Width(lines[n])+2+widget.Width(note) <= w {
		lines[n] += "  " + style.Render(note)
		return lines
	}
	return append(lines, widget.Paint(style, widget.Wrap(note, w))...)
}

// remark is what is said behind a value, and how loud.
func (d *detail) remark(f widget.Frame, l detailLine) (string, lipgloss.Style) {
	style := f.Theme.Muted
	if l.bad {
		style = f.Theme.Warn
	}
	if l.due == "" {
		return l.note, style
	}
	note, over := dueNote(l.due, f.Now.In(d.zone))
	style = f.Theme.Warn
	if over {
		style = f.Theme.Danger
	}
	return note, style
}

// valueText is the value alone, masked where it is concealed, in rows of at most w columns.
func (d *detail) valueText(f widget.Frame, l detailLine, w int) []string {
	text, style := l.text, f.Theme.Text
	if l.concealed {
		s, shown := d.shown[l.name()]
		if !shown {
			hidden := mask(f)
			if l.form == formCard {
				hidden = maskCard(f, d.more.cards[l.cred])
			}
			return []string{f.Theme.Faint.Render(hidden)}
		}
		text, style = s.RevealString(), f.Theme.Secret
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	switch {
	case l.form == formCard:
		text = sanitize.Line(groupCard(text))
	case l.form == formBool:
		text = sanitize.Line(yesNo(text))
	case l.multi:
		text = sanitize.Text(text)
	case !l.safe:
		text = sanitize.Line(text)
	}
	return widget.Paint(style, widget.Wrap(text, w))
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
