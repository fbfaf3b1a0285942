package cache

import (
	"encoding/binary"
	"fmt"
	"iter"
	"sort"
)

// The row table: one entry per document, sorted by id: id (26) | place of its record (6) | place of its column entry (6). The next
// entry, or the end of the section, says where they end.
const (
	idLen   = 26
	rowSize = idLen + 6 + 6
)

// rowAt is one entry, with lengths.
type rowAt struct {
	id                string
	record, recordLen int64
	column, columnLen int64
}

func appendU48(b []byte, v int64) []byte {
	return append(b, byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func u48(b []byte) int64 {
	return int64(binary.BigEndian.Uint16(b))<<32 | int64(binary.BigEndian.Uint32(b[2:]))
}

func appendRow(b []byte, id string, record, column int64) []byte {
	return appendU48(appendU48(append(b, id...), record), column)
}

// checkID wants 26 characters of lower-case base32.
func checkID(id string) error {
	if len(id) != idLen {
		return fmt.Errorf("id of %d characters", len(id))
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return fmt.Errorf("id outside base32")
		}
	}
	return nil
}

// row reads one entry. Ends before beginnings are caught by the section's bounds: the length is then negative.
func (b *base) row(i int64) (rowAt, error) {
	n := min(2, b.root.docs-i)
	v, err := b.pages.view(b.root.rows, i*rowSize, n*rowSize)
	if err != nil || n < 1 {
		return rowAt{}, orStale(err, "no such row")
	}
	at := rowAt{id: string(v[:idLen]), record: u48(v[idLen:]), column: u48(v[idLen+6:])}
	recordEnd, columnEnd := b.root.records.len, b.root.column.len
	if n == 2 {
		recordEnd, columnEnd = u48(v[rowSize+idLen:]), u48(v[rowSize+idLen+6:])
	}
	at.recordLen, at.columnLen = recordEnd-at.record, columnEnd-at.column
	return at, nil
}

func orStale(err error, why string) error {
	if err != nil {
		return err
	}
	return stale("%s", why)
}

// id reads the id of one row.
func (b *base) id(i int64) (string, error) {
	v, err := b.pages.view(b.root.rows, i*rowSize, idLen)
	return string(v), err
}

// lowerBound returns the first row whose id is not below id: the fences lead to one stretch of the table.
func (b *base) lowerBound(id string) (int64, error) {
	f := sort.Search(len(b.root.rowFences), func(i int) bool { return b.root.rowFences[i] >= id })
	if f == 0 {
		return 0, nil
	}
	lo, hi := int64(f-1)*b.root.rowStride+1, min(int64(f)*b.root.rowStride, b.root.docs)
	for lo < hi {
		mid := (lo + hi) / 2
		at, err := b.id(mid)
		if err != nil {
			return 0, err
		}
		if at < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// find returns the row of an id.
func (b *base) find(id string) (int64, bool, error) {
	i, err := b.lowerBound(id)
	if err != nil || i >= b.root.docs {
		return 0, false, err
	}
	at, err := b.id(i)
	return i, err == nil && at == id, err
}

// liveIDs turns rows into the ids that the tail does not shadow, up to max.
func (c *Cache) liveIDs(rows iter.Seq[int64], max int) ([]string, error) {
	var ids []string
	for i := range rows {
		if len(ids) >= max {
			break
		}
		id, err := c.base.id(i)
		if err != nil {
			return nil, err
		}
		if !c.tail.shadows(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
