package screen

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"

	"signet/vault/entry"
)

// sortedRows gives the numbers of the rows in the list's order: favourites first, then by title as people count.
func sortedRows(rows []entry.Row) []int32 {
	keys := make([]sortKey, len(rows))
	spread(len(rows), func(from, to int) {
		var a arena
		var room []byte
		for i := from; i < to; i++ {
			room = titleKey(room[:0], &rows[i])
			keys[i] = newSortKey(a.keep(room), int32(i))
		}
	})
	before := func(a, b sortKey) int {
		if c := a.compare(b); c != 0 {
			return c
		}
		return strings.Compare(string(rows[a.row].ID), string(rows[b.row].ID))
	}
	half := len(keys) / 2
	if len(keys) < worthwhile {
		half = 0
	}
	var wg sync.WaitGroup
	for _, part := range [][]sortKey{keys[:half], keys[half:]} {
		wg.Go(func() { slices.SortFunc(part, before) })
	}
	wg.Wait()
	return mergeKeys(keys[:half], keys[half:], before)
}

// mergeKeys gives the rows of two sorted halves in order.
func mergeKeys(a, b []sortKey, before func(a, b sortKey) int) []int32 {
	out := make([]int32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if before(a[0], b[0]) <= 0 {
			out, a = append(out, a[0].row), a[1:]
		} else {
			out, b = append(out, b[0].row), b[1:]
		}
	}
	for _, k := range a {
		out = append(out, k.row)
	}
	for _, k := range b {
		out = append(out, k.row)
	}
	return out
}

// sortKey compares a title by its first bytes where they tell it apart, which is nearly always.
type sortKey struct {
	first uint64
	rest  []byte
	row   int32
}

func newSortKey(key []byte, row int32) sortKey {
	k := sortKey{row: row}
	for i := range 8 {
		k.first <<= 8
		if i < len(key) {
			k.first |= uint64(key[i])
		}
	}
	k.rest = key[min(8, len(key)):]
	return k
}

func (k sortKey) compare(other sortKey) int {
	if k.first != other.first {
		return cmp.Compare(k.first, other.first)
	}
	return bytes.Compare(k.rest, other.rest)
}

// titleKey is a text that sorts as the row should be listed.
func titleKey(dst []byte, r *entry.Row) []byte {
	first := byte('1')
	if r.Favorite {
		first = '0'
	}
	return naturalKey(append(dst, first), r.Title)
}

// naturalKey is a text whose bytes compare as people count: "site 9" before "site 10". A number is written as its length, its digits, and how
// long it was with its zeros.
func naturalKey(dst []byte, title string) []byte {
	folded := appendFolded(nil, title, maxHayTitle)
	for i := 0; i < len(folded); {
		if !digit(folded[i]) {
			dst = append(dst, max(folded[i], 1)) // 0 is what a shorter title has there
			i++
			continue
		}
		end := i
		for end < len(folded) && digit(folded[end]) {
			end++
		}
		number := folded[i:end]
		for len(number) > 0 && number[0] == '0' {
			number = number[1:]
		}
		dst = append(append(dst, '0', byte(len(number)>>8), byte(len(number))), number...)
		dst = append(dst, byte((end-i)>>8), byte(end-i))
		i = end
	}
	return dst
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
