package fold

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"signet/vault/format"
)

// Pile sorts the values that segments add by record, as plain bytes in sorted runs: as records in maps they would take ten
// times the room. Runs that are too many for memory go to a store. A pile is filled, and then read once.
type Pile struct {
	store Store
	sizes Sizes
	block []byte    // values, one behind the other
	at    []stretch // where each stands in the block
	runs  []func() (io.ReadCloser, error)
	kept  int // bytes of runs that stand in memory
	err   error
}

// Store keeps bytes that are too many for memory: the function that Put returns reads again, once, what write wrote.
type Store interface {
	Put(write func(io.Writer) error) (open func() (io.ReadCloser, error), err error)
}

// Sizes are the bytes of one run and of all runs that stand in memory while there is a store.
type Sizes struct{ Run, Memory int }

// UsualSizes: a run is sorted in 4 MiB, and four of them stay in memory, which is enough for a few thousand entries.
var UsualSizes = Sizes{Run: 4 << 20, Memory: 16 << 20}

type stretch struct{ from, to int }

// NewPile makes an empty pile; without a store everything stays in memory.
func NewPile(store Store, sizes Sizes) *Pile {
	if sizes.Run <= 0 {
		sizes = UsualSizes
	}
	return &Pile{store: store, sizes: sizes}
}

var errPile = errors.New("sorted values do not read back")

// put takes one value. What goes wrong comes out of sorted.
func (p *Pile) put(at place, v format.Value) {
	if p.err != nil {
		return
	}
	from := len(p.block)
	for _, text := range []string{string(at.record), at.field, string(v.Dot.SID)} {
		p.block = appendText(p.block, text)
	}
	p.block = binary.AppendUvarint(p.block, uint64(v.Dot.I)) //nolint:gosec // an index, never negative
	p.block = binary.AppendVarint(p.block, v.Wall)
	p.block = append(appendText(p.block, v.Text), v.Extra...)
	p.at = append(p.at, stretch{from, len(p.block)})
	if len(p.block) >= p.sizes.Run {
		p.err = p.flush()
	}
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// flush makes a sorted run of the block.
func (p *Pile) flush() error {
	if len(p.at) == 0 {
		return nil
	}
	id := func(s stretch) []byte { // of one length: that byte changes no order
		return p.block[s.from : s.from+1+int(p.block[s.from])]
	}
	slices.SortStableFunc(p.at, func(a, b stretch) int { return bytes.Compare(id(a), id(b)) })
	write := func(w io.Writer) error {
		var head []byte
		for _, s := range p.at {
			head = binary.AppendUvarint(head[:0], uint64(s.to-s.from)) //nolint:gosec // a length
			if _, err := w.Write(head); err != nil {
				return err
			}
			if _, err := w.Write(p.block[s.from:s.to]); err != nil {
				return err
			}
		}
		return nil
	}
	open, err := p.keep(write)
	p.runs = append(p.runs, open)
	clear(p.block)
	p.block, p.at = p.block[:0], p.at[:0]
	return err
}

// keep stores a run, in memory as long as there are few.
func (p *Pile) keep(write func(io.Writer) error) (func() (io.ReadCloser, error), error) {
	if p.kept += len(p.block); p.store != nil && p.kept > p.sizes.Memory {
		return p.store.Put(write)
	}
	run := bytes.NewBuffer(make([]byte, 0, len(p.block)+4*len(p.at)))
	err := write(run)
	return func() (io.ReadCloser, error) { return &memoryRun{run.Bytes(), 0}, nil }, err
}

// memoryRun clears what was read.
type memoryRun struct {
	b  []byte
	at int
}

func (r *memoryRun) Read(dst []byte) (int, error) {
	if r.at == len(r.b) {
		return 0, io.EOF
	}
	n := copy(dst, r.b[r.at:])
	clear(r.b[r.at : r.at+n])
	r.at += n
	return n, nil
}

func (r *memoryRun) Close() error {
	clear(r.b)
	return nil
}

// placed is a value and the field that it belongs to.
type placed struct {
	field string
	value format.Value
}

// sorted yields the values of each record, sorted by record.
func (p *Pile) sorted() iter.Seq2[format.RecordID, []placed] {
	return func(yield func(format.RecordID, []placed) bool) {
		if p.err == nil {
			p.err = p.flush()
		}
		p.block, p.at = nil, nil
		var heads []*runReader
		defer func() {
			for _, h := range heads {
				_ = h.c.Close()
			}
		}()
		for i, open := range p.runs {
			p.runs[i] = nil
			if p.err != nil || open == nil {
				continue
			}
			var c io.ReadCloser
			if c, p.err = open(); p.err == nil {
				heads = append(heads, &runReader{r: bufio.NewReaderSize(c, 16<<10), c: c})
				p.err = heads[len(heads)-1].next()
			}
		}
		for p.err == nil {
			id, ok := lowest(heads)
			if !ok {
				return
			}
			var values []placed
			for _, h := range heads {
				for p.err == nil && !h.done && h.record == id {
					values = append(values, h.placed)
					p.err = h.next()
				}
			}
			if p.err != nil || !yield(id, values) {
				return
			}
		}
	}
}

func lowest(heads []*runReader) (id format.RecordID, ok bool) {
	for _, h := range heads {
		if !h.done && (!ok || h.record < id) {
			id, ok = h.record, true
		}
	}
	return id, ok
}

// runReader reads one run, a value ahead.
type runReader struct {
	r      *bufio.Reader
	c      io.Closer
	buf    []byte
	done   bool
	record format.RecordID
	placed
}

func (h *runReader) next() error {
	n, err := binary.ReadUvarint(h.r)
	if errors.Is(err, io.EOF) {
		h.done = true
		clear(h.buf)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errPile, err)
	}
	if n > maxPiled {
		return errPile
	}
	h.buf = slices.Grow(h.buf[:0], int(n))[:n] //nolint:gosec // bounded above
	if _, err := io.ReadFull(h.r, h.buf); err != nil {
		return fmt.Errorf("%w: %w", errPile, err)
	}
	return h.parse()
}

// maxPiled bounds one value: the longest one, its field and its unknown members.
const maxPiled = 3 * format.MaxLine

func (h *runReader) parse() error {
	b, ok := h.buf, true
	text := func() (s string) {
		n, w := binary.Uvarint(b)
		if !ok || w <= 0 || n > uint64(len(b)-w) { //nolint:gosec // not negative
			ok = false
			return ""
		}
		s, b = string(b[w:w+int(n)]), b[w+int(n):] //nolint:gosec // bounded above
		return s
	}
	id := text()
	if strings.Compare(id, string(h.record)) < 0 {
		return errPile
	}
	h.record, h.field, h.value = format.RecordID(id), text(), format.Value{Dot: format.Dot{SID: format.SID(text())}}
	i, w := binary.Uvarint(b)
	if !ok || w <= 0 || i > format.MaxOps {
		return errPile
	}
	b, h.value.Dot.I = b[w:], int(i)
	if h.value.Wall, w = binary.Varint(b); w <= 0 {
		return errPile
	}
	b = b[w:]
	if h.value.Text = text(); !ok {
		return errPile
	}
	if len(b) > 0 {
		h.value.Extra = slices.Clone(b)
	}
	return nil
}
