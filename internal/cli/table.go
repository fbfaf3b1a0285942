package cli

import (
	"strings"

	"github.com/mattn/go-runewidth"

	"signet/internal/sanitize"
)

// table aligns columns by their width on the screen. The last column is never padded.
type table struct {
	a     *App
	rows  [][]string
	width []int
}

// maxColumn keeps one long title from pushing everything off the screen.
const maxColumn = 40

func newTable(a *App, head ...string) *table {
	t := &table{a: a, width: make([]int, len(head))}
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	clean := make([]string, len(cells))
	for i, c := range cells {
		c = sanitize.Line(c)
		if i < len(cells)-1 {
			c = runewidth.Truncate(c, maxColumn, "…")
		}
		clean[i] = c
		if i < len(t.width) {
			t.width[i] = max(t.width[i], runewidth.StringWidth(c))
		}
	}
	t.rows = append(t.rows, clean)
}

func (t *table) flush() {
	for _, cells := range t.rows {
		var b strings.Builder
		for i, c := range cells {
			b.WriteString(c)
			if i < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", t.width[i]-runewidth.StringWidth(c)+2))
			}
		}
		t.a.printf("%s\n", strings.TrimRight(b.String(), " "))
	}
}
