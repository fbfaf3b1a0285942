package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sort"
)

// The title table: sorted entries hash (8) | row (4), for every document with a title. Ids need no hash: the row table is
// sorted by them. The hash is keyed by the file, so that nobody who chooses titles can choose collisions; what it finds is
// compared with the record all the same.
const titleSize = 8 + 4

type titleEntry struct {
	hash uint64
	row  uint32
}

// titleHash is no MAC: the input has one key and one purpose, and only the table's balance hangs on it.
func titleHash(key *[16]byte, title string) uint64 {
	var buf [256]byte
	sum := sha256.Sum256(append(append(buf[:0], key[:]...), title...))
	return binary.BigEndian.Uint64(sum[:])
}

func sortTitles(t []titleEntry) {
	slices.SortFunc(t, func(a, b titleEntry) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		return cmp.Compare(a.row, b.row)
	})
}

// titled returns the rows with exactly that title, rising.
func (b *base) titled(title string) ([]int64, error) {
	h := titleHash(&b.root.hashKey, title)
	i, err := b.firstTitle(h)
	var rows []int64
	for ; err == nil && i < b.root.titles; i++ {
		var e titleEntry
		if e, err = b.titleEntry(i); err != nil || e.hash != h {
			break
		}
		var got string
		if got, err = b.title(int64(e.row)); err == nil && got == title {
			rows = append(rows, int64(e.row))
		}
	}
	return rows, err
}

func (b *base) titleEntry(i int64) (titleEntry, error) {
	v, err := b.pages.view(b.root.titleTable, i*titleSize, titleSize)
	if err != nil {
		return titleEntry{}, err
	}
	return titleEntry{binary.BigEndian.Uint64(v), binary.BigEndian.Uint32(v[8:])}, nil
}

// firstTitle returns the first entry whose hash is not below h.
func (b *base) firstTitle(h uint64) (int64, error) {
	f := sort.Search(len(b.root.titleFences), func(i int) bool { return b.root.titleFences[i] >= h })
	if f == 0 {
		return 0, nil
	}
	lo, hi := int64(f-1)*b.root.titleStride+1, min(int64(f)*b.root.titleStride, b.root.titles)
	for lo < hi {
		mid := (lo + hi) / 2
		e, err := b.titleEntry(mid)
		if err != nil {
			return 0, err
		}
		if e.hash < h {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, nil
}
