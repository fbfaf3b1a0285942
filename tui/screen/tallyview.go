package screen

import (
	"strings"

	"signet/tui/widget"
)

// tallyLines tells a tally: the counts, the kinds, and item by item what does not go over as it is. all is said when there is nothing to tell.
func tallyLines(f widget.Frame, t Tally, all string) []string {
	lines := tellText(f, f.Theme.Text, tallyCounts(t))
	if len(t.Kinds) > 0 {
		lines = append(lines, tellText(f, f.Theme.Muted, tallyKinds(t))...)
	}
	lines = append(lines, "")
	if len(t.Rows) == 0 {
		return append(lines, f.Theme.Good.Render(widget.Cut(f, f.Theme.Tick+" "+all, f.W)))
	}
	if t.Lost > 0 {
		lines = append(lines, tellText(f, f.Theme.Danger, plural(t.Lost, "value is", "values are")+" lost: kept in no form.")...)
	}
	lines = append(lines, f.Theme.Section.Render(widget.Cut(f, "What is worth a look", f.W)))
	for _, r := range t.Rows {
		lines = append(lines, itemLines(f, r)...)
	}
	if t.More > 0 {
		lines = append(lines, tellText(f, f.Theme.Warn, "and "+plural(t.More, "more item", "more items")+" that are not listed here: the command line lists all of them.")...)
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

func itemLines(f widget.Frame, r ItemRow) []string {
	style, mark := f.Theme.Text, "  "
	if r.Bad {
		style, mark = f.Theme.Danger, f.Theme.Cross+" "
	}
	head := mark + widget.Fit(f, r.Title, max(0, f.W*2/3))
	more := r.What
	if r.Place != "" {
		more += ", " + r.Place
	}
	lines := []string{style.Render(widget.Cut(f, head, f.W)) + f.Theme.Muted.Render(widget.Fit(f, "  "+more, max(0, f.W-widget.Width(head))))}
	for _, v := range r.Values {
		style := f.Theme.Muted
		if v.Lost {
			style = f.Theme.Danger
		}
		text := v.Field + " is " + v.Fate
		if v.Note != "" {
			text += ": " + v.Note
		}
		lines = append(lines, indent(indent(tellText(f.Sized(f.W-4, f.H), style, text)))...)
	}
	return lines
}

// scroller shows a part of many lines.
type scroller struct{ top, h int }

// key scrolls; it reports whether the key was one that does. lines is how many there are.
func (s *scroller) key(k MoveKeys, p widget.Press, lines int) bool {
	l := widget.List{Count: max(1, lines-s.h+1), Height: max(1, s.h), Cursor: s.top}
	if !k.moved(&l, p) {
		return false
	}
	s.top = l.Cursor
	return true
}

func (s *scroller) wheel(by, lines int) { s.top = min(max(0, s.top+3*by), max(0, lines-s.h)) }

// view cuts the visible part out and says at the end where there is more.
func (s *scroller) view(f widget.Frame, lines []string) []string {
	top := min(s.top, max(0, len(lines)-f.H))
	if len(lines)-top <= f.H || f.H < 2 {
		return lines[top:]
	}
	below := len(lines) - top - f.H + 1
	return append(append([]string{}, lines[top:top+f.H-1]...), f.Theme.Faint.Render(widget.Cut(f, plural(below, "more line", "more lines")+" below", f.W)))
}
