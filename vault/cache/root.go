package cache

import (
	"encoding/binary"
	"strings"
)

// layoutVersion is raised by every change of the layout; a file of another version is rebuilt.
const layoutVersion = 2

const magic = "signet cache\x00"

// Budgets of the fences, so that the root fits into one chunk at any size of the vault: beyond them every second fence is dropped.
const (
	maxRowFences     = 512      // of 26 bytes
	maxTitleFences   = 1024     // of 8 bytes
	maxTokenFenceLen = 24 << 10 // bytes of token fences
)

// root says where everything is.
type root struct {
	baseID  [16]byte // random; binds the tail to this file
	hashKey [16]byte // random; keys the hash of the title table
	stamp   Stamp
	docs    int64 // number of rows
	titles  int64 // number of entries in the title table

	records, column, rows, tokens, titleTable, context section

	rowFences   []string // id of every rowStride-th row
	rowStride   int64
	titleFences []uint64 // hash of every titleStride-th entry
	titleStride int64
	tokenFences []tokenFence
}

// tokenFence says that all tokens from text on stand at off or later, and all others before.
type tokenFence struct {
	text string
	off  int64
}

func (r *root) sections() []*section {
	return []*section{&r.records, &r.column, &r.rows, &r.tokens, &r.titleTable, &r.context}
}

func (r *root) append(b []byte) []byte {
	b = append(b, magic...)
	b = binary.AppendUvarint(b, layoutVersion)
	b = append(b, r.baseID[:]...)
	b = append(b, r.hashKey[:]...)
	b = append(b, r.stamp[:]...)
	for _, v := range []int64{r.docs, r.titles, r.rowStride, r.titleStride} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	for _, s := range r.sections() {
		b = binary.AppendUvarint(b, uint64(s.len))
	}
	for _, f := range r.rowFences {
		b = append(b, f...)
	}
	for _, f := range r.titleFences {
		b = binary.BigEndian.AppendUint64(b, f)
	}
	b = binary.AppendUvarint(b, uint64(len(r.tokenFences)))
	for _, f := range r.tokenFences {
		b = binary.AppendUvarint(appendPart(b, f.text), uint64(f.off))
	}
	return b
}

// parseRoot reads what append wrote; the sections must fill [0, end) but for less than one chunk of zeros.
func parseRoot(b []byte, end int64) (root, error) {
	var r root
	d := &reader{b: b}
	if string(d.take(uint64(len(magic)))) != magic || d.uvarint() != layoutVersion {
		return root{}, stale("another layout")
	}
	copy(r.baseID[:], d.take(uint64(len(r.baseID))))
	copy(r.hashKey[:], d.take(uint64(len(r.hashKey))))
	copy(r.stamp[:], d.take(uint64(len(r.stamp))))
	for _, p := range []*int64{&r.docs, &r.titles, &r.rowStride, &r.titleStride} {
		*p = count(d)
	}
	used := int64(0)
	for _, s := range r.sections() {
		n := d.uvarint()
		if n > uint64(end-used) {
			return root{}, stale("sections beyond the end")
		}
		*s = section{used, int64(n)}
		used += int64(n)
	}
	if d.bad || end-used >= chunkSize || !r.consistent() {
		return root{}, stale("root does not add up")
	}
	if !r.parseFences(d) {
		return root{}, stale("malformed fences")
	}
	return r, nil
}

// count takes a number of documents, or a stride over them.
func count(d *reader) int64 {
	v := d.uvarint()
	if v > maxDocs {
		d.bad = true
		return 0
	}
	return int64(v)
}

func (r *root) consistent() bool {
	return r.rows.len == r.docs*rowSize && r.titleTable.len == r.titles*titleSize && r.titles <= r.docs &&
		r.rowStride > 0 && r.titleStride > 0
}

// fences returns how many fences of that stride stand over n entries.
func fences(n, stride int64) int64 { return (n + stride - 1) / stride }

func (r *root) parseFences(d *reader) bool {
	rows, titles := fences(r.docs, r.rowStride), fences(r.titles, r.titleStride)
	if rows > maxRowFences || titles > maxTitleFences {
		return false
	}
	ids := string(d.take(uint64(rows * idLen)))
	for ; len(ids) > 0; ids = ids[idLen:] {
		r.rowFences = append(r.rowFences, ids[:idLen])
	}
	for range titles {
		r.titleFences = append(r.titleFences, d.u64())
	}
	return r.parseTokenFences(d) && !d.bad && len(d.b) == 0
}

// parseTokenFences wants texts that rise and places that rise from 0.
func (r *root) parseTokenFences(d *reader) bool {
	n := d.uvarint()
	if n > uint64(len(d.b)) { // a fence takes two bytes or more
		return false
	}
	r.tokenFences = make([]tokenFence, 0, n)
	for i := range n {
		f := tokenFence{text: string(d.part())}
		off := d.uvarint()
		if d.bad || off >= uint64(r.tokens.len) {
			return false
		}
		f.off = int64(off)
		if i == 0 && f.off != 0 {
			return false
		}
		if i > 0 && (f.off <= r.tokenFences[i-1].off || strings.Compare(f.text, r.tokenFences[i-1].text) <= 0) {
			return false
		}
		r.tokenFences = append(r.tokenFences, f)
	}
	return n > 0 || r.tokens.len == 0
}
