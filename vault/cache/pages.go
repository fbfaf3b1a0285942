package cache

import (
	"errors"
	"io"
)

// chunkSize is age's: a chunk is decrypted and authenticated as a whole.
const chunkSize = 64 << 10

// keptPages is how many decrypted chunks stay: a walk over all documents reads from three sections in turn.
const keptPages = 8

// section is a range of the plaintext.
type section struct{ off, len int64 }

// pages reads the plaintext by chunks and keeps the last few.
type pages struct {
	r       io.ReaderAt
	size    int64
	kept    [keptPages]page
	clock   uint64
	scratch []byte
}

type page struct {
	index int64
	data  []byte // nil: empty place
	used  uint64
}

// view returns n bytes at off within sec. They are valid until the next call.
func (p *pages) view(sec section, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || n > maxPart || off > sec.len || n > sec.len-off {
		return nil, stale("a place outside its section")
	}
	at := sec.off + off
	if n == 0 {
		return nil, nil
	}
	if at/chunkSize == (at+n-1)/chunkSize {
		return p.within(at, n)
	}
	p.scratch = p.scratch[:0]
	for n > 0 {
		part, err := p.within(at, min(n, chunkSize-at%chunkSize))
		if err != nil {
			return nil, err
		}
		p.scratch = append(p.scratch, part...)
		at, n = at+int64(len(part)), n-int64(len(part))
	}
	return p.scratch, nil
}

// within is view for bytes of one chunk.
func (p *pages) within(at, n int64) ([]byte, error) {
	b, err := p.chunk(at / chunkSize)
	if err != nil {
		return nil, err
	}
	from := at % chunkSize
	if from+n > int64(len(b)) {
		return nil, stale("a place beyond the end")
	}
	return b[from : from+n], nil
}

func (p *pages) chunk(index int64) ([]byte, error) {
	p.clock++
	oldest := &p.kept[0]
	for i := range p.kept {
		k := &p.kept[i]
		if k.data != nil && k.index == index {
			k.used = p.clock
			return k.data, nil
		}
		if k.used < oldest.used {
			oldest = k
		}
	}
	buf := oldest.data[:cap(oldest.data)]
	oldest.data, oldest.used = nil, 0
	b, err := p.read(buf, index)
	if err != nil {
		return nil, err
	}
	*oldest = page{index: index, data: b, used: p.clock}
	return b, nil
}

// read decrypts one chunk into buf, which it may replace.
func (p *pages) read(buf []byte, index int64) ([]byte, error) {
	n := min(chunkSize, p.size-index*chunkSize)
	if index < 0 || n <= 0 {
		return nil, stale("a place beyond the end")
	}
	if int64(len(buf)) < n {
		buf = make([]byte, chunkSize)
	}
	return buf[:n], readFull(p.r, buf[:n], index*chunkSize)
}

// readFull reads all of b; what cannot be read or authenticated is a reason to rebuild.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return stale("%v", err)
}

func (p *pages) wipe() {
	for i := range p.kept {
		clear(p.kept[i].data[:cap(p.kept[i].data)])
		p.kept[i] = page{}
	}
	clear(p.scratch[:cap(p.scratch)])
}
