package cache

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// The search column: per document, in order of id: id (26) | length of text | length of row | text | row. It stands in one
// piece, so that a substring search decrypts nothing else.

// columnHead is the most that id and the two lengths take.
const columnHead = idLen + 2*binary.MaxVarintLen64

type columnEntry struct{ id, search, row []byte }

func appendColumn(b []byte, d *Doc) []byte {
	b = append(b, d.ID...)
	b = binary.AppendUvarint(b, uint64(len(d.Search)))
	b = binary.AppendUvarint(b, uint64(len(d.Row)))
	return append(append(b, d.Search...), d.Row...)
}

// columnSizes says how an entry divides: where its text begins, where its row begins, where it ends.
type columnSizes struct{ search, row, end int64 }

// parseColumnHead reads an entry's beginning; ok is false when head ends too early to tell.
func parseColumnHead(head []byte) (s columnSizes, ok bool, err error) {
	r := reader{b: head}
	r.take(idLen)
	search, row := r.uvarint(), r.uvarint()
	if search > maxPart || row > maxPart || r.bad && len(head) >= columnHead {
		return columnSizes{}, false, stale("malformed search column")
	}
	s.search = int64(len(head) - len(r.b))
	s.row = s.search + int64(search)
	s.end = s.row + int64(row)
	return s, !r.bad, nil
}

// parseColumn reads one entry that fills b.
func parseColumn(b []byte) (columnEntry, error) {
	s, ok, err := parseColumnHead(b)
	if err != nil || !ok || s.end != int64(len(b)) {
		return columnEntry{}, stale("malformed search column")
	}
	return columnEntry{id: b[:idLen], search: b[s.search:s.row], row: b[s.row:]}, nil
}

// Scan calls f for every live document in no fixed order with its search text and row, until f returns false. It decrypts the search column
// only; substring search and the TUI's list are built on it. f is called from the caller's goroutine; it may keep what it gets.
func (c *Cache) Scan(f func(id, search string, row []byte) bool) error {
	for id, d := range c.tail.docs {
		if !d.gone && !f(id, string(d.search), d.row[:len(d.row):len(d.row)]) {
			return nil
		}
	}
	s := &columnScan{shadows: c.tail.sorted(), f: f}
	return wrap("scan cache", s.end(c.base.stream(c.base.root.column, s.segment)))
}

// columnScan walks the column's segments in order. An entry may begin in one segment and end in another.
type columnScan struct {
	f       func(id, search string, row []byte) bool
	shadows []string // ids in the tail, from the next one on
	rest    []byte   // beginning of an entry that did not end
	ended   bool
}

// end tells whether the walk came to a good end.
func (s *columnScan) end(err error) error {
	if err == nil && !s.ended && len(s.rest) > 0 {
		return stale("search column cut")
	}
	return err
}

// segment takes the next stretch; false ends the walk. What f gets are pieces of b.
func (s *columnScan) segment(b []byte) (bool, error) {
	b, err := s.joint(b)
	if err != nil {
		return false, err
	}
	text := unsafe.String(unsafe.SliceData(b), len(b)) // #nosec G103 -- b does not change while f may look; a copy is a sixth of the scan
	for len(b) > 0 && !s.ended {
		n, ok, err := parseColumnHead(b)
		if err != nil {
			return false, err
		}
		if !ok || n.end > int64(len(b)) {
			s.rest = bytes.Clone(b)
			break
		}
		s.entry(n, b, text)
		b, text = b[n.end:], text[n.end:]
	}
	return !s.ended, nil
}

// joint ends the entry that began in the segment before, and returns what is left of b.
func (s *columnScan) joint(b []byte) ([]byte, error) {
	if len(s.rest) == 0 {
		return b, nil
	}
	kept := s.rest[:len(s.rest):len(s.rest)]
	n, ok, err := parseColumnHead(append(kept, b[:min(len(b), columnHead)]...))
	if err != nil {
		return nil, err
	}
	need := n.end - int64(len(kept))
	if !ok || need > int64(len(b)) {
		s.rest = append(kept, b...)
		return nil, nil
	}
	s.rest = nil
	whole := append(kept, b[:need]...)
	s.entry(n, whole, string(whole))
	return b[need:], nil
}

// entry hands on the entry at the front of b, unless the tail shadows it. text is b as a string.
func (s *columnScan) entry(n columnSizes, b []byte, text string) {
	id := text[:idLen]
	for len(s.shadows) > 0 && s.shadows[0] < id {
		s.shadows = s.shadows[1:]
	}
	if len(s.shadows) > 0 && s.shadows[0] == id {
		return
	}
	s.ended = !s.f(id, text[n.search:n.row], b[n.row:n.end:n.end])
}
