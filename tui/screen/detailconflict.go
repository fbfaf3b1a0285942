package screen

import (
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// leastCandidate is how wide a value in conflict has to be to stand beside another one.
const leastCandidate = 28

// candidates are the values of the conflict that line i belongs to: the lines from..to.
func (d *detail) candidates(i int) (from, to int) {
	from, to = i, i+1
	for from > 0 && d.lines[from-1].kind == lineCandidate && d.lines[from-1].conflict == d.lines[i].conflict {
		from--
	}
	for to < len(d.lines) && d.lines[to].kind == lineCandidate && d.lines[to].conflict == d.lines[i].conflict {
		to++
	}
	return from, to
}

// beside reports whether the values of a conflict fit beside each other. A screen reader reads them one below the other.
func (d *detail) beside(f widget.Frame, i int) bool {
	from, to := d.candidates(i)
	return !f.Theme.Linear && (f.W-2)/(to-from) >= leastCandidate
}

// sideBySide draws all values of a conflict next to each other; i is its first line.
func (d *detail) sideBySide(f widget.Frame, i, cursor int) []string {
	from, to := d.candidates(i)
	w := f.W / (to - from)
	cells := make([][]string, 0, to-from)
	most := 0
	for j := from; j < to; j++ {
		rows := d.candidateRows(f, d.lines[j], w-2, j == cursor)
		most = max(most, len(rows))
		cells = append(cells, rows)
	}
	out := make([]string, most)
	for y := range out {
		var row strings.Builder
		for _, c := range cells {
			cell := ""
			if y < len(c) {
				cell = c[y]
			}
			row.WriteString(widget.Pad(f, cell, w))
		}
		out[y] = strings.TrimRight(row.String(), " ")
	}
	return out
}

// candidateRows is one value of a conflict: who wrote it and when, and below that the value.
func (d *detail) candidateRows(f widget.Frame, l detailLine, w int, here bool) []string {
	mark, style := "  ", f.Theme.Label
	if here {
		mark, style = f.Theme.Accent.Render(f.Theme.Pointer)+" ", f.Theme.Selected
	}
	out := []string{mark + style.Render(widget.Fit(f, sanitize.Line(l.label), w-2))}
	for _, v := range d.valueRows(f, l, max(w-2, 1)) {
		out = append(out, "  "+v.paint())
	}
	return out
}
