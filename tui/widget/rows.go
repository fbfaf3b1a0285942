package widget

import (
	"slices"

	"github.com/rivo/uniseg"
)

// tabWidth is how many columns a tab takes in an area.
const tabWidth = 4

// rows are the lines of a text as they stand on the screen, broken at w columns. They are kept beside the text and brought up to
// date with each edit only from there on where the edit is, and only as far as its effect goes: typing into a text of 1 MiB costs the same
// as typing into a short one.
type rows struct {
	w      int
	starts []int // the offset at which each row begins; never empty
}

// newRows breaks a whole text.
func newRows(text []byte, w int) *rows {
	r := &rows{w: max(w, 1), starts: []int{0}}
	r.starts = r.breakFrom(text, r.starts, nil, 0)
	return r
}

// breakFrom goes on from the last start. It stops where a new row begins at one of the old starts, moved by delta: from there on
// nothing is different.
func (r *rows) breakFrom(text []byte, starts, old []int, delta int) []int {
	at := starts[len(starts)-1]
	for {
		next, hard := rowEnd(text, at, r.w)
		if next >= len(text) && !hard {
			return starts
		}
		for len(old) > 0 && old[0]+delta < next {
			old = old[1:]
		}
		if len(old) > 0 && old[0]+delta == next {
			for _, o := range old {
				starts = append(starts, o+delta)
			}
			return starts
		}
		starts = append(starts, next)
		if next >= len(text) {
			return starts
		}
		at = next
	}
}

// lookBack is how many rows before an edit may break elsewhere because of it. What did not fit into a row any more is the first character of
// the row after the next one at the latest, and a mark at the beginning of a row belongs to the character before it.
const lookBack = 3

// edited brings the rows up to date after removed bytes at from gave way to added ones.
func (r *rows) edited(text []byte, from, removed, added int) {
	k := max(r.at(from)-lookBack, 0)
	rest := r.starts[k+1:]
	for len(rest) > 0 && rest[0] <= from+removed {
		rest = rest[1:]
	}
	r.starts = r.breakFrom(text, slices.Clone(r.starts[:k+1]), rest, added-removed)
}

// at is the row that an offset stands in.
func (r *rows) at(offset int) int {
	i, found := slices.BinarySearch(r.starts, offset)
	if found {
		return i
	}
	return i - 1
}

// span is the text of a row: from its start to its end, without a line feed.
func (r *rows) span(text []byte, i int) (from, to int) {
	from, to = r.starts[i], len(text)
	if i+1 < len(r.starts) {
		to = r.starts[i+1]
		if to > from && text[to-1] == '\n' {
			to--
			if to > from && text[to-1] == '\r' { // a line break of another system is one character
				to--
			}
		}
	}
	return from, to
}

// rowEnd is where the row that begins at start ends: behind its line feed (hard), behind its last space that fits, or where the
// width ends. One space may stand beyond the width, because nobody sees it.
func rowEnd(text []byte, start, w int) (next int, hard bool) {
	col, brk := 0, -1
	for i := start; i < len(text); {
		n, cw := clusterAt(text, i)
		if text[i+n-1] == '\n' {
			return i + n, true
		}
		if col+cw > w {
			switch {
			case text[i] == ' ' && n == 1 && i+1 < len(text) && text[i+1] == '\n':
				return i + 2, true
			case text[i] == ' ' && n == 1:
				return i + 1, false
			case brk > start:
				return brk, false
			case i == start:
				return i + n, false
			}
			return i, false
		}
		col += cw
		i += n
		if c := text[i-1]; n == 1 && (c == ' ' || c == '\t') {
			brk = i
		}
	}
	return len(text), false
}

// clusterAt is the length of the grapheme at i in bytes, and its width on the screen.
func clusterAt(text []byte, i int) (n, w int) {
	c := text[i]
	if c >= ' ' && c < 0x7f && (i+1 == len(text) || text[i+1] < 0x80) {
		return 1, 1
	}
	if c == '\t' && (i+1 == len(text) || text[i+1] < 0x80) {
		return 1, tabWidth
	}
	cluster, _, _, _ := uniseg.FirstGraphemeCluster(text[i:], -1)
	return len(cluster), Width(showLine(cluster))
}
