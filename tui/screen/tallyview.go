package screen

import (
	"strings"

	"charm.land/lipgloss/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// toldRole is how a told line looks.
type toldRole int

const (
	toldPlain toldRole = iota
	toldMuted
	toldAccent
	toldGood
	toldWarn
	toldDanger
	toldHead
)

// toldLine is one line of a long text. It is broken to its width once, and gets its look only when it is drawn: a report may have thousands.
type toldLine struct {
	role  toldRole
	glyph bool // a tick or a cross stands before it
	text  string
	tail  string // a quieter end
}

// toldText breaks a paragraph into lines.
func toldText(role toldRole, text string, w int) (out []toldLine) {
	if text == "" {
		return nil
	}
	for _, l := range widget.Wrap(sanitize.Line(text), min(w, tellMost)) {
		out = append(out, toldLine{role: role, text: l})
	}
	return out
}

func (l toldLine) view(f widget.Frame) string {
	style := []lipgloss.Style{f.Theme.Text, f.Theme.Muted, f.Theme.Accent, f.Theme.Good, f.Theme.Warn, f.Theme.Danger, f.Theme.Section}[l.role]
	text := l.text
	switch {
	case l.glyph && l.role == toldDanger:
		text = f.Theme.Cross + " " + text
	case l.glyph && l.role == toldGood:
		text = f.Theme.Tick + " " + text
	}
	text = widget.Cut(f, text, f.W)
	if l.tail == "" {
		return style.Render(text)
	}
	return style.Render(text) + f.Theme.Muted.Render(widget.Fit(f, "  "+l.tail, max(0, f.W-widget.Width(text))))
}

// tallyLines tells a tally: the counts, the kinds, and item by item what does not go over as it is. all is said when there is nothing to tell.
func tallyLines(w int, t Tally, all string) []toldLine {
	lines := append(toldText(toldPlain, tallyCounts(t), w), toldText(toldMuted, tallyKinds(t), w)...)
	lines = append(lines, toldLine{})
	if len(t.Rows) == 0 {
		return append(lines, toldLine{role: toldGood, glyph: true, text: all})
	}
	if t.Lost > 0 {
		lines = append(lines, toldText(toldDanger, plural(t.Lost, "value is", "values are")+" lost: kept in no form.", w)...)
	}
	lines = append(lines, toldLine{role: toldHead, text: "What is worth a look"})
	for _, r := range t.Rows {
		lines = append(lines, itemLines(w, r)...)
	}
	if t.More > 0 {
		lines = append(lines, toldText(toldWarn, "and "+plural(t.More, "more item", "more items")+" that are not listed here: the command line lists all of them.", w)...)
	}
	return lines
}

func tallyCounts(t Tally) string {
	parts := []string{}
	for _, c := range []struct {
		n    int
		text string
	}{
		{t.Added, "new"}, {t.Merged, "merged into an entry"}, {t.Updated, "brought up to date"}, {t.Same, "here already"},
		{t.Differ, "different from yours, which stay"}, {t.Skipped, "left out"},
	} {
		if c.n > 0 {
			parts = append(parts, thousands(c.n)+" "+c.text)
		}
	}
	if len(parts) == 0 {
		return plural(t.Items, "item", "items")
	}
	return plural(t.Items, "item", "items") + ": " + strings.Join(parts, ", ")
}

func tallyKinds(t Tally) string {
	parts := make([]string, len(t.Kinds))
	for i, k := range t.Kinds {
		parts[i] = thousands(k.N) + " " + k.Kind
	}
	return strings.Join(parts, ", ")
}

func itemLines(w int, r ItemRow) []toldLine {
	head := toldLine{text: "  " + sanitize.Line(r.Title), tail: r.What}
	if r.Bad {
		head.role, head.glyph, head.text = toldDanger, true, sanitize.Line(r.Title)
	}
	if r.Place != "" {
		head.tail += ", " + r.Place
	}
	lines := []toldLine{head}
	for _, v := range r.Values {
		role := toldMuted
		if v.Lost {
			role = toldDanger
		}
		text := v.Field + " is " + v.Fate
		if v.Note != "" {
			text += ": " + v.Note
		}
		for _, l := range toldText(role, text, w-4) {
			l.text = "    " + l.text
			lines = append(lines, l)
		}
	}
	return lines
}

// scroller shows a part of many lines, which it holds for one width.
type scroller struct {
	top, w, h int
	lines     []toldLine
}

// tell takes a text for the width that it has.
func (s *scroller) tell(text func(w int) []toldLine) {
	s.lines = text(s.w)
	s.top = min(s.top, max(0, len(s.lines)-s.h))
}

// key scrolls; it reports whether the key was one that does.
func (s *scroller) key(k MoveKeys, p widget.Press) bool {
	l := widget.List{Count: max(1, len(s.lines)-s.h+1), Height: max(1, s.h), Cursor: s.top}
	if !k.moved(&l, p) {
		return false
	}
	s.top = l.Cursor
	return true
}

func (s *scroller) wheel(by int) { s.top = min(max(0, s.top+3*by), max(0, len(s.lines)-s.h)) }

// view draws the visible part and says at the end where there is more. text is asked again where the width is another one.
func (s *scroller) view(f widget.Frame, text func(w int) []toldLine) []string {
	lines := s.lines
	if f.W != s.w {
		lines = text(f.W)
	}
	top := min(s.top, max(0, len(lines)-f.H))
	to, more := len(lines), 0
	if to-top > f.H && f.H > 1 {
		to, more = top+f.H-1, len(lines)-top-f.H+1
	}
	var out []string
	for _, l := range lines[top:to] {
		out = append(out, l.view(f))
	}
	if more > 0 {
		out = append(out, f.Theme.Faint.Render(widget.Cut(f, plural(more, "more line", "more lines")+" below", f.W)))
	}
	return out
}
