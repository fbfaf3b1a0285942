package screen

import (
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// maxWrapped is how many lines of one value a detail shows; the form shows all.
const maxWrapped = 400

// maxShown is how many bytes of one value a detail looks at.
const maxShown = 64 << 10

// view draws the lines that fit, with the cursor's line among them. cursor -1 draws none.
func (d *detail) view(f widget.Frame, cursor int) string {
	labels := d.labelWidth(f.W)
	blocks := make([][]string, 0, len(d.lines))
	first, last, total := 0, 0, 0
	for i, l := range d.lines {
		b := d.block(f, l, labels, i == cursor)
		if i == cursor {
			first, last = total, total+len(b)
		}
		total += len(b)
		blocks = append(blocks, b)
	}
	top := 0
	if last > f.H {
		top = min(first, max(0, last-f.H+1), max(0, total-f.H))
	}
	all := make([]string, 0, total)
	for _, b := range blocks {
		all = append(all, b...)
	}
	return widget.Lines(f, all[min(top, len(all)):])
}

// labelWidth is the widest label, within reason.
func (d *detail) labelWidth(w int) int {
	most := 4
	for _, l := range d.lines {
		if l.kind != lineHeading {
			most = max(most, widget.Width(sanitize.Line(l.label)))
		}
	}
	return min(most, max(4, w/3), 22)
}

// block is one line of the detail in as many rows as it needs.
func (d *detail) block(f widget.Frame, l detailLine, labels int, here bool) []string {
	if l.kind == lineHeading {
		return []string{"", f.Theme.Section.Render(widget.Fit(f, l.text, f.W))}
	}
	mark := "  "
	if here {
		mark = f.Theme.Accent.Render(f.Theme.Pointer) + " "
	}
	label := f.Theme.Label.Render(widget.Pad(f, widget.Fit(f, l.label, labels), labels))
	if here {
		label = f.Theme.Selected.Render(widget.Pad(f, widget.Fit(f, l.label, labels), labels))
	}
	room := f.W - labels - 4
	var out []string
	for i, v := range d.value(f, l, room) {
		if i > 0 {
			mark, label = "  ", strings.Repeat(" ", labels)
		}
		out = append(out, mark+label+"  "+v)
	}
	return out
}

// value is what stands right of the label.
func (d *detail) value(f widget.Frame, l detailLine, w int) []string {
	if l.kind == lineCode {
		return []string{d.codeText(f, l, w)}
	}
	prefix := ""
	if l.kind == lineHistory {
		prefix = f.Theme.Label.Render(widget.Fit(f, d.pathLabel(l.past.Path), w/2)) + " "
		w -= widget.Width(prefix)
	}
	text, style := l.text, f.Theme.Text
	if l.concealed {
		s, shown := d.shown[l.path]
		if !shown {
			return []string{prefix + f.Theme.Faint.Render(mask(f))}
		}
		text, style = s.RevealString(), f.Theme.Secret
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	switch {
	case l.multi:
		text = sanitize.Text(text)
	case !l.safe:
		text = sanitize.Line(text)
	}
	lines := widget.Wrap(text, max(w, 1))
	if len(lines) > maxWrapped {
		lines = append(lines[:maxWrapped], f.Theme.Ellipsis)
	}
	lines = widget.Paint(style, lines)
	lines[0] = prefix + lines[0]
	return lines
}

func (d *detail) codeText(f widget.Frame, l detailLine, w int) string {
	c, ok := d.codes[l.cred]
	switch {
	case d.brief || !ok:
		return f.Theme.Faint.Render(mask(f))
	case c.Counter && c.Value.IsEmpty():
		return f.Theme.Muted.Render("made on request: copying uses up one")
	case c.Counter:
		return f.Theme.Secret.Render(widget.Group(sanitize.Line(c.Value.RevealString())))
	}
	code := f.Theme.Secret.Render(widget.Group(sanitize.Line(c.Value.RevealString())))
	bar := widget.Countdown(f, c.From, c.Until, min(w-widget.Width(code)-2, 16))
	out := code + "  " + bar
	if next := "  then " + widget.Group(sanitize.Line(c.Next.RevealString())); widget.Left(f.Now, c.Until) <= 8 && !c.Next.IsEmpty() && widget.Width(out+next) <= w {
		out += f.Theme.Muted.Render(next)
	}
	return out
}
