package cache

import (
	"encoding/binary"
	"iter"
	"math/bits"
)

// postings are the rows that have a token. A rare one: byte 0, then each row as the distance to the one before, less one. A common
// one, where that would take more: byte 1, then a bit per document. So no token costs more than docs/8 bytes, and the
// commonest word of a vault is found as fast as any other.
type postings []byte

const (
	sparse = 0
	dense  = 1
)

func denseLen(docs int64) int { return int((docs + 7) / 8) }

func appendPostings(b []byte, rows []uint32, docs int64) []byte {
	from := len(b)
	b = append(b, sparse)
	next := uint32(0)
	for _, r := range rows {
		b = binary.AppendUvarint(b, uint64(r-next))
		next = r + 1
		if len(b)-from-1 > denseLen(docs) {
			return appendDense(b[:from], rows, docs)
		}
	}
	return b
}

func appendDense(b []byte, rows []uint32, docs int64) []byte {
	b = append(b, dense)
	from := len(b)
	b = append(b, make([]byte, denseLen(docs))...)
	for _, r := range rows {
		b[from+int(r/8)] |= 1 << (r % 8)
	}
	return b
}

// addTo puts the rows into a set.
func (p postings) addTo(set rowSet, docs int64) error {
	if len(p) > 0 && p[0] == dense {
		return set.addBits(p[1:], docs)
	}
	return p.each(docs, func(row int64) { set[row/64] |= 1 << (row % 64) })
}

// each calls f for every row, rising.
func (p postings) each(docs int64, f func(row int64)) error {
	if len(p) == 0 || p[0] > dense {
		return stale("malformed postings")
	}
	if p[0] == dense {
		return p.eachDense(docs, f)
	}
	next := uint64(0)
	for b := p[1:]; len(b) > 0; next++ {
		d, n := uint64(b[0]), 1
		if d >= 0x80 {
			d, n = binary.Uvarint(b)
		}
		if n <= 0 || d >= uint64(docs)-next {
			return stale("malformed postings")
		}
		b = b[n:]
		next += d
		f(int64(next))
	}
	return nil
}

func (p postings) eachDense(docs int64, f func(row int64)) error {
	set := newRowSet(docs)
	if err := set.addBits(p[1:], docs); err != nil {
		return err
	}
	for row := range set.rows() {
		f(row)
	}
	return nil
}

// rowSet is a set of rows, a bit each: 12 KB at 100,000 documents, whatever the words.
type rowSet []uint64

func newRowSet(docs int64) rowSet { return make(rowSet, (docs+63)/64) }

// addBits takes a bit per document, and none beyond.
func (s rowSet) addBits(b []byte, docs int64) error {
	if len(b) != denseLen(docs) || docs%8 != 0 && b[len(b)-1]>>(docs%8) != 0 {
		return stale("malformed postings")
	}
	i := 0
	for ; len(b) >= 8; i, b = i+1, b[8:] {
		s[i] |= binary.LittleEndian.Uint64(b)
	}
	for k, v := range b {
		s[i] |= uint64(v) << (8 * k)
	}
	return nil
}

// and keeps what is in t too, and reports whether anything is left.
func (s rowSet) and(t rowSet) bool {
	left := uint64(0)
	for i := range s {
		s[i] &= t[i]
		left |= s[i]
	}
	return left != 0
}

// rows yields the set, rising.
func (s rowSet) rows() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(int64(i)*64 + int64(bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}
